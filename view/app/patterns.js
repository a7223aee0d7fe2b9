import { level, NAMES } from "./levels.js";

/** @typedef {import("./explore-data.js").Pattern} Pattern */
/**
 * What a clause of the query hides: the records of a pattern, all of them or those below a level.
 * @typedef {{clause: string, pattern: string, below: string}} Hiding
 */

/** Denoise hides patterns with more than this share of the records. */
const NOISE = 0.1;
/** A clause of the query that shows or hides a pattern: what is hidden, the pattern, and the level from which on its records are shown all the same. */
export const CLAUSE = /^(-?)pattern:([\da-f]{8})(?: OR level>=(\w+))?$/;

/** hidings returns what a filter's clauses hide. @param {string[]} clauses @returns {Hiding[]} */
export const hidings = (clauses) => clauses.flatMap((clause) => {
  const [, not, pattern, below = ""] = CLAUSE.exec(clause) ?? [];
  return not ? [{ clause, pattern, below }] : [];
});

/**
 * hide returns the clause that hides a pattern. A pattern is hidden up to the level of most of its records: the few that are worse are what
 * the reader looks for.
 * @param {Pattern} pattern
 */
export function hide({ pattern, levels, worst }) {
  const usual = level(levels[0]?.[0]);
  return `-pattern:${pattern}${level(worst) > usual ? ` OR level>=${NAMES[usual + 1]}` : ""}`;
}

/**
 * hiddenCount returns how many records of a pattern are hidden.
 * @param {Pattern} pattern
 * @param {string} below
 */
export const hiddenCount = ({ levels }, below) => levels.reduce((sum, [name, n]) => (below && level(name) >= level(below) ? sum : sum + n), 0);

/**
 * noisy returns the patterns that Denoise hides. A flood of one error counts as noise, too: the page names it, and shows the records that it would bury.
 * @param {Pattern[]} patterns
 * @param {number} records the number of all records
 */
export const noisy = (patterns, records) => patterns.filter((one) => one.count > NOISE * records);

/**
 * percent formats a share.
 * @param {number} n
 * @param {number} all
 */
export function percent(n, all) {
  const share = all > 0 ? (100 * n) / all : 0;
  return share > 0 && share < 1 ? "< 1 %" : `${Math.round(share)} %`;
}

/**
 * filled splits a message into the parts of its pattern, with values where the pattern has null. If the message does not match
 * the pattern, the values are "…".
 * @param {(string | null)[]} parts
 * @param {string} message
 * @returns {{text: string, varies: boolean}[]}
 */
export function filled(parts, message) {
  let at = 0;
  let follows = true;
  const all = parts.map((part, n) => {
    if (part !== null) {
      follows &&= message.startsWith(part, at);
      at += part.length;
      return { text: part, varies: false };
    }
    const next = parts.slice(n + 1).find(Boolean);
    const end = !next ? message.length : message.indexOf(next, at);
    follows &&= end >= at;
    const text = message.slice(at, end);
    at = Math.max(at, end);
    return { text, varies: true };
  });
  return follows ? all.filter(({ text }) => text) : all.map(({ text, varies }) => ({ text: varies ? "…" : text, varies }));
}

/** shorten cuts a text so that it fits into a sentence. @param {string} text @param {number} most */
export const shorten = (text, most) => (text.length > most ? `${text.slice(0, most)}…` : text);
