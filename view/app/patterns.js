import { level, WARNING } from "./levels.js";

/** @typedef {import("./explore-data.js").Pattern} Pattern */

/** Denoise hides patterns with more than this share of the records. */
const NOISE = 0.1;
/** A clause of the query that shows or hides patterns. */
const CLAUSE = /^(-?)pattern:([\da-f]{8})$/;

/** hiddenPatterns returns the patterns that a filter's clauses hide. @param {string[]} clauses */
export const hiddenPatterns = (clauses) => clauses.flatMap((clause) => {
  const [, not, pattern] = CLAUSE.exec(clause) ?? [];
  return not ? [pattern] : [];
});

/**
 * noisy returns the patterns that Denoise hides. Warnings and worse are never noise, no matter how many there are.
 * @param {Pattern[]} patterns
 * @param {number} records the number of all records
 */
export const noisy = (patterns, records) => patterns.filter((one) => one.count > NOISE * records && level(one.worst) < WARNING);

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

/**
 * hiddenText returns a text that names the hidden patterns.
 * @param {Pattern[]} hidden
 * @param {number} records the number of records of all patterns, including the hidden ones
 */
export function hiddenText(hidden, records) {
  const all = hidden.reduce((sum, one) => sum + one.count, 0);
  return `${hidden.length} ${hidden.length === 1 ? "pattern" : "patterns"} hidden (${percent(all, records)})`;
}
