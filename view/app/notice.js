import { text } from "./dom.js";

/** @typedef {ReturnType<typeof createNotice>} Notice */

/**
 * createNotice returns a function that shows a short message, also to screen readers.
 * @param {HTMLElement} e
 */
export function createNotice(e) {
  let timer = 0;
  /** @param {string} message @param {number} [ms] how long it stays */
  return (message, ms = 2000) => {
    text(e, message);
    e.classList.add("seen");
    clearTimeout(timer);
    timer = setTimeout(() => e.classList.remove("seen"), ms);
  };
}
