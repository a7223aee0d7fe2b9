import { readGap, readRecords, readStatus } from "./wire.js";

/** @typedef {import("./wire.js").LogRecord} LogRecord */
/** @typedef {import("./wire.js").Gap} Gap */
/** @typedef {import("./wire.js").Status} Status */

/**
 * The states of a connection: "connecting", "stuck" while the browser has none left, "open", "offline" (with the time of
 * the next try), "signed-out", and "background" while nobody sees the page.
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

/** Status events come every 2 s: after three missed ones the connection is dead, though the browser has not noticed. */
const WATCHDOG = 7000;
/** A page that nobody sees gives its connection back: a browser has six for all tabs of one HTTP/1.1 origin. */
const BACKGROUND = 30_000;
/** The first and the longest pause between two tries. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
/** Still connecting after this time means that the browser has no connection left. */
const STUCK = 5000;

/**
 * createConnection is one viewer's connection to `?events`, over everything that may happen to it. The browser reconnects by
 * itself after a broken connection (WHATWG HTML, 9.2.3), but gives up after any answer that isn't a stream, as a proxy's
 * 502, and doesn't notice a dead one at all. The last id is kept here, so that each new connection goes on exactly where the
 * last one ended.
 * @param {Listener} listener
 * @param {Window & typeof globalThis} window
 */
export function createConnection(listener, window) {
  const { document } = window;
  /** The id of the last record that was taken in: EPOCH-SEQ, and behind it how far Redis Streams were read. */
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
   * @param {string} [after] the id to go on after
   */
  function open(after = last) {
    stop();
    last = after;
    const opened = new EventSource(last ? `?events&after=${encodeURIComponent(last)}` : "?events");
    source = opened;
    // While there is no connection left, a further try is no news.
    if (!isStuck) listener.state("connecting");
    stuck = setTimeout(() => {
      isStuck = opened.readyState === 0;
      if (isStuck) listener.state("stuck");
    }, STUCK);
    opened.onopen = alive;
    // The id moves on only behind what was taken in.
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

  /** The answer was no stream. One plain request finds out why: signed out, or an error that passes. */
  async function probe() {
    stop();
    const wait = pause * (0.75 + Math.random() / 2);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
    retry = setTimeout(() => open(), wait);
    const retryAt = Date.now() + wait;
    listener.state("offline", retryAt);
    try {
      // HEAD on the stream gives the stream's own status without beginning one.
      const answer = await fetch("?events", { method: "HEAD", credentials: "same-origin", cache: "no-store" });
      const isPage = answer.ok && !(answer.headers.get("content-type") ?? "").startsWith("text/event-stream");
      if (answer.status === 401 || answer.status === 403 || isPage) listener.state("signed-out", retryAt);
    } catch {
      // Nobody answers; the next try comes anyway.
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
