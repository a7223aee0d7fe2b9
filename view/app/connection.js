import { readGap, readRecords, readStatus } from "./wire.js";

/** @typedef {import("./wire.js").LogRecord} LogRecord */
/** @typedef {import("./wire.js").Gap} Gap */
/** @typedef {import("./wire.js").Status} Status */

/**
 * The states of a connection. "stuck" means that the browser has no connection left, "background" that the page is hidden and
 * has given its connection back. "offline" comes with the time of the next attempt.
 * @typedef {"connecting" | "stuck" | "open" | "offline" | "signed-out" | "background"} State
 *
 * @typedef {object} Listener
 * @property {(records: LogRecord[], epoch: string) => void} records
 * @property {(gap: Gap, epoch: string) => void} gap
 * @property {(status: Status) => void} status
 * @property {(state: State, retryAt?: number) => void} state
 *
 * @typedef {ReturnType<typeof createConnection>} Connection
 */

/** Status events arrive every 2 s. After three missed ones (ms) the connection is dead, even if the browser has not noticed. */
const WATCHDOG = 7000;
/** A page hidden for this long (ms) gives its connection back: a browser has six for all tabs of one HTTP/1.1 origin. */
const BACKGROUND = 30_000;
/** The first and the longest pause (ms) between two attempts. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
/** Still connecting after this time (ms) means that the browser has no connection left. */
const STUCK = 5000;

/**
 * createConnection keeps one viewer connected to `?events`. The browser reconnects by itself after a broken connection (WHATWG
 * HTML, 9.2.3), but it gives up after any response that is not a stream, such as a proxy's 502, and it does not notice a dead
 * connection. The connection keeps the last ID, so that each new one resumes exactly where the previous one ended.
 * @param {Listener} listener
 * @param {Window & typeof globalThis} window
 */
export function createConnection(listener, window) {
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

  /**
   * open connects, or reconnects at once.
   * @param {string} [after] the ID to resume after
   */
  function open(after = last) {
    stop();
    last = after;
    const opened = new EventSource(last ? `?events&after=${encodeURIComponent(last)}` : "?events");
    source = opened;
    // Another attempt changes nothing while the browser has no connection left.
    if (!isStuck) listener.state("connecting");
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
    };
    opened.addEventListener("gap", (event) => {
      const gap = readGap(event.data);
      listener.gap(gap, epochOf(event.lastEventId));
      if (!isNaN(gap.seq) && event.lastEventId) last = event.lastEventId;
    });
    opened.addEventListener("status", (event) => {
      alive();
      const status = readStatus(event.data);
      if (status) listener.status(status);
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
    listener.state("open");
    watch();
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

  document.addEventListener("visibilitychange", () => {
    clearTimeout(background);
    if (document.hidden) {
      background = setTimeout(() => {
        stop();
        listener.state("background");
      }, BACKGROUND);
    } else if (!source && !retry) {
      open();
    }
  });
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => event.persisted && open());
  window.addEventListener("online", () => open());

  return { open };
}

/** @param {string} id */
const epochOf = (id) => id.slice(0, Math.max(0, id.indexOf("-")));
