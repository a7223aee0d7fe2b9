import { GAP } from "./levels.js";
import { hash, overlap } from "./overlap.js";

/** @typedef {import("./wire.js").LogRecord} LogRecord */
/** @typedef {import("./wire.js").Gap} Gap */
/** @typedef {import("./wire.js").Status} Status */
/** @typedef {import("./store.js").Store} Store */

/**
 * Ingest puts records and gaps from the stream into the store, each once. It tracks the progress of a long history, compares
 * the history of a restarted server with the stored records, and skips records while the reader looks at the oldest one, which
 * the next record would push out, or while the page has older records only.
 */
export class Ingest {
  #held;
  #from;
  #seen = NaN;
  /** @type {(LogRecord | Gap)[] | null} the history of another epoch, buffered until the overlap is known */
  #buffer;

  /**
   * @param {Store} store
   * @param {() => boolean} held reports whether no record may be pushed out now
   */
  constructor(store, held) {
    this.store = store;
    this.#held = held;
    this.epoch = "";
    this.seq = -1;
    /** The last sequence number of the history that the server had when the stream began. */
    this.until = -1;
    this.#from = 0;
    this.#buffer = null;
    /** @type {Set<string>} the channels that are Redis Streams: after a restart they continue after their last entry */
    this.streams = new Set();
    /** The number of skipped records, the worst level among them, and the ID of the last record before them. */
    this.skipped = 0;
    this.skippedWorst = 0;
    this.resume = "";
    /** The way back to the newest records while the page does not have them. @type {(() => void) | null} */
    this.rejoin = null;
  }

  /** The part of the history that has arrived, 0 to 1. */
  get progress() {
    if (this.until <= this.seq || this.until < 0) return 1;
    return Math.max(0, (this.seq - this.#from) / Math.max(1, this.until - this.#from));
  }

  get loading() {
    return this.#buffer !== null || this.seq < this.until;
  }

  /** @param {Status} s */
  status(s) {
    if (s.epoch === this.epoch) {
      // No progress between two statuses means that the rest of the history is no longer in memory.
      if (this.loading && this.seq === this.#seen) {
        this.until = -1;
        this.#flush();
      }
      this.#seen = this.seq;
      return;
    }
    this.#flush();
    this.epoch = s.epoch;
    this.seq = -1;
    this.until = s.history.records > 0 ? s.history.lastSeq : -1;
    this.#from = s.history.firstSeq;
    this.streams = new Set(s.redis.sources.filter((source) => source.kind === "stream").map((source) => source.name));
    this.skipped = 0;
    this.resume = "";
  }

  /**
   * @param {LogRecord[]} records
   * @param {string} epoch
   */
  batch(records, epoch) {
    for (const r of records) {
      if (r.seq <= this.seq && epoch === this.epoch) continue;
      if (this.#buffer) this.#buffer.push(r);
      else this.#add(r, epoch);
      if (this.skipped === 0 && !isNaN(r.seq)) this.seq = r.seq;
    }
    if (this.#buffer && (this.seq >= this.until || this.#buffer.length >= this.store.capacity)) this.#flush();
  }

  /**
   * @param {Gap} gap
   * @param {string} epoch
   */
  gap(gap, epoch) {
    // Only a restart gap announces a history that may overlap with the stored records. Without it, as with Redis Streams,
    // another epoch continues exactly after the last record.
    const restarted = gap.kind === "restart" && this.skipped === 0 && this.store.size > 0 && this.until >= 0;
    if (!isNaN(gap.seq) && epoch === this.epoch) {
      if (gap.seq <= this.seq) return;
      if (this.skipped === 0) this.seq = gap.seq;
      if (this.#buffer) {
        this.#buffer.push(gap);
        if (this.seq >= this.until) this.#flush();
        return;
      }
    }
    if (this.skipped > 0 || this.rejoin) return;
    const added = this.store.addGap(gap, epoch || this.epoch);
    if (restarted) this.#buffer = [];
    return added;
  }

  /** unskip accepts records again and returns the ID after which the skipped ones begin. */
  unskip() {
    const after = this.resume;
    this.skipped = this.skippedWorst = 0;
    this.resume = "";
    return after;
  }

  /** skip counts records as skipped that are no longer here. @param {number[]} levels */
  skip(levels) {
    for (const level of levels) {
      if (level === GAP) continue;
      this.skipped++;
      this.skippedWorst = Math.max(this.skippedWorst, level);
    }
  }

  /**
   * join accepts records again, of this epoch.
   * @param {number} seq the number of the last record that the page has
   */
  join(seq) {
    this.unskip();
    this.rejoin = null;
    this.seq = seq;
  }

  /**
   * @param {LogRecord} r
   * @param {string} epoch
   */
  #add(r, epoch) {
    if (this.rejoin || this.skipped > 0 || this.#held()) {
      if (this.skipped === 0) this.resume = this.store.lastId();
      this.skip([r.level]);
      return;
    }
    this.store.add(r, epoch);
  }

  /** Adds the buffered history without the records that are stored already. */
  #flush() {
    const buffer = this.#buffer;
    if (!buffer) return;
    this.#buffer = null;
    const { store } = this;
    const here = [];
    let unbroken = 0;
    for (let ord = store.first; ord < store.end; ord++) {
      const i = ord % store.capacity;
      if (store.level[i] === GAP) unbroken = 0;
      if (store.level[i] === GAP || this.streams.has(store.name("channel", ord))) continue;
      unbroken++;
      here.push(hash(store.name("channel", ord), store.timed[i] ? String(store.time[i]) : "", store.name("logger", ord), store.message[i], store.trace[i], store.fields[i]));
    }
    /** @type {LogRecord[]} */
    const compared = [];
    /** @type {Set<number>} */
    const gaps = new Set();
    for (const r of buffer) {
      if ("kind" in r) gaps.add(compared.length);
      else if (!this.streams.has(r.channel)) compared.push(r);
    }
    const hashes = compared.map((r) => hash(r.channel, isNaN(r.time) ? "" : String(r.time), r.logger, r.message, r.trace, r.fields));
    const common = overlap(here, hashes, unbroken, gaps);
    const after = common > 0 ? compared[common - 1].seq : -1;
    for (const r of buffer) {
      if ("kind" in r) {
        if (r.seq > after) store.addGap(r, this.epoch);
      } else if (!(r.seq <= after) || this.streams.has(r.channel)) {
        this.#add(r, this.epoch);
      }
    }
  }
}
