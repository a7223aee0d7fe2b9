import { Dictionary, OTHER } from "./dictionary.js";
import { GAP } from "./levels.js";

/** @typedef {import("./wire.js").LogRecord} LogRecord */
/** @typedef {import("./wire.js").Gap} Gap */
/** @typedef {import("./wire.js").Exception} Exception */

/** @typedef {"logger" | "channel" | "host" | "worker" | "source" | "pid"} Column a column of interned names */
const COLUMNS = /** @type {Column[]} */ (["logger", "channel", "host", "worker", "source", "pid"]);

/**
 * Rare members: names that did not fit a dictionary, the template, the parsed exception, and the gap.
 * @typedef {Partial<Record<Column, string>> & {template?: string, traceLines?: string, exception?: Exception, gap?: Gap}} Extra
 */

/** What a record says of its trace. @typedef {Pick<LogRecord, "trace" | "traceLines" | "exception">} Traced */

/** The approximate cost of a record besides its text, in characters. */
const OVERHEAD = 100;
/** Many records share fields up to this length. */
const SHARED_CHARS = 200;
/** The ID of a record in a stream, which is the same in every process that reads it. */
export const ENTRY = /^(\d+-\d+)@(.+)$/s;
/** The number of shared fields that are cached. */
const MAX_SHARED = 2000;
/** A failing program repeats a few traces: so many of up to that length are cached. */
const MAX_TRACES = 100;
const TRACE_CHARS = 10_000;

/**
 * Store keeps records in columns: typed arrays, interned names and arrays of strings. 100,000 records take 18 MB; as objects
 * they would take 40 MB. Each record has an ordinal that does not change while it is stored; the store holds the ordinals from
 * first to end. The ordinals from live on are of records from the stream, without holes; those below are of older records, which were loaded for one
 * filter. Both the number of records and the characters of their text are bounded.
 */
export class Store {
  #maxChars;
  /** @type {Map<string, string>} */
  #shared;
  /** @type {Map<string, Traced>} */
  #traces = new Map();

  /**
   * @param {number} [capacity] records
   * @param {number} [maxChars] characters of text
   * @param {number} [origin] the ordinal of the first record, which is also the number of older ones that can be prepended
   */
  constructor(capacity = 100_000, maxChars = 64 * 1024 * 1024, origin = 0) {
    this.capacity = capacity;
    this.#maxChars = maxChars;
    this.#shared = new Map();
    this.first = this.live = this.end = origin;
    this.chars = 0;
    /** Records ever added. */
    this.total = 0;
    this.seq = new Float64Array(capacity);
    this.time = new Float64Array(capacity);
    this.at = new Float64Array(capacity);
    /** 1 if the record has its own time, 0 if time is when it was received. */
    this.timed = new Uint8Array(capacity);
    this.level = new Uint8Array(capacity);
    this.epoch = new Uint16Array(capacity);
    this.logger = new Uint16Array(capacity);
    this.channel = new Uint16Array(capacity);
    this.host = new Uint16Array(capacity);
    this.worker = new Uint16Array(capacity);
    this.source = new Uint16Array(capacity);
    this.pid = new Uint16Array(capacity);
    /** The 32 bits of the hexadecimal digits; 0 for none. */
    this.patterns = new Uint32Array(capacity);
    this.weight = new Uint32Array(capacity);
    this.message = /** @type {string[]} */ (new Array(capacity).fill(""));
    this.trace = /** @type {string[]} */ (new Array(capacity).fill(""));
    /** The fields as JSON text, which is searchable, keeps every digit, and is smaller than an object. */
    this.fields = /** @type {string[]} */ (new Array(capacity).fill(""));
    /** The IDs as JSON text. */
    this.ids = /** @type {string[]} */ (new Array(capacity).fill(""));
    /** The ID of a stream's entry, "" where the record comes from a channel. */
    this.entry = /** @type {string[]} */ (new Array(capacity).fill(""));
    /** @type {Map<number, Extra>} */
    this.extra = new Map();
    this.names = { logger: new Dictionary(4096), channel: new Dictionary(1024), host: new Dictionary(1024), worker: new Dictionary(4096), source: new Dictionary(16_384), pid: new Dictionary(4096) };
    /** @type {string[]} */
    this.epochs = [];
    /** The number of stored records by level. */
    this.levels = new Float64Array(GAP + 1);
  }

  get size() {
    return this.end - this.first;
  }

  /** Whether the next record will push out the oldest. */
  get full() {
    return this.size >= this.capacity || this.chars >= this.#maxChars;
  }

  /** @param {number} ord */
  has(ord) {
    return ord >= this.first && ord < this.end;
  }

  /**
   * add appends a record and returns its ordinal.
   * @param {LogRecord} r
   * @param {string} epoch
   */
  add(r, epoch) {
    const weight = weightOf(r);
    this.#makeRoom(weight, true);
    this.#write(this.end, r, epoch, weight, this.end - 1);
    this.total++;
    return this.end++;
  }

  /**
   * addGap appends a gap and returns its ordinal. A gap that has grown replaces its row if nothing came between;
   * then addGap returns -1.
   * @param {Gap} gap
   * @param {string} epoch
   */
  addGap(gap, epoch) {
    const last = this.gap(this.end - 1);
    if (last && last.seq === gap.replaces) {
      Object.assign(last, gap);
      return -1;
    }
    this.#makeRoom(OVERHEAD, true);
    this.#writeGap(this.end, gap, epoch, this.end - 1);
    return this.end++;
  }

  /**
   * prepend adds a record or a gap before the oldest. If the store is full, it drops the newest.
   * @param {LogRecord | Gap} item
   * @param {string} epoch
   */
  prepend(item, epoch) {
    const isGap = "kind" in item;
    const weight = isGap ? OVERHEAD : weightOf(item);
    this.#makeRoom(weight, false);
    const ord = this.first - 1;
    if (isGap) this.#writeGap(ord, item, epoch, this.first);
    else this.#write(ord, item, epoch, weight, this.first);
    this.first = ord;
  }

  /** dropFirst drops the oldest record. */
  dropFirst() {
    this.#release(this.first++);
    if (this.live < this.first) this.live = this.first;
  }

  /** dropLast drops the newest record. */
  dropLast() {
    this.#release(--this.end);
    if (this.live > this.end) this.live = this.end;
  }

  /** dropOlder drops the records that the stream did not send. */
  dropOlder() {
    while (this.first < this.live) this.dropFirst();
  }

  /** clear drops all records. Ordinals that were in use are not used again. */
  clear() {
    while (this.size > 0) this.dropFirst();
    this.first = this.live = this.end = this.end + this.capacity;
  }

  /**
   * name returns the text of one interned column.
   * @param {Column} column
   * @param {number} ord
   */
  name(column, ord) {
    const id = this[column][ord % this.capacity];
    return (id === OTHER ? this.extra.get(ord)?.[column] : undefined) ?? this.names[column].names[id];
  }

  /**
   * same reports whether two records are duplicates: equal except for their times, process and fields.
   * @param {number} a
   * @param {number} b
   */
  same(a, b) {
    const i = a % this.capacity;
    const j = b % this.capacity;
    return (
      this.level[i] === this.level[j] && this.level[i] !== GAP && this.logger[i] === this.logger[j] && this.logger[i] !== OTHER &&
      this.message[i] === this.message[j] && this.trace[i] === this.trace[j]
    );
  }

  /** @param {number} ord */
  gap(ord) {
    return this.extra.get(ord)?.gap;
  }

  /** @param {number} ord */
  template(ord) {
    return this.extra.get(ord)?.template ?? "";
  }

  /**
   * headline returns the line of a trace that says what went wrong. It returns "" if there is no trace.
   * @param {number} ord
   */
  headline(ord) {
    const { type = "", text = "" } = this.extra.get(ord)?.exception ?? {};
    return [type, text].filter(Boolean).join(": ") || this.trace[ord % this.capacity].trimStart().split("\n", 1)[0].trim();
  }

  /** pattern returns what the message looks like, as 8 hexadecimal digits; "" if that is unknown. @param {number} ord */
  pattern(ord) {
    const bits = this.patterns[ord % this.capacity];
    return bits ? bits.toString(16).padStart(8, "0") : "";
  }

  /** @param {number} ord */
  traceLines(ord) {
    return this.extra.get(ord)?.traceLines ?? "";
  }

  /** @param {number} ord */
  exception(ord) {
    return this.extra.get(ord)?.exception;
  }

  /**
   * id returns the server's ID of a record: EPOCH-SEQ.
   * @param {number} ord
   */
  id(ord) {
    const i = ord % this.capacity;
    return `${this.epochs[this.epoch[i]]}-${this.seq[i]}`;
  }

  /** firstId returns the ID of the oldest record that has one, or "". */
  firstId() {
    for (let ord = this.first; ord < this.end; ord++) if (!isNaN(this.seq[ord % this.capacity])) return this.id(ord);
    return "";
  }

  /** lastId returns the ID of the newest record that has one, or "". */
  lastId() {
    for (let ord = this.end - 1; ord >= this.first; ord--) if (!isNaN(this.seq[ord % this.capacity])) return this.id(ord);
    return "";
  }

  /**
   * find returns the ordinal of the record with an ID, or -1. Behind an @ there is the stream of an entry, or the record's time.
   * @param {string} id
   */
  find(id) {
    const [, entry, channel] = ENTRY.exec(id) ?? [];
    if (entry) {
      for (let ord = this.end - 1; ord >= this.first; ord--) if (this.entry[ord % this.capacity] === entry && this.name("channel", ord) === channel) return ord;
      return -1;
    }
    const [own] = id.split("@", 1);
    const dash = own.lastIndexOf("-");
    const epoch = this.epochs.indexOf(own.slice(0, dash));
    const seq = Number(own.slice(dash + 1));
    if (epoch < 0) return -1;
    for (let ord = this.end - 1; ord >= this.first; ord--) {
      const i = ord % this.capacity;
      if (this.seq[i] === seq && this.epoch[i] === epoch) return ord;
    }
    return -1;
  }

  /**
   * @param {number} ord
   * @param {LogRecord} r
   * @param {string} epoch
   * @param {number} weight
   * @param {number} beside the ordinal of the record beside it, which says when it was received, should it not do so itself
   */
  #write(ord, r, epoch, weight, beside) {
    const i = ord % this.capacity;
    this.weight[i] = weight;
    this.chars += weight;
    this.seq[i] = r.seq;
    this.at[i] = isNaN(r.at) ? this.#timeOf(beside) : r.at;
    this.timed[i] = isNaN(r.time) ? 0 : 1;
    this.time[i] = isNaN(r.time) ? this.at[i] : r.time;
    this.level[i] = r.level;
    this.epoch[i] = this.#epochId(epoch);
    this.message[i] = r.message;
    const traced = this.#shareTrace(r);
    this.trace[i] = traced.trace;
    this.patterns[i] = /^[\da-f]{8}$/.test(r.pattern) ? parseInt(r.pattern, 16) : 0;
    this.fields[i] = this.#share(r.fields);
    this.ids[i] = r.ids;
    this.entry[i] = r.entry;
    let interned = r.template === "" && r.traceLines === "" && r.exception === null;
    for (const column of COLUMNS) if ((this[column][i] = this.names[column].id(r[column])) === OTHER) interned = false;
    if (!interned) this.#keep(ord, i, r, traced);
    this.levels[r.level]++;
  }

  /**
   * @param {number} ord
   * @param {Gap} gap
   * @param {string} epoch
   * @param {number} beside
   */
  #writeGap(ord, gap, epoch, beside) {
    const i = ord % this.capacity;
    this.weight[i] = OVERHEAD;
    this.chars += OVERHEAD;
    const when = isNaN(gap.to) ? gap.from : gap.to;
    this.seq[i] = gap.seq;
    this.time[i] = this.at[i] = isNaN(when) ? this.#timeOf(beside) : when;
    this.timed[i] = 0;
    this.level[i] = GAP;
    this.epoch[i] = this.#epochId(epoch);
    this.#erase(i);
    this.patterns[i] = 0;
    for (const column of COLUMNS) this[column][i] = this.names[column].id("");
    this.extra.set(ord, { gap });
    this.levels[GAP]++;
  }

  /** @param {number} i */
  #erase(i) {
    this.message[i] = this.trace[i] = this.fields[i] = this.ids[i] = this.entry[i] = "";
  }

  /** @param {number} ord */
  #release(ord) {
    const i = ord % this.capacity;
    for (const column of COLUMNS) this.names[column].release(this[column][i]);
    this.levels[this.level[i]]--;
    this.chars -= this.weight[i];
    this.#erase(i);
    this.extra.delete(ord);
  }

  /** @param {number} ord */
  #timeOf(ord) {
    return this.has(ord) ? this.at[ord % this.capacity] : Date.now();
  }

  /**
   * @param {number} weight
   * @param {boolean} oldest whether the oldest records give way, or the newest
   */
  #makeRoom(weight, oldest) {
    while (this.size >= this.capacity || (this.size > 0 && this.chars + weight > this.#maxChars)) {
      if (oldest) this.dropFirst();
      else this.dropLast();
    }
  }

  /**
   * @param {number} ord
   * @param {number} i
   * @param {LogRecord} r
   * @param {Traced} traced
   */
  #keep(ord, i, r, { traceLines, exception }) {
    /** @type {Extra} */
    const extra = {};
    for (const column of COLUMNS) if (this[column][i] === OTHER) extra[column] = r[column];
    if (r.template) extra.template = r.template;
    if (traceLines) extra.traceLines = traceLines;
    let more = Object.values(extra).join("").length;
    if (exception) {
      extra.exception = exception;
      more += Object.values(exception).join("").length;
    }
    this.weight[i] += more;
    this.chars += more;
    this.extra.set(ord, extra);
  }

  /** @param {string} epoch */
  #epochId(epoch) {
    const last = this.epochs.length - 1;
    if (this.epochs[last] === epoch) return last;
    const id = this.epochs.indexOf(epoch);
    if (id >= 0) return id;
    this.epochs.push(epoch);
    return last + 1;
  }

  /**
   * Many records have the same few fields: sharing one text saves most of their memory.
   * @param {string} text
   */
  #share(text) {
    if (text.length > SHARED_CHARS) return text;
    const known = this.#shared.get(text);
    if (known !== undefined) return known;
    if (this.#shared.size >= MAX_SHARED) this.#shared.clear();
    this.#shared.set(text, text);
    return text;
  }

  /** shareTrace returns an earlier record's trace with what is said of it, if it is the same. @param {Traced} r @returns {Traced} */
  #shareTrace(r) {
    if (r.trace === "" || r.trace.length > TRACE_CHARS) return r;
    const known = this.#traces.get(r.trace);
    if (known && sameTrace(known, r)) return known;
    if (this.#traces.size >= MAX_TRACES) this.#traces.clear();
    const { trace, traceLines, exception } = r;
    const traced = { trace, traceLines, exception };
    this.#traces.set(trace, traced);
    return traced;
  }
}

/** sameTrace reports whether two records say the same of the same trace. @param {Traced} a @param {Traced} b */
const sameTrace = (a, b) => a.traceLines === b.traceLines && a.exception?.type === b.exception?.type && a.exception?.text === b.exception?.text && a.exception?.place === b.exception?.place;

/** weightOf returns what a record takes, in characters. @param {LogRecord} r */
const weightOf = (r) => r.message.length + r.trace.length + r.fields.length + r.ids.length + OVERHEAD;
