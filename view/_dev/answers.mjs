// What a feeder answers about many records at once: ?patterns, ?operations, ?changes and ?facets, with the page's own filter.
// Its patterns and operations are simpler than the server's; their counts are as exact.
import { searched } from "./encoding.mjs";
import { match, parseParams } from "../app/query.js";

const PAGE = ["limit", "before", "after", "newest", "field", "base-from", "base-to", "records", "patterns", "operations", "changes", "facets"];

/** The pattern of a message: what has a digit in it is a value. */
export const masked = (message) => String(message).split(/(\S*\d\S*)/).map((part, n) => (n % 2 ? null : part));
/** Eight hexadecimal digits, the same for the same pattern (FNV-1a). */
export function patternOf({ message = "", logger = "" }) {
  let hash = 0x811c9dc5;
  for (const c of `${logger} ${masked(message).join("#")}`) hash = Math.imul(hash ^ c.codePointAt(0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

const timeOf = (r) => Date.parse(r.time ?? r.at);
const iso = (ms) => new Date(ms).toISOString();
/** The worker that a server names: the host and the service, or else the channel. */
export const workerOf = (r) => r.worker ?? ([r.host, String(r.fields?.service ?? r.logger ?? "").split(/[.:/]/)[0]].filter(Boolean).join("/") || r.channel);
const LEVELS = ["none", "trace", "debug", "info", "warning", "error", "critical"];
const worst = (records) => LEVELS[Math.max(...records.map((r) => LEVELS.indexOf(r.level ?? "none")))];
const grouped = (items, keyOf) => {
  const groups = new Map();
  for (const item of items) for (const key of [keyOf(item)].flat()) groups.set(key, [...(groups.get(key) ?? []), item]);
  return groups;
};

/** The records that a filter selects, the oldest first. */
function select(f, search, change = () => {}) {
  const params = new URLSearchParams([...new URLSearchParams(search)].filter(([name]) => !PAGE.includes(name)));
  change(params);
  const selects = match(parseParams(String(params), BigInt(Date.now()) * 1_000_000n));
  return f.items.filter((item) => !item.gap && selects(searched(item.text))).map((item) => JSON.parse(item.text));
}

function patterns(f, search) {
  const records = select(f, search);
  const [from, to] = [Math.min(...records.map(timeOf)), Math.max(...records.map(timeOf)) + 1];
  const all = [...grouped(records, (r) => r.pattern)].map(([pattern, of]) => {
    const trend = new Array(30).fill(0);
    for (const r of of) trend[Math.min(29, Math.floor((30 * (timeOf(r) - from)) / (to - from)))]++;
    const workers = [...new Set(of.map(workerOf))];
    const parts = masked(of[0].message);
    return { pattern, text: parts.map((part) => part ?? "…").join(""), parts, example: of[0].message, count: of.length, levels: Object.fromEntries([...grouped(of, (r) => r.level ?? "none")].map(([level, list]) => [level, list.length])), worst: worst(of), workers: workers.slice(0, 5), workerCount: workers.length, first: iso(timeOf(of[0])), last: iso(timeOf(of.at(-1))), trend };
  }).sort((a, b) => b.count - a.count);
  const limit = Number(new URLSearchParams(search).get("limit") ?? 100);
  const rest = all.slice(limit);
  return { from: records.length ? iso(from) : undefined, to: records.length ? iso(to) : undefined, records: records.length, complete: true, patterns: all.slice(0, limit), others: { patterns: rest.length, records: rest.reduce((sum, one) => sum + one.count, 0) } };
}

/** An operation fails by an error, runs while its records are younger than ten seconds, and is slow above a second. */
function operations(f, search) {
  const records = select(f, search);
  const all = [...grouped(records.filter((r) => r.ids?.length), (r) => r.ids.map((id) => id.value))].map(([id, of]) => {
    const { kind, name } = of[0].ids.find((one) => one.value === id);
    const [first, last] = [timeOf(of[0]), timeOf(of.at(-1))];
    const state = LEVELS.indexOf(worst(of)) >= 5 ? "failed" : Date.now() - last < 10_000 ? "running" : "done";
    return { id, kind, name, title: of[0].message, pattern: of[0].pattern, first: iso(first), last: iso(last), duration: last - first, normal: 180, records: of.length, worst: worst(of), workers: [...new Set(of.map(workerOf))], state, slow: last - first > 1000 };
  });
  const count = (fits) => all.filter(fits).length;
  return { at: iso(Date.now()), complete: true, counts: { running: count((o) => o.state === "running"), failed: count((o) => o.state === "failed"), slow: count((o) => o.slow), done: count((o) => o.state === "done") }, operations: all };
}

/** Patterns of the range that were not there before. */
function changes(f, search) {
  const params = new URLSearchParams(search);
  const range = select(f, search);
  const from = params.get("from") ?? "10m";
  const base = select(f, search, (own) => {
    own.delete("from");
    own.set("to", from);
  });
  const begin = Math.min(...range.map(timeOf), Date.now());
  const known = new Set(base.map((r) => r.pattern));
  const fresh = [...grouped(range.filter((r) => !known.has(r.pattern)), (r) => r.pattern)].slice(0, 5);
  return {
    range: { from: iso(begin), to: iso(Date.now()), records: range.length }, base: { from: iso(begin - 3_600_000), to: iso(begin), records: base.length }, complete: true,
    changes: fresh.map(([pattern, of]) => ({ kind: "new-pattern", text: `“${of[0].message}”: ${of.length} in the range, never before`, subject: `“${of[0].message}”`, value: of.length, base: 0, filter: `from=10m&q=pattern%3A${pattern}` })),
  };
}

function facets(f, search) {
  const records = select(f, search);
  const wanted = new URLSearchParams(search).getAll("field");
  const part = (name) => (r) => (name === "worker" ? workerOf(r) : name.startsWith("fields.") ? r.fields?.[name.slice(7)] : r[name] ?? r.fields?.[name]);
  const names = [...new Set([...wanted, "level", "worker", "logger", ...records.flatMap((r) => Object.keys(r.fields ?? {}))])];
  return {
    records: records.length, complete: true,
    facets: names.map((field) => {
      const present = records.map(part(field)).filter((value) => value !== undefined);
      const values = [...grouped(present, String)].map(([value, of]) => ({ value, count: of.length, filter: field === "level" ? `level:${value}` : `${["worker", "logger", "host"].includes(field) ? "" : "fields."}${field}="${value}"` })).sort((a, b) => b.count - a.count);
      const numbers = present.map(Number).filter((n) => !isNaN(n)).sort((a, b) => a - b);
      const at = (share) => numbers[Math.min(numbers.length - 1, Math.floor(share * numbers.length))];
      const number = numbers.length && numbers.length === present.length ? { min: numbers[0], median: at(0.5), p95: at(0.95), max: numbers.at(-1) } : undefined;
      return { field, present: present.length, distinct: values.length, values: values.slice(0, 10), others: values.slice(10).reduce((sum, one) => sum + one.count, 0), number };
    }).filter((one) => one.present),
  };
}

const ANSWERS = { patterns, operations, changes, facets };

/** The answer to a query, if it asks for any of these. */
export function answer(f, search) {
  const [name] = search.split(/[=&]/, 1);
  return ANSWERS[name] && JSON.stringify(ANSWERS[name](f, search));
}
