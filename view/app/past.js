import { createAbsence } from "./absence.js";
import { el } from "./dom.js";
import { gapText } from "./gap-text.js";
import { createGoTo } from "./go-to.js";
import { LastHour } from "./last-hour.js";
import { parseRange } from "./moment.js";
import { createNewestButton } from "./newest-button.js";
import { createNotify } from "./notify.js";
import { createPageHead } from "./page-head.js";
import { startExport } from "./record-export.js";
import { readName } from "./record-page.js";
import { createRecordPages } from "./record-pages.js";
import { bound } from "./time-range.js";
import { createSummary } from "./summary.js";
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
 * @property {(change: (search: import("./search.js").Search) => void) => void} filterBy changes the filter and shows its records
 * @property {{write: (pushes?: boolean) => void}} address
 * @property {() => Promise<import("./wire.js").Status | null>} askHealth
 * @property {(s: import("./wire.js").Status) => void} takeStatus shows a status
 *
 * @typedef {Parameters<typeof createRecordPages>[2] & OwnNeeds} Needs
 */

/**
 * createPast creates what the page needs once the newest records are shown, when its file is loaded: the state at the top, and what
 * the stream does not bring, which is the timeline, older records, the record that a link names, and notifications.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 * @param {Window & typeof globalThis} window
 * @param {Needs} needs
 */
export function createPast(state, page, window, needs) {
  const { table, ingest, notice, goTo, show, edit, filterBy, askHealth, takeStatus } = needs;
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
  startExport(state, page, window);
  const goToForm = createGoTo(state, page, goToTime);
  state.gapText = gapText;
  table.refill();
  const lastHour = (state.lastHour = new LastHour());
  const notify = createNotify(window);
  const absence = createAbsence(store);
  const newestButton = createNewestButton(state, page, table, ingest);
  const pageHead = createPageHead(state, page, window.document);
  const summary = createSummary(state, page, (query) => filterBy((search) => search.read(query)));

  function drawHealth() {
    summary.draw();
    pageHead.draw();
  }

  let offered = false;
  /** offerReload shows a button if the server has another build than this page. @param {string} build */
  function offerReload(build) {
    if (offered || !build || import.meta.url.includes(build)) return;
    offered = true;
    page.rate.after(el("button", { type: "button", id: "reload", click: () => window.location.reload() }, "New version: reload"));
  }

  /** tick is called with each status. @param {import("./wire.js").Status} s */
  function tick(s) {
    if (!lastHour.take(s) && !window.document.hidden) void askHealth().then((whole) => whole && takeStatus(whole));
    timeline.tick();
    notify.take(s);
    drawHealth();
    offerReload(s.build);
  }
  if (state.status) tick(state.status);
  else drawHealth();

  return {
    pages, notify, absence, drawHealth,
    drawNewest: newestButton.draw,
    /** text returns what a row that is no record says. @param {number} ord */
    text: (ord) => pages.text(ord) || absence.text(ord),
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
