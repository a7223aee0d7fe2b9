/** Numbers that may not fit a double. Sixteen digits in a row are rare, so most texts are parsed at full speed. */
const LONG_NUMBER = /\d{16}|\d[eE][+-]?\d{3}/;

/** @typedef {{rawJSON?: (text: string) => unknown}} RawJSON */

/**
 * parseExact is JSON.parse that keeps every digit of a number if the browser supports JSON.rawJSON: 64-bit IDs are common in
 * logs, and a search for one that is off by three finds nothing. It also throws if the text is nested too deep.
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
 * parseAny is parseExact that loses digits instead of throwing if the text is nested too deep. Only the reviver is recursive.
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
 * stringify is JSON.stringify that returns "" instead of throwing. JSON.stringify is recursive, and a record may be nested
 * too deep.
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
 * elements splits the text of a JSON array of records into the texts of its elements, even if some are not valid JSON. The
 * server writes seq first, and no string can contain an unescaped {"seq":.
 * @param {string} text
 */
export const elements = (text) => text.replace(/^\[|\]$/g, "").split(/,(?=\{"seq":)/).flatMap(members);

/** members splits at commas outside of objects, arrays and strings. @param {string} text */
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
