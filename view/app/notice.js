import { text } from "./dom.js";

/** @typedef {ReturnType<typeof createNotice>} Notice */

/**
 * createNotice returns what says something in passing, also to a screen reader.
 * @param {HTMLElement} e
 */
export function createNotice(e) {
  let timer = 0;
  /** @param {string} message @param {number} [ms] so long it is seen */
  return (message, ms = 2000) => {
    text(e, message);
    e.classList.add("seen");
    clearTimeout(timer);
    timer = setTimeout(() => e.classList.remove("seen"), ms);
  };
}
