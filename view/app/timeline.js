import { attribute, el, text } from "./dom.js";
import { MINUTES } from "./last-hour.js";
import { NAMES } from "./levels.js";
import { clock } from "./time.js";

/** The bars' height in their own units. */
const HEIGHT = 26;
/** A label each ten minutes. */
const STEP = 10;

/**
 * createTimeline draws the last hour: a bar for each minute, and an axis.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 */
export function createTimeline(state, { lastHour: bars, axis }) {
  const labels = Array.from({ length: MINUTES / STEP + 1 }, () => el("span"));
  axis.append(...labels);
  return {
    draw() {
      const { lastHour } = state;
      const paths = lastHour.paths(HEIGHT);
      for (const path of bars.querySelectorAll("path")) attribute(path, "d", paths[NAMES.indexOf(path.dataset.level ?? "")] ?? "");
      labels.forEach((label, n) => text(label, n === labels.length - 1 ? "now" : lastHour.from ? clock(lastHour.from + n * STEP * 60_000, state.utc).slice(0, 5) : ""));
    },
  };
}
