import { level, WARNING } from "./levels.js";

/** @typedef {import("./explore-data.js").Pattern} Pattern */

/** Denoise hides patterns that make more than this share of the records. */
const NOISE = 0.1;
/** A clause of the query that shows or hides patterns. */
const CLAUSE = /^(-?)pattern:([\da-f]{8})$/;

/** hiddenPatterns returns the patterns that a filter's clauses hide. @param {string[]} clauses */
export const hiddenPatterns = (clauses) => clauses.flatMap((clause) => {
  const [, not, pattern] = CLAUSE.exec(clause) ?? [];
  return not ? [pattern] : [];
});

/**
 * noisy returns the patterns that Denoise hides. Warnings and worse are never noise, however many they are.
 * @param {Pattern[]} patterns
 * @param {number} records all of them
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

/** shorten cuts a text for a sentence. @param {string} text @param {number} most */
export const shorten = (text, most) => (text.length > most ? `${text.slice(0, most)}…` : text);

/**
 * hiddenText names what is hidden.
 * @param {Pattern[]} hidden
 * @param {number} records of all patterns, the hidden ones included
 */
export function hiddenText(hidden, records) {
  const all = hidden.reduce((sum, one) => sum + one.count, 0);
  return `${hidden.length} ${hidden.length === 1 ? "pattern" : "patterns"} hidden (${percent(all, records)})`;
}
