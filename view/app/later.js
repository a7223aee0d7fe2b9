import { startAnnouncer } from "./announcer.js";
import { createEmptyState } from "./empty-state.js";
import { serverTime } from "./link-state.js";
import { highlight, matchText } from "./matches.js";
import { createNameTree } from "./name-tree.js";
import { createNavigation } from "./navigation.js";
import { createShortcuts, find, isPlain, keyOf } from "./page-shortcuts.js";
import { createRecordActions } from "./record-actions.js";
import { createDetail, refreshDetails } from "./record-detail.js";
import { linesOf } from "./record-text.js";
import { createSettingsPanel } from "./settings-panel.js";
import { fillHelp, tableShortcuts } from "./table-shortcuts.js";
import { readIDs } from "./wire.js";

/**
 * What main.js provides.
 * @typedef {object} Needs
 * @property {import("./record-table.js").RecordTable} table
 * @property {import("./playback.js").Playback} playback
 * @property {Parameters<typeof createShortcuts>[3]} keys what the keys do that work everywhere
 * @property {(view: "thread", id: string) => void} openView
 * @property {() => void} toggleFilters opens or closes the panel
 * @property {() => void} closeSettings
 * @property {{linkTo: (id: string) => string}} address
 * @property {() => boolean} ready reports whether the table shows the result of the current filter
 * @property {import("./notice.js").Notice} notice
 * @property {() => void} refilter
 * @property {(change: (search: import("./search.js").Search) => void) => Promise<void>} edit changes the filter by the rules of its grammar
 * @property {{set: (change: Partial<import("./settings.js").Settings>) => void}} settings
 * @property {() => void} clearFilters
 * @property {(ord: number) => void} show brings a record to the middle of the table
 */

/** @typedef {ReturnType<typeof createLater>} Later */

const COLUMNS = /** @type {const} */ (["worker", "logger", "channel", "host"]);

/**
 * createLater creates the parts that the page needs only when the reader approaches the table or the filters. It
 * is in a separate file.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 * @param {Window & typeof globalThis} window
 * @param {Needs} needs
 */
export function createLater(state, page, window, { table, playback, keys: everywhere, openView, toggleFilters, closeSettings, address, ready, notice, refilter, edit, settings, clearFilters, show }) {
  const { store, filter } = state;
  const navigation = createNavigation(state, table, playback.newest);
  const records = createRecordActions(state, notice, address.linkTo, window);
  const panel = createSettingsPanel(state, page, settings.set, playback, closeSettings);
  const follow = (/** @type {number} */ ord) => {
    const [id] = readIDs(store.ids[ord % store.capacity]);
    if (id) openView("thread", id.value);
  };
  const keys = tableShortcuts(table, navigation, { follow, copyJSON: records.copyJSON, pause: playback.toggle, toggleFilters, clearFilters });
  page.log.addEventListener("keydown", (event) => {
    const act = event.target === page.log && isPlain(event) && find(keys, keyOf(event));
    if (!act) return;
    event.preventDefault();
    act();
  });
  const shortcuts = createShortcuts(state, page, window.document, everywhere);
  const now = () => serverTime(state);
  const actions = {
    ...records,
    now,
    showInContext(/** @type {number} */ ord) {
      table.activate(ord);
      clearFilters();
    },
    choose(/** @type {string[]} */ path, /** @type {string} */ value, /** @type {boolean} */ shown) {
      void edit((search) => search.choose(path.join("."), value, shown));
    },
    chooseTime(/** @type {"from" | "to"} */ end, /** @type {number} */ ms) {
      void edit((search) => search.chooseTime(end, ms));
    },
    chooseSimilar(/** @type {number} */ ord, /** @type {boolean} */ shown) {
      void edit((search) => search.add(["q", `${shown ? "" : "-"}pattern:${store.pattern(ord)}`]));
    },
    follow,
    /** key handles the keys of the table inside an open row. Escape returns to the row. */
    key(/** @type {KeyboardEvent} */ event, /** @type {number} */ ord) {
      const key = keyOf(event);
      const act = isPlain(event) && key.length === 1 && key !== " " && find(keys, key);
      if (!act && key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      if (table.active !== ord) table.activate(ord, false);
      page.log.focus({ preventScroll: true });
      if (act) act();
    },
  };
  startAnnouncer(state, page);
  return {
    copy: records.copy,
    linesOf,
    match: navigation.match,
    /** @param {number} ord */
    matchText: (ord) => matchText(state, ord),
    highlight: () => highlight(state.search.finder, page.log, window),
    fillHelp: () => fillHelp(page.help, [...keys, ...shortcuts]),
    drawSettings: panel.draw,
    /** @param {number} ord */
    detail: (ord) => createDetail(state, ord, actions),
    refreshDetails: () => refreshDetails(table.open, state, now()),
    /** createPanelParts makes the contents of the filter panel. */
    createPanelParts() {
      const trees = COLUMNS.map((column) => createNameTree(page.filters, column, store.names[column], filter, refilter));
      page.find.addEventListener("input", () => trees.forEach((tree) => tree.find(page.find.value)));
      return trees;
    },
    emptyState: createEmptyState(state, page, ready, clearFilters, () => window.location.reload()),
  };
}
