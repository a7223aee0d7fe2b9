/**
 * tableShortcuts returns the keys that work while the table has the focus (WCAG 2.1.4).
 * @param {import("./record-table.js").RecordTable} table
 * @param {import("./navigation.js").Navigation} navigation
 * @param {(ord: number) => void} copyJSON
 * @param {() => void} pause
 * @param {() => void} toggleFilters
 * @param {() => void} clearFilters
 * @returns {Map<string, () => void>}
 */
export function tableShortcuts(table, navigation, copyJSON, pause, toggleFilters, clearFilters) {
  const active = (/** @type {(ord: number) => void} */ act) => () => {
    if (table.active >= 0) act(table.active);
  };
  const down = () => navigation.move(1);
  const up = () => navigation.move(-1);
  const toggle = active((ord) => table.toggle(ord));
  return new Map([
    ["ArrowDown", down],
    ["j", down],
    ["ArrowUp", up],
    ["k", up],
    ["PageDown", () => navigation.move(navigation.page())],
    ["PageUp", () => navigation.move(-navigation.page())],
    ["Home", () => navigation.end(true)],
    ["End", () => navigation.end(false)],
    ["Enter", toggle],
    [" ", toggle],
    ["ArrowRight", active((ord) => table.toggle(ord, true))],
    ["ArrowLeft", active((ord) => table.toggle(ord, false))],
    ["Escape", active((ord) => (table.open.has(ord) ? table.toggle(ord, false) : table.activate(-1, false)))],
    ["e", () => navigation.error(1)],
    ["E", () => navigation.error(-1)],
    ["n", () => navigation.match(1)],
    ["N", () => navigation.match(-1)],
    ["c", active(copyJSON)],
    ["p", pause],
    ["l", toggleFilters],
    ["x", clearFilters],
  ]);
}
