import { attribute, text } from "./dom.js";
import { MINUTES, minuteText } from "./last-hour.js";

/** @typedef {import("./state.js").State} State */

/**
 * createLastHourSlider shows the counts of the minute under the pointer, or chosen with the keys, and jumps to its records.
 * @param {State} state
 * @param {import("./page.js").Page} page
 * @param {(ord: number) => void} show brings a record to the middle of the table
 * @param {import("./notice.js").Notice} notice
 */
export function createLastHourSlider(state, { lastHour: slider, minute: counts }, show, notice) {
  const { lastHour, store } = state;
  let chosen = MINUTES - 1;

  /** @param {number} i */
  function choose(i) {
    chosen = Math.max(0, Math.min(MINUTES - 1, i));
    draw();
  }

  /** draw updates the counts. */
  function draw() {
    const words = minuteText(lastHour, chosen, state.utc);
    text(counts, words);
    attribute(slider, "aria-valuenow", String(chosen));
    attribute(slider, "aria-valuetext", words);
  }

  /** @param {MouseEvent} event */
  function point(event) {
    const box = slider.getBoundingClientRect();
    choose(Math.floor(((event.clientX - box.left) / box.width) * MINUTES));
  }

  /** jump shows the minute's first row. */
  function jump() {
    const from = lastHour.from + chosen * 60_000;
    const until = from + 60_000;
    const { shown } = state;
    const at = (/** @type {number} */ ord) => store.at[ord % store.capacity];
    let n = shown.first;
    while (n < shown.reveal && at(shown.at(n)) < from) n++;
    if (store.size === 0 || until <= at(store.first)) notice("That minute is no longer in memory");
    else if (n === shown.reveal || at(shown.at(n)) >= until) notice("No row of that minute is shown");
    else show(shown.at(n));
  }

  slider.addEventListener("pointermove", point);
  slider.addEventListener("click", (event) => {
    point(event);
    jump();
  });
  slider.addEventListener("keydown", (event) => {
    if (event.key === "Enter") jump();
    else {
      const by = STEPS.get(event.key);
      if (!by) return;
      choose(chosen + by);
    }
    event.preventDefault();
  });
  return {
    draw,
    /** near shows the counts at the pointer, or of the chosen minute for the keyboard. @param {Event} event */
    near: (event) => (event instanceof MouseEvent ? point(event) : draw()),
  };
}

const STEPS = new Map([["ArrowLeft", -1], ["ArrowDown", -1], ["ArrowRight", 1], ["ArrowUp", 1], ["Home", -MINUTES], ["End", MINUTES]]);
