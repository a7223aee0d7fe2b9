import { text } from "./dom.js";
import { clock, parse } from "./time.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./page.js").Page} Page */

/**
 * drawSettings shows the current settings, which a link may have changed.
 * @param {State} state
 * @param {Page} page
 */
export function drawSettings(state, { utc, newestFirst, collapsed, zone, log }) {
  utc.checked = state.utc;
  newestFirst.checked = state.newestFirst;
  collapsed.checked = state.collapsed;
  text(zone, state.utc ? "UTC" : "");
  log.setAttribute("aria-label", `Log records, newest ${state.newestFirst ? "first" : "last"}`);
  // The table does not know the rows of the first paint.
  for (const time of log.querySelectorAll("time")) text(time, clock(parse(time.dateTime), state.utc));
}

/**
 * connectSettings applies changes of the settings in the help.
 * @param {State} state
 * @param {Page} page
 * @param {import("./record-table.js").RecordTable} table
 * @param {() => void} changed
 * @param {() => void} refilter is called when the rows change
 */
export function connectSettings(state, page, table, changed, refilter) {
  page.utc.addEventListener("change", () => {
    state.utc = page.utc.checked;
    changed();
  });
  page.newestFirst.addEventListener("change", () => {
    const anchor = table.anchor();
    state.newestFirst = page.newestFirst.checked;
    table.restore(anchor);
    changed();
  });
  page.collapsed.addEventListener("change", () => {
    state.collapsed = page.collapsed.checked;
    refilter();
  });
}
