import { el, put, text } from "./dom.js";

/** @typedef {ReturnType<typeof createNotice>} Notice */

/**
 * createNotice returns a function that shows a short message, also to screen readers.
 * @param {HTMLElement} e
 */
export function createNotice(e) {
  let timer = 0;
  /**
   * @param {string} message
   * @param {number} [ms] how long it stays
   * @param {[words: string, act: () => void]} [offer] a button
   */
  return (message, ms = 2000, offer) => {
    text(e, message);
    if (offer) put(e, " ", el("button", { type: "button", click: offer[1] }, offer[0]));
    e.classList.add("seen");
    clearTimeout(timer);
    timer = setTimeout(() => e.classList.remove("seen"), ms);
  };
}
