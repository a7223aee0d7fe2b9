/**
 * Texts as a filter compares them: in NFC, and folded if case is ignored.
 */

/** Below this code point everything is in NFC. */
const COMPOSES = /[\u0300-\u{10ffff}]/u;
const OTHER_THAN_ASCII = /[^\0-\x7f]/;
const CHANGES = /[A-Z]|\p{Changes_When_Casefolded}/gu;

/**
 * compose returns the text in NFC.
 * @param {string} text
 */
export const compose = (text) => (COMPOSES.test(text) ? text.normalize("NFC") : text);

/** What a character folds to, if that was asked before. @type {Map<string, string>} */
const folds = new Map();

/**
 * fold returns the text in NFC, with simple case folding (the classes C and S of Unicode's CaseFolding.txt).
 * @param {string} text
 */
export function fold(text) {
  // Only ASCII's capitals become small in such a text.
  if (!OTHER_THAN_ASCII.test(text)) return text.toLowerCase();
  return compose(text).replace(CHANGES, foldCharacter);
}

/**
 * foldCharacter returns what stands for all the characters that are the same if case is ignored.
 * @param {string} c
 */
export function foldCharacter(c) {
  let to = folds.get(c);
  if (to === undefined) {
    // ſ and σ fold by way of their capitals; ß and ᾳ have none of one character.
    const capital = c.toUpperCase();
    const small = (isOne(capital) ? capital : c).toLowerCase();
    to = isOne(small) && c !== "ı" ? small : c;
    folds.set(c, to);
  }
  return to;
}

/** @param {string} c */
const isOne = (c) => c.length === 1 || (c.length === 2 && /** @type {number} */ (c.codePointAt(0)) > 0xffff);

/** The last code point that folds to another one, and some. */
const LAST_CASED = 0x1ea00;

/** @type {number[][] | undefined} */
let allOrbits;

/**
 * orbits lists the code points that are the same if case is ignored.
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
 * White space as Unicode has it, which is not JavaScript's.
 * @param {string | undefined} c
 */
export const isSpace = (c) => c !== undefined && /^\p{White_Space}$/u.test(c);

/** @param {string} text */
export const lower = (text) => text.replace(/[A-Z]/g, (c) => c.toLowerCase());

/**
 * A leaf of a JSON value: the names that lead to it, joined by points; what it is; its text, unescaped, numbers digit for digit.
 * @typedef {{path: string, kind: "text" | "number" | "word" | "null", text: string}} Leaf
 */

const TOKEN = /"[^"\\]*(?:\\[^][^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * leaves lists the leaves of a JSON object or array. The members of an array stand under the array's path.
 * @param {string} json
 * @returns {Leaf[]}
 */
export function leaves(json) {
  /** @type {Leaf[]} */
  const list = [];
  /** @type {{array: boolean, path: string, below: boolean}[]} */
  const open = [];
  let path = "";
  let named = false;
  for (const [token] of json.matchAll(TOKEN)) {
    const top = open.at(-1);
    if (token === ":") named = true;
    else if (token === "," || token === "}" || token === "]") {
      named = false;
      if (token !== ",") open.pop();
    } else if (top && !top.array && !named) path = (top.below ? `${top.path}.` : top.path) + contents(token);
    else {
      if (top?.array) path = top.path;
      if (token === "{" || token === "[") {
        open.push({ array: token === "[", path, below: open.length > 0 });
        named = false;
      } else list.push({ path, ...leaf(token) });
    }
  }
  return list;
}

/**
 * @param {string} token
 * @returns {{kind: Leaf["kind"], text: string}}
 */
function leaf(token) {
  if (token[0] === '"') return { kind: "text", text: contents(token) };
  const kind = token === "null" ? "null" : token === "true" || token === "false" ? "word" : "number";
  return { kind, text: token };
}

/**
 * contents returns what a JSON string says. Half a surrogate pair becomes U+FFFD.
 * @param {string} token
 * @returns {string}
 */
export const contents = (token) => (token.includes("\\") ? JSON.parse(token).replace(/\p{Surrogate}/gu, "\ufffd") : token.slice(1, -1));
