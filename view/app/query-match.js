import { automaton } from "./query-automaton.js";
import { parsePattern } from "./query-pattern.js";
import { compareNumbers, compareQuantities, parseNumber, parseQuantity, parseTime } from "./query-quantity.js";
import { colonIsEqual, inKey, isNumber, isTime } from "./query-terms.js";
import { compose, contents, fold, isSpace, leaves } from "./query-text.js";

/** @typedef {import("./query-terms.js").Term} Term */
/** @typedef {import("./query-quantity.js").Quantity} Quantity */
/** @typedef {import("./query-quantity.js").Decimal} Decimal */
/** @typedef {import("./query-text.js").Leaf} Leaf */

/**
 * What a filter looks at of a record. Parts that are absent are undefined; numbers are given digit for digit; fields and ids
 * are JSON text.
 * @typedef {{[part in "level" | "logger" | "host" | "channel" | "worker" | "message" | "source" | "trace" | "pid" | "time" | "seq" | "at" | "template" | "entry" | "fields" | "ids"]?: string}} Searched
 */

/**
 * searched reads a record as the server encodes it.
 * @param {string} json
 * @returns {Searched}
 */
export function searched(json) {
  /** @type {Record<string, string>} */
  const record = {};
  let at = 1;
  while (json[at] === '"') {
    const name = skip(json, at);
    const end = skip(json, name + 1);
    const value = json.slice(name + 1, end);
    record[json.slice(at + 1, name - 1)] = value[0] === '"' ? contents(value) : value;
    at = end + 1;
  }
  return record;
}

/**
 * skip returns where the JSON value ends that begins at an index.
 * @param {string} json
 * @param {number} at
 */
export function skip(json, at) {
  const string = /"[^"\\]*(?:\\[^][^"\\]*)*"/y;
  const plain = /[^"{}[\],]*/y;
  let depth = 0;
  do {
    const c = json[at];
    const token = c === '"' ? string : plain;
    if (c === "{" || c === "[") depth++;
    else if (c === "}" || c === "]") depth--;
    token.lastIndex = at;
    token.test(json);
    at = Math.max(token.lastIndex, at + 1);
  } while (depth > 0);
  return at;
}

/** So many texts that many records share are kept as they are compared, none longer than that. */
const SHARED = 2000;
const SHORT = 300;

/**
 * remembering keeps what a function says of short texts.
 * @template T
 * @param {(text: string) => T} work
 * @returns {(text: string) => T}
 */
function remembering(work) {
  /** @type {Map<string, T>} */
  const known = new Map();
  return (text) => {
    if (text.length > SHORT) return work(text);
    let result = known.get(text);
    if (result === undefined) {
      if (known.size >= SHARED) known.clear();
      known.set(text, (result = work(text)));
    }
    return result;
  };
}

/** Parts that few records have of their own; the others are different in nearly each. */
const NAMES = /** @type {const} */ (["logger", "source", "host", "channel", "worker"]);

/** A leaf, and its text as it is compared. @typedef {Leaf & {folded: string}} FoldedLeaf */

/**
 * Texts gives the texts of a record as they are compared.
 * @typedef {object} Texts
 * @property {(text: string) => string} folded
 * @property {(record: Searched, part: Exclude<keyof Searched, "fields" | "ids">) => string | undefined} part
 * @property {(json: string | undefined) => FoldedLeaf[]} leaves
 * @property {(record: Searched, found: (text: string) => boolean) => boolean} anyShown whether a text is found that the page shows
 */

/**
 * @param {boolean} matchCase
 * @returns {Texts}
 */
export function texts(matchCase) {
  const folded = matchCase ? compose : fold;
  const name = remembering(folded);
  const listed = remembering((json) => leaves(json).map((leaf) => ({ ...leaf, path: folded(leaf.path), folded: folded(leaf.text) })));
  /** @type {Texts} */
  const all = {
    folded,
    part(record, part) {
      const text = record[part];
      if (text === undefined) return undefined;
      return NAMES.includes(/** @type {any} */ (part)) ? name(text) : folded(text);
    },
    leaves: (json) => (json === undefined ? [] : listed(json)),
    anyShown(record, found) {
      for (const part of /** @type {const} */ (["message", ...NAMES, "trace"])) {
        const text = all.part(record, part);
        if (text !== undefined && found(text)) return true;
      }
      return all.leaves(record.fields).some((leaf) => found(`${leaf.path}=${leaf.folded}`));
    },
  };
  return all;
}

/** @typedef {(record: Searched) => boolean} Test */

/**
 * matcher returns the test of one term.
 * @param {Term} t
 * @param {Texts} all
 * @param {boolean} matchCase
 * @returns {Test}
 */
export function matcher(t, all, matchCase) {
  const found = t.op === "/" ? automaton(parsePattern([...t.value], 0), !matchCase || t.ignoreCase) : within(all.folded(t.value));
  const test = t.part === "" ? (/** @type {Searched} */ r) => all.anyShown(r, found) : t.part === "field" ? field(t, all, found) : part(t, all, found);
  return t.negated ? (r) => !test(r) : test;
}

/** @param {string} value */
const within = (value) => (/** @type {string} */ text) => text.includes(value);

/**
 * part returns the test of a term that looks at a part.
 * @param {Term} t
 * @param {Texts} all
 * @param {(text: string) => boolean} found
 * @returns {Test}
 */
function part(t, all, found) {
  const value = all.folded(t.value);
  const name = /** @type {Exclude<keyof Searched, "fields" | "ids">} */ (t.part);
  if (t.part === "level") return level(t);
  if (t.part === "ids") {
    const same = t.op === ":*" ? () => true : t.op === "/" ? found : (/** @type {string} */ id) => id === value;
    return (r) => all.leaves(r.ids).some((leaf) => leaf.kind === "text" && same(leaf.folded));
  }
  if (t.op === ":*") return (r) => r[name] !== undefined;
  if (isNumber(t.part) || (isTime(t.part) && (t.op === "=" || holds[t.op]))) {
    const wanted = parseQuantity(t.value);
    const parse = isTime(t.part) ? time : number;
    return (r) => compare(t, r[name] === undefined ? null : parse(/** @type {string} */ (r[name])), wanted);
  }
  /** @type {(text: string) => boolean} */
  let test = found;
  if (t.op === "=" || (t.op === ":" && (colonIsEqual(t.part) || t.value === ""))) test = (text) => text === value;
  else if (t.op === ":" && t.part === "logger") test = (text) => isWithin(text, value);
  return (r) => {
    const text = all.part(r, name);
    return text !== undefined && test(text);
  };
}

/**
 * isWithin tells whether a logger is another or below it.
 * @param {string} logger
 * @param {string} above
 */
export const isWithin = (logger, above) => logger.startsWith(above) && (logger.length === above.length || ".:/".includes(logger[above.length]));

/** @type {Record<string, ((order: number) => boolean) | undefined>} */
const holds = { "<": (order) => order < 0, "<=": (order) => order <= 0, ">": (order) => order > 0, ">=": (order) => order >= 0 };

/**
 * compare tells whether a value that a record has satisfies the term, whose value is wanted.
 * @param {Term} t
 * @param {Quantity | null} value
 * @param {Quantity | null} wanted
 */
function compare(t, value, wanted) {
  if (!value || !wanted || value.kind !== wanted.kind) return false;
  const order = compareQuantities(value, wanted);
  return holds[t.op]?.(order) ?? order === 0;
}

/** @param {string} text @returns {Quantity | null} */
function number(text) {
  const value = parseNumber(text);
  return value && { kind: "number", value };
}

/** @param {string} text @returns {Quantity | null} */
function time(text) {
  const value = parseTime(text);
  return value === null ? null : { kind: "time", value };
}

/** @type {readonly string[]} */
const SEVERITY = ["trace", "debug", "info", "warning", "error", "critical"];

/**
 * @param {Term} t
 * @returns {Test}
 */
function level(t) {
  const names = t.value.split(",");
  const wanted = SEVERITY.indexOf(t.value);
  const test = holds[t.op];
  if (test) return (r) => r.level !== undefined && test(SEVERITY.indexOf(r.level) - wanted);
  return t.op === ":*" ? (r) => r.level !== undefined : (r) => names.includes(r.level ?? "none");
}

/**
 * field returns the test of a term that looks at the fields at a path and below, and at what they look like in a message.
 * @param {Term} t
 * @param {Texts} all
 * @param {(text: string) => boolean} found
 * @returns {Test}
 */
function field(t, all, found) {
  const path = all.folded(t.key);
  const leaf = leafTest(t, all, found);
  /** @type {Test} */
  const inFields = (r) =>
    all.leaves(r.fields).some((l) => l.path.startsWith(path) && (l.path.length === path.length || l.path[path.length] === ".") && leaf(l, l.path.length === path.length));
  if (t.only || t.value === "" || (t.op !== ":" && t.op !== "=")) return inFields;
  if (t.op === ":") {
    const phrase = within(all.folded(`${t.key}:${t.value}`));
    return (r) => inFields(r) || all.anyShown(r, phrase);
  }
  const phrases = [`${t.key}=${t.value}`, `${t.key}="${t.value}"`].map(all.folded);
  return (r) =>
    inFields(r) ||
    /** @type {const} */ (["message", "trace"]).some((name) => {
      const text = all.part(r, name) ?? "";
      return phrases.some((phrase) => standsAlone(text, phrase));
    });
}

/**
 * leafTest returns the test of one leaf, which stands at the path itself or below.
 * @param {Term} t
 * @param {Texts} all
 * @param {(text: string) => boolean} found
 * @returns {(leaf: FoldedLeaf, exact: boolean) => boolean}
 */
function leafTest(t, all, found) {
  const value = all.folded(t.value);
  const wanted = parseQuantity(t.value);
  /** @type {(leaf: FoldedLeaf) => boolean} */
  const equal = ({ folded, kind, text }) => {
    if (folded === value) return true;
    const digits = kind === "number" && wanted?.kind === "number" ? parseNumber(text) : null;
    return digits !== null && compareNumbers(digits, /** @type {Decimal} */ (wanted?.value)) === 0;
  };
  if (t.op === ":*") return (leaf) => leaf.kind !== "null";
  if (t.op === "/") return (leaf) => found(leaf.folded);
  if (t.op === ":" && t.value !== "") return (leaf) => (leaf.kind === "text" ? found(leaf.folded) : equal(leaf));
  if (t.op === ":" || t.op === "=") return (leaf, exact) => exact && equal(leaf);
  return ({ kind, text }, exact) => exact && compare(t, kind === "text" ? parseQuantity(text) : kind === "number" ? number(text) : null, wanted);
}

/**
 * standsAlone tells whether a phrase is in a text with no key's character before it, and behind it the end or what may follow
 * a value.
 * @param {string} text
 * @param {string} phrase
 */
function standsAlone(text, phrase) {
  for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
    const before = /.$/su.exec(text.slice(Math.max(0, at - 2), at))?.[0];
    const behind = text[at + phrase.length];
    if (!inKey(before) && (behind === undefined || isSpace(behind) || ",;)]}&\"'".includes(behind))) return true;
  }
  return false;
}
