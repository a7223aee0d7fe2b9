import { ALL, GAP } from "./levels.js";
import { NAMELESS, Rules } from "./rules.js";
import { parse } from "./time.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./dictionary.js").Dictionary} Dictionary */

/** The number and length of texts whose result is cached: the store shares as many. */
const MAX_REMEMBERED = 2000;
const REMEMBERED_CHARS = 200;

/** Filter is the reader's choice of records. */
export class Filter {
  constructor() {
    /** Shown levels, as bits. */
    this.levels = ALL;
    this.loggers = new Rules(".");
    this.channels = new Rules();
    this.hosts = new Rules();
    /** Values that records must have, or not: "name=value", "-name=value"; a range of time: "time>=" and "time<=" an instant. @type {string[]} */
    this.fields = [];
    /** What is searched, as it is typed: a query. */
    this.text = "";
    this.matchCase = false;
    /** Shows what does not match. */
    this.exclude = false;
    /** Highlights matches and hides nothing. */
    this.highlight = false;
  }

  /** Whether every record is shown. */
  get open() {
    return this.levels === ALL && this.loggers.empty && this.channels.empty && this.hosts.empty && !this.fields.length && (this.text === "" || this.highlight);
  }

  clear() {
    this.levels = ALL;
    this.loggers.clear();
    this.channels.clear();
    this.hosts.clear();
    this.fields = [];
    this.text = "";
    this.exclude = this.highlight = false;
  }
}

/**
 * remembered caches a function's result for short texts, which many records share.
 * @param {(text: string) => boolean} fn
 * @returns {(text: string) => boolean}
 */
export function remembered(fn) {
  /** @type {Map<string, boolean>} */
  const answers = new Map();
  return (text) => {
    if (text.length > REMEMBERED_CHARS || answers.size >= MAX_REMEMBERED) return fn(text);
    let answer = answers.get(text);
    if (answer === undefined) answers.set(text, (answer = fn(text)));
    return answer;
  };
}

/**
 * rememberedName caches a function's result for each name of a dictionary.
 * @param {Dictionary} names
 * @param {(name: string) => boolean} fn
 * @returns {(id: number) => boolean}
 */
export function rememberedName(names, fn) {
  let { generation } = names;
  /** 0 unknown, 1 no, 2 yes */
  const answers = new Uint8Array(names.limit);
  return (id) => {
    if (generation !== names.generation) {
      generation = names.generation;
      answers.fill(0);
    }
    if (answers[id] === 0) answers[id] = fn(names.names[id]) ? 2 : 1;
    return answers[id] === 2;
  };
}

/**
 * columnTest returns a test of a record's columns against the current filter: everything but the search. It evaluates rules
 * once per name, not once per record.
 * @param {Filter} filter
 * @param {Store} store
 * @returns {(ord: number) => boolean}
 */
export function columnTest(filter, store) {
  const { levels } = filter;
  const named = /** @type {const} */ ([["logger", filter.loggers], ["channel", filter.channels], ["host", filter.hosts]]).filter(([, rules]) => !rules.empty)
    .map(([column, rules]) => ({ ids: store[column], shows: rememberedName(store.names[column], (name) => rules.shows(name || NAMELESS)) }));
  const fields = filter.fields.map((word) => fieldTest(store, word));
  return (ord) => {
    const i = ord % store.capacity;
    if (store.level[i] === GAP) return true; // no filter hides a gap
    if ((levels & (1 << store.level[i])) === 0) return false;
    for (const { ids, shows } of named) if (!shows(ids[i])) return false;
    for (const fits of fields) if (!fits(ord)) return false;
    return true;
  };
}

/**
 * fieldTest returns the test of one word of Filter.fields. It searches the fields as JSON text: parsing the fields of 100,000
 * records takes a fifth of a second.
 * @param {Store} store
 * @param {string} word
 * @returns {(ord: number) => boolean}
 */
function fieldTest(store, word) {
  const [, not, escaped, value] = /** @type {RegExpExecArray} */ (/^(-?)((?:\\[^]|[^\\=])*)=?([^]*)$/.exec(word));
  const name = escaped.replace(/\\([^])/g, "$1");
  const hides = not !== "";
  const side = name === "time>" ? 1 : name === "time<" ? -1 : 0;
  if (side) {
    const time = parse(value);
    return (ord) => (store.time[ord % store.capacity] - time) * side >= 0 !== hides;
  }
  const key = `${JSON.stringify(name)}:`;
  const members = [key + JSON.stringify(value), key + value];
  const inFields = remembered((fields) => members.some((member) => hasMember(fields, member)));
  const column = name === "source" || name === "pid" ? name : null;
  return (ord) => ((column !== null && store.name(column, ord) === value) || inFields(store.fields[ord % store.capacity])) !== hides;
}

/**
 * @param {string} fields as JSON text
 * @param {string} member
 */
function hasMember(fields, member) {
  let at = -1;
  do at = fields.indexOf(member, at + 1);
  while (at >= 0 && !",}".includes(fields[at + member.length]));
  return at >= 0;
}
