import { get, text } from "./dom.js";
import { MINUTES } from "./health-hour.js";
import { words } from "./health-words.js";

/** @typedef {import("./health.js").Page} Page */

/**
 * bars makes the hour's bars tell their figures, and a way to their minute's records.
 * @param {Page} page
 * @param {Event} first what brought somebody here
 * @returns {() => void} what brings the figures up to date
 */
export function bars(page, first) {
  const { hour, list, say, store, view } = page;
  const slider = get("hour", HTMLElement);
  const figures = get("minute", HTMLElement);
  /** The minute that is told of. */
  let chosen = MINUTES - 1;

  /** @param {number} i */
  function tell(i) {
    chosen = Math.max(0, Math.min(MINUTES - 1, i));
    const said = words(hour, chosen, view.utc);
    text(figures, said);
    slider.setAttribute("aria-valuenow", String(chosen));
    slider.setAttribute("aria-valuetext", said);
  }

  /** @param {MouseEvent} event */
  function point(event) {
    const box = slider.getBoundingClientRect();
    tell(Math.floor(((event.clientX - box.left) / box.width) * MINUTES));
  }

  /** jump goes to the minute's first row. */
  function jump() {
    const from = hour.from + chosen * 60_000;
    const until = from + 60_000;
    const { matches } = view;
    const at = (/** @type {number} */ ord) => store.at[ord % store.capacity];
    let n = matches.first;
    while (n < matches.reveal && at(matches.at(n)) < from) n++;
    if (store.size === 0 || until <= at(store.first)) say("That minute has left memory");
    else if (n === matches.reveal || at(matches.at(n)) >= until) say("No row of that minute is shown");
    else {
      page.uncover();
      list.leave();
      list.activate(matches.at(n), false);
      list.into(matches.at(n), true);
    }
  }

  slider.addEventListener("pointermove", point);
  slider.addEventListener("click", (event) => {
    point(event);
    jump();
  });
  slider.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -MINUTES, End: MINUTES }[event.key];
    if (by) tell(chosen + by);
    else if (event.key === "Enter") jump();
    else return;
    event.preventDefault();
  });
  if (first instanceof MouseEvent) point(first);
  else tell(chosen);
  return () => tell(chosen);
}
