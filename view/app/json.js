/** Digits that a double can't keep. Sixteen in a row are rare, so most texts are parsed at full speed. */
const LONG_NUMBER = /\d{16}|\d[eE][+-]?\d{3}/;

/** @typedef {{rawJSON?: (text: string) => unknown}} RawJSON */

/**
 * parseExact is JSON.parse that keeps every digit of a number where the browser can (JSON.rawJSON): 64-bit ids are common
 * in logs, and one that is off by three finds nothing. It throws what JSON.parse throws, and where nesting is too deep.
 * @param {string} text
 * @returns {any}
 */
export function parseExact(text) {
  const raw = /** @type {RawJSON} */ (JSON).rawJSON;
  if (!raw || !LONG_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, /** @type {any} */ ((/** @type {string} */ _, /** @type {unknown} */ value, /** @type {{source?: string}} */ context) =>
    typeof value === "number" && context?.source && String(value) !== context.source && (context.source.length > 15 || LONG_NUMBER.test(context.source)) ? raw(context.source) : value));
}

/**
 * parseAny is parseExact that gives the digits up where nesting is too deep: it is recursive, and JSON.parse alone is not.
 * @param {string} text
 * @returns {any}
 */
export function parseAny(text) {
  try {
    return parseExact(text);
  } catch {
    return JSON.parse(text);
  }
}

/**
 * stringify is JSON.stringify that returns "" where that throws: it is recursive, and a record may be nested too deep.
 * @param {unknown} value
 * @param {number} [indent]
 */
export function stringify(value, indent) {
  try {
    return JSON.stringify(value, null, indent) ?? "";
  } catch {
    return "";
  }
}

/**
 * elements cuts the text of a JSON array of records into the texts of its elements, also where one of them is no JSON. A
 * record begins with its number, which can stand so in no string.
 * @param {string} text
 */
export const elements = (text) => text.replace(/^\[|\]$/g, "").split(/,(?=\{"seq":)/).flatMap(members);

/** members cuts at the commas that are in no object, array or string. @param {string} text */
function members(text) {
  const found = [];
  let depth = 0;
  let begin = 0;
  for (const { 0: sign, index } of text.matchAll(/"(?:[^"\\]+|\\[^])*"?|[[\]{},]/g)) {
    if (sign === "[" || sign === "{") depth++;
    else if (sign === "]" || sign === "}") depth--;
    else if (sign === "," && depth === 0) {
      found.push(text.slice(begin, index));
      begin = index + 1;
    }
  }
  return [...found, text.slice(begin)];
}
