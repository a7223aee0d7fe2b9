import { count } from "./text.js";
import { span } from "./time.js";

/** @typedef {import("./wire.js").LogRecord} LogRecord */
/** @typedef {import("./wire.js").ID} ID */
/** A worker's part of a thread, from its first to its last step. @typedef {{worker: string, first: number, last: number}} Lane */
/** A record with its time (ms) after the first one and its worker's lane. @typedef {{record: LogRecord, after: number, lane: number}} Step */
/** Another ID of the thread's records. @typedef {ID & {joins: string}} Join */

/** A pause is shown if it is longer than PAUSE (ms) and than FAR times the average of the others. */
const PAUSE = 1000;
const FAR = 5;
/** The most lanes: more would be hard to distinguish. Further workers share the last lane. */
const MAX_LANES = 6;
/** The most links to other threads. */
const MAX_JOINS = 3;

/**
 * threadOf orders the records of one ID.
 * @param {LogRecord[]} records
 * @param {string} value the ID
 * @param {(json: string) => ID[]} readIDs
 */
export function threadOf(records, value, readIDs) {
  const timeOf = (/** @type {LogRecord} */ r) => (isNaN(r.time) ? r.at : r.time);
  const ordered = [...records].sort((a, b) => timeOf(a) - timeOf(b) || a.seq - b.seq);
  const first = ordered.length ? timeOf(ordered[0]) : NaN;
  const last = ordered.length ? timeOf(ordered[ordered.length - 1]) : NaN;
  const workers = [...new Set(ordered.map((r) => r.worker))];
  /** @type {Step[]} */
  const steps = ordered.map((record) => ({ record, after: timeOf(record) - first, lane: Math.min(workers.indexOf(record.worker), MAX_LANES - 1) }));
  /** @type {Lane[]} */
  const lanes = [];
  for (const [n, { lane, record }] of steps.entries()) (lanes[lane] ??= { worker: record.worker, first: n, last: n }).last = n;
  return { kind: kindOf(ordered, value, readIDs), joins: joinsOf(ordered, value, readIDs), workers, first, last, worst: ordered.reduce((worst, r) => Math.max(worst, r.level), 0), steps, lanes };
}

/** @param {LogRecord[]} records @param {string} value @param {(json: string) => ID[]} readIDs */
function kindOf(records, value, readIDs) {
  for (const { ids } of records) {
    const own = ids.includes(value) && readIDs(ids).find((id) => id.value === value);
    if (own) return own.kind;
  }
  return "";
}

/**
 * joinsOf returns the other IDs of the records. An ID in the first record belongs to the work that this thread is a part of.
 * @param {LogRecord[]} records
 * @param {string} value
 * @param {(json: string) => ID[]} readIDs
 * @returns {Join[]}
 */
function joinsOf(records, value, readIDs) {
  /** @type {Map<string, Join>} */
  const joins = new Map();
  for (const [n, { ids }] of records.entries()) {
    if (!ids || joins.size >= MAX_JOINS) continue;
    for (const id of readIDs(ids)) if (id.value !== value && !joins.has(id.value)) joins.set(id.value, { ...id, joins: n ? "continues in" : "part of" });
  }
  return [...joins.values()].slice(0, MAX_JOINS);
}

/**
 * pauseBefore returns the length (ms) of the pause before a step, or 0 if the pause is not worth showing.
 * @param {Step[]} steps
 * @param {number} n
 */
export function pauseBefore(steps, n) {
  if (n === 0) return 0;
  const pause = steps[n].after - steps[n - 1].after;
  return pause > PAUSE && pause > (FAR * (steps[steps.length - 1].after - pause)) / Math.max(1, steps.length - 2) ? pause : 0;
}

/** @param {number} n */
const pad = (n) => String(n).padStart(2, "0");

/**
 * offset formats the time of a record after the first one.
 * @param {number} ms
 */
export function offset(ms) {
  const whole = Math.round(ms);
  if (whole < 10_000) return `${whole > 0 ? "+" : ""}${count(whole)} ms`;
  const s = Math.floor(whole / 1000);
  if (s < 60) return `+${(whole / 1000).toFixed(1)} s`;
  return s < 3600 ? `+${Math.floor(s / 60)}:${pad(s % 60)}` : `+${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
}

/**
 * took formats a duration to three digits.
 * @param {number} ms
 */
export function took(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : span(ms);
}

/** The names of the kinds of IDs. */
const KINDS = new Map([["trace", "Trace"], ["request", "Request"], ["job", "Job"], ["session", "Session"], ["transaction", "Transaction"], ["span", "Span"]]);

/** kindWord returns the name of a kind of ID. @param {string} kind */
export const kindWord = (kind) => KINDS.get(kind) ?? "ID";

/** The number of characters that suffice to distinguish IDs. */
const ID_CHARS = 8;

/** idText returns the text of an ID for a chip. @param {string} kind @param {string} value */
export const idText = (kind, value) => `${["request", "trace"].includes(kind) || !KINDS.has(kind) ? "" : `${kind} `}${value.slice(0, ID_CHARS)}`;
