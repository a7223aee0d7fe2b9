import { HIGHLIGHT_CHARS } from "./finder.js";
import { GAP } from "./levels.js";
import { TOO_SLOW } from "./pattern.js";

/** @typedef {import("./finder.js").Finder} Finder */
/** @typedef {import("./filtering.js").Scan} Scan */
/** @typedef {import("./pattern.js").Ranges} Ranges */
/** @typedef {import("./store.js").Store} Store */

/** The length and number of names and fields whose result is cached: many records share them. */
const SHARED_CHARS = 200;
const MAX_SHARED = 5000;
/** The most cached texts for highlighting; a screen has a few hundred. */
const MAX_RANGES = 2000;

/** The size of a slice: a few milliseconds of work, far below the worker's budget. */
const SLICE_RECORDS = 8000;
const SLICE_CHARS = 1 << 22;
/** The worker gets the next slice while it still searches one. */
const SLICES = 2;
/** The most time (ms) of the worker for all stored records. */
const BUDGET = 3000;

/**
 * createRegexFinder returns a function that creates finders of regular expressions.
 * @param {Store} store
 * @param {import("./pattern-worker.js").PatternWorker} worker
 * @returns {import("./filtering.js").RegexFinder}
 */
export const createRegexFinder = (store, worker) => (pattern, { show, ended }) => {
  /** @type {Map<string, boolean>} */
  const shared = new Map();
  /** @type {Map<string, Ranges | null>} */
  const known = new Map();
  /** @type {string[]} */
  let wanted = [];
  /** The worker's time (ms) since the scan last reached the end of the store. */
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

  /**
   * search returns which of the given records match.
   * @param {number[]} ords
   */
  async function search(ords) {
    /** @type {string[]} */
    const texts = [];
    /** @type {Map<string, number>} */
    const asked = new Map();
    /** By record: the end of its texts, or -1 if a cached text matches. */
    const ends = ords.map((ord) => {
      const i = ord % store.capacity;
      if (store.level[i] === GAP) return texts.length;
      for (const text of [store.name("logger", ord), store.fields[i]]) {
        const answer = shared.get(text);
        if (answer) return -1;
        if (answer === undefined && text.length <= SHARED_CHARS && shared.size < MAX_SHARED) asked.set(text, texts.length);
        if (answer === undefined) texts.push(text);
      }
      texts.push(store.message[i], store.trace[i]);
      return texts.length;
    });
    const { matches = new Uint8Array(texts.length), ms = 0, error = "" } = await worker.ask({ pattern, texts });
    for (const [text, n] of asked) shared.set(text, matches[n] === 1);
    spent += ms;
    let next = 0;
    const found = ends.map((end) => {
      let match = end < 0;
      for (; next < end; next++) if (matches[next]) match = true;
      return match;
    });
    return { found, error: error || (spent > BUDGET ? TOO_SLOW : "") };
  }

  /** @param {Scan} scan */
  async function slice(scan) {
    const ords = takeSlice(scan);
    if (ords.length === 0) return;
    scan.pending++;
    const { found, error } = await search(ords);
    scan.pending--;
    if (!error) ords.forEach((ord, n) => store.has(ord) && show(scan, ord, found[n]));
    if (!error) advance(scan);
    if (error || scan.pending === 0) ended(finder, error);
  }

  /** @param {Scan} scan */
  function advance(scan) {
    while (scan.next < store.end && scan.pending < SLICES) void slice(scan);
    if (scan.pending === 0) spent = 0;
  }

  async function askRanges() {
    const texts = wanted;
    wanted = [];
    const { ranges = [], error = "" } = await worker.ask({ pattern, texts, ranges: true });
    texts.forEach((text, n) => known.set(text, ranges[n] ?? []));
    ended(finder, error);
  }

  /** @type {Finder} */
  const finder = {
    advance,
    ranges(text) {
      const begin = text.slice(0, HIGHLIGHT_CHARS);
      const found = known.get(begin);
      if (found !== undefined) return found;
      if (known.size > MAX_RANGES) known.clear();
      known.set(begin, null);
      if (wanted.push(begin) === 1) queueMicrotask(askRanges);
      return null;
    },
  };
  return finder;
};
