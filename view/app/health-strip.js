import { attribute, text } from "./dom.js";
import { NAMES } from "./levels.js";
import { isCut, summaryText } from "./link-state.js";
import { count, plural } from "./text.js";

/** @typedef {import("./state.js").State} State */

/** The bars' height in their own units. */
const HEIGHT = 26;

/**
 * createHealthStrip draws the strip below the head: the summary, errors per minute, and bars of the last hour.
 * @param {State} state
 * @param {import("./page.js").Page} page
 */
export function createHealthStrip(state, { strip, summary, errors, lastHour, unfold }) {
  /** The summary in the HTML, used until the first status. */
  const first = { summary: summary.textContent ?? "", state: summary.dataset.state ?? "" };

  /** draw updates the summary, which may contain a countdown. */
  function draw() {
    const health = state.status?.health ?? first;
    const words = summaryText(state, health.summary);
    attribute(summary, "data-state", isCut(state) ? "down" : health.state);
    text(summary, words);
    attribute(summary, "title", words);
  }

  /** drawCounts updates the errors and the bars. */
  function drawCounts() {
    const { lastMinute, baseline, elevated } = state.status?.errors ?? { lastMinute: 0, baseline: NaN, elevated: false };
    text(errors, `${plural(lastMinute, "error")}/min${isNaN(baseline) ? "" : ` (baseline ${count(Math.round(baseline * 10) / 10)})`}`);
    errors.classList.toggle("many", elevated);
    const paths = state.lastHour.paths(HEIGHT);
    for (const path of lastHour.querySelectorAll("path")) attribute(path, "d", paths[NAMES.indexOf(path.dataset.level ?? "")] ?? "");
  }

  unfold.addEventListener("click", () => attribute(unfold, "aria-expanded", String(strip.classList.toggle("open"))));

  return { draw, drawCounts };
}
