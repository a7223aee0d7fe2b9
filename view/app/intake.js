import { CRITICAL, GAP, level } from "./levels.js";
import { hash, known } from "./overlap.js";
import { parse } from "./time.js";

/** @typedef {import("./types.js").LogRecord} LogRecord */
/** @typedef {import("./types.js").Gap} Gap */
/** @typedef {import("./types.js").Status} Status */
/** @typedef {import("./store.js").Store} Store */

/**
 * Intake puts what the stream sends into the store, each record once. It knows how far a long history has come, what a
 * restart of the server means for the records that are held, and when to take nothing more in, because the reader looks
 * at the oldest record and the next one would push it out.
 */
export class Intake {
  #host;
  #from;
  #seen = NaN;
  /** @type {LogRecord[] | null} */
  #fresh;

  /**
   * @param {Store} store
   * @param {{added: (ord: number) => void, held: () => boolean}} host
   */
  constructor(store, host) {
    this.store = store;
    this.#host = host;
    this.epoch = "";
    this.seq = -1;
    /** How far the history goes that the server had when the stream began. */
    this.until = -1;
    this.#from = 0;
    /** @type {LogRecord[] | null} records of another epoch, kept back until the overlap is known */
    this.#fresh = null;
    /** @type {Set<string | undefined>} the channels that are Redis Streams: what comes of them was never here */
    this.streams = new Set();
    /** Records that were not taken in, by level, and the id of the last that was. */
    this.skipped = 0;
    this.skippedWorst = 0;
    this.resume = "";
  }

  /** How much of the history is still to come, 0 to 1; 1 when it is all there. */
  get progress() {
    if (this.until <= this.seq || this.until < 0) return 1;
    return Math.max(0, (this.seq - this.#from) / Math.max(1, this.until - this.#from));
  }

  get loading() {
    return this.#fresh !== null || this.seq < this.until;
  }

  /** @param {Status} s */
  status(s) {
    if (s.epoch === this.epoch) {
      // Everything before a status came before it. No progress between two: the rest of the history is no more there.
      if (this.loading && this.seq === this.#seen) {
        this.until = -1;
        if (this.#fresh) this.#settle();
      }
      this.#seen = this.seq;
      return;
    }
    if (this.#fresh) this.#settle();
    this.epoch = s.epoch;
    this.seq = -1;
    this.until = s.history.records > 0 ? s.history.lastSeq : -1;
    this.#from = s.history.firstSeq;
    this.streams = new Set(s.redis.sources?.filter((source) => source.kind === "stream").map((source) => source.name));
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
      if (this.#fresh) this.#fresh.push(r);
      else this.#add(r, epoch);
      if (this.skipped === 0) this.seq = r.seq;
    }
    if (this.#fresh && (this.seq >= this.until || this.#fresh.length >= this.store.capacity)) this.#settle();
  }

  /**
   * @param {Gap} gap
   * @param {string} epoch
   */
  gap(gap, epoch) {
    // What follows is a history of which some may be here already. Without this word another epoch goes on exactly
    // where the last one ended, as with Redis Streams.
    const whole = gap.kind === "restart" && this.skipped === 0 && this.store.size > 0 && this.until >= 0;
    if (gap.seq !== undefined && epoch === this.epoch) {
      if (gap.seq <= this.seq) return;
      if (this.skipped === 0) this.seq = gap.seq;
      if (this.#fresh) {
        // Kept in its place among the records; a gap has no content to be matched by.
        this.#fresh.push(/** @type {any} */ ({ seq: gap.seq, at: gap.to ?? gap.from ?? "", gap }));
        if (this.seq >= this.until) this.#settle();
        return;
      }
    }
    if (this.skipped > 0) return;
    this.#host.added(this.store.addGap(gap, epoch || this.epoch));
    if (whole) this.#fresh = [];
  }

  /** goOn takes records in again, and returns the id after which they are to be asked for. */
  goOn() {
    const after = this.resume;
    this.skipped = this.skippedWorst = 0;
    this.resume = "";
    return after;
  }

  /**
   * @param {LogRecord} r
   * @param {string} epoch
   */
  #add(r, epoch) {
    if (this.skipped > 0 || this.#host.held()) {
      if (this.skipped++ === 0) this.resume = this.store.size > 0 ? this.store.id(this.store.end - 1) : "";
      this.skippedWorst = Math.max(this.skippedWorst, Math.min(level(r.level), CRITICAL));
      return;
    }
    this.#host.added(this.store.add(r, epoch));
  }

  /** Adds what the page doesn't have yet of another epoch's history. */
  #settle() {
    const fresh = this.#fresh ?? [];
    this.#fresh = null;
    const { store } = this;
    const held = [];
    for (let ord = store.first; ord < store.end; ord++) {
      const i = ord % store.capacity;
      if (store.level[i] === GAP || this.streams.has(store.name("channel", ord))) continue;
      held.push(hash(store.name("channel", ord), store.timed[i] ? String(store.time[i]) : "", store.name("logger", ord), store.message[i], store.trace[i], store.fields[i]));
    }
    const records = fresh.filter((r) => !("gap" in r || this.streams.has(r.channel)));
    const hashes = records.map((r) => hash(r.channel ?? "", timeText(r), r.logger ?? "", r.message ?? "", r.trace ?? "", r.fields ? JSON.stringify(r.fields) : ""));
    const have = known(held, hashes);
    const after = have > 0 ? records[have - 1].seq : -1;
    for (const r of fresh) {
      if (r.seq <= after && !this.streams.has(r.channel)) continue;
      if ("gap" in r) this.#host.added(store.addGap(/** @type {any} */ (r).gap, this.epoch));
      else this.#add(r, this.epoch);
    }
  }
}

/** @param {LogRecord} r */
function timeText(r) {
  const time = parse(r.time);
  return isNaN(time) ? "" : String(time);
}
