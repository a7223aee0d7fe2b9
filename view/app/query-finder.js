import { OTHER } from "./dictionary.js";
import { NAMED } from "./filter.js";
import { HIGHLIGHT_CHARS } from "./finder.js";
import { GAP, NAMES, NONE } from "./levels.js";
import { ranges, TOO_SLOW } from "./query-answer.js";
import { highlighted } from "./query-highlight.js";
import { everything, match, parseParams, parseQuery } from "./query.js";
import { QueryError } from "./query-error.js";
import { iso } from "./time.js";

/** @typedef {import("./filtering.js").Host} Host */
/** @typedef {import("./filtering.js").Scan} Scan */
/** @typedef {import("./finder.js").Finder} Finder */
/** @typedef {import("./query-answer.js").Pattern} Pattern */
/** @typedef {import("./query-answer.js").Ranges} Ranges */
/** @typedef {import("./query-match.js").Searched} Searched */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./query-worker.js").QueryWorker} QueryWorker */

/** The number of shown texts whose matches are cached. A screen has a few hundred. */
const MAX_RANGES = 2000;

/** A slice of a scan: a few milliseconds of work, far below the worker's budget. */
const SLICE_RECORDS = 2000;
const SLICE_CHARS = 1 << 20;
/** The number of slices that the worker has at a time: it works on one while the next one waits. */
const SLICES = 2;
/** The time (ms) that the worker may take for all records in the store. */
const BUDGET = 3000;

/**
 * createQueryFinder returns a function that compiles a filter to a selection. A query with regular expressions runs in the worker. If
 * the filter is invalid, the selection has the error.
 * @param {Store} store
 * @param {QueryWorker} worker
 * @returns {(filter: import("./filter.js").Filter, host: Host) => import("./filtering.js").Selection}
 */
export const createQueryFinder = (store, worker) => (choice, host) => {
  const none = { passes: () => true, finder: null };
  try {
    const { query, matchCase } = choice;
    const pairs = choice.params().filter(([name]) => name !== "level" && name !== "q");
    const columns = parseParams(String(new URLSearchParams(pairs)), BigInt(Date.now()) * 1_000_000n);
    const filter = parseQuery(query, matchCase);
    return { passes: columnTest(store, columns), finder: filter.clauses.length ? createFinder(store, worker, filter, { query, matchCase }, host) : null, error: "" };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { ...none, error: error.message };
  }
};

/**
 * columnTest returns a test of a record's columns, that is, of everything but the query. It evaluates each name once, not once per record.
 * @param {Store} store
 * @param {import("./query.js").Filter} filter
 * @returns {(ord: number) => boolean}
 */
function columnTest(store, filter) {
  /** @type {((ord: number) => boolean)[]} */
  const tests = [];
  const empty = everything();
  for (const name of NAMED) {
    if (!filter.names[name].length) continue;
    const selects = match({ ...empty, matchCase: filter.matchCase, names: { ...empty.names, [name]: filter.names[name] } });
    const one = (/** @type {string} */ value) => selects({ [name]: value || undefined });
    const known = rememberedName(store.names[name], one);
    tests.push((ord) => {
      const id = store[name][ord % store.capacity];
      return id === OTHER ? one(store.name(name, ord)) : known(id);
    });
  }
  if (filter.ids.length) {
    const record = new StoredRecord(store);
    const selects = match({ ...empty, matchCase: filter.matchCase, ids: filter.ids });
    tests.push((ord) => selects(record.show(ord)));
  }
  const [from, to] = [filter.from, filter.to].map((bound) => (bound ? Number(bound.at / 1000n) / 1000 : NaN));
  const inRange = (/** @type {number} */ first, /** @type {number} */ last) => !(last < from || first >= to);
  return (ord) => {
    const i = ord % store.capacity;
    const gap = store.gap(ord);
    if (gap) return inRange(isNaN(gap.from) ? store.time[i] : gap.from, isNaN(gap.to) ? store.time[i] : gap.to);
    return inRange(store.time[i], store.time[i]) && tests.every((test) => test(ord));
  };
}

/**
 * rememberedName caches a function's result for each name of a dictionary.
 * @param {import("./dictionary.js").Dictionary} names
 * @param {(name: string) => boolean} fn
 * @returns {(id: number) => boolean}
 */
export function rememberedName(names, fn) {
  let { generation } = names;
  /** 0 unknown, 1 no, 2 yes */
  const answers = new Uint8Array(names.limit);
  return (id) => {
    if (generation !== names.generation) {
      generation = names.generation;
      answers.fill(0);
    }
    if (answers[id] === 0) answers[id] = fn(names.names[id]) ? 2 : 1;
    return answers[id] === 2;
  };
}

/**
 * @param {Store} store
 * @param {QueryWorker} worker
 * @param {import("./query.js").Filter} filter
 * @param {{query: string, matchCase: boolean}} query the same, as it was typed
 * @param {Host} host
 * @returns {Finder}
 */
function createFinder(store, worker, filter, query, host) {
  if (filter.clauses.flat().some((term) => term.op === "/")) return workerFinder(store, worker, filter, query, host);
  const record = new StoredRecord(store);
  const selects = match(filter);
  const pattern = highlighted(filter);
  const re = pattern && new RegExp(pattern.source, `${pattern.flags}g`);
  return {
    matches: (ord) => store.level[ord % store.capacity] !== GAP && selects(record.show(ord)),
    ranges: (text) => (re ? ranges(re, text.slice(0, HIGHLIGHT_CHARS)) : []),
  };
}

/** StoredRecord gives a filter access to one record of the store at a time. */
class StoredRecord {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.ord = 0;
    this.i = 0;
  }

  /** show selects another record. @param {number} ord */
  show(ord) {
    this.ord = ord;
    this.i = ord % this.store.capacity;
    return this;
  }

  /**
   * copy returns a copy of the record for another thread.
   * @param {boolean} timed whether to include its times, which take the longest to format
   * @returns {Searched}
   */
  copy(timed) {
    const { level, message, trace, fields, ids, logger, channel, host, worker, source, pid, template, pattern, seq } = this;
    const times = timed ? { time: this.time, at: this.at } : {};
    return { level, message, trace, fields, ids, logger, channel, host, worker, source, pid, template, pattern, seq, ...times };
  }

  get level() {
    const level = this.store.level[this.i];
    return level === NONE ? undefined : NAMES[level];
  }

  get message() {
    return this.store.message[this.i] || undefined;
  }

  get trace() {
    return this.store.trace[this.i] || undefined;
  }

  get fields() {
    return this.store.fields[this.i] || undefined;
  }

  get ids() {
    return this.store.ids[this.i] || undefined;
  }

  get logger() {
    return this.store.name("logger", this.ord) || undefined;
  }

  get channel() {
    return this.store.name("channel", this.ord) || undefined;
  }

  get host() {
    return this.store.name("host", this.ord) || undefined;
  }

  get worker() {
    return this.store.name("worker", this.ord) || undefined;
  }

  get source() {
    return this.store.name("source", this.ord) || undefined;
  }

  get pid() {
    return this.store.name("pid", this.ord) || undefined;
  }

  get template() {
    return this.store.template(this.ord) || undefined;
  }

  get pattern() {
    return this.store.pattern(this.ord) || undefined;
  }

  get seq() {
    return String(this.store.seq[this.i]);
  }

  /** The time with microseconds, which is the precision of the store. */
  get time() {
    return this.store.timed[this.i] ? iso(this.store.time[this.i], true) : undefined;
  }

  get at() {
    return iso(this.store.at[this.i], true);
  }
}

/**
 * workerFinder finds a query in the worker.
 * @param {Store} store
 * @param {QueryWorker} worker
 * @param {import("./query.js").Filter} filter
 * @param {{query: string, matchCase: boolean}} query the same, as it was typed
 * @param {Host} host
 * @returns {Finder}
 */
function workerFinder(store, worker, filter, query, { show, ended }) {
  const pattern = highlighted(filter);
  const timed = filter.clauses.flat().some(({ part }) => part === "time" || part === "at");
  const record = new StoredRecord(store);
  /** The worker's time (ms) since all records in the store were searched. */
  let spent = 0;

  /** @param {Scan} scan */
  function takeSlice(scan) {
    const ords = [];
    const end = Math.min(store.end, scan.next + SLICE_RECORDS);
    for (let chars = 0; scan.next < end && chars < SLICE_CHARS; scan.next++) {
      if (!scan.passes(scan.next)) continue;
      ords.push(scan.next);
      chars += store.weight[scan.next % store.capacity];
    }
    return ords;
  }

  /** @param {Scan} scan */
  async function slice(scan) {
    const ords = takeSlice(scan);
    const records = ords.map((ord) => record.show(ord).copy(timed));
    scan.pending++;
    const { selected, ms = 0, error: failed = "" } = await worker.ask({ ...query, records });
    scan.pending--;
    spent += ms;
    const error = failed || (spent > BUDGET ? TOO_SLOW : "");
    if (!error) {
      ords.forEach((ord, n) => store.has(ord) && show(scan, ord, selected?.[n] === 1 && store.level[ord % store.capacity] !== GAP));
      advance(scan);
    }
    if (error || scan.pending === 0) ended(finder, error);
  }

  /** @param {Scan} scan */
  function advance(scan) {
    while (scan.next < store.end && scan.pending < SLICES) void slice(scan);
    if (scan.pending === 0) spent = 0;
  }

  /** @type {Finder} */
  const finder = { advance, ranges: pattern ? rememberedRanges(worker, pattern, () => ended(finder, "")) : () => [] };
  return finder;
}

/**
 * rememberedRanges asks the worker where shown texts match.
 * @param {QueryWorker} worker
 * @param {Pattern} pattern
 * @param {() => void} answered
 */
function rememberedRanges(worker, pattern, answered) {
  /** @type {Map<string, Ranges | null>} */
  const known = new Map();
  /** @type {string[]} */
  let wanted = [];

  async function ask() {
    const texts = wanted;
    wanted = [];
    // The browser's expressions may take too long where those of the query do not. Then nothing is highlighted.
    const { ranges = [] } = await worker.ask({ pattern, texts });
    texts.forEach((text, n) => known.set(text, ranges[n] ?? []));
    answered();
  }

  return (/** @type {string} */ text) => {
    const begin = text.slice(0, HIGHLIGHT_CHARS);
    const found = known.get(begin);
    if (found !== undefined) return found;
    if (known.size > MAX_RANGES) known.clear();
    known.set(begin, null);
    if (wanted.push(begin) === 1) queueMicrotask(ask);
    return null;
  };
}
