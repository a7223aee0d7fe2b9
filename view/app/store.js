import { Dictionary, OTHER } from "./dictionary.js";
import { GAP } from "./levels.js";

/** @typedef {import("./wire.js").LogRecord} LogRecord */
/** @typedef {import("./wire.js").Gap} Gap */
/** @typedef {import("./wire.js").Exception} Exception */

/** @typedef {"logger" | "channel" | "host" | "worker" | "source" | "pid" | "pattern"} Column a column of interned names */
const COLUMNS = /** @type {Column[]} */ (["logger", "channel", "host", "worker", "source", "pid", "pattern"]);

/**
 * Rare members: names that did not fit a dictionary, the template, what the trace says, and the gap.
 * @typedef {Partial<Record<Column, string>> & {template?: string, traceLines?: string, exception?: Exception, gap?: Gap}} Extra
 */

/** The approximate cost of a record besides its text, in characters. */
const OVERHEAD = 100;
/** Many records share fields up to this length. */
const SHARED_CHARS = 200;
/** The number of shared fields that are cached. */
const MAX_SHARED = 2000;

/**
 * Store keeps the newest records in columns: typed arrays, interned names and arrays of strings. 100,000 records take 18 MB;
 * as objects they would take 40 MB. Each record has an ordinal that never changes; the store holds the ordinals from first to
 * end. Both the number of records and the characters of their text are bounded.
 */
export class Store {
  #maxChars;
  /** @type {Map<string, string>} */
  #shared;

  /**
   * @param {number} [capacity] records
   * @param {number} [maxChars] characters of text
   */
  constructor(capacity = 100_000, maxChars = 64 * 1024 * 1024) {
    this.capacity = capacity;
    this.#maxChars = maxChars;
    this.#shared = new Map();
    this.first = 0;
    this.end = 0;
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
    this.pattern = new Uint16Array(capacity);
    this.weight = new Uint32Array(capacity);
    this.message = /** @type {string[]} */ (new Array(capacity).fill(""));
    this.trace = /** @type {string[]} */ (new Array(capacity).fill(""));
    /** The fields as JSON text, which is searchable, keeps every digit, and is smaller than an object. */
    this.fields = /** @type {string[]} */ (new Array(capacity).fill(""));
    /** The IDs as JSON text. */
    this.ids = /** @type {string[]} */ (new Array(capacity).fill(""));
    /** @type {Map<number, Extra>} */
    this.extra = new Map();
    this.names = { logger: new Dictionary(4096), channel: new Dictionary(1024), host: new Dictionary(1024), worker: new Dictionary(4096), source: new Dictionary(16_384), pid: new Dictionary(4096), pattern: new Dictionary(16_384) };
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
    const fields = this.#share(r.fields);
    const i = this.#slot(r.message.length + r.trace.length + fields.length + r.ids.length + OVERHEAD);
    const ord = this.end;
    this.seq[i] = r.seq;
    this.at[i] = isNaN(r.at) ? this.#lastTime() : r.at;
    this.timed[i] = isNaN(r.time) ? 0 : 1;
    this.time[i] = isNaN(r.time) ? this.at[i] : r.time;
    this.level[i] = r.level;
    this.epoch[i] = this.#epochId(epoch);
    this.message[i] = r.message;
    this.trace[i] = r.trace;
    this.fields[i] = fields;
    this.ids[i] = r.ids;
    let interned = r.template === "" && r.traceLines === "" && r.exception === null;
    for (const column of COLUMNS) if ((this[column][i] = this.names[column].id(r[column])) === OTHER) interned = false;
    if (!interned) this.#keep(ord, i, r);
    this.levels[r.level]++;
    this.end++;
    this.total++;
    return ord;
  }

  /**
   * addGap appends a gap and returns its ordinal. A gap that has grown takes the place of its row if nothing came between;
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
    const i = this.#slot(OVERHEAD);
    const when = isNaN(gap.to) ? gap.from : gap.to;
    this.seq[i] = gap.seq;
    this.time[i] = this.at[i] = isNaN(when) ? this.#lastTime() : when;
    this.timed[i] = 0;
    this.level[i] = GAP;
    this.epoch[i] = this.#epochId(epoch);
    this.message[i] = this.trace[i] = this.fields[i] = this.ids[i] = "";
    for (const column of COLUMNS) this[column][i] = this.names[column].id("");
    this.extra.set(this.end, { gap });
    this.levels[GAP]++;
    return this.end++;
  }

  /** dropFirst drops the oldest record. */
  dropFirst() {
    const i = this.first % this.capacity;
    for (const column of COLUMNS) this.names[column].release(this[column][i]);
    this.levels[this.level[i]]--;
    this.chars -= this.weight[i];
    this.message[i] = this.trace[i] = this.fields[i] = this.ids[i] = "";
    this.extra.delete(this.first);
    this.first++;
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
   * headline returns the line that says what went wrong in a trace, without what is not known: "" if there is no trace.
   * @param {number} ord
   */
  headline(ord) {
    const { type = "", text = "" } = this.extra.get(ord)?.exception ?? {};
    return [type, text].filter(Boolean).join(": ") || this.trace[ord % this.capacity].trimStart().split("\n", 1)[0].trim();
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

  /** lastId returns the ID of the newest record that has one, or "". */
  lastId() {
    for (let ord = this.end - 1; ord >= this.first; ord--) if (!isNaN(this.seq[ord % this.capacity])) return this.id(ord);
    return "";
  }

  /**
   * find returns the ordinal of the record with an ID, or -1.
   * @param {string} id
   */
  find(id) {
    const dash = id.lastIndexOf("-");
    const epoch = this.epochs.indexOf(id.slice(0, dash));
    const seq = Number(id.slice(dash + 1));
    if (epoch < 0) return -1;
    for (let ord = this.end - 1; ord >= this.first; ord--) {
      const i = ord % this.capacity;
      if (this.seq[i] === seq && this.epoch[i] === epoch) return ord;
    }
    return -1;
  }

  /** A record without a time was received after the stored ones. */
  #lastTime() {
    return this.end > this.first ? this.at[(this.end - 1) % this.capacity] : Date.now();
  }

  /** @param {number} weight */
  #slot(weight) {
    if (this.size >= this.capacity) this.dropFirst();
    while (this.size > 0 && this.chars + weight > this.#maxChars) this.dropFirst();
    const i = this.end % this.capacity;
    this.weight[i] = weight;
    this.chars += weight;
    return i;
  }

  /**
   * @param {number} ord
   * @param {number} i
   * @param {LogRecord} r
   */
  #keep(ord, i, r) {
    /** @type {Extra} */
    const extra = {};
    for (const column of COLUMNS) if (this[column][i] === OTHER) extra[column] = r[column];
    if (r.template) extra.template = r.template;
    if (r.traceLines) extra.traceLines = r.traceLines;
    let more = Object.values(extra).join("").length;
    if (r.exception) {
      extra.exception = r.exception;
      more += Object.values(r.exception).join("").length;
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
}
