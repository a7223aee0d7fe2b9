import { ALL, GAP } from "./levels.js";
import { compile } from "./pattern.js";
import { NAMELESS, Rules } from "./rules.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./dictionary.js").Dictionary} Dictionary */

/** So much of each text is searched: a pattern's time grows with the text, and hits further on are rare. */
export const SEARCHED = 8192;
/** One text that took longer (ms) ends the search: the pattern is not fit for the purpose, and the tab stays alive. */
const TOO_LONG = 250;

/** Filter is what the reader chose to see. */
export class Filter {
  constructor() {
    /** Shown levels, as bits. */
    this.levels = ALL;
    this.loggers = new Rules(".");
    this.channels = new Rules();
    this.hosts = new Rules();
    this.text = "";
    this.regex = false;
    this.invert = false;
    /** Marks hits and hides nothing. */
    this.mark = false;
  }

  /** Whether every record is shown. */
  get open() {
    return this.levels === ALL && this.loggers.empty && this.channels.empty && this.hosts.empty && (this.text === "" || this.mark);
  }

  clear() {
    this.levels = ALL;
    this.loggers.clear();
    this.channels.clear();
    this.hosts.clear();
    this.text = "";
    this.invert = this.mark = false;
  }
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
    this.loggers = filter.loggers.empty ? null : new NameTest(filter.loggers, store.loggers);
    this.channels = filter.channels.empty ? null : new NameTest(filter.channels, store.channels);
    this.hosts = filter.hosts.empty ? null : new NameTest(filter.hosts, store.hosts);
    const { re, error } = compile(filter.text, filter.regex);
    /** The expression of the search field, null where there is none or a bad one. */
    this.re = re;
    this.error = error;
    this.search = filter.mark ? null : re;
    this.invert = filter.invert;
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
    return this.search === null || this.hit(ord) !== this.invert;
  }

  /**
   * hit tells whether the record has what the search field says.
   * @param {number} ord
   */
  hit(ord) {
    const re = this.re;
    if (re === null) return false;
    const s = this.store;
    const i = ord % s.capacity;
    if (s.level[i] === GAP) return false;
    return (
      found(re, s.message[i]) ||
      (s.trace[i] !== "" && found(re, s.trace[i])) ||
      (s.fields[i] !== "" && found(re, s.fields[i])) ||
      re.test(s.loggers.names[s.logger[i]])
    );
  }

  /** slow gives the search up: the pattern took too long on one record. */
  slow() {
    this.re = this.search = null;
    this.error = "too slow on these records";
  }
}

/** @param {RegExp} re @param {string} text */
const found = (re, text) => re.test(text.length > SEARCHED ? text.slice(0, SEARCHED) : text);

/** NameTest remembers what the rules say about each name of a dictionary. */
class NameTest {
  /**
   * @param {Rules} rules
   * @param {Dictionary} names
   */
  constructor(rules, names) {
    this.rules = rules;
    this.names = names;
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
    if (this.known[id] === 0) this.known[id] = this.rules.shows(this.names.names[id] || NAMELESS) ? 2 : 1;
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
   * @param {import("./matches.js").Matches} into
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
    if (this.next < store.first) this.next = store.first;
    // The clock costs more than a test of cheap columns; with a search, one record may be a long text.
    const stride = test.search === null ? 1024 : 32;
    while (this.next < store.end) {
      const stop = Math.min(this.next + stride, store.end);
      for (; this.next < stop; this.next++) if (test.shows(this.next)) into.push(this.next);
      const time = now();
      if (test.search !== null && time - last > TOO_LONG) {
        test.slow();
        into.clear();
        this.next = store.first;
      }
      last = time;
      if (time - begin > ms) break;
    }
    return this.next >= store.end;
  }
}
