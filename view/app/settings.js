import { text } from "./dom.js";
import { clock, parse } from "./time.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./page.js").Page} Page */

/**
 * drawSettings shows how times and rows are shown, also where a link says so.
 * @param {State} state
 * @param {Page} page
 */
export function drawSettings(state, { utc, newestFirst, collapsed, zone, log }) {
  utc.checked = state.utc;
  newestFirst.checked = state.newestFirst;
  collapsed.checked = state.collapsed;
  text(zone, state.utc ? "UTC" : "");
  log.setAttribute("aria-label", `Log records, newest ${state.newestFirst ? "first" : "last"}`);
  // The rows that came with the page are not the table's yet.
  for (const time of log.querySelectorAll("time")) text(time, clock(parse(time.dateTime), state.utc));
}

/**
 * connectSettings lets the settings in the help change how times and rows are shown.
 * @param {State} state
 * @param {Page} page
 * @param {import("./record-table.js").RecordTable} table
 * @param {() => void} changed
 * @param {() => void} refilter the rows are others
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
