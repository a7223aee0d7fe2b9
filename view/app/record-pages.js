import { iso, timeOfDay } from "./time.js";
import { readName, readPage, seqOf } from "./record-page.js";

/** @typedef {import("./record-page.js").RecordPage} RecordPage */
/** @typedef {ReturnType<typeof createRecordPages>} RecordPages */

/** The number of records in a page: reading them takes some ten milliseconds, less than a frame. */
const LIMIT = 500;
/** The next page is requested when fewer rows than this are left, so that fast scrolling meets no end. */
const AHEAD = 2500;
/** While the reader is at the newest end, a screen must be filled, and nothing more. */
const SCREEN = 60;
/** After an error the next request waits for so long (ms). */
const RETRY = 3000;
/** With so many of the newest records the page comes back to the live end. */
const NEWEST = 20_000;

/**
 * createRecordPages loads records that the page does not have, selected by its filter: older ones when the reader comes near the
 * oldest, newer ones when the newest had to give way, and those around a record or a time. They are in the store beside the
 * stream's records. When the filter changes they are loaded again.
 * @param {import("./state.js").State} state
 * @param {Window & typeof globalThis} window
 * @param {object} needs
 * @param {import("./record-table.js").RecordTable} needs.table
 * @param {import("./ingest.js").Ingest} needs.ingest
 * @param {import("./filtering.js").Filtering} needs.filtering
 * @param {import("./connection.js").Connection} needs.connection
 * @param {Parameters<typeof readPage>[1]} needs.read
 * @param {() => void} needs.received is called when the store has changed
 */
export function createRecordPages(state, window, { table, ingest, filtering, connection, read, received }) {
  const { store, filter } = state;
  /** Down to where records were searched, as long as this is the oldest ordinal, and why there are no older ones. */
  let older = { ord: -1, id: "", end: "" };
  /** Up to where records were searched, as long as this is the end. */
  let newer = { end: -1, id: "" };
  let retryAt = 0;
  let failed = false;
  /** The request that runs, null for none. @type {AbortController | null} */
  let running = null;
  /** The row to show at a height once its records are shown. @type {{ord: number, offset: number, then?: (ord: number) => void} | null} */
  let target = null;
  /** The place to load again for a changed filter. @type {{id: string, offset: number} | null} */
  let wanted = null;

  /**
   * request asks for one page, and returns null if that has failed, or if another request has taken its place.
   * @param {[string, string][]} params
   * @param {AbortController} own
   * @param {[string, string][]} [selection]
   */
  async function request(params, own, selection = filter.params().filter(([name]) => name !== "q" || !filter.highlight)) {
    try {
      const query = new URLSearchParams([...params, ...selection]);
      const answer = await window.fetch(`?records&gaps&${query}`, { signal: own.signal, credentials: "same-origin", cache: "no-store" });
      if (answer.status === 410) return { items: [], more: false, first: "", last: "", reason: "gone" };
      if (!answer.ok) throw new Error(String(answer.status));
      const page = readPage(await answer.text(), read);
      failed = false;
      return own === running ? page : null;
    } catch {
      if (own === running) {
        failed = true;
        retryAt = window.performance.now() + RETRY;
        received();
      }
      return null;
    }
  }

  /** begin makes a request the one that runs. */
  function begin() {
    running?.abort();
    running = new AbortController();
    return running;
  }

  /** @param {AbortController} own */
  function finish(own) {
    if (running === own) running = null;
    received();
  }

  /** whyEnd says why there is nothing older. @param {RecordPage | null} page the last one */
  function whyEnd(page) {
    if (page?.reason === "gone") return "older records were in the memory of an Elva that was restarted since";
    const { status, utc } = state;
    const started = status ? status.at - status.uptime * 1000 : NaN;
    const limit = (status?.history.firstSeq ?? 0) <= 1 ? `nothing older: Elva started at ${timeOfDay(started, utc)}` : "older records are no longer in memory";
    return filter.open ? limit : `no older record matches; ${limit}`;
  }

  /** oldest returns the ID before which nothing was searched. */
  const oldest = () => (older.ord === store.first ? older.id : store.firstId());

  /** hasOlder reports whether there may be older records. */
  function hasOlder() {
    if (older.ord === store.first && older.end) return false;
    const id = oldest();
    if (id && seqOf(id) > (state.status?.history.firstSeq ?? 0)) return true;
    older = { ord: store.first, id, end: whyEnd(null) };
    return false;
  }

  /** estimate tells the table how many rows there are elsewhere: as many as here, for the same stretch of numbers. */
  function estimate() {
    const { firstSeq, lastSeq } = state.status?.history ?? { firstSeq: 0, lastSeq: 0 };
    const from = seqOf(oldest());
    const to = ingest.rejoin ? seqOf(newer.end === store.end ? newer.id : store.lastId()) : lastSeq;
    const share = Math.min(1, state.shown.size / Math.max(1, to - from + 1)) || 0;
    table.older = hasOlder() ? Math.round(share * Math.max(0, from - firstSeq)) : 0;
    table.newer = ingest.rejoin ? Math.round(share * Math.max(0, lastSeq - to)) : 0;
  }

  /** detach stops taking what the stream sends, since the newest records are not here. */
  function detach() {
    table.leave();
    table.attached = false;
    ingest.rejoin = rejoin;
  }

  /** attach takes what the stream sends, from an ID on. @param {string} id */
  function attach(id) {
    ingest.join(seqOf(id));
    table.attached = true;
    store.live = store.end;
    connection.open(id);
  }

  /** rejoin goes back to the newest records. */
  function rejoin() {
    running?.abort();
    running = target = wanted = null;
    empty();
    const { firstSeq, lastSeq } = state.status?.history ?? { firstSeq: 0, lastSeq: 0 };
    ingest.until = lastSeq;
    attach(`${ingest.epoch}-${Math.max(firstSeq - 1, lastSeq - NEWEST, 0)}`);
    filtering.start();
    received();
  }

  function empty() {
    store.clear();
    table.activate(-1, false);
  }

  async function loadOlder() {
    const own = begin();
    const before = oldest();
    received(); // which says that it loads
    const first = store.first;
    const page = await request([["limit", String(LIMIT)], ["newest", ""], ["before", before]], own);
    // Meanwhile the oldest may have been dropped.
    if (page && first === store.first) {
      const end = store.end;
      const unread = Math.max(state.unread, end - page.items.length, first);
      const levels = Array.from({ length: end - unread }, (_, n) => store.level[(unread + n) % store.capacity]);
      for (const item of page.items) store.prepend(item, ingest.epoch);
      filtering.prepended(first, end);
      older = { ord: store.first, id: page.first || before, end: page.more ? "" : whyEnd(page) };
      if (store.end < end) {
        detach();
        ingest.skip(levels.slice(Math.max(0, store.end - unread)));
      }
      table.refill();
    }
    finish(own);
  }

  async function loadNewer() {
    const own = begin();
    const { end } = store;
    const page = await request([["limit", String(LIMIT)], ["after", newer.end === end ? newer.id : store.lastId()]], own);
    if (page && end === store.end) append(page);
    finish(own);
  }

  /** append takes a page of newer records, and the stream again where it is the last. @param {RecordPage} page */
  function append(page) {
    for (const item of page.items) {
      if ("kind" in item) store.addGap(item, ingest.epoch);
      else store.add(item, ingest.epoch);
    }
    newer = { end: store.end, id: page.last };
    if (!page.more && page.last) attach(page.last);
  }

  /**
   * goTo shows the records around an ID.
   * @param {string} id
   * @param {number} offset where its row, or the next older one, is to be
   * @param {(ord: number) => void} [then] is called with its ordinal
   */
  async function goTo(id, offset, then) {
    const own = begin();
    const next = `${id.slice(0, id.lastIndexOf("-"))}-${seqOf(id) + 1}`;
    const limit = /** @type {[string, string]} */ (["limit", String(LIMIT)]);
    const [back, forth] = await Promise.all([request([limit, ["newest", ""], ["before", next]], own), request([limit, ["after", id]], own)]);
    if (back && forth) {
      wanted = null;
      empty();
      detach();
      for (const item of back.items) store.prepend(item, ingest.epoch);
      older = { ord: store.first, id: back.first || id, end: back.more ? "" : whyEnd(back) };
      target = { ord: Math.max(store.end - 1, store.first), offset, then };
      newer = { end: store.end, id };
      append(forth);
      filtering.start();
    }
    finish(own);
    return Boolean(back && forth);
  }

  /**
   * locate returns the first record that some parameters select, whatever the filter.
   * @param {[string, string][]} params
   */
  async function locate(params) {
    const own = begin();
    const page = await request(params, own, []);
    finish(own);
    return page?.items.find((item) => !("kind" in item));
  }

  return {
    /** Whether records are being loaded. */
    busy: () => running !== null,
    /** look loads what the reader comes near to. It is called after each frame. */
    look() {
      if (filtering.busy() || ingest.loading || !ingest.epoch || !state.status) return;
      if (target) {
        const { ord, offset, then } = target;
        target = null;
        state.shown.cursor = state.shown.end;
        table.restore({ ord, offset });
        then?.(ord);
        received();
        return;
      }
      estimate();
      // A filter with an error shows what it showed before.
      if (running || state.search.error || window.performance.now() < retryAt) return;
      if (wanted) {
        const { id, offset } = wanted;
        void goTo(id, offset);
        return;
      }
      const { shown } = state;
      const [from, to] = table.seen() ?? [shown.at(shown.first), shown.at(shown.end - 1)];
      if (ingest.rejoin && shown.end - shown.lower(to) < AHEAD) void loadNewer();
      else if (shown.lower(from) - shown.first < (table.follow ? SCREEN : AHEAD) && hasOlder()) void loadOlder();
    },
    /** text returns what stands above the oldest row: where the history ends and why. @param {number} ord */
    text(ord) {
      const { shown } = state;
      if (ord !== shown.at(shown.first)) return "";
      if (failed) return "older records can't be loaded now";
      return running ? "loading older records" : older.ord === store.first ? older.end : "";
    },
    /** refilter drops what was loaded for another filter. If the reader is in the past, it is loaded again. */
    refilter() {
      running?.abort();
      running = null;
      retryAt = 0;
      failed = false;
      const anchor = table.follow ? null : table.anchor();
      target = wanted = null;
      if (!ingest.rejoin && (!anchor || anchor.ord >= store.live)) {
        store.dropOlder();
        older = { ord: -1, id: "", end: "" };
        received();
        return;
      }
      const id = anchor && store.has(anchor.ord) && !isNaN(store.seq[anchor.ord % store.capacity]) ? store.id(anchor.ord) : newer.id || store.lastId();
      wanted = { id, offset: anchor?.offset ?? 0 };
    },
    /** restart drops what another process of the server had in its memory. */
    restart() {
      running?.abort();
      running = target = wanted = null;
      older = { ord: -1, id: "", end: "" };
      if (ingest.rejoin) {
        empty();
        ingest.rejoin = null;
        table.attached = true;
        filtering.start();
      } else store.dropOlder();
      received();
    },
    goTo,
    /**
     * goToName shows the record that a link names, and returns whether it is in memory.
     * @param {string} name
     * @param {number} offset
     * @param {(ord: number) => void} then
     */
    async goToName(name, offset, then) {
      const { id, entry, channel } = readName(name);
      /** @type {[string, string][]} */
      const params = entry ? [["q", `entry:${entry}`], ["channel", channel]] : [["after", `${id.slice(0, id.lastIndexOf("-"))}-${seqOf(id) - 1}`]];
      const found = await locate([...params, ["limit", "1"]]);
      if (!found || "kind" in found || (!entry && found.seq !== seqOf(id))) return false;
      return goTo(`${ingest.epoch}-${found.seq}`, offset, then);
    },
    /**
     * goToTime shows the last record before a time, or the first behind it, and returns whether there is one.
     * @param {number} ms
     * @param {number} offset
     * @param {(ord: number) => void} then
     */
    async goToTime(ms, offset, then) {
      const at = iso(ms, true);
      const found = (await locate([["to", at], ["newest", ""], ["limit", "1"]])) ?? (await locate([["from", at], ["after", `${ingest.epoch}-0`], ["limit", "1"]]));
      return Boolean(found && !("kind" in found) && (await goTo(`${ingest.epoch}-${found.seq}`, offset, then)));
    },
  };
}
