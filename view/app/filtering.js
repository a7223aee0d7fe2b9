import { GAP } from "./levels.js";
import { RecordList } from "./record-list.js";
import { Tally } from "./tally.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./finder.js").Finder} Finder */
/** @typedef {import("./search.js").Search} Search */
/**
 * @typedef {object} Host
 * @property {(scan: Scan, ord: number, match: boolean) => void} show
 * @property {(finder: Finder, error: string) => void} ended is called when the finder has new ranges, has finished the scan, or has failed
 */
/**
 * A compiled filter, without its levels.
 * @typedef {object} Selection
 * @property {(ord: number) => boolean} passes tests the columns
 * @property {Finder | null} finder
 * @property {string} error
 */
/** @typedef {ReturnType<typeof createFiltering>} Filtering */

/**
 * One pass over the records, from the oldest through those that are received later.
 * @typedef {object} Scan
 * @property {(ord: number) => boolean} passes tests the columns
 * @property {Finder | null} finder
 * @property {Tally | null} tally counts what passes by level; null if the filter is about levels only
 * @property {RecordList} shown
 * @property {RecordList | null} matches if the search only highlights
 * @property {number} next
 * @property {boolean} deferred whether the next slice is scheduled
 * @property {number} pending slices in the worker
 */

/**
 * How long (ms) a slice may take before the browser handles input again, and how long the first slice may take, in which most
 * scans finish. Together with the rest of a keystroke's work both stay below the 50 ms that a reader notices.
 */
const SLICE = 12;
const FIRST_SLICE = 36;
/** The clock is read after this many steps, a few tenths of a millisecond. A record takes STEPS_A_RECORD for each comparison, and its characters times those of the search. */
const STEPS = 1 << 19;
const STEPS_A_RECORD = 500;
/**
 * createFiltering finds the records that the filter shows. It works in slices, so that the page stays responsive and the next
 * key can cancel it, and it continues with each record that is received.
 * @param {State} state
 * @param {object} needs
 * @param {import("./lazy-file.js").LazyFile<Search>} needs.search
 * @param {(apply: () => void) => void} needs.replace calls apply, which replaces the records that are shown, and keeps the reader's place
 * @param {() => void} needs.changed is called when the shown records or the search's results have changed
 * @param {(next: () => void) => void} needs.defer calls next after the browser has handled input
 * @param {() => number} [needs.now]
 */
export function createFiltering(state, { search, replace, changed, defer, now = () => performance.now() }) {
  const { store, filter } = state;
  const all = () => true;
  /** The last valid selection. A query may be invalid for a moment while the reader types. @type {Selection} */
  let good = { passes: all, finder: null, error: "" };
  /** @type {Scan} */
  let scan = { ...good, tally: null, shown: state.shown, matches: null, next: 0, deferred: false, pending: 0 };

  /** start applies a changed filter. */
  function start() {
    if (filter.plain) begin({ passes: all, finder: null, error: "" });
    else if (search.module) begin(search.module.select({ show, ended }));
    else {
      const own = newScan();
      own.deferred = true;
      void search.load().then((module) => own === scan && (module ? start() : begin({ ...good, error: "The search failed to load" })));
    }
  }

  /** @param {Selection} selection */
  function begin(selection) {
    if (!selection.error) good = selection;
    newScan();
    state.search = { finder: good.finder, error: selection.error };
    advance(FIRST_SLICE);
  }

  function newScan() {
    scan.next = Infinity; // ends the previous scan
    const { passes, finder } = good;
    scan = {
      passes, finder,
      tally: filter.plain ? null : new Tally(store.capacity),
      shown: new RecordList(store.capacity, state.collapsed ? (a, b) => store.same(a, b) : null),
      matches: finder && filter.highlight ? new RecordList(store.capacity) : null,
      next: store.first, deferred: false, pending: 0,
    };
    return scan;
  }

  /**
   * advance continues to the newest record in the store.
   * @param {number} [ms] after this time it defers the rest
   */
  function advance(ms = SLICE) {
    const own = scan;
    if (own.deferred) return;
    if (own.next < store.first) own.next = store.first;
    own.tally?.trim(store.first);
    if (own.finder?.advance) own.finder.advance(own);
    else if (!step(ms)) {
      own.deferred = true;
      defer(() => {
        own.deferred = false;
        if (own === scan) advance();
      });
    }
    if (own.next >= store.end && own.pending === 0) finish();
  }

  /**
   * step tests records for a number of milliseconds and reports whether it has reached the end.
   * @param {number} ms
   */
  function step(ms) {
    const { finder, passes } = scan;
    const cost = finder ? filter.query.length : 0;
    const deadline = now() + ms;
    for (let steps = 0; scan.next < store.end; ) {
      const ord = scan.next++;
      if (passes(ord)) show(scan, ord, !finder?.matches || finder.matches(ord));
      steps += STEPS_A_RECORD + cost * store.weight[ord % store.capacity];
      if (steps < STEPS) continue;
      steps = 0;
      if (now() > deadline) break;
    }
    return scan.next >= store.end;
  }

  /**
   * ended handles the results of a finder that uses the worker.
   * @param {Finder} finder
   * @param {string} error
   */
  function ended(finder, error) {
    if (scan.finder !== finder) return;
    if (error) {
      good = { passes: scan.passes, finder: null, error: "" };
      begin({ ...good, error });
    } else if (scan.pending === 0) finish();
    changed();
  }

  /**
   * @param {Scan} scan
   * @param {number} ord
   * @param {boolean} match
   */
  function show({ finder, matches, shown, tally }, ord, match) {
    const level = store.level[ord % store.capacity];
    if (level !== GAP) {
      if (finder && !match && !matches) return;
      tally?.add(ord, level);
      if ((filter.levels & (1 << level)) === 0) return;
      if (match) matches?.push(ord);
    }
    shown.push(ord);
  }

  /**
   * prepended shows older records that were added to the store. The server has selected them, except for highlighting.
   * @param {number} first the previous oldest ordinal
   * @param {number} end the previous end: the newest records may have been dropped to make room
   */
  function prepended(first, end) {
    const { finder, matches, shown, tally } = scan;
    for (let ord = store.end; ord < end; ord++) tally?.drop(ord);
    for (const list of [shown, matches]) list?.cut(store.end);
    scan.next = Math.min(scan.next, store.end);
    for (let ord = first - 1; ord >= store.first; ord--) {
      const level = store.level[ord % store.capacity];
      if (level !== GAP) tally?.add(ord, level);
      if (level !== GAP && finder?.matches?.(ord)) matches?.unshift(ord);
      shown.unshift(ord);
    }
  }

  /** finish shows the result of a changed filter, all at once. */
  function finish() {
    if (state.shown === scan.shown) {
      changed();
      return;
    }
    replace(() => {
      const { shown } = state;
      const revealed = shown.reveal < shown.end ? shown.at(shown.reveal) : store.end;
      state.shown = scan.shown;
      state.matches = scan.matches;
      state.shown.trim(store.first);
      state.shown.cursor = state.shown.lower(revealed);
    });
  }

  return {
    start,
    advance,
    prepended,
    /** busy reports whether a changed filter's records are not shown yet. */
    busy: () => state.shown !== scan.shown,
    /** counts returns the number of records by level that the other filters let pass. @returns {ArrayLike<number>} */
    counts: () => scan.tally?.counts ?? store.levels,
  };
}
