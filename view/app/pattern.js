/**
 * Matching texts with an expression: on the main thread for plain text, in a worker for regular expressions.
 * @typedef {{source: string, flags: string}} Pattern
 * @typedef {[number, number][]} Ranges where a text matches, from and to
 *
 * @typedef {object} Request
 * @property {Pattern} pattern
 * @property {string[]} texts
 * @property {boolean} [ranges] requests where the texts match, not only whether
 *
 * @typedef {{matches?: Uint8Array, ranges?: Ranges[], ms?: number, error?: string}} Answer
 */

/** The error of a search that was terminated. */
export const TOO_SLOW = "Search ended: the expression takes too long";

/** The most matches that are highlighted in one text. */
const MAX_RANGES = 20;

/**
 * compile turns a search into an expression. Case matters only if the search contains an upper-case letter.
 * @param {string} text
 * @param {boolean} regex whether the search is a regular expression, else it is plain text
 * @returns {{pattern: Pattern | null, error: string}}
 */
export function compile(text, regex) {
  if (text === "") return { pattern: null, error: "" };
  const source = regex ? text : text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const cased = /\p{Lu}/u.test(regex ? text.replace(/\\p\{[^}]*\}|\\./giu, "") : text);
  // Without the flag u, "\-" and a single "{" are allowed, as in grep.
  let error = "";
  for (const flags of cased ? ["u", ""] : ["iu", "i"]) {
    try {
      new RegExp(source, flags);
      return { pattern: { source, flags }, error: "" };
    } catch (e) {
      error = String(/** @type {Error} */ (e).message).replace(/^Invalid regular expression: \/[^]*\/\w*: /, "");
    }
  }
  return { pattern: null, error };
}

/**
 * ranges returns where a text matches.
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
 * answer answers a request, with an error if the browser refuses to run the expression.
 * @param {Request} request
 * @param {() => number} now
 * @returns {Answer}
 */
export function answer({ pattern, texts, ranges: where }, now) {
  const begin = now();
  try {
    const re = new RegExp(pattern.source, pattern.flags + (where ? "g" : ""));
    if (where) return { ranges: texts.map((text) => ranges(re, text)), ms: now() - begin };
    const matches = new Uint8Array(texts.length);
    for (let i = 0; i < matches.length; i++) matches[i] = Number(re.test(texts[i]));
    return { matches, ms: now() - begin };
  } catch (error) {
    return { error: String(/** @type {Error} */ (error).message) };
  }
}
