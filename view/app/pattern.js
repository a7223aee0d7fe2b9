/**
 * Matching texts with an expression, on the page's own thread for plain text and in a worker for what the reader wrote as
 * a regular expression.
 * @typedef {{source: string, flags: string}} Pattern
 * @typedef {[number, number][]} Ranges where a text matches, from and to
 *
 * @typedef {object} Request
 * @property {Pattern} pattern
 * @property {string[]} texts
 * @property {boolean} [ranges] asks where the texts match, not only whether
 *
 * @typedef {{matches?: Uint8Array, ranges?: Ranges[], ms?: number, error?: string}} Answer
 */

/** What the reader is told of an expression that was ended. */
export const TOO_SLOW = "Search ended: the expression takes too long";

/** In one text so many matches are highlighted. */
const MAX_RANGES = 20;

/**
 * compile is a text as an expression. Case counts only if the text has a capital letter.
 * @param {string} text
 * @param {boolean} regex whether it is a regular expression, else it is searched as it is
 * @returns {{pattern: Pattern | null, error: string}}
 */
export function compile(text, regex) {
  if (text === "") return { pattern: null, error: "" };
  const source = regex ? text : text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const cased = /\p{Lu}/u.test(regex ? text.replace(/\\p\{[^}]*\}|\\./giu, "") : text);
  // Without u, as grep and most people write them, "\-" and "{" alone are allowed.
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
 * answer answers a request, with an error where the browser refuses to run the expression.
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
