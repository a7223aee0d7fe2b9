import { Dictionary, OTHER } from "./dictionary.js";
import { GAP, level, NAMES } from "./levels.js";
import { iso, parse } from "./time.js";

/** @typedef {import("./types.js").LogRecord} LogRecord */
/** @typedef {import("./types.js").Gap} Gap */

/**
 * What few records have: the text of names that found no place in a dictionary, the template, and a gap's own words.
 * @typedef {{logger?: string, channel?: string, host?: string, source?: string, template?: string, gap?: Gap}} Extra
 */

/** @typedef {"logger" | "channel" | "host" | "source"} Column a column of interned names */
const COLUMNS = /** @type {Column[]} */ (["logger", "channel", "host", "source"]);

/** A record's columns and headers cost about so much beside its text. */
const OVERHEAD = 100;

/**
 * Store keeps the last records in columns: typed arrays, interned names and arrays of strings, 18 MB for 100,000
 * records where objects take 40. A record is known by its ordinal, which never changes; ordinals from first to end are
 * held. Both the number of records and the characters of their text are bounded.
 */
export class Store {
  #common;
  #maxChars;

  /**
   * @param {number} [capacity] records
   * @param {number} [maxChars] characters of text
   */
  constructor(capacity = 100_000, maxChars = 64 * 1024 * 1024) {
    this.capacity = capacity;
    this.#maxChars = maxChars;
    this.first = 0;
    this.end = 0;
    this.chars = 0;
    /** Records ever added. */
    this.total = 0;
    this.seq = new Float64Array(capacity);
    this.time = new Float64Array(capacity);
    this.at = new Float64Array(capacity);
    this.pid = new Float64Array(capacity);
    /** 1 where the record has a time of its own, 0 where time is its arrival. */
    this.timed = new Uint8Array(capacity);
    this.level = new Uint8Array(capacity);
    this.epoch = new Uint16Array(capacity);
    this.logger = new Uint16Array(capacity);
    this.channel = new Uint16Array(capacity);
    this.host = new Uint16Array(capacity);
    this.source = new Uint16Array(capacity);
    this.weight = new Uint32Array(capacity);
    this.message = /** @type {string[]} */ (new Array(capacity).fill(""));
    this.trace = /** @type {string[]} */ (new Array(capacity).fill(""));
    /** The fields as JSON text: searchable as it is, every digit kept, and smaller than an object. */
    this.fields = /** @type {string[]} */ (new Array(capacity).fill(""));
    /** @type {Map<number, Extra>} */
    this.extra = new Map();
    this.loggers = new Dictionary(4096);
    this.channels = new Dictionary(1024);
    this.hosts = new Dictionary(1024);
    this.sources = new Dictionary(16_384);
    /** @type {string[]} */
    this.epochs = [];
    /** Records held, by level. */
    this.levels = new Float64Array(GAP + 1);
    /** @type {Map<string, string>} */
    this.#common = new Map();
  }

  get size() {
    return this.end - this.first;
  }

  /**
   * full tells whether one more record would push out the oldest.
   */
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
    const fields = r.fields ? this.#intern(JSON.stringify(r.fields)) : "";
    const message = r.message ?? "";
    const trace = r.trace ?? "";
    const i = this.#slot(message.length + trace.length + fields.length + OVERHEAD);
    const ord = this.end;
    const at = parse(r.at);
    const time = parse(r.time);
    this.seq[i] = r.seq;
    this.at[i] = at;
    this.timed[i] = isNaN(time) ? 0 : 1;
    this.time[i] = isNaN(time) ? at : time;
    this.pid[i] = r.pid ?? NaN;
    this.level[i] = level(r.level);
    this.epoch[i] = this.#epochId(epoch);
    this.message[i] = message;
    this.trace[i] = trace;
    this.fields[i] = fields;
    this.logger[i] = this.loggers.id(r.logger);
    this.channel[i] = this.channels.id(r.channel);
    this.host[i] = this.hosts.id(r.host);
    this.source[i] = this.sources.id(r.source);
    if (r.template || !this.logger[i] || !this.channel[i] || !this.host[i] || !this.source[i]) this.#keep(ord, i, r);
    this.levels[this.level[i]]++;
    this.end++;
    this.total++;
    return ord;
  }

  /**
   * addGap appends a row that tells of missing records.
   * @param {Gap} gap
   * @param {string} epoch
   */
  addGap(gap, epoch) {
    const i = this.#slot(OVERHEAD);
    const when = parse(gap.to ?? gap.from);
    const before = this.end > this.first ? this.at[(this.end - 1) % this.capacity] : Date.now();
    this.seq[i] = gap.seq ?? NaN;
    this.time[i] = this.at[i] = isNaN(when) ? before : when;
    this.timed[i] = 0;
    this.pid[i] = NaN;
    this.level[i] = GAP;
    this.epoch[i] = this.#epochId(epoch);
    this.message[i] = this.trace[i] = this.fields[i] = "";
    for (const column of COLUMNS) this[column][i] = this.#names(column).id("");
    this.extra.set(this.end, { gap });
    this.levels[GAP]++;
    return this.end++;
  }

  /** dropFirst gives up the oldest record. */
  dropFirst() {
    const i = this.first % this.capacity;
    for (const column of COLUMNS) this.#names(column).release(this[column][i]);
    this.levels[this.level[i]]--;
    this.chars -= this.weight[i];
    this.message[i] = this.trace[i] = this.fields[i] = "";
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
    return (id === OTHER ? this.extra.get(ord)?.[column] : undefined) ?? this.#names(column).names[id];
  }

  /** @param {Column} column */
  #names(column) {
    return this[/** @type {const} */ (`${column}s`)];
  }

  /**
   * same tells whether two records say the same: all but when, and by which process.
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

  /**
   * id is how the server knows the record: EPOCH-SEQ.
   * @param {number} ord
   */
  id(ord) {
    const i = ord % this.capacity;
    return `${this.epochs[this.epoch[i]]}-${this.seq[i]}`;
  }

  /**
   * find returns the ordinal of the record with an id, or -1.
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

  /**
   * record rebuilds the record as the stream sent it.
   * @param {number} ord
   * @returns {LogRecord}
   */
  record(ord) {
    const i = ord % this.capacity;
    /** @type {Record<string, unknown>} */
    const r = {
      seq: this.seq[i],
      at: iso(this.at[i], true),
      channel: this.name("channel", ord),
      time: this.timed[i] ? iso(this.time[i], true) : "",
      level: this.level[i] ? NAMES[this.level[i]] : "",
      logger: this.name("logger", ord),
      message: this.message[i],
      source: this.name("source", ord),
      trace: this.trace[i],
      host: this.name("host", ord),
      pid: isNaN(this.pid[i]) ? "" : this.pid[i],
      fields: this.fields[i] && exactParse(this.fields[i]),
      template: this.extra.get(ord)?.template ?? "",
    };
    for (const key in r) if (r[key] === "") delete r[key];
    return /** @type {LogRecord} */ (/** @type {unknown} */ (r));
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
    const more = Object.values(extra).join("").length;
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
   * Many records carry the same few fields: one text for all of them saves most of their memory.
   * @param {string} text
   */
  #intern(text) {
    if (text.length > 200) return text;
    const known = this.#common.get(text);
    if (known !== undefined) return known;
    if (this.#common.size >= 2000) this.#common.clear();
    this.#common.set(text, text);
    return text;
  }
}

/** Digits that a double can't keep. Two in a row of sixteen are rare, so most texts are parsed at full speed. */
const LONG_NUMBER = /\d{16}|\d[eE][+-]?\d{3}/;

/**
 * exactParse is JSON.parse that keeps every digit of a number, where the browser can (JSON.rawJSON): ids of 64 bits are
 * common in logs, and one that is off by three finds nothing.
 * @param {string} text
 * @returns {any}
 */
export function exactParse(text) {
  const raw = /** @type {{rawJSON?: (text: string) => unknown}} */ (JSON).rawJSON;
  if (!raw || !LONG_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, /** @type {any} */ ((/** @type {string} */ _, /** @type {unknown} */ value, /** @type {{source?: string}} */ context) =>
    typeof value === "number" && context?.source !== undefined && String(value) !== context.source && context.source.length > 15 ? raw(context.source) : value));
}
