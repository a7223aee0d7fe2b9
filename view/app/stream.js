import { exactParse } from "./store.js";

/** @typedef {import("./types.js").LogRecord} LogRecord */
/** @typedef {import("./types.js").Gap} Gap */
/** @typedef {import("./types.js").Status} Status */

/**
 * What a Stream tells. Links: "connecting", "open", "offline" (with the time of the next try), "signed-out", "resting".
 * @typedef {object} Listener
 * @property {(records: LogRecord[], epoch: string) => void} batch
 * @property {(gap: Gap, epoch: string) => void} gap
 * @property {(status: Status) => void} status
 * @property {(link: string, retryAt?: number) => void} link
 */

/** Status events come every 2 s: three missed ones and a bit mean that the connection is dead and doesn't know it. */
const WATCH = 7000;
/** A page nobody looks at gives its connection back: a browser has six for all tabs of one HTTP/1.1 origin. */
const REST = 30_000;
/** The first and the longest pause between two tries. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
/** So long "connecting" means that the browser has no connection left. */
const STUCK = 5000;

/**
 * Stream is one viewer's connection to `?events`, over everything that may happen to it. The browser reconnects by
 * itself after a broken connection (WHATWG HTML, 9.2.3), but gives up for ever after any answer that isn't a stream, as
 * a proxy's 502; it doesn't notice a dead one at all. The last id is kept here, so each new connection goes on exactly
 * where the last one ended.
 */
export class Stream {
  #listener;
  /** @type {EventSource | null} */
  #source;
  #pause;
  #watchdog;
  #retry;
  #rest;
  #stuck;
  #waits;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
    /** The id of the last record that came: EPOCH-SEQ, and behind it how far Redis Streams were read. */
    this.last = "";
    this.#source = null;
    this.#pause = FIRST_PAUSE;
    this.#watchdog = 0;
    this.#retry = 0;
    this.#rest = 0;
    this.#stuck = 0;
    this.#waits = false;
    document.addEventListener("visibilitychange", () => this.#visibility());
    addEventListener("pagehide", () => this.#stop());
    addEventListener("pageshow", (event) => event.persisted && this.open());
    addEventListener("online", () => this.open());
  }

  /** open connects, or connects anew at once. */
  open() {
    this.#stop();
    const source = new EventSource(this.last ? `?events&after=${encodeURIComponent(this.last)}` : "?events");
    this.#source = source;
    // Trying again changes nothing about having none to try with: the word stays.
    if (!this.#waits) this.#listener.link("connecting");
    this.#stuck = window.setTimeout(() => {
      this.#waits = source.readyState === 0;
      if (this.#waits) this.#listener.link("stuck");
    }, STUCK);
    source.onopen = () => this.#alive();
    source.onmessage = (event) => {
      this.last = event.lastEventId || this.last;
      this.#listener.batch(exactParse(event.data), epochOf(this.last));
    };
    source.addEventListener("gap", (event) => {
      const gap = /** @type {Gap} */ (JSON.parse(event.data));
      if (gap.seq !== undefined && event.lastEventId) this.last = event.lastEventId;
      this.#listener.gap(gap, epochOf(event.lastEventId));
    });
    source.addEventListener("status", (event) => {
      this.#alive();
      this.#listener.status(JSON.parse(event.data));
    });
    source.onerror = () => {
      if (this.#source !== source) return;
      if (source.readyState === EventSource.CLOSED) this.#refused();
      else {
        this.#listener.link("offline");
        this.#watch();
      }
    };
    this.#watch();
  }

  #alive() {
    this.#waits = false;
    this.#pause = FIRST_PAUSE;
    clearTimeout(this.#stuck);
    this.#listener.link("open");
    this.#watch();
  }

  #watch() {
    clearTimeout(this.#watchdog);
    this.#watchdog = window.setTimeout(() => this.open(), WATCH);
  }

  /** The answer was no stream. One plain request tells why: signed out, or an error that passes. */
  async #refused() {
    this.#stop();
    const pause = this.#pause * (0.75 + Math.random() / 2);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    this.#retry = window.setTimeout(() => this.open(), pause);
    this.#listener.link("offline", Date.now() + pause);
    try {
      // HEAD on the stream gives the stream's own status without beginning one.
      const answer = await fetch("?events", { method: "HEAD", credentials: "same-origin", cache: "no-store" });
      const page = answer.ok && !(answer.headers.get("content-type") ?? "").startsWith("text/event-stream");
      if (answer.status === 401 || answer.status === 403 || page) this.#listener.link("signed-out", Date.now() + pause);
    } catch {
      // Nobody answers: the next try will tell.
    }
  }

  #visibility() {
    clearTimeout(this.#rest);
    if (document.hidden) {
      this.#rest = window.setTimeout(() => {
        this.#stop();
        this.#listener.link("resting");
      }, REST);
    } else if (!this.#source && !this.#retry) {
      this.open();
    }
  }

  #stop() {
    clearTimeout(this.#watchdog);
    clearTimeout(this.#retry);
    clearTimeout(this.#stuck);
    this.#retry = 0;
    this.#source?.close();
    this.#source = null;
  }
}

/** @param {string} id */
const epochOf = (id) => id.slice(0, Math.max(0, id.indexOf("-")));
