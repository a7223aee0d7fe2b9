/**
 * This file converts texts to the form in which a filter compares them: NFC, and folded if case is ignored.
 */

/** Below this code point everything is in NFC. */
const COMPOSES = /[\u0300-\u{10ffff}]/u;
const OTHER_THAN_ASCII = /[^\0-\x7f]/;
const CHANGES = /[A-Z]|\p{Changes_When_Casefolded}/gu;
const CHANGING = /\p{Changes_When_Casefolded}/u;

/**
 * compose returns the text in NFC.
 * @param {string} text
 */
export const compose = (text) => (COMPOSES.test(text) ? text.normalize("NFC") : text);

/** A cache of what characters fold to. @type {Map<string, string>} */
const folds = new Map();

/**
 * fold returns the text in NFC, with simple case folding (the classes C and S of Unicode's CaseFolding.txt).
 * @param {string} text
 */
export function fold(text) {
  // In such a text only the upper-case letters of ASCII change.
  if (!OTHER_THAN_ASCII.test(text)) return text.toLowerCase();
  return compose(text).replace(CHANGES, foldCharacter);
}

/**
 * foldCharacter returns the character that represents all those that are equal if case is ignored.
 * @param {string} c
 */
function foldCharacter(c) {
  let to = folds.get(c);
  if (to === undefined) {
    // ſ and ς fold by way of their capitals. ß and ᾳ have no capital of one character. Cherokee folds to capitals.
    const capital = isOne(c.toUpperCase()) && c !== "ı" ? c.toUpperCase() : c;
    const small = isOne(capital.toLowerCase()) ? capital.toLowerCase() : c;
    to = CHANGING.test(small) && !CHANGING.test(capital) ? capital : small;
    folds.set(c, to);
  }
  return to;
}

/** @param {string} c */
const isOne = (c) => c.length === 1 || (c.length === 2 && /** @type {number} */ (c.codePointAt(0)) > 0xffff);

/** A code point after the last one that folds to another one. */
const LAST_CASED = 0x1ea00;

/** @type {number[][] | undefined} */
let allOrbits;

/**
 * orbits lists the sets of code points that are equal if case is ignored.
 * @returns {number[][]}
 */
export function orbits() {
  if (allOrbits) return allOrbits;
  const cased = /\p{Changes_When_Casemapped}/u;
  /** @type {Map<string, number[]>} */
  const byFold = new Map();
  for (let code = 0; code < LAST_CASED; code++) {
    const c = String.fromCodePoint(code);
    if (!cased.test(c)) continue;
    const to = foldCharacter(c);
    const orbit = byFold.get(to);
    if (orbit) orbit.push(code);
    else byFold.set(to, [code]);
  }
  allOrbits = [...byFold.values()].filter((orbit) => orbit.length > 1);
  return allOrbits;
}

/**
 * White space by the definition of Unicode, which differs from JavaScript's.
 * @param {string | undefined} c
 */
export const isSpace = (c) => c !== undefined && /^\p{White_Space}$/u.test(c);

/** @param {string} text */
export const lower = (text) => text.replace(/[A-Z]/g, (c) => c.toLowerCase());

/**
 * A leaf of a JSON value: its path, which is the names that lead to it, joined by dots; its type; and its text, unescaped. A number has
 * all its digits.
 * @typedef {{path: string, kind: "text" | "number" | "word" | "null", text: string}} Leaf
 */

/**
 * leaves lists the leaves of a JSON object or array. The elements of an array have the path of the array.
 * @param {string} json
 * @returns {Leaf[]}
 */
export function leaves(json) {
  /** @type {Leaf[]} */
  const list = [];
  /** The objects and arrays that are still open: the path of each array, and the prefix of the names in each object. @type {(string | null)[]} */
  const open = [];
  let path = "";
  let named = true; // whether the next string is a value
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (c === "{" || c === "[") {
      open.push(c === "[" ? null : open.length ? `${path}.` : path, path);
      named = c === "[";
    } else if (c === "}" || c === "]") open.splice(-2);
    else if (c === '"') {
      const end = stringEnd(json, i);
      const text = contents(json.slice(i, end));
      const before = open.at(-2);
      if (named) list.push({ path, kind: "text", text });
      else path = before + text;
      named = !named || before === null;
      i = end - 1;
    } else if (c === ",") {
      path = open.at(-1) ?? "";
      named = open.at(-2) === null;
    } else if (c !== ":" && c > " ") {
      let end = i + 1;
      while (end < json.length && !",]}".includes(json[end]) && json[end] > " ") end++;
      const text = json.slice(i, end);
      list.push({ path, kind: c === "n" ? "null" : c === "t" || c === "f" ? "word" : "number", text });
      i = end - 1;
    }
  }
  return list;
}

/**
 * stringEnd returns the end of the JSON string that begins at an index.
 * @param {string} json
 * @param {number} start
 */
export function stringEnd(json, start) {
  for (let end = json.indexOf('"', start + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let slash = end - 1;
    while (json[slash] === "\\") slash--;
    if ((end - slash) % 2) return end + 1;
  }
  return json.length;
}

/**
 * contents returns the text of a JSON string, unescaped. Half a surrogate pair becomes U+FFFD.
 * @param {string} token
 * @returns {string}
 */
export function contents(token) {
  if (!token.includes("\\")) return token.slice(1, -1);
  try {
    return JSON.parse(token).replace(/\p{Surrogate}/gu, "\ufffd");
  } catch {
    return token; // text that is not JSON is searched unchanged
  }
}
