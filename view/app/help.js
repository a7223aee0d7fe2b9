import { el, put } from "./dom.js";

/** Keys and what they do. @type {[string, string][]} */
const KEYS = [
  ["↑ ↓ k j", "previous, next record"],
  ["Enter → ←", "open, close"],
  ["e E", "next, previous error"],
  ["Home End", "oldest, newest"],
  ["p", "pause, resume"],
  ["/", "search; then Enter to the table"],
  ["n N", "next, previous match"],
  ["l h", "filters, health"],
  ["x", "clear all filters"],
  ["c", "copy the record as JSON"],
  ["? Esc", "this help; close"],
];

/**
 * fillHelp lists the keys in the help.
 * @param {HTMLElement} list
 */
export function fillHelp(list) {
  if (list.hasChildNodes()) return;
  for (const [keys, words] of KEYS) {
    const dt = el("dt");
    for (const key of keys.split(" ")) put(dt, el("kbd", {}, key), " ");
    put(list, el("div", {}, dt, el("dd", {}, words)));
  }
}
