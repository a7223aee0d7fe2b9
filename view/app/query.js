/**
 * This file implements the same grammar of filters as the server (internal/filter): queries that people type, and the parameters of an
 * address. It does not touch the page, so that it runs in a Worker, too.
 */
import { QueryError } from "./query-error.js";
import { isID, isWithin, matcher, texts } from "./query-match.js";
import { parseDuration, parseTime } from "./query-quantity.js";
import { budget, levelList, LEVELS, MAX_QUERY, parse, print, quote, tooLong, trimSeparators } from "./query-terms.js";
import { compose } from "./query-text.js";

export { QueryError } from "./query-error.js";
export { levelOf, printTerm } from "./query-terms.js";

/** @typedef {import("./query-terms.js").Clause} Clause */
/** @typedef {import("./query-terms.js").Term} Term */
/** @typedef {import("./query-match.js").Searched} Searched */

/** The most names, each of which is compared with every record; and the most code points of all values, since no address is longer. */
const MAX_NAMES = 100;
const MAX_TOTAL = 8000;
/** The longest duration, in nanoseconds: the server counts seconds in 64 bits. */
const FARTHEST = 10n ** 27n;

/** The parameters that select by a name. */
export const NAMED = /** @type {const} */ (["logger", "channel", "host", "worker"]);
const KNOWN = ["level", ...NAMED, "id", "from", "to", "case", "q"];

/**
 * @typedef {object} Bound an end of a time range
 * @property {string} text as in the address
 * @property {bigint} at nanoseconds since 1970
 *
 * @typedef {object} Filter
 * @property {Clause[]} clauses of the queries
 * @property {string[] | null} levels the selected levels, which may include none; null for all
 * @property {Record<typeof NAMED[number], string[]>} names including the - that excludes
 * @property {string[]} ids
 * @property {Bound | null} from
 * @property {Bound | null} to
 * @property {boolean} matchCase
 */

/** @returns {Filter} a filter that selects all records */
export const everything = () => ({
  clauses: [], levels: null, names: { logger: [], channel: [], host: [], worker: [] }, ids: [], from: null, to: null, matchCase: false,
});

/**
 * parseQuery returns the filter of a query alone. It throws a QueryError.
 * @param {string} query
 * @param {boolean} [matchCase]
 */
export function parseQuery(query, matchCase = false) {
  return checked({ ...everything(), clauses: parse(query), matchCase });
}

/**
 * checked throws an error if the canonical form of the joined queries is too long to be parsed again.
 * @param {Filter} filter
 */
function checked(filter) {
  if ([...printQuery(filter)].length > MAX_QUERY) throw tooLong();
  return filter;
}

/**
 * parseParams parses the parameters of a filter from the query of an address, without the question mark. It ignores names in own.
 * It throws a QueryError.
 * @param {string} search
 * @param {bigint} now nanoseconds since 1970
 * @param {string[]} [own]
 */
export function parseParams(search, now, own = []) {
  const filter = everything();
  /** @type {string[]} */
  const levels = [];
  /** @type {string[]} */
  const queries = [];
  let total = 0;
  for (const [name, value] of decode(search)) {
    if (own.includes(name)) continue;
    if (!KNOWN.includes(name)) throw new QueryError(`there is no parameter ${quote(name)}; known are ${KNOWN.join(", ")}`);
    if (value === "") continue;
    const composed = compose(value);
    if (name === "q") queries.push(composed);
    else if (name === "level") levels.push(composed);
    else take(filter, name, composed, now);
    total += [...value].length;
    if (total > MAX_TOTAL) throw new QueryError(`the filter is longer than ${MAX_TOTAL} characters`);
  }
  if (filter.from && filter.to && filter.from.at > filter.to.at) throw new QueryError("from is later than to");
  filter.levels = levelsOf(levels.join(","));
  const used = budget();
  filter.clauses = queries.flatMap((query) => parse(query, used));
  return checked(filter);
}

/**
 * decode splits a query into names and values.
 * @param {string} search
 */
function decode(search) {
  /** @type {[string, string][]} */
  const pairs = [];
  for (const pair of search.split("&")) {
    if (pair.includes(";")) throw new QueryError("the query can't be read: a semicolon must be written %3B");
    if (/%(?![\da-fA-F]{2})/.test(pair)) throw new QueryError("the query can't be read: two hexadecimal digits must follow a %");
    const [name, ...rest] = pair.replaceAll("+", " ").split("=");
    try {
      if (pair) pairs.push([decodeURIComponent(name), decodeURIComponent(rest.join("="))]);
    } catch {
      throw new QueryError("the query can't be read: it is not valid UTF-8");
    }
  }
  return pairs;
}

/**
 * take adds a parameter that is not empty to the filter.
 * @param {Filter} filter
 * @param {string} name
 * @param {string} value
 * @param {bigint} now
 */
function take(filter, name, value, now) {
  if (name === "case") {
    if (value !== "0" && value !== "1") throw new QueryError(`case: ${quote(value)} is neither 0 nor 1`);
    filter.matchCase = value === "1";
    return;
  }
  if (name === "from" || name === "to") {
    if (filter[name]) throw new QueryError(`${name} is given twice`);
    filter[name] = bound(name, value, now);
    return;
  }
  if (name === "id") filter.ids.push(value);
  else {
    const trimmed = name === "logger" ? trimSeparators(value) : value;
    if (trimmed === "-") throw new QueryError(`${name}: nothing follows the -`);
    if (trimmed !== "") filter.names[/** @type {typeof NAMED[number]} */ (name)].push(trimmed); // else it had only separators
  }
  const count = NAMED.reduce((n, kind) => n + filter.names[kind].length, filter.ids.length);
  if (count > MAX_NAMES) throw new QueryError(`more than ${MAX_NAMES} values`);
}

/**
 * bound reads an end of the time range.
 * @param {string} name
 * @param {string} value
 * @param {bigint} now
 * @returns {Bound}
 */
function bound(name, value, now) {
  const plus = value.replace(" ", "+"); // a + that is not encoded is read as a space
  for (const text of [value, plus]) {
    const at = parseTime(text);
    if (at !== null) return { text, at };
  }
  const duration = parseDuration(value);
  if (duration === null) throw new QueryError(`${name}: ${quote(value)} is neither a time such as 2026-11-29T16:00:00Z nor a duration such as 15m`);
  const back = duration / 1_000_000_000n;
  return { text: value, at: now - (back > FARTHEST ? FARTHEST : back < -FARTHEST ? -FARTHEST : back) };
}

/**
 * levelsOf returns the levels that the parameter selects. A single level includes all worse ones.
 * @param {string} list
 */
function levelsOf(list) {
  if (!/[^,]/.test(list)) return null;
  let set;
  try {
    set = levelList(list, -1, false);
  } catch (error) {
    throw new QueryError(`level: ${/** @type {Error} */ (error).message}`);
  }
  return list.includes(",") || set[0] === "none" ? set : andWorse(set[0]);
}

/** @param {string} level */
export const andWorse = (level) => LEVELS.slice(LEVELS.indexOf(level), -1);

/**
 * printQuery returns the query in its canonical form. parseQuery parses it to an equal filter.
 * @param {Filter} filter
 */
export const printQuery = (filter) => print(filter.clauses).join(" ");

/**
 * printClauses returns the clauses of the query, each for a chip. Joined by spaces they are the query.
 * @param {Filter} filter
 */
export const printClauses = (filter) => print(filter.clauses);

/**
 * match returns a function that reports whether the filter selects a record.
 * @param {Filter} filter
 * @returns {(record: Searched) => boolean}
 */
export function match(filter) {
  const all = texts(filter.matchCase);
  /** @type {((record: Searched) => boolean)[]} */
  const tests = [];
  const { levels, from, to } = filter;
  if (levels) tests.push((r) => levels.includes(r.level ?? "none"));
  if (from || to) {
    tests.push((r) => {
      const at = parseTime(r.time ?? r.at ?? "");
      return at !== null && inRange(filter, at, at);
    });
  }
  for (const name of NAMED) {
    const included = filter.names[name].filter((value) => !value.startsWith("-")).map(all.folded);
    const excluded = filter.names[name].filter((value) => value.startsWith("-")).map((value) => all.folded(value.slice(1)));
    if (!included.length && !excluded.length) continue;
    const has = (/** @type {string[]} */ list, /** @type {string | undefined} */ text) =>
      text !== undefined && (name === "logger" ? list.some((above) => isWithin(text, above)) : list.includes(text));
    tests.push((r) => {
      const text = all.part(r, name);
      return (!included.length || has(included, text)) && !has(excluded, text);
    });
  }
  const ids = filter.ids.map(all.folded);
  if (ids.length) {
    tests.push((r) =>
      all.leaves(r.ids).some((leaf) => isID(leaf) && ids.includes(all.folded(leaf.text))) ||
      all.leaves(r.fields).some((leaf) => (leaf.kind === "text" || leaf.kind === "number") && ids.includes(all.folded(leaf.text))));
  }
  for (const clause of filter.clauses) {
    const terms = clause.map((term) => matcher(term, all));
    tests.push((r) => terms.some((test) => test(r)));
  }
  return (record) => tests.every((test) => test(record));
}

/**
 * inRange reports whether a range of time overlaps the range of the filter. Only this test can hide a gap.
 * @param {Filter} filter
 * @param {bigint} first nanoseconds since 1970
 * @param {bigint} last
 */
export const inRange = ({ from, to }, first, last) => (!from || last >= from.at) && (!to || first < to.at);
