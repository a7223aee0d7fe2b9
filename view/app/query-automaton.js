import { LETTERS, MAX_CODE } from "./query-pattern.js";
import { orbits } from "./query-text.js";

/** @typedef {import("./query-pattern.js").Node} Node */
/** @typedef {import("./query-pattern.js").Class} Class */

/**
 * A step of a program. A class leads to the next step with a character of the class. A split leads to two steps without a
 * character. An anchor leads to one without a character, where it holds. The match has no next step.
 * @typedef {{op: "class" | "split" | "^" | "$" | "b" | "B" | "match", set: number[], next: number, other: number}} Step
 */

/** The kinds of characters before or after a position in a text. */
const EDGE = 0;
const NEWLINE = 1;
const WORD = 2;
const OTHER = 3;

/** The most numbers that are cached, a few MB. If there are more, all states are computed again. Few patterns have that many. */
const MAX_KEPT = 1 << 18;
const FOUND = -1;
const UNKNOWN = -2;

/**
 * automaton compiles a regular expression to a function that reports whether a text contains a match. It reads the text once,
 * whatever the expression: each state of the machine is a set of steps, and its transitions are computed when they are first
 * needed (Thompson's construction, as in RE2 and grep).
 * @param {Node} node
 * @param {boolean} ignoreCase
 * @returns {(text: string) => boolean}
 */
export function automaton(node, ignoreCase) {
  const machine = new Machine(program(node, ignoreCase));
  return (text) => machine.finds(text);
}

/**
 * program returns the steps of an expression. The program starts at the last step.
 * @param {Node} node
 * @param {boolean} ignoreCase
 */
function program(node, ignoreCase) {
  /** @type {Step[]} */
  const steps = [];
  /** @type {(op: Step["op"], next: number, other?: number, set?: number[]) => number} */
  const add = (op, next, other = -1, set = []) => steps.push({ op, set, next, other }) - 1;
  /**
   * emit adds the steps of a node, which lead to the step next, and returns the first of them.
   * @param {Node} n
   * @param {number} next
   * @returns {number}
   */
  const emit = (n, next) => {
    switch (n.op) {
      case "class":
        return add("class", next, -1, pairs(n, ignoreCase));
      case "sequence":
        return n.children.reduceRight((to, child) => emit(child, to), next);
      case "alternatives":
        return n.children.map((child) => emit(child, next)).reduceRight((other, first) => add("split", first, other));
      case "repeat": {
        let { min } = n;
        let to = next;
        if (n.max === Infinity) {
          to = add("split", -1, next);
          steps[to].next = emit(n.child, to);
          if (min > 0) {
            to = steps[to].next; // once through the loop
            min--;
          }
        } else for (let i = n.max - min; i > 0; i--) to = add("split", emit(n.child, to), next);
        for (; min > 0; min--) to = emit(n.child, to);
        return to;
      }
      default:
        return add(n.op, next);
    }
  };
  const start = emit(node, add("match", -1));
  return { steps, start };
}

/** Machine runs a program over texts. */
class Machine {
  /** @param {{steps: Step[], start: number}} program */
  constructor({ steps, start }) {
    this.steps = steps;
    this.start = start;
    const sets = steps.filter((step) => step.op === "class").map((step) => step.set);
    // All sets treat the characters between two of these bounds alike.
    const cuts = new Set([0, 10, 11]);
    for (const set of [LETTERS, ...sets]) set.forEach((code, i) => cuts.add(code + (i % 2)));
    /** The first code point of each class of characters. */
    this.firsts = [...cuts].sort((a, b) => a - b);
    this.ascii = Uint16Array.from({ length: 128 }, (_, code) => this.#search(code));
    /** The kind of each class of characters, before and after a position. The end of the text is a class, too. */
    this.kinds = [...this.firsts.map((code) => (code === 10 ? NEWLINE : has(LETTERS, code) ? WORD : OTHER)), EDGE];
    this.width = this.kinds.length;
    /** @type {{before: number, at: number[]}[]} */
    this.states = [];
    /** The numbers of the states, by a key of their steps. @type {Map<string, number>} */
    this.numbers = new Map();
    /** The next state for each state and class of characters. @type {number[]} */
    this.transitions = [];
    this.kept = 0;
    this.first = this.#state(EDGE, []);
  }

  #forget() {
    this.states.length = this.transitions.length = this.kept = 0;
    this.numbers.clear();
    this.first = this.#state(EDGE, []);
  }

  /**
   * finds reports whether a text contains a match of the expression.
   * @param {string} text
   */
  finds(text) {
    const { ascii, transitions, width } = this;
    let state = this.first;
    for (let i = 0; i < text.length; i++) {
      let code = text.charCodeAt(i);
      let cls;
      if (code < 128) cls = ascii[code];
      else {
        code = /** @type {number} */ (text.codePointAt(i));
        if (code > 0xffff) i++;
        cls = this.#search(code);
      }
      let to = transitions[state * width + cls];
      if (to === UNKNOWN) to = this.#step(state, cls);
      if (to === FOUND) return true;
      state = to;
    }
    return this.#step(state, width - 1) === FOUND;
  }

  /**
   * search returns the class of a character.
   * @param {number} code
   */
  #search(code) {
    let low = 0;
    let high = this.firsts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.firsts[middle] <= code) low = middle;
      else high = middle;
    }
    return low;
  }

  /**
   * step computes a transition.
   * @param {number} state
   * @param {number} cls
   */
  #step(state, cls) {
    const { before, at } = this.states[state];
    const behind = this.kinds[cls];
    const seen = new Set([...at, this.start]);
    /** @type {number[]} */
    const next = [];
    for (const n of seen) {
      const step = this.steps[n];
      if (step.op === "match") return (this.transitions[state * this.width + cls] = FOUND);
      if (step.op === "class") {
        if (behind !== EDGE && has(step.set, this.firsts[cls])) next.push(step.next);
      } else if (holds(step.op, before, behind)) {
        seen.add(step.next); // which the loop comes to
        if (step.other >= 0) seen.add(step.other);
      }
    }
    if (this.kept > MAX_KEPT) {
      this.#forget();
      return this.#state(behind, next);
    }
    const to = this.#state(behind, next);
    this.transitions[state * this.width + cls] = to;
    return to;
  }

  /**
   * state returns the number of the state for a list of steps after a character of a kind.
   * @param {number} before
   * @param {number[]} at
   */
  #state(before, at) {
    at = [...new Set(at)].sort((a, b) => a - b);
    const key = `${before}:${at}`;
    let n = this.numbers.get(key);
    if (n === undefined) {
      n = this.states.push({ before, at }) - 1;
      this.numbers.set(key, n);
      for (let i = 0; i < this.width; i++) this.transitions.push(UNKNOWN);
      this.kept += this.width + 4 * at.length;
    }
    return n;
  }
}

/**
 * holds reports whether a step leads to the next one without a character.
 * @param {Step["op"]} op
 * @param {number} before
 * @param {number} behind
 */
function holds(op, before, behind) {
  const edge = (before === WORD) !== (behind === WORD);
  switch (op) {
    case "^":
      return before <= NEWLINE;
    case "$":
      return behind <= NEWLINE;
    case "b":
      return edge;
    case "B":
      return !edge;
  }
  return true;
}

/**
 * has reports whether a code point is in ranges.
 * @param {number[]} set
 * @param {number} code
 */
function has(set, code) {
  for (let i = 0; i < set.length; i += 2) if (set[i] <= code && code <= set[i + 1]) return true;
  return false;
}

/**
 * pairs returns the ranges of a class in order. If case is ignored, they include all case variants.
 * @param {Class} c
 * @param {boolean} ignoreCase
 */
export function pairs(c, ignoreCase) {
  /** @type {number[]} */
  const all = [];
  for (const item of c.items) {
    const closed = ignoreCase ? close(item.pairs) : item.pairs;
    all.push(...(item.negated ? negate(closed) : closed));
  }
  return c.negated ? negate(all) : merge(all);
}

/**
 * close adds all case variants of the code points in ranges.
 * @param {number[]} set
 */
function close(set) {
  const all = [...set];
  for (const orbit of orbits()) {
    if (orbit.some((code) => has(set, code))) for (const code of orbit) if (!has(set, code)) all.push(code, code);
  }
  return all;
}

/** @param {number[]} set */
function negate(set) {
  const rest = [];
  let next = 0;
  const apart = merge(set);
  for (let i = 0; i < apart.length; i += 2) {
    if (apart[i] > next) rest.push(next, apart[i] - 1);
    next = apart[i + 1] + 1;
  }
  if (next <= MAX_CODE) rest.push(next, MAX_CODE);
  return rest;
}

/**
 * merge returns the ranges in order, with overlapping and adjacent ones merged.
 * @param {number[]} set
 */
function merge(set) {
  const ranges = [];
  for (let i = 0; i < set.length; i += 2) ranges.push([set[i], set[i + 1]]);
  ranges.sort((a, b) => a[0] - b[0]);
  /** @type {number[]} */
  const list = [];
  for (const [first, last] of ranges) {
    if (list.length && first <= list[list.length - 1] + 1) list[list.length - 1] = Math.max(list[list.length - 1], last);
    else list.push(first, last);
  }
  return list;
}
