import { QueryError } from "./query-error.js";

/** The most code points of a regular expression. */
const MAX_PATTERN = 500;
/** The greatest size of the regular expressions of a filter together. The time to match a text is proportional to it. */
export const MAX_SIZE = 1000;
/** The last code point. */
export const MAX_CODE = 0x10ffff;

/**
 * A set of code points, given by the first and the last one of each range. If negated, it has all others.
 * @typedef {{pairs: number[], negated: boolean}} Item
 *
 * A part of a regular expression. The size of a character, class, anchor or empty sequence is 1. Sequences and alternatives add up,
 * and a count multiplies.
 * @typedef {{op: "class", size: number, items: Item[], negated: boolean}} Class
 * @typedef {{op: "sequence" | "alternatives", size: number, children: Node[]}} Group
 * @typedef {{op: "repeat", size: number, child: Node, min: number, max: number}} Repeat max is Infinity without a bound
 * @typedef {{op: "^" | "$" | "b" | "B", size: number}} Anchor
 * @typedef {Class | Group | Repeat | Anchor} Node
 */

/** Item[] of the escapes that stand for sets. */
const DIGITS = [0x30, 0x39];
export const LETTERS = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
const SPACES = [9, 10, 12, 13, 32, 32];
/** @type {Record<string, number[]>} */
const SETS = { d: DIGITS, w: LETTERS, s: SPACES };
/** @type {Record<string, number>} */
const CONTROLS = { t: 9, n: 10, r: 13, f: 12, v: 11 };

/**
 * parsePattern parses the common subset of RE2's and JavaScript's regular expressions.
 * @param {string[]} input code points
 * @param {number} at its position in the query
 * @returns {Node}
 */
export function parsePattern(input, at) {
  const tooLong = new QueryError(`regular expression: longer than ${MAX_PATTERN} characters`, at + MAX_PATTERN);
  const parser = new PatternParser(input, at);
  try {
    const node = parser.alternatives();
    if (input.length > MAX_PATTERN) throw tooLong;
    if (node.size > MAX_SIZE) parser.fail(0, "too large");
    return node;
  } catch (error) {
    if (input.length > MAX_PATTERN && error instanceof QueryError && error.at > tooLong.at) throw tooLong;
    throw error;
  }
}

/** @param {string} c */
const single = (c) => ({ pairs: [code(c), code(c)], negated: false });
/** @param {string} c */
const code = (c) => /** @type {number} */ (c.codePointAt(0));

/**
 * only returns the code point of an item with only one, else -1.
 * @param {Item} item
 */
const only = ({ pairs, negated }) => (!negated && pairs.length === 2 && pairs[0] === pairs[1] ? pairs[0] : -1);

class PatternParser {
  /**
   * @param {string[]} input
   * @param {number} at
   */
  constructor(input, at) {
    this.in = input;
    this.at = at;
    this.pos = 0;
    /** The positions of the groups that are still open. @type {number[]} */
    this.open = [];
  }

  /**
   * @param {number} pos
   * @param {string} message
   * @returns {never}
   */
  fail(pos, message) {
    throw new QueryError(`regular expression: ${message}`, this.at + pos);
  }

  /** @param {string} c */
  accept(c) {
    if (this.in[this.pos] !== c) return false;
    this.pos++;
    return true;
  }

  /** @returns {Node} */
  alternatives() {
    const children = [];
    do children.push(this.sequence());
    while (this.accept("|"));
    return children.length === 1 ? children[0] : { op: "alternatives", size: sum(children), children };
  }

  /** @returns {Node} */
  sequence() {
    /** @type {Node[]} */
    const children = [];
    for (;;) {
      const c = this.in[this.pos];
      if (c === undefined && this.open.length) this.fail(this.open[0], "missing )");
      if (c === ")" && !this.open.length) this.fail(this.pos, "unexpected )");
      if (c === undefined || c === ")" || c === "|") return { op: "sequence", size: Math.max(sum(children), 1), children };
      children.push(this.repeated());
    }
  }

  /**
   * repeated reads an atom and its quantifier.
   * @returns {Node}
   */
  repeated() {
    const early = this.quantifier();
    if (early) this.fail(this.pos, `nothing to repeat before ${early.text}`);
    const child = this.atom();
    const q = this.quantifier();
    if (!q) return child;
    const { text, min, max } = q;
    const times = Math.max(max === Infinity ? min : max, 1);
    if ("^$bB".includes(child.op)) this.fail(this.pos, `nothing to repeat before ${text}`);
    if (max < min) this.fail(this.pos, "repeat counts out of order");
    if (child.size <= MAX_SIZE && child.size * times > MAX_SIZE) this.fail(this.pos, "too large");
    this.pos += text.length;
    this.accept("?");
    if (this.quantifier()) this.fail(this.pos, "a quantifier can't follow a quantifier");
    return { op: "repeat", size: Math.min(child.size * times, MAX_SIZE + 1), child, min, max };
  }

  /** quantifier returns the quantifier at the position, without the ? that makes it lazy. */
  quantifier() {
    const c = this.in[this.pos];
    if (c === "*") return { text: c, min: 0, max: Infinity };
    if (c === "+") return { text: c, min: 1, max: Infinity };
    if (c === "?") return { text: c, min: 0, max: 1 };
    if (c !== "{") return null;
    const end = this.in.indexOf("}", this.pos);
    const m = /^\{(\d+)(,?)(\d*)\}$/.exec(this.in.slice(this.pos, end + 1).join(""));
    if (!m || (!m[2] && m[3])) return null;
    const min = Math.min(Number(m[1]), MAX_SIZE + 1);
    return { text: m[0], min, max: !m[2] ? min : m[3] ? Math.min(Number(m[3]), MAX_SIZE + 1) : Infinity };
  }

  /** @returns {Node} */
  atom() {
    const c = this.in[this.pos];
    if (c === "(") return this.group();
    if (c === "[") return this.bracketed();
    if (c === "\\") {
      const next = this.in[this.pos + 1];
      if (next !== "b" && next !== "B") return classOf(this.escaped());
      this.pos += 2;
      return { op: next, size: 1 };
    }
    this.pos++;
    if (c === "^" || c === "$") return { op: c, size: 1 };
    return classOf(c === "." ? { pairs: [10, 10], negated: true } : single(c));
  }

  group() {
    const start = this.pos++;
    if (this.in[this.pos] === "?") {
      const rest = this.in.slice(this.pos + 1, this.pos + 3).join("");
      if (/^(?:[=!]|<[=!])/.test(rest)) this.fail(start, "look-around is not supported");
      if (rest[0] !== ":") this.fail(start, "groups with (? are not supported, except (?:…)");
      this.pos += 2;
    }
    this.open.push(start);
    const node = this.alternatives();
    this.pos++; // the )
    this.open.pop();
    return node;
  }

  /**
   * escaped reads the escape of a character or a set.
   * @returns {Item}
   */
  escaped() {
    const start = this.pos;
    const c = this.in[start + 1] ?? "";
    this.pos += 2;
    if (c in CONTROLS) return { pairs: [CONTROLS[c], CONTROLS[c]], negated: false };
    const set = SETS[c.toLowerCase()];
    if (set && c.length === 1 && /[a-zA-Z]/.test(c)) return { pairs: set, negated: c < "a" };
    if (c === "x") {
      const text = this.in.slice(this.pos, this.pos + 2).join("");
      if (!/^[\da-fA-F]{2}$/.test(text)) this.fail(start, "\\x needs two hexadecimal digits");
      this.pos += 2;
      return single(String.fromCharCode(parseInt(text, 16)));
    }
    if (/^[1-9]$/.test(c)) this.fail(start, "backreferences are not supported");
    if (!/^[!-/:-@[-`{-~]$/.test(c)) this.fail(start, `the escape \\${c} is not supported`);
    return single(c);
  }

  /**
   * bracketed reads a class in brackets.
   * @returns {Class}
   */
  bracketed() {
    const start = this.pos++;
    const negated = this.accept("^");
    if (this.in[this.pos] === "]") this.fail(start, "empty [ ]; write \\] for a literal bracket");
    /** @type {Item[]} */
    const items = [];
    while (!this.accept("]")) {
      if (this.pos >= this.in.length) this.fail(start, "missing ]");
      items.push(this.range());
    }
    return { op: "class", size: 1, items, negated };
  }

  /** range reads an item of a class in brackets, which may be a range. */
  range() {
    const start = this.pos;
    const first = this.item();
    const next = this.in[this.pos + 1];
    if (this.in[this.pos] !== "-" || next === "]" || next === undefined) return first;
    this.pos++;
    const last = this.item();
    if (only(first) < 0 || only(last) < 0) this.fail(start, "a range needs a character at each end");
    if (only(first) > only(last)) this.fail(start, "range out of order");
    return { pairs: [only(first), only(last)], negated: false };
  }

  item() {
    const c = this.in[this.pos];
    if (c === "\\") return this.escaped();
    if (c === "[") this.fail(this.pos, "[ inside [ ] must be written \\[");
    this.pos++;
    return single(c);
  }
}

/** @param {Item} item @returns {Class} */
const classOf = (item) => ({ op: "class", size: 1, items: [item], negated: false });

/** @param {Node[]} nodes */
const sum = (nodes) => nodes.reduce((total, node) => total + node.size, 0);

/**
 * required returns the longest text that every match of a node contains. It is empty if there is none.
 * @param {Node} node
 * @returns {string}
 */
export function required(node) {
  if (node.op === "repeat") return node.min > 0 ? required(node.child) : "";
  if (node.op === "class") {
    const literal = node.negated || node.items.length !== 1 ? -1 : only(node.items[0]);
    return literal < 0 ? "" : String.fromCodePoint(literal);
  }
  if (node.op !== "sequence") return "";
  let [best, run] = ["", ""];
  for (const child of node.children) {
    const text = required(child);
    run = child.op === "class" && text ? run + text : "";
    for (const other of [text, run]) if (other.length > best.length) best = other;
  }
  return best;
}
