import { match, parseQuery } from "./query.js";

/** @typedef {import("./query-match.js").Searched} Searched */
/**
 * What a worker is asked: which records a query selects, or where texts match what is to be highlighted.
 * @typedef {{source: string, flags: string}} Pattern
 * @typedef {[number, number][]} Ranges where a text matches, from and to
 * @typedef {{query: string, matchCase: boolean, records: Searched[]}} Selection
 * @typedef {Selection | {pattern: Pattern, texts: string[]}} Request
 *
 * @typedef {{selected?: Uint8Array, ranges?: Ranges[], ms?: number, error?: string}} Answer
 */

/** The message about a search that was ended. */
export const TOO_SLOW = "Search ended: the expression takes too long";

/** The most matches that are highlighted in one text. */
const MAX_RANGES = 20;

/**
 * ranges is where a text matches.
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
 * createAnswer returns what answers requests. The last query stays compiled, for the records of a scan come in slices.
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
