import { pairs } from "./query-automaton.js";
import { parsePattern } from "./query-pattern.js";

/** @typedef {import("./query-pattern.js").Node} Node */
/** @typedef {import("./query-terms.js").Term} Term */

/** Parts whose values look different in a query and on the page. */
const NOT_SHOWN = ["level", "pid", "seq", "time", "at"];

/**
 * highlighted returns the source and the flags of a RegExp for the matches of a filter in shown texts, or null if there is nothing to
 * highlight.
 * @param {import("./query.js").Filter} filter
 */
export function highlighted({ clauses, matchCase }) {
  const sources = clauses.flat().flatMap((term) => source(term, matchCase));
  return sources.length ? { source: sources.join("|"), flags: matchCase ? "mu" : "imu" } : null;
}

/**
 * @param {Term} t
 * @param {boolean} matchCase
 * @returns {string[]}
 */
function source(t, matchCase) {
  if (t.negated || t.value === "" || NOT_SHOWN.includes(t.part)) return [];
  if (t.op === "/") return [written(parsePattern([...t.value], 0), !matchCase || t.ignoreCase)];
  return t.op === ":" || t.op === "=" ? [t.value.replace(/[$()*+.?[\\\]^{|}/]/g, "\\$&")] : [];
}

/**
 * written returns the text of a regular expression for RegExp, with each class spelled out.
 * @param {Node} node
 * @param {boolean} ignoreCase
 * @returns {string}
 */
function written(node, ignoreCase) {
  switch (node.op) {
    case "class": {
      const code = (/** @type {number} */ n) => `\\u{${n.toString(16)}}`;
      const all = pairs(node, ignoreCase);
      let text = "";
      for (let i = 0; i < all.length; i += 2) text += `${code(all[i])}-${code(all[i + 1])}`;
      return `[${text}]`;
    }
    case "sequence":
    case "alternatives":
      return `(?:${node.children.map((child) => written(child, ignoreCase)).join(node.op === "sequence" ? "" : "|")})`;
    case "repeat":
      return `(?:${written(node.child, ignoreCase)}){${node.min},${node.max === Infinity ? "" : node.max}}`;
    case "^":
    case "$":
      return node.op;
    default:
      return `\\${node.op}`;
  }
}
