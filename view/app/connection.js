import { createStreamShare } from "./stream-share.js";
import { readGap, readRecords, readStatus } from "./wire.js";

/** @typedef {import("./wire.js").LogRecord} LogRecord */
/** @typedef {import("./wire.js").Gap} Gap */
/** @typedef {import("./wire.js").Status} Status */

/**
 * The states of a connection. "stuck" means that the browser has no connection left, "polling" that other tabs have the streams
 * and this one connects for a moment now and then, "background" that the page is hidden, has given its connection back, and only
 * asks for the status. "offline" comes with the time of the next attempt.
 * @typedef {"connecting" | "stuck" | "open" | "polling" | "offline" | "signed-out" | "background"} State
 *
 * @typedef {object} Listener
 * @property {(records: LogRecord[], epoch: string) => void} records
 * @property {(gap: Gap, epoch: string) => void} gap
 * @property {(status: Status) => void} status
 * @property {(status: Status) => void} watched a status that a hidden page has asked for
 * @property {(state: State, retryAt?: number) => void} state
 *
 * @typedef {ReturnType<typeof createConnection>} Connection
 */

/** Status events arrive every 2 s. After three missed ones (ms) the connection is dead, even if the browser has not noticed. */
const WATCHDOG = 7000;
/** A page hidden for this long (ms) gives its connection back: a browser has six for all tabs of one HTTP/1.1 origin. */
const BACKGROUND = 30_000;
/** How often (ms) a hidden page asks for the status. */
const WATCH = 20_000;
/** How long (ms) a page without a stream waits between two short connections. */
export const POLL = 5000;
/** The first and the longest pause (ms) between two attempts. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
/** Still connecting after this time (ms) means that the browser has no connection left. */
const STUCK = 5000;
/** The most records of the server's memory that a page begins with: as many as it holds. It loads older ones when they are looked at. */
const LAST = 100_000;

/**
 * createConnection keeps one viewer connected to `?events`. The browser reconnects by itself after a broken connection (WHATWG
 * HTML, 9.2.3), but it gives up after any response that is not a stream, such as a proxy's 502, and it does not notice a dead
 * connection. The connection keeps the last ID, so that each new one resumes exactly where the previous one ended.
 * @param {Listener} listener
 * @param {Window & typeof globalThis} window
 * @param {() => Promise<Status | null>} askStatus
 */
export function createConnection(listener, window, askStatus) {
  const { document } = window;
  /** The ID of the last record that the page has: EPOCH-SEQ, followed by the entry IDs of Redis Streams. */
  let last = "";
  /** @type {EventSource | null} */
  let source = null;
  let pause = FIRST_PAUSE;
  let watchdog = 0;
  let retry = 0;
  let background = 0;
  let stuck = 0;
  let isStuck = false;
  /** Whether this tab connects only for a moment, because other tabs have the streams. */
  let isPolling = false;
  /** The number of the record with which such a moment ends. */
  let newest = Infinity;

  const share = createStreamShare(window, () => {
    if (!isPolling && source && !share.mayStream()) {
      if (document.hidden) rest();
      else open();
    } else if (isPolling && !document.hidden && share.mayStream()) open();
  });

  /**
   * open connects, or reconnects at once.
   * @param {string} [after] the ID to resume after
   */
  function open(after = last) {
    stop();
    last = after;
    isPolling = !share.mayStream();
    newest = Infinity;
    if (isPolling) share.leave();
    else share.announce();
    const opened = new EventSource(last ? `?events&after=${encodeURIComponent(last)}` : `?events&last=${LAST}`);
    source = opened;
    // Another attempt changes nothing while the browser has no connection left.
    if (!isStuck) listener.state(isPolling ? "polling" : "connecting");
    stuck = setTimeout(() => {
      isStuck = opened.readyState === 0;
      if (isStuck) listener.state("stuck");
    }, STUCK);
    opened.onopen = alive;
    // The ID advances only after the records are stored.
    opened.onmessage = (event) => {
      const id = event.lastEventId || last;
      listener.records(readRecords(event.data), epochOf(id));
      last = id;
      endVisit();
    };
    opened.addEventListener("gap", (event) => {
      const gap = readGap(event.data);
      listener.gap(gap, epochOf(event.lastEventId));
      if (!isNaN(gap.seq) && event.lastEventId) last = event.lastEventId;
    });
    let statuses = 0;
    opened.addEventListener("status", (event) => {
      alive();
      const status = readStatus(event.data);
      if (status) listener.status(status);
      // The first status comes before the records. At the second the rest is left for the next time, also after a restart.
      newest = statuses++ > 0 ? -1 : status && status.epoch === epochOf(last) ? status.history.lastSeq : Infinity;
      endVisit();
    });
    opened.onerror = () => {
      if (source !== opened) return;
      if (opened.readyState === 2) void probe();
      else {
        listener.state("offline");
        watch();
      }
    };
    watch();
  }

  function alive() {
    isStuck = false;
    pause = FIRST_PAUSE;
    clearTimeout(stuck);
    listener.state(isPolling ? "polling" : "open");
    if (!isPolling) share.announce();
    watch();
  }

  /** endVisit closes the stream of a tab that only polls, once it has all records. */
  function endVisit() {
    if (!isPolling || seqOf(last) < newest) return;
    stop();
    retry = setTimeout(() => open(), POLL);
  }

  /** rest gives the connection of a hidden page back. */
  function rest() {
    clearTimeout(background);
    stop();
    share.leave();
    listener.state("background");
    background = setTimeout(watchStatus, WATCH);
  }

  /** watchStatus asks for the status while the page rests. */
  async function watchStatus() {
    const own = background;
    const status = await askStatus();
    if (own !== background || source) return; // the reader is back
    if (status) listener.watched(status);
    listener.state(status ? "background" : "offline");
    background = setTimeout(watchStatus, WATCH);
  }

  function watch() {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => open(), WATCHDOG);
  }

  /** probe finds out why the response was not a stream: the reader is signed out, or the error is temporary. */
  async function probe() {
    stop();
    const wait = pause * (0.75 + Math.random() / 2);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
    retry = setTimeout(() => open(), wait);
    const retryAt = Date.now() + wait;
    listener.state("offline", retryAt);
    try {
      // HEAD returns the stream's status without opening a stream.
      const answer = await fetch("?events", { method: "HEAD", credentials: "same-origin", cache: "no-store" });
      const isPage = answer.ok && !(answer.headers.get("content-type") ?? "").startsWith("text/event-stream");
      if (answer.status === 401 || answer.status === 403 || isPage) listener.state("signed-out", retryAt);
    } catch {
      // The server is unreachable; the next attempt is already scheduled.
    }
  }

  function stop() {
    clearTimeout(watchdog);
    clearTimeout(retry);
    clearTimeout(stuck);
    retry = 0;
    source?.close();
    source = null;
  }

  /** look takes the stream back, because the reader looks at this page. */
  function look() {
    share.looked();
    if (isPolling || (!source && !retry)) open();
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(background);
    background = 0;
    if (document.hidden) background = setTimeout(rest, BACKGROUND);
    else look();
  });
  window.addEventListener("focus", look);
  window.addEventListener("pagehide", () => {
    stop();
    share.leave();
  });
  window.addEventListener("pageshow", (event) => event.persisted && open());
  window.addEventListener("online", () => open());
  if (document.hidden) background = setTimeout(rest, BACKGROUND);

  return { open };
}

/** @param {string} id */
const seqOf = (id) => Number(/-(\d+)/.exec(id)?.[1] ?? -1);

/** @param {string} id */
const epochOf = (id) => id.slice(0, Math.max(0, id.indexOf("-")));
