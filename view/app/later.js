import { createActiveFilters } from "./active-filters.js";
import { startAnnouncer } from "./announcer.js";
import { chooseValue } from "./filter-edits.js";
import { fillHelp } from "./help.js";
import { createLastHourSlider } from "./last-hour-slider.js";
import { serverTime } from "./link-state.js";
import { highlight, matchText } from "./matches.js";
import { createNameTree } from "./name-tree.js";
import { createNavigation } from "./navigation.js";
import { isPlain } from "./page-shortcuts.js";
import { createRecordActions, quoted, similarQuery } from "./record-actions.js";
import { startExport } from "./record-export.js";
import { createDetail, refreshDetails } from "./record-detail.js";
import { connectSettings } from "./settings.js";
import { tableShortcuts } from "./table-shortcuts.js";
import { iso } from "./time.js";

/**
 * What main.js provides.
 * @typedef {object} Needs
 * @property {import("./record-table.js").RecordTable} table
 * @property {import("./playback.js").Playback} playback
 * @property {() => void} toggleFilters opens or closes the panel
 * @property {(id: string) => string} linkTo
 * @property {import("./notice.js").Notice} notice
 * @property {() => void} refilter
 * @property {() => void} settingsChanged
 * @property {() => void} clearFilters
 * @property {(ord: number) => void} show brings a record to the middle of the table
 */

/** @typedef {ReturnType<typeof createLater>} Later */

const COLUMNS = /** @type {const} */ (["logger", "channel", "host"]);

/**
 * createLater makes the parts that the page needs only when the reader approaches the table, the filters or the last hour. It
 * is a file of its own.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 * @param {Window & typeof globalThis} window
 * @param {Needs} needs
 */
export function createLater(state, page, window, { table, playback, toggleFilters, linkTo, notice, refilter, settingsChanged, clearFilters, show }) {
  const { store, filter } = state;
  const navigation = createNavigation(state, table, playback.newest);
  const records = createRecordActions(state, notice, linkTo, window);
  const now = () => serverTime(state);
  const actions = {
    ...records,
    now,
    showInContext(/** @type {number} */ ord) {
      table.activate(ord);
      clearFilters();
    },
    choose(/** @type {string[]} */ path, /** @type {string} */ value, /** @type {boolean} */ shown) {
      if (path[0] === "id") filter.text = `ids=${quoted(value)}`;
      else chooseValue(filter, /** @type {string} */ (path.at(-1)), value, shown);
      refilter();
    },
    chooseTime(/** @type {"from" | "to"} */ end, /** @type {number} */ ms) {
      chooseValue(filter, end === "from" ? "time>" : "time<", iso(ms, true), true);
      refilter();
    },
    showSimilar(/** @type {number} */ ord) {
      filter.text = similarQuery(store, ord);
      filter.exclude = false;
      refilter();
    },
    /** key handles the keys of the table inside an open row. Escape returns to the row. */
    key(/** @type {KeyboardEvent} */ event, /** @type {number} */ ord) {
      const act = isPlain(event) && event.key.length === 1 && event.key !== " " && keys.get(event.key);
      if (!act && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      if (table.active !== ord) table.activate(ord, false);
      page.log.focus({ preventScroll: true });
      if (act) act();
    },
  };
  const keys = tableShortcuts(table, navigation, records.copyJSON, playback.toggle, toggleFilters, clearFilters);
  startAnnouncer(state, page);
  startExport(state, page, window);
  connectSettings(state, page, table, settingsChanged, refilter);
  return {
    /** The keys of the table. */
    keys,
    match: navigation.match,
    /** @param {number} ord */
    matchText: (ord) => matchText(state, ord),
    highlight: () => highlight(state.search.finder, page.log, window),
    fillHelp: () => fillHelp(page.keys),
    /** @param {number} ord */
    detail: (ord) => createDetail(state, ord, actions),
    refreshDetails: () => refreshDetails(table.open, state, now()),
    /** createPanelParts makes the contents of the filter panel. */
    createPanelParts() {
      const trees = COLUMNS.map((column) => createNameTree(page[`${column}s`], column, store.names[column], filter[`${column}s`], refilter));
      page.find.addEventListener("input", () => trees[0].find(page.find.value));
      return [...trees, createActiveFilters(filter, page.filters, refilter)];
    },
    minute: createLastHourSlider(state, page, show, notice),
  };
}
