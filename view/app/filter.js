import { ALL, andWorse, GAP, NAMES, NONE } from "./levels.js";

/** The columns whose values an address names, each value alone or, to exclude it, behind a "-". */
export const NAMED = /** @type {const} */ (["logger", "channel", "host", "worker"]);

/** @typedef {typeof NAMED[number]} Named */
/** @typedef {[string, string]} Param a parameter of an address: its name and its value, not encoded */

/** Filter is the reader's choice of records. All of it is in the address; search.js reads it from there. */
export class Filter {
  constructor() {
    /** Shown levels, as bits. */
    this.levels = ALL;
    /** The query in the search field, as it is typed. */
    this.text = "";
    /** The clauses of the query that have become chips. @type {string[]} */
    this.clauses = [];
    /** @type {Record<Named, string[]>} */
    this.names = { logger: [], channel: [], host: [], worker: [] };
    /** @type {string[]} */
    this.ids = [];
    /** A range of time: instants, or durations back from now. */
    this.from = "";
    this.to = "";
    /** The chips that are switched off. @type {Param[]} */
    this.off = [];
    this.matchCase = false;
    /** Highlights matches and hides nothing. */
    this.highlight = false;
  }

  /** The whole query. */
  get query() {
    return [...this.clauses, this.text].filter((part) => part.trim()).join(" ");
  }

  /** Whether nothing but the level decides which records are shown. */
  get plain() {
    return !this.query && !this.ids.length && !this.from && !this.to && NAMED.every((name) => !this.names[name].length);
  }

  /** Whether every record is shown. */
  get open() {
    return this.levels === ALL && this.plain;
  }

  clear() {
    this.levels = ALL;
    this.text = this.from = this.to = "";
    this.clauses = [];
    this.names = { logger: [], channel: [], host: [], worker: [] };
    this.ids = [];
    this.off = [];
    this.highlight = false;
  }

  /** params returns the filter as the parameters that the server takes. @returns {Param[]} */
  params() {
    /** @type {Param[]} */
    const params = [["level", levelsText(this.levels)]];
    for (const name of NAMED) for (const value of this.names[name]) params.push([name, value]);
    for (const id of this.ids) params.push(["id", id]);
    params.push(["from", this.from], ["to", this.to], ["case", this.matchCase ? "1" : ""], ["q", this.query]);
    return params.filter(([, value]) => value);
  }
}

/**
 * levelsText returns a set of levels in the form of an address: a single level includes all worse ones, and a list means exactly these.
 * @param {number} levels
 */
export function levelsText(levels) {
  if (levels === ALL) return "";
  const names = NAMES.filter((_, level) => level > NONE && level < GAP && levels & (1 << level));
  if (levels & (1 << NONE)) return [...names, "none"].join(",");
  const least = names[0] ?? "";
  if (least && levels === andWorse(NAMES.indexOf(least))) return least;
  return names.length === 1 ? `${least},` : names.join(",");
}

/** isOwn reports whether a name in an address is a parameter of the page itself. @param {string} name */
export const isOwn = (name) => ["at", "view", "highlight", "off", "columns", "span", "base"].includes(name);
