import { automaton } from "./query-automaton.js";
import { parsePattern, required } from "./query-pattern.js";
import { compareNumbers, compareQuantities, parseNumber, parseQuantity, parseTime } from "./query-quantity.js";
import { colonIsEqual, inKey, isNumber, isTime } from "./query-terms.js";
import { compose, fold, isSpace, leaves } from "./query-text.js";

/** @typedef {import("./query-terms.js").Term} Term */
/** @typedef {import("./query-quantity.js").Quantity} Quantity */
/** @typedef {import("./query-quantity.js").Decimal} Decimal */
/** @typedef {import("./query-text.js").Leaf} Leaf */

/**
 * The parts of a record that a filter can test. Absent parts are undefined, numbers have all their digits, and fields and ids
 * are JSON text.
 * @typedef {{[part in "level" | "logger" | "host" | "channel" | "worker" | "message" | "source" | "trace" | "pid" | "time" | "seq" | "at" | "template" | "entry" | "fields" | "ids" | "pattern"]?: string}} Searched
 */

/** The most texts shared by many records that are cached in folded form, and the greatest length of one. */
const SHARED = 2000;
const SHORT = 300;

/**
 * remembering caches the results of a function for short texts.
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

/** Parts whose values many records share. The values of other parts differ in nearly every record. */
const NAMES = /** @type {const} */ (["logger", "source", "host", "channel", "worker"]);

/** @typedef {Exclude<keyof Searched, "fields" | "ids">} TextPart */

/**
 * Texts returns the texts of a record in the form in which they are compared.
 * @typedef {object} Texts
 * @property {boolean} matchCase
 * @property {(text: string) => string} folded
 * @property {(text: string) => string} name is folded with a cache, for texts that many records share
 * @property {(record: Searched, part: TextPart) => string | undefined} part
 * @property {(json: string | undefined) => Leaf[]} leaves with folded paths
 */

/**
 * @param {boolean} matchCase
 * @returns {Texts}
 */
export function texts(matchCase) {
  const folded = matchCase ? compose : fold;
  const name = remembering(folded);
  const listed = remembering((json) => {
    const list = leaves(json);
    for (const leaf of list) leaf.path = name(leaf.path);
    return list;
  });
  return {
    matchCase, folded, name,
    part(record, part) {
      const text = record[part];
      return text === undefined ? undefined : NAMES.includes(/** @type {any} */ (part)) ? name(text) : folded(text);
    },
    leaves: (json) => (json === undefined ? [] : listed(json)),
  };
}

/**
 * Search searches texts for a value or a regular expression.
 * @typedef {object} Search
 * @property {(text: string) => boolean} in whether it is in a text, folded
 * @property {RegExp | null} needle an expression that every matching text contains, folded or not; null if there is none
 */

/** Characters that may be encoded differently in JSON, separate the names of a path, or are the result of NFC for other characters. */
const SPLITS = /[\0-\x1f"\\.=;`K]|[^\0-\x7f]/u;

/** The greatest length of a needle. A longer one is hardly rarer, and takes longer where many parts of a text nearly match. */
const MAX_NEEDLE = 32;

/**
 * needle returns an expression for the longest piece of a text that JSON contains unchanged. A search for it is fast.
 * @param {string} text
 * @param {boolean} ignoreCase
 */
function needle(text, ignoreCase) {
  const piece = text.split(SPLITS).reduce((best, other) => (other.length > best.length ? other : best), "").slice(0, MAX_NEEDLE);
  return piece ? new RegExp(piece.replace(/[$()*+?[\]^{|}]/g, "\\$&"), ignoreCase ? "iu" : "u") : null;
}

/**
 * @param {string} value
 * @param {Texts} all
 * @returns {Search}
 */
function searchText(value, all) {
  const folded = all.folded(value);
  return { in: (text) => text.includes(folded), needle: needle(value, !all.matchCase) };
}

/**
 * @param {Term} t
 * @param {Texts} all
 * @returns {Search}
 */
function searchPattern(t, all) {
  const node = parsePattern([...t.value], 0);
  const ignoreCase = !all.matchCase || t.ignoreCase;
  return { in: automaton(node, ignoreCase), needle: needle(required(node), ignoreCase) };
}

/**
 * mayHave reports whether JSON text may contain a value. It allows for encoders that escape more than they must.
 * @param {string} json
 * @param {RegExp | null} piece
 */
const mayHave = (json, piece) => !piece || piece.test(json) || /\\[u/]/.test(json);

/** @typedef {(record: Searched) => boolean} Test */

/**
 * anyShown returns a test that searches every text that the page shows for a record.
 * @param {Search} search
 * @param {Texts} all
 * @returns {Test}
 */
function anyShown(search, all) {
  const found = (/** @type {string | undefined} */ text) => text !== undefined && (!search.needle || search.needle.test(text)) && search.in(all.folded(text));
  const inName = remembering(found);
  return (r) =>
    found(r.message) ||
    NAMES.some((name) => r[name] !== undefined && inName(/** @type {string} */ (r[name]))) ||
    found(r.trace) ||
    (r.fields !== undefined && mayHave(r.fields, search.needle) && all.leaves(r.fields).some((leaf) => search.in(`${leaf.path}=${all.folded(leaf.text)}`)));
}

/**
 * matcher returns the test of one term.
 * @param {Term} t
 * @param {Texts} all
 * @returns {Test}
 */
export function matcher(t, all) {
  const search = t.op === "/" ? searchPattern(t, all) : searchText(t.value, all);
  const test = t.part === "" ? anyShown(search, all) : t.part === "field" ? field(t, all, search) : part(t, all, search);
  return t.negated ? (r) => !test(r) : test;
}

/**
 * isID reports whether a leaf of a record's ids is an ID. It must be a string other than the kind and the name of an ID.
 * @param {Leaf} leaf
 */
export const isID = ({ kind, path }) => kind === "text" && path !== ".kind" && path !== ".name";

/**
 * part returns the test of a term for a part.
 * @param {Term} t
 * @param {Texts} all
 * @param {Search} search
 * @returns {Test}
 */
function part(t, all, search) {
  const value = all.folded(t.value);
  const name = /** @type {TextPart} */ (t.part);
  if (t.part === "level") return level(t);
  if (t.part === "ids") {
    const same = t.op === ":*" ? () => true : t.op === "/" ? search.in : (/** @type {string} */ id) => id === value;
    return (r) => all.leaves(r.ids).some((leaf) => isID(leaf) && same(all.folded(leaf.text)));
  }
  if (t.op === ":*") return (r) => r[name] !== undefined;
  if (isNumber(t.part) || (isTime(t.part) && (t.op === "=" || holds[t.op]))) {
    const wanted = parseQuantity(t.value);
    const parse = isTime(t.part) ? time : number;
    return (r) => compare(t, r[name] === undefined ? null : parse(/** @type {string} */ (r[name])), wanted);
  }
  let test = search.in;
  if (t.op === "=" || (t.op === ":" && (colonIsEqual(t.part) || t.value === ""))) test = (text) => text === value;
  else if (t.op === ":" && t.part === "logger") test = (text) => isWithin(text, value);
  return (r) => {
    const text = all.part(r, name);
    return text !== undefined && test(text);
  };
}

/**
 * isWithin reports whether a logger is another one or one of its descendants.
 * @param {string} logger
 * @param {string} above
 */
export const isWithin = (logger, above) => logger.startsWith(above) && (logger.length === above.length || ".:/".includes(logger[above.length]));

/** @type {Record<string, ((order: number) => boolean) | undefined>} */
const holds = { "<": (order) => order < 0, "<=": (order) => order <= 0, ">": (order) => order > 0, ">=": (order) => order >= 0 };

/**
 * compare reports whether a value of a record satisfies a term with the value wanted.
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
 * field returns the test of a term for a field. It tests the leaves at the path and below it, and searches the texts for the term as it is
 * written.
 * @param {Term} t
 * @param {Texts} all
 * @param {Search} search
 * @returns {Test}
 */
function field(t, all, search) {
  const path = all.folded(t.key);
  const name = needle(t.key, !all.matchCase);
  const leaf = leafTest(t, all, search);
  /** @type {(leaf: Leaf) => boolean} */
  const fits = (l) => l.path.startsWith(path) && (l.path.length === path.length || l.path[path.length] === ".") && leaf(l, l.path.length === path.length);
  /** @type {Test} */
  const inFields = (r) => r.fields !== undefined && mayHave(r.fields, name) && all.leaves(r.fields).some(fits);
  if (t.only || t.value === "" || (t.op !== ":" && t.op !== "=")) return inFields;
  if (t.op === ":") {
    const shown = anyShown(searchText(`${t.key}:${t.value}`, all), all);
    return (r) => inFields(r) || shown(r);
  }
  const phrases = [`${t.key}=${t.value}`, `${t.key}="${t.value}"`].map(all.folded);
  const alone = (/** @type {string | undefined} */ text) => {
    if (text === undefined || !mayHave(text, name)) return false;
    const folded = all.folded(text);
    return phrases.some((phrase) => standsAlone(folded, phrase));
  };
  return (r) => inFields(r) || alone(r.message) || alone(r.trace);
}

/**
 * leafTest returns the test of one leaf. exact says that the leaf is at the path itself and not below it.
 * @param {Term} t
 * @param {Texts} all
 * @param {Search} search
 * @returns {(leaf: Leaf, exact: boolean) => boolean}
 */
function leafTest(t, all, search) {
  const value = all.folded(t.value);
  const wanted = parseQuantity(t.value);
  /** @type {(leaf: Leaf) => boolean} */
  const equal = ({ kind, text }) => {
    if (all.folded(text) === value) return true;
    const digits = kind === "number" && wanted?.kind === "number" ? parseNumber(text) : null;
    return digits !== null && compareNumbers(digits, /** @type {Decimal} */ (wanted?.value)) === 0;
  };
  if (t.op === ":*") return (leaf) => leaf.kind !== "null";
  if (t.op === "/") return (leaf) => search.in(all.folded(leaf.text));
  if (t.op === ":" && t.value !== "") return (leaf) => (leaf.kind === "text" ? search.in(all.folded(leaf.text)) : equal(leaf));
  if (t.op === ":" || t.op === "=") return (leaf, exact) => exact && equal(leaf);
  return ({ kind, text }, exact) => exact && compare(t, kind === "text" ? parseQuantity(text) : kind === "number" ? number(text) : null, wanted);
}

/**
 * standsAlone reports whether a text contains a phrase as a whole: no character of a key precedes it, and the end of the text
 * or a character that may follow a value comes after it.
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
