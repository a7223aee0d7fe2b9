import { iso, timeOfDay } from "./time.js";
import { readName, readPage, seqOf } from "./record-page.js";

/** @typedef {import("./record-page.js").RecordPage} RecordPage */
/** @typedef {ReturnType<typeof createRecordPages>} RecordPages */

/** The number of records in a page: reading them takes some ten milliseconds, less than a frame. */
const LIMIT = 500;
/** The next page is requested when fewer rows than this are left, so that fast scrolling does not reach the end. */
const AHEAD = 2500;
/** While the reader is at the newest end, enough rows for a screen suffice. */
const SCREEN = 60;
/** How long (ms) the scrollbar must rest before the records at its position are loaded. */
const REST = 150;
/** The pause (ms) before the next request after an error. */
const RETRY = 3000;
/** The number of newest records that are loaded when the reader returns to the live end. */
const NEWEST = 20_000;

/**
 * createRecordPages loads records that the page does not have, selected by its filter. It loads older ones when the reader comes
 * near the oldest, newer ones if the newest were dropped to make room, and those around a record or a time. The store holds them
 * together with the stream's records. When the filter changes, they are loaded again.
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
  /** The oldest record that was searched, and why there are no older ones. It is valid while ord is the store's oldest ordinal. */
  let older = { ord: -1, id: "", end: "" };
  /** The newest record that was searched. It is valid while end is the store's end. */
  let newer = { end: -1, id: "" };
  let retryAt = 0;
  let resting = 0;
  let failed = false;
  /** The current request, or null. @type {AbortController | null} */
  let running = null;
  /** A row to scroll to a height once the loaded records are shown. @type {{ord: number, offset: number, then?: (ord: number) => void} | null} */
  let target = null;
  /** The position to load again for a changed filter. @type {{id: string, offset: number} | null} */
  let wanted = null;

  /**
   * request requests one page. It returns null if the request failed or another one has replaced it.
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

  /** begin aborts the current request and starts a new one. */
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

  /** whyEnd returns a text that says why there are no older records. @param {RecordPage | null} page the last page */
  function whyEnd(page) {
    if (page?.reason === "gone") return "older records were in the memory of an Elva that was restarted since";
    const { status, utc } = state;
    const started = status ? status.at - status.uptime * 1000 : NaN;
    const began = status && status.history.oldest < started - 1000 /* the uptime is in whole seconds */ ? "Redis has no older record" : `nothing older: Elva started at ${timeOfDay(started, utc)}`;
    const limit = status?.history.complete ? began : "older records are no longer in memory";
    return filter.open ? limit : `no older record matches; ${limit}`;
  }

  /** oldest returns the ID of the oldest record that was searched. */
  const oldest = () => (older.ord === store.first ? older.id : store.firstId());

  /** hasOlder reports whether there may be older records. */
  function hasOlder() {
    if (older.ord === store.first && older.end) return false;
    const id = oldest();
    const { firstSeq, loading } = state.status?.history ?? { firstSeq: 0, loading: false };
    if (id && (loading || seqOf(id) > firstSeq)) return true;
    older = { ord: store.first, id, end: whyEnd(null) };
    return false;
  }

  /** estimate sets the table's number of rows that are not loaded. It assumes that the filter selects the same share everywhere. */
  function estimate() {
    const { firstSeq, lastSeq } = state.status?.history ?? { firstSeq: 0, lastSeq: 0 };
    const from = seqOf(oldest());
    const to = ingest.rejoin ? seqOf(newer.end === store.end ? newer.id : store.lastId()) : lastSeq;
    const share = Math.min(1, state.shown.size / Math.max(1, to - from + 1)) || 0;
    table.older = hasOlder() ? Math.round(share * Math.max(0, from - firstSeq)) : 0;
    table.newer = ingest.rejoin ? Math.round(share * Math.max(0, lastSeq - to)) : 0;
  }

  /** followJump loads the records at the position to which the reader has dragged the scrollbar. */
  function followJump() {
    const { jump } = table;
    table.jump = 0;
    const { firstSeq, lastSeq } = state.status?.history ?? { firstSeq: 0, lastSeq: 0 };
    const from = seqOf(oldest());
    const to = seqOf(store.lastId());
    const seq = Math.round(jump > 0 ? from - jump * (from - firstSeq) : to - jump * (lastSeq - to));
    window.clearTimeout(resting);
    if (seq) resting = window.setTimeout(() => void goTo(`${ingest.epoch}-${Math.max(seq, firstSeq)}`, table.height / 3), REST);
  }

  /** detach stops adding the stream's records to the table, since the newest records before them are not loaded. */
  function detach() {
    table.leave();
    table.attached = false;
    ingest.rejoin = rejoin;
  }

  /** attach adds the stream's records to the table again, starting after an ID. @param {string} id */
  function attach(id) {
    ingest.join(seqOf(id));
    table.attached = true;
    store.live = store.end;
    connection.open(id);
  }

  /** rejoin returns to the newest records. */
  function rejoin() {
    window.clearTimeout(resting);
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
    received(); // shows that the page is loading
    const first = store.first;
    const page = await request([["limit", String(LIMIT)], ["newest", ""], ["before", before]], own);
    // The oldest record may have been dropped meanwhile.
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

  /** append adds a page of newer records. After the last page it attaches the stream again. @param {RecordPage} page */
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
   * @param {number} offset the height at which to show its row, or the next older one
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
   * locate returns the first record that the parameters select. It ignores the filter.
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
    /** look loads records that the reader is about to reach. It is called after each frame. */
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
      if (table.jump) followJump();
      // While the filter is invalid, the previous records stay.
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
    /** text returns the line above the oldest row, which says why the history ends there. @param {number} ord */
    text(ord) {
      const { shown } = state;
      if (ord !== shown.at(shown.first)) return "";
      if (failed) return "older records can't be loaded now";
      return running ? "loading older records" : older.ord === store.first ? older.end : "";
    },
    /** refilter drops the records that were loaded for the old filter. If the reader is in the past, it loads them for the new one. */
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
    /** restart drops the records from the memory of the server's old process. */
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
     * goToName shows the record with a link's name. It returns whether the record is in memory.
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
     * goToTime shows the last record before a time, or else the first after it. It returns whether there is one.
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
