import { elements, parseAny, parseExact, stringify } from "./json.js";
import { GAP, level, NAMES } from "./levels.js";
import { as, count, duration, list, number, object, shape, short, text, time, yes } from "./wire-read.js";

/**
 * This module alone reads what the server sends: it knows the names in its JSON and gives every member a type. Log text is
 * hostile, so no function here throws, whatever it reads.
 */

/** The most characters that are shown of an unreadable record. */
const MAX_UNREADABLE = 1000;

/** @param {unknown} value */
const sum = (value) => Object.values(object(value)).reduce((/** @type {number} */ all, n) => all + count(n), 0);
/** levels reads the records per minute by level. @param {unknown} value */
const levels = (value) => Object.entries(object(value)).map(([name, counts]) => /** @type {[number, number[]]} */ ([NAMES.indexOf(name), list(count)(counts)])).filter(([n]) => n >= 0 && n < GAP);
const errors = shape({ errors: count });

/** A parsed trace: type and text of the exception at the top, the type of its cause, where it was raised, and the types in a group. */
const exception = shape({ type: short, text: short, cause: short, place: short, leaves: list(short) });

const ids = list(shape({ kind: short, name: short, value: short }));

const gap = shape({ seq: number, kind: text, lost: number, from: time, to: time, reason: short, replaces: number });

const source = shape({ name: short, kind: short, confirmed: time, denied: short, deniedSince: time, nextTry: time, records: count, lastRecord: time });

const cause = shape({ kind: short, text: short, service: short, worker: short, group: short, since: time, filter: short });

const worker = shape({
  name: short, host: short, service: short, channel: short, state: short,
  /** Whether it has more errors than expected. */
  failing: yes,
  firstSeen: time, lastSeen: time,
  /** The expected interval between two records, and the pause after which it is quiet (ms); NaN while unknown. */
  expected: as("expectedInterval", duration),
  threshold: duration,
  rate: count, last1: errors, last5: errors, last60: errors,
  /** How far its clock is ahead (ms). */
  skew: duration,
});

const errorGroup = shape({
  title: short, logger: short, level: short, count, firstSeen: time, lastSeen: time,
  /** The sequence number of the newest record. */
  lastSeq: count,
  isNew: as("new", yes),
  /** The number of workers that have had it. */
  workers: count,
  /** Records per minute of the last hour. */
  minutes: list(count),
});

const status = shape({
  at: time, epoch: text, build: short, title: short, uptime: count,
  redis: shape({ state: short, since: time, text: short, nextTry: time, sources: list(source) }),
  /** Records per second, all levels together. */
  rate: as("rates", sum),
  counts: shape({ error: count, critical: count }),
  health: shape({ state: short, summary: as("text", short), causes: list(cause) }),
  viewers: count,
  history: shape({ records: count, firstSeq: count, lastSeq: count, oldest: time, loading: yes, complete: yes }),
  /** The last hour; in a status event only the newest two minutes. */
  minutes: shape({ from: time, levels }),
  /** Errors a minute; the baseline is NaN while it is unknown. */
  errors: shape({ lastMinute: count, baseline: number, elevated: yes }),
  totals: shape({ workers: count, quiet: count, otherRecords: count, newErrorGroups: count, otherErrors: count }),
  /** Workers and error groups are only in the response to ?health. */
  workers: list(worker),
  errorGroups: list(errorGroup),
  /** Changes of the state, and gaps: only there, too. */
  changes: list(shape({ at: time, state: short, text: short })),
  gapList: list(gap),
});

/**
 * A record. Times are milliseconds since 1970, NaN where there is none.
 * @typedef {object} LogRecord
 * @property {number} seq NaN where the server sent none
 * @property {number} at when it was received, by the server's clock
 * @property {number} time its own
 * @property {number} level
 * @property {string} channel
 * @property {string} logger
 * @property {string} message
 * @property {string} source
 * @property {string} trace
 * @property {string} traceLines a letter for each of the first lines of the trace, see traceback.js
 * @property {Exception | null} exception
 * @property {string} host
 * @property {string} worker
 * @property {string} pid as text: a number beyond a double keeps its digits
 * @property {string} fields as JSON; "" for none
 * @property {string} ids as JSON; "" for none
 * @property {string} entry the ID of the stream's entry; "" for none
 * @property {string} template
 * @property {string} pattern what its message looks like, as 8 hexadecimal digits
 */
/** @typedef {ReturnType<typeof exception>} Exception */
/** @typedef {ReturnType<typeof ids>[number]} ID what joins a record to others: {kind: "request", name: "req.id", value: "7"} */
/** @typedef {ReturnType<typeof gap>} Gap seq is NaN in a gap of a single viewer, lost if it is unknown */
/** @typedef {ReturnType<typeof status>} Status */
/** @typedef {Status["redis"]} Redis */
/** @typedef {ReturnType<typeof source>} Source denied is the error with which Redis denies it */
/** @typedef {ReturnType<typeof cause>} Cause one thing that is wrong; filter is the query of an address that shows its records */
/** @typedef {ReturnType<typeof worker>} Worker its state is active, quiet, replaced, ended or learning */
/** @typedef {ReturnType<typeof errorGroup>} ErrorGroup */

/**
 * readRecords reads a batch of records. An unreadable one becomes a record that says so and affects no other.
 * @param {string} data
 * @returns {LogRecord[]}
 */
export function readRecords(data) {
  try {
    const batch = parseExact(data);
    if (Array.isArray(batch)) return batch.map(record);
  } catch {
    // At least one record is not valid JSON, or is nested too deep.
  }
  return elements(data).map((one) => {
    try {
      return record(parseAny(one));
    } catch {
      return record(one);
    }
  });
}

/**
 * @param {unknown} value
 * @returns {LogRecord}
 */
function record(value) {
  const r = object(value);
  const isObject = r === value;
  const [channel, logger, host, fields] = [text(r.channel), text(r.logger), text(r.host), r.fields ? fieldsText(r.fields) : ""];
  return {
    seq: Number.isSafeInteger(r.seq) ? /** @type {number} */ (r.seq) : NaN,
    at: time(r.at),
    time: time(r.time),
    level: level(text(r.level)),
    channel,
    logger,
    message: isObject ? text(r.message) : `Unreadable record: ${(text(value) || stringify(value)).slice(0, MAX_UNREADABLE)}`,
    source: text(r.source),
    trace: text(r.trace),
    traceLines: text(r.traceLines),
    exception: r.exception ? exception(r.exception) : null,
    host,
    worker: (text(r.worker) || channel).slice(0, MAX_WORKER),
    pid: text(r.pid),
    fields,
    ids: r.ids ? stringify(r.ids) : "",
    entry: text(r.entry).slice(0, MAX_ENTRY),
    template: text(r.template),
    pattern: text(r.pattern),
  };
}

/** An entry's ID is two numbers of 64 bits. */
const MAX_ENTRY = 41;
/** The most characters of a worker's name. */
const MAX_WORKER = 300;
/**
 * fieldsText returns fields as the JSON text of an object. Fields that can't be written are still in the raw record.
 * @param {unknown} fields
 */
function fieldsText(fields) {
  const json = stringify(fields) || '{"elva.unreadable":true}';
  return json[0] === "{" ? json : `{"fields":${json}}`;
}

/**
 * readIDs reads the IDs of a record, the kind that says most first.
 * @param {string} json
 */
export const readIDs = (json) => (json ? ids(parseAny(json)) : []).filter(({ value }) => value !== "");

/** @param {string} data */
function parseObject(data) {
  try {
    return object(JSON.parse(data));
  } catch {
    return {};
  }
}

/**
 * readGap reads a gap.
 * @param {string} data
 */
export const readGap = (data) => gap(parseObject(data));

/**
 * readStatus reads a status event or the answer to ?health. It returns null for anything else.
 * @param {string} data
 */
export function readStatus(data) {
  const value = parseObject(data);
  return value.redis && value.health ? status(value) : null;
}
