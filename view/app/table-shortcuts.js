import { el, put } from "./dom.js";

/** @typedef {import("./page-shortcuts.js").Shortcut} Shortcut */

/**
 * tableShortcuts returns the keys that work while the table has the focus (WCAG 2.1.4).
 * @param {import("./record-table.js").RecordTable} table
 * @param {import("./navigation.js").Navigation} navigation
 * @param {object} actions
 * @param {(ord: number) => void} actions.follow
 * @param {(ord: number) => void} actions.copyJSON
 * @param {() => void} actions.pause
 * @param {() => void} actions.toggleFilters
 * @param {() => void} actions.clearFilters
 * @returns {Shortcut[]}
 */
export function tableShortcuts(table, navigation, { follow, copyJSON, pause, toggleFilters, clearFilters }) {
  const active = (/** @type {(ord: number) => void} */ act) => () => {
    if (table.active >= 0) act(table.active);
  };
  return [
    [["ArrowDown", "j"], "next record", () => navigation.move(1)],
    [["ArrowUp", "k"], "previous record", () => navigation.move(-1)],
    [["PageDown"], "a page down", () => navigation.move(navigation.page())],
    [["PageUp"], "a page up", () => navigation.move(-navigation.page())],
    [["Home"], "upper end", () => navigation.end(true)],
    [["End"], "lower end", () => navigation.end(false)],
    [["Enter", " "], "open or close", active((ord) => table.toggle(ord))],
    [["ArrowRight"], "open", active((ord) => table.toggle(ord, true))],
    [["ArrowLeft"], "close", active((ord) => table.toggle(ord, false))],
    [["Escape"], "close, leave the record", active((ord) => (table.open.has(ord) ? table.toggle(ord, false) : table.activate(-1, false)))],
    [["e"], "next error", () => navigation.error(1)],
    [["E"], "previous error", () => navigation.error(-1)],
    [["n"], "next match", () => navigation.match(1)],
    [["N"], "previous match", () => navigation.match(-1)],
    [["f"], "follow its ID: all records that have it", active(follow)],
    [["c"], "copy the record as JSON", active(copyJSON)],
    [["p"], "pause, resume", pause],
    [["l"], "filters", toggleFilters],
    [["x"], "clear all filters", clearFilters],
  ];
}

/** How a key is written, if not by its name. */
const LABELS = new Map([["ArrowDown", "↓"], ["ArrowUp", "↑"], ["ArrowRight", "→"], ["ArrowLeft", "←"], [" ", "Space"], ["Escape", "Esc"]]);

/**
 * fillHelp lists the keys in the help.
 * @param {HTMLDialogElement} help
 * @param {Shortcut[]} shortcuts
 */
export function fillHelp(help, shortcuts) {
  if (help.hasChildNodes()) return;
  const list = el("dl");
  for (const [keys, words] of shortcuts) {
    const dt = el("dt");
    for (const key of keys) put(dt, el("kbd", {}, LABELS.get(key) ?? key), " ");
    put(list, el("div", {}, dt, el("dd", {}, words)));
  }
  put(help, el("h2", {}, "Keyboard"), list, el("button", { type: "button", click: () => help.close() }, "Close"));
}
