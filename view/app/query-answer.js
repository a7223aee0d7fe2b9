import { match, parseQuery } from "./query.js";

/** @typedef {import("./query-match.js").Searched} Searched */
/**
 * A request to a worker: which records a query selects, or where texts match the query, for highlighting.
 * @typedef {{source: string, flags: string}} Pattern
 * @typedef {[number, number][]} Ranges where a text matches, from and to
 * @typedef {{query: string, matchCase: boolean, records: Searched[]}} Selection
 * @typedef {Selection | {pattern: Pattern, texts: string[]}} Request
 *
 * @typedef {{selected?: Uint8Array, ranges?: Ranges[], ms?: number, error?: string}} Answer
 */

/** The error message of a search that was terminated. */
export const TOO_SLOW = "Search ended: the expression takes too long";

/** The most matches that are highlighted in one text. */
const MAX_RANGES = 20;

/**
 * ranges returns the ranges in which a text matches.
 * @param {RegExp} re with the flag g
 * @param {string} text
 * @returns {Ranges}
 */
export function ranges(re, text) {
  /** @type {Ranges} */
  const found = [];
  for (const match of text.matchAll(re)) {
    if (match[0] !== "") found.push([match.index, match.index + match[0].length]);
    if (found.length === MAX_RANGES) break;
  }
  return found;
}

/**
 * createAnswer returns a function that answers requests. It keeps the last query compiled, since the records of a scan arrive in slices.
 * @param {() => number} now
 * @returns {(request: Request) => Answer}
 */
export function createAnswer(now) {
  let key = "";
  /** @type {(record: Searched) => boolean} */
  let selects = () => true;
  /** @param {Selection} request */
  function select({ query, matchCase, records }) {
    const wanted = `${matchCase}${query}`;
    if (key !== wanted) {
      selects = match(parseQuery(query, matchCase));
      key = wanted;
    }
    return Uint8Array.from(records, (record) => Number(selects(record)));
  }
  return (request) => {
    const begin = now();
    try {
      if ("records" in request) return { selected: select(request), ms: now() - begin };
      const re = new RegExp(request.pattern.source, `${request.pattern.flags}g`);
      return { ranges: request.texts.map((text) => ranges(re, text)), ms: now() - begin };
    } catch (error) {
      return { error: String(/** @type {Error} */ (error).message) };
    }
  };
}
