import { ALL, GAP } from "./levels.js";
import { Matches } from "./matches.js";
import { compile, endures, harmless, needed } from "./pattern.js";
import { NAMELESS, Rules } from "./rules.js";
import { parse } from "./time.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./dictionary.js").Dictionary} Dictionary */

/** So much of each text is searched: a pattern's time grows with the text, and hits further on are rare. */
export const SEARCHED = 8192;
/**
 * A record with a long text may take so long (ms) on the mean, and all together so much more before the search is given up: the pattern
 * is not fit for the purpose, and the tab stays alive.
 */
const FAIR = 0.2;
const TOO_LONG = 250;
/** What is looked at between two readings of the clock counts for so much (ms) at most: on a busy machine the time may be another program's. */
const MOST = 10;
/** So many different texts are remembered with what was found in them, none longer than that: the store keeps as many that many records share. */
const SHARED = 2000;
const SHORT = 200;

/** Filter is what the reader chose to see. */
export class Filter {
  constructor() {
    /** Shown levels, as bits. */
    this.levels = ALL;
    this.loggers = new Rules(".");
    this.channels = new Rules();
    this.hosts = new Rules();
    /** What values records are to have, or not: "name=value", "-name=value"; a span of time: "time>=" and "time<=" an instant. @type {string[]} */
    this.fields = [];
    this.text = "";
    this.regex = false;
    this.invert = false;
    /** Marks hits and hides nothing. */
    this.mark = false;
  }

  /** Whether every record is shown. */
  get open() {
    return this.levels === ALL && this.loggers.empty && this.channels.empty && this.hosts.empty && !this.fields.length && (this.text === "" || this.mark);
  }

  clear() {
    this.levels = ALL;
    this.loggers.clear();
    this.channels.clear();
    this.hosts.clear();
    this.fields = [];
    this.text = "";
    this.invert = this.mark = false;
  }
}

/**
 * once asks only once about a text that many records share.
 * @param {(text: string) => boolean} ask
 * @returns {(text: string) => boolean}
 */
function once(ask) {
  /** @type {Map<string, boolean>} */
  const known = new Map();
  return (text) => {
    if (text.length > SHORT || known.size >= SHARED) return ask(text);
    let answer = known.get(text);
    if (answer === undefined) known.set(text, (answer = ask(text)));
    return answer;
  };
}

/**
 * valued is the test of one word of Filter.fields. The fields are searched as the JSON text that they are: parsing those of
 * 100,000 records takes a fifth of a second.
 * @param {Store} store
 * @param {string} word
 * @returns {(ord: number) => boolean}
 */
function valued(store, word) {
  const [, not, escaped, value] = /** @type {RegExpExecArray} */ (/^(-?)((?:\\[^]|[^\\=])*)=?([^]*)$/.exec(word));
  const name = escaped.replace(/\\([^])/g, "$1");
  const hidden = not !== "";
  const side = { "time>": 1, "time<": -1 }[name];
  if (side) return (ord) => (store.time[ord % store.capacity] - parse(value)) * side >= 0 !== hidden;
  const source = name === "source";
  const pid = name === "pid" ? Number(value) : NaN;
  const key = `${JSON.stringify(name)}:`;
  const text = key + JSON.stringify(value);
  const bare = key + value;
  const has = (/** @type {string} */ fields, /** @type {string} */ member) => {
    let at = -1;
    do at = fields.indexOf(member, at + 1);
    while (at >= 0 && !",}".includes(fields[at + member.length]));
    return at >= 0;
  };
  const held = once((fields) => has(fields, text) || has(fields, bare));
  return (ord) => {
    const i = ord % store.capacity;
    const found = (source && store.sources.names[store.source[i]] === value) || store.pid[i] === pid || held(store.fields[i]);
    return found !== hidden;
  };
}

/**
 * Test answers, for one state of a Filter, whether a record is shown. Cheap columns are looked at first; the rules are
 * worked out once for every name, not for every record.
 */
export class Test {
  /**
   * @param {Filter} filter
   * @param {Store} store
   */
  constructor(filter, store) {
    this.store = store;
    this.levels = filter.levels | (1 << GAP);
    this.loggers = ruled(filter.loggers, store.loggers);
    this.channels = ruled(filter.channels, store.channels);
    this.hosts = ruled(filter.hosts, store.hosts);
    this.fields = filter.fields.map((word) => valued(store, word));
    const { re, error } = compile(filter.text, filter.regex);
    /** The expression of the search field, null where there is none or a bad one. */
    this.re = re;
    this.error = error;
    this.mark = filter.mark;
    /** The hits where they are only marked: how many there are, and which of them is read. @type {Matches | null} */
    this.hits = re && filter.mark ? new Matches(store.capacity) : null;
    this.invert = filter.invert;
    /** Texts of this length need no care. */
    this.harmless = re && filter.regex ? harmless(re.source) : Infinity;
    /** What a longer text must have, or it needs no trial: whole words are found fast, and most texts lack one. */
    this.needed = re && filter.regex ? needed(re.source).map((word) => new RegExp(word, re.flags)) : [];
    this.inLogger = new NameTest(store.loggers, (name) => this.#found(name));
    this.inFields = once((fields) => this.#found(fields));
    /** How much longer (ms) the search has taken than is fair. */
    this.debt = 0;
  }

  /** @param {number} ord */
  shows(ord) {
    const s = this.store;
    const i = ord % s.capacity;
    if ((this.levels & (1 << s.level[i])) === 0) return false;
    if (s.level[i] === GAP) return true;
    if (this.loggers !== null && !this.loggers.shows(s.logger[i])) return false;
    if (this.channels !== null && !this.channels.shows(s.channel[i])) return false;
    if (this.hosts !== null && !this.hosts.shows(s.host[i])) return false;
    for (const fits of this.fields) if (!fits(ord)) return false;
    if (this.re === null) return true;
    // Also where hits are only marked: a pattern that takes too long is found out here, in slices.
    const hit = this.hit(ord);
    const { hits } = this;
    // A record may be asked about again; the newest hit is the last of the list.
    if (hit && hits && !(hits.at(hits.end - 1) >= ord)) hits.push(ord);
    return hit !== this.invert || this.re === null || this.mark;
  }

  /**
   * hit tells whether the record has what the search field says.
   * @param {number} ord
   */
  hit(ord) {
    const s = this.store;
    const i = ord % s.capacity;
    // The few different names and fields first: they are asked about once.
    return s.level[i] !== GAP && (this.inLogger.shows(s.logger[i]) || this.inFields(s.fields[i]) || this.#found(s.message[i]) || this.#found(s.trace[i]));
  }

  /**
   * took counts the time (ms) of so many records, and gives up a search that takes too long.
   * @param {number} ms
   * @param {number} records
   */
  took(ms, records) {
    this.debt = Math.max(0, this.debt + Math.min(MOST, ms) - FAIR * records);
    if (this.debt > TOO_LONG && this.harmless < Infinity) this.#slow();
  }

  /** @param {string} text */
  #found(text) {
    if (text === "" || this.re === null) return false;
    if (text.length > SEARCHED) text = text.slice(0, SEARCHED);
    if (text.length > this.harmless && (this.needed.some((word) => !word.test(text)) || !this.endures(text))) return false;
    return this.re.test(text);
  }

  /**
   * endures tells whether the search may be tried on a text. If not, it is given up.
   * @param {string} text
   */
  endures(text) {
    const fit = this.re !== null && (text.length <= this.harmless || endures(this.re, text, this.harmless));
    if (!fit) this.#slow();
    return fit;
  }

  #slow() {
    this.re = null;
    this.error = "too slow on these records";
  }
}

/**
 * @param {Rules} rules
 * @param {Dictionary} names
 */
const ruled = (rules, names) => (rules.empty ? null : new NameTest(names, (name) => rules.shows(name || NAMELESS)));

/** NameTest remembers what was answered about each name of a dictionary. */
class NameTest {
  /**
   * @param {Dictionary} names
   * @param {(name: string) => boolean} ask
   */
  constructor(names, ask) {
    this.names = names;
    this.ask = ask;
    this.generation = names.generation;
    /** 0 not known yet, 1 hidden, 2 shown */
    this.known = new Uint8Array(names.limit);
  }

  /** @param {number} id */
  shows(id) {
    if (this.generation !== this.names.generation) {
      this.generation = this.names.generation;
      this.known.fill(0);
    }
    if (this.known[id] === 0) this.known[id] = this.ask(this.names.names[id]) ? 2 : 1;
    return this.known[id] === 2;
  }
}

/**
 * Scan finds the records that a Test shows, in slices, so that the page stays alive and the next key can cancel it.
 */
export class Scan {
  /**
   * @param {Store} store
   * @param {Test} test
   * @param {Matches} into
   */
  constructor(store, test, into) {
    this.store = store;
    this.test = test;
    this.into = into;
    this.next = store.first;
  }

  /**
   * step goes on for so many milliseconds and tells whether the end is reached.
   * @param {number} ms
   * @param {() => number} [now]
   */
  step(ms, now = () => performance.now()) {
    const { store, test, into } = this;
    const begin = now();
    let last = begin;
    const { re } = test;
    if (this.next < store.first) this.next = store.first;
    while (this.next < store.end) {
      // The clock costs as much as a plain test; with a search, one record may be a long text. While it owes time, it is watched at each.
      const stop = Math.min(this.next + (re === null ? 1024 : test.debt ? 1 : 32), store.end);
      const from = this.next;
      for (; this.next < stop; this.next++) if (test.shows(this.next)) into.push(this.next);
      const at = now();
      if (re !== null) test.took(at - last, stop - from);
      if (test.re !== re) {
        // Given up on the way: all rows come back.
        into.clear();
        this.next = store.first;
        break;
      }
      last = at;
      if (at - begin > ms) break;
    }
    return this.next >= store.end;
  }
}
