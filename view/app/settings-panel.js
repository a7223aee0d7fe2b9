import { encode } from "./address.js";
import { attribute, el, put } from "./dom.js";
import { RATES } from "./playback.js";

/** @typedef {import("./settings.js").Settings} Settings */
/** @typedef {import("./settings.js").Column} Column */

/** The narrowest and the widest column (px). */
const MIN_WIDTH = 48;
const MAX_WIDTH = 480;

/** @param {Column} column */
const columnLabel = ({ name }) => (name[0] === "=" ? name.slice(1) : name[0].toUpperCase() + name.slice(1));

/**
 * createSettingsPanel fills the settings panel: how the page looks, the columns of the table, the playback rate, and downloads.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 * @param {(change: Partial<Settings>) => void} set
 * @param {import("./playback.js").Playback} playback
 * @param {() => void} close
 */
export function createSettingsPanel(state, { settings: panel }, set, playback, close) {
  /** @type {(() => void)[]} */
  const draws = [];

  /**
   * segments creates a choice among a few.
   * @template {string | number | boolean} T
   * @param {string} label
   * @param {[T, string][]} choices
   * @param {() => T} now
   * @param {(value: T) => void} choose
   */
  function segments(label, choices, now, choose) {
    const buttons = choices.map(([value, words]) => el("button", { type: "button", click: () => {
      choose(value);
      draw();
    } }, words));
    draws.push(() => buttons.forEach((button, n) => attribute(button, "aria-pressed", String(choices[n][0] === now()))));
    return el("div", { class: "setting", role: "group", "aria-label": label }, el("span", {}, label), el("span", { class: "segments" }, ...buttons));
  }

  /** @param {typeof import("./settings.js").SWITCHES[number]} name @param {string} label */
  function toggle(name, label) {
    const input = el("input", { type: "checkbox", role: "switch", change: () => set({ [name]: input.checked }) });
    draws.push(() => (input.checked = state.settings[name]));
    return el("label", { class: "setting" }, el("span", {}, label), input);
  }

  const list = el("ul");
  /** @param {number} n @param {Partial<Column>} change */
  const change = (n, change) => set({ columns: state.settings.columns.map((column, i) => (i === n ? { ...column, ...change } : column)) });

  /** move changes the place of a column. @param {number} n @param {number} by */
  function move(n, by) {
    const columns = [...state.settings.columns];
    const [column] = columns.splice(n, 1);
    columns.splice(n + by, 0, column);
    set({ columns });
    focus(n + by, by < 0 ? ".up" : ".down");
  }

  /** focus moves the focus to a control of a column, or to its first one if that control is disabled. @param {number} n @param {string} control */
  function focus(n, control) {
    const row = list.children[n];
    /** @type {HTMLElement | null | undefined} */ (row?.querySelector(`${control}:enabled`) ?? row?.querySelector("input"))?.focus();
  }

  /** @param {Column} column @param {number} n */
  function columnRow(column, n) {
    const label = columnLabel(column);
    const shown = el("input", { type: "checkbox", change: () => change(n, { hidden: !shown.checked }) });
    shown.checked = !column.hidden;
    const width = el("input", { type: "range", min: String(MIN_WIDTH), max: String(MAX_WIDTH), step: "8", title: "Width. Double-click: as at first", "aria-label": `Width of ${label}`, change: () => change(n, { width: Number(width.value) }), dblclick: () => change(n, { width: 0 }) });
    width.value = String(column.width || 120);
    width.hidden = column.name === "message";
    const button = (/** @type {string} */ name, /** @type {string} */ sign, /** @type {string} */ words, /** @type {() => void} */ click) =>
      el("button", { type: "button", class: name, "aria-label": `${words} ${label}`, title: words, click }, sign);
    const buttons = [button("up", "↑", "Move up", () => move(n, -1)), button("down", "↓", "Move down", () => move(n, 1))];
    buttons[0].disabled = n === 0;
    buttons[1].disabled = n === state.settings.columns.length - 1;
    if (column.name[0] === "=") buttons.push(button("unpin", "×", "Unpin", () => set({ columns: state.settings.columns.filter((_, i) => i !== n) })));
    return el("li", {}, el("label", {}, shown, el("span", {}, label)), width, ...buttons);
  }

  const pin = el("input", { type: "text", placeholder: "Pin a field", "aria-label": "Pin a field as a column", maxlength: "100", autocomplete: "off", spellcheck: "false" });
  const form = el("form", { class: "setting", submit: (/** @type {Event} */ event) => {
    event.preventDefault();
    const name = pin.value.trim();
    if (name && !state.settings.columns.some((column) => column.name === `=${name}`)) set({ columns: [...state.settings.columns, { name: `=${name}`, hidden: false, width: 0 }] });
    pin.value = "";
  } }, pin, el("button", {}, "Pin"));

  /** download creates a link to all records in memory that the filter selects. @param {string} format @param {string} words */
  function download(format, words) {
    const link = el("a", { download: "" }, words);
    draws.push(() => attribute(link, "href", `?${encode([["records", ""], ["download", format], ...state.filter.params()])}`));
    return link;
  }

  put(panel,
    el("div", { class: "setting" }, el("h2", {}, "Settings"), el("button", { type: "button", "aria-label": "Close settings", click: close }, "×")),
    segments("Theme", /** @type {[Settings["theme"], string][]} */ ([["system", "System"], ["light", "Light"], ["dark", "Dark"]]), () => state.settings.theme, (theme) => set({ theme })),
    segments("Time", [[false, "Local"], [true, "UTC"]], () => state.settings.utc, (utc) => set({ utc })),
    segments("Order", [[false, "Newest last"], [true, "Newest first"]], () => state.settings.newestFirst, (newestFirst) => set({ newestFirst })),
    segments("Density", /** @type {[Settings["density"], string][]} */ ([["compact", "Compact"], ["comfortable", "Comfortable"]]), () => state.settings.density, (density) => set({ density })),
    toggle("wrap", "Wrap messages"), toggle("collapsed", "Collapse duplicates"), toggle("announce", "Announce new records"),
    el("h3", {}, "Columns"), list, form,
    el("h3", {}, "Playback rate"),
    segments("Rate", RATES.map((rate) => [rate, rate === Infinity ? "Live" : `${rate}/s`]), () => state.rate, playback.setRate),
    el("h3", {}, "Download"),
    el("p", { class: "setting" }, el("span", {}, "All records in memory that match the filter"), el("span", { class: "downloads" }, download("", "NDJSON"), download("text", "Text"))),
  );
  let columns = "";

  function draw() {
    if (panel.hidden) return;
    for (const one of draws) one();
    const shape = JSON.stringify(state.settings.columns);
    if (shape === columns) return;
    columns = shape;
    // Each change creates the rows again. The focus stays where it was.
    const focused = /** @type {HTMLInputElement | null} */ (list.contains(list.ownerDocument.activeElement) ? list.ownerDocument.activeElement : null);
    const n = [...list.children].findIndex((row) => row.contains(focused));
    list.replaceChildren(...state.settings.columns.map(columnRow));
    if (focused) focus(n, focused.type ? `input[type=${focused.type}]` : "input");
  }
  return { draw };
}
