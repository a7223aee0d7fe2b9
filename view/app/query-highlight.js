import { pairs } from "./query-automaton.js";
import { parsePattern } from "./query-pattern.js";

/** @typedef {import("./query-pattern.js").Node} Node */
/** @typedef {import("./query-terms.js").Term} Term */

/** Parts whose values are not shown as they are written in a query. */
const NOT_SHOWN = ["level", "pid", "seq", "time", "at"];

/**
 * highlighted returns an expression of the browser's for what a filter looks for in shown texts; null if there is nothing.
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
 * written writes a regular expression as the browser reads it, with each class by its characters.
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
