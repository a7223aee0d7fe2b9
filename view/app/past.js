import { gapText } from "./gap-text.js";
import { createGoTo } from "./go-to.js";
import { LastHour } from "./last-hour.js";
import { parseRange } from "./moment.js";
import { createNotify } from "./notify.js";
import { readName } from "./record-page.js";
import { createRecordPages } from "./record-pages.js";
import { bound } from "./time-range.js";
import { createTimeline } from "./timeline.js";
import { serverTime } from "./link-state.js";
import { iso } from "./time.js";

/** How long (ms) the offer to go to a record's time is shown. */
const OFFER = 20_000;

/** @typedef {ReturnType<typeof createPast>} Past */
/**
 * What main.js provides.
 * @typedef {object} OwnNeeds
 * @property {import("./notice.js").Notice} notice
 * @property {(ord: number) => void} goTo opens a record
 * @property {(ord: number) => void} show brings a record to the middle of the table
 * @property {(change: (search: import("./search.js").Search) => void) => Promise<void>} edit changes the filter by the rules of its grammar
 * @property {{write: (pushes?: boolean) => void}} address
 * @property {() => Promise<import("./wire.js").Status | null>} askHealth
 * @property {(s: import("./wire.js").Status) => void} takeStatus shows a status
 *
 * @typedef {Parameters<typeof createRecordPages>[2] & OwnNeeds} Needs
 */

/**
 * createPast creates what the stream does not bring: the timeline, older records, the record that a link names, and notifications.
 * It is in a separate file, which is loaded once the newest records are shown.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 * @param {Window & typeof globalThis} window
 * @param {Needs} needs
 */
export function createPast(state, page, window, needs) {
  const { table, ingest, notice, goTo, show, edit, askHealth, takeStatus } = needs;
  const { store, filter } = state;
  const pages = createRecordPages(state, window, needs);
  /** offset returns the height at which goTo shows a record. */
  const offset = () => table.height / 3;

  /** choose sets the filter's range. @param {string} from @param {string} to */
  const choose = (from, to) => edit((search) => search.add(["time", from || to ? `${from}/${to}` : ""]));

  /** here returns the ordinal of the first shown record at or after a time, or -1 if the stream's records do not reach back to it. @param {number} ms */
  function here(ms) {
    const { shown } = state;
    if (ingest.rejoin || store.live >= store.end || store.time[store.live % store.capacity] > ms || shown.reveal <= shown.first) return -1;
    let n = Math.max(shown.first, shown.lower(store.live));
    while (n < shown.reveal - 1 && store.time[shown.at(n) % store.capacity] < ms) n++;
    return shown.at(n);
  }

  /** goToTime shows the first record at or after a time. It clears a range that excludes the time. @param {number} ms */
  async function goToTime(ms) {
    const [from, to] = [filter.from, filter.to].map((end) => bound(end, serverTime(state)));
    if (ms < from || ms >= to) await choose("", "");
    const ord = here(ms);
    if (ord >= 0) show(ord);
    else if (!(await pages.goToTime(ms, offset(), show))) notice("There are no records");
  }

  const timeline = createTimeline(state, page, window, { table, choose, goToTime, askHealth, write: needs.address.write, isLive: () => !ingest.rejoin && !ingest.loading && !needs.filtering.busy() });
  const goToForm = createGoTo(state, page, goToTime);
  state.gapText = gapText;
  table.refill();
  const lastHour = (state.lastHour = new LastHour());
  const notify = createNotify(window);

  /** tick is called with each status. @param {import("./wire.js").Status} s */
  function tick(s) {
    if (!lastHour.take(s) && !window.document.hidden) void askHealth().then((whole) => whole && takeStatus(whole));
    timeline.tick();
    notify.take(s);
  }
  if (state.status) tick(state.status);

  return {
    pages, notify,
    openGoTo: goToForm.open,
    parseRange: (/** @type {string} */ typed) => parseRange(typed, serverTime(state), state.utc),
    /** frame is called after each frame. */
    frame() {
      pages.look();
      timeline.drawSeen();
    },
    tick,
    redraw: timeline.draw,
    /** refilter is called before a changed filter is applied. */
    refilter() {
      pages.refilter();
      timeline.refilter();
    },
    /** goToName opens the record that a link names. If the record is gone, it offers to go to its time. @param {string} name */
    async goToName(name) {
      if (await pages.goToName(name, offset(), goTo)) return;
      const { time } = readName(name);
      notice(`Record ${name.split("@")[0]} is no longer in memory`, OFFER, isNaN(time) ? undefined : [`Go to ${iso(time, state.utc).slice(0, 19).replace("T", " ")}`, () => void goToTime(time)]);
    },
  };
}
