import { readName } from "./record-page.js";
import { createRecordPages } from "./record-pages.js";
import { iso } from "./time.js";

/** How long (ms) the offer of a record's time stays. */
const OFFER = 20_000;

/** @typedef {ReturnType<typeof createPast>} Past */
/**
 * What main.js provides.
 * @typedef {Parameters<typeof createRecordPages>[2] & {notice: import("./notice.js").Notice, goTo: (ord: number) => void, show: (ord: number) => void}} Needs
 */

/**
 * createPast makes what shows more than the page has received: records from before, and those that a link names. It is a file
 * of its own, which is loaded once the newest records are shown.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 * @param {Window & typeof globalThis} window
 * @param {Needs} needs
 */
export function createPast(state, page, window, needs) {
  const { table, notice, goTo, show } = needs;
  const pages = createRecordPages(state, window, needs);
  /** Where a record is shown that was looked for. */
  const offset = () => table.height / 3;

  /** @param {number} ms */
  async function goToTime(ms) {
    if (!(await pages.goToTime(ms, offset(), show))) notice("There are no records");
  }

  return {
    pages,
    /** goToName opens the record that a link names. If it is gone, its time is offered. @param {string} name */
    async goToName(name) {
      if (await pages.goToName(name, offset(), goTo)) return;
      const { time } = readName(name);
      notice(`Record ${name.split("@")[0]} is no longer in memory`, OFFER, isNaN(time) ? undefined : [`Go to ${iso(time, state.utc).slice(0, 19).replace("T", " ")}`, () => void goToTime(time)]);
    },
  };
}
