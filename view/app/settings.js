import { attribute, el, text } from "./dom.js";
import { clock, parse } from "./time.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./page.js").Page} Page */
/** A column of the table: its name, or "=" and the name of a field. @typedef {{name: string, hidden: boolean, width: number}} Column width is 0 for the style sheet's */

/** The settings that this browser remembers: how the page looks, never which records it shows. */
const DEFAULTS = {
  theme: /** @type {"system" | "light" | "dark"} */ ("system"),
  density: /** @type {"compact" | "comfortable"} */ ("compact"),
  utc: false,
  newestFirst: false,
  collapsed: false,
  wrap: false,
  announce: false,
  columns: ["time", "level", "worker", "logger", "message", "source"].map((name) => /** @type {Column} */ ({ name, hidden: false, width: 0 })),
};
/** The switches among the settings. */
export const SWITCHES = /** @type {const} */ (["utc", "newestFirst", "collapsed", "wrap", "announce"]);
/** The most columns, and the widest. */
const MAX_COLUMNS = 20;
/** The number of fields for which the style sheet has columns. */
const MAX_PINS = 6;
const MAX_WIDTH = 2000;

/** Pins are the names of the fields among the columns that are shown. @typedef {typeof DEFAULTS & {pins: string[]}} Settings */

/** defaults returns the settings of a page that is new to a browser. @returns {Settings} */
export const defaults = () => ({ ...structuredClone(DEFAULTS), pins: [] });

/**
 * readSettings reads remembered settings. What is not valid, or of another version, is left at its default.
 * @param {string | null} json
 */
export function readSettings(json) {
  const settings = defaults();
  let from;
  try {
    from = Object(JSON.parse(json ?? ""));
  } catch {
    return settings;
  }
  if (["light", "dark"].includes(from.theme)) settings.theme = from.theme;
  if (from.density === "comfortable") settings.density = from.density;
  for (const name of SWITCHES) settings[name] = from[name] === true;
  /** @type {Column[]} */
  const columns = (Array.isArray(from.columns) ? from.columns.slice(0, MAX_COLUMNS) : []).map((/** @type {any} */ one) => ({
    name: String(one?.name), hidden: one?.hidden === true, width: Math.min(MAX_WIDTH, Math.max(0, Number(one?.width) || 0)),
  }));
  const known = columns.filter(({ name }, n) => (/^=./.test(name) || settings.columns.some((column) => column.name === name)) && columns.findIndex((other) => other.name === name) === n);
  settings.pins = known.filter(({ name, hidden }) => name[0] === "=" && !hidden).map(({ name }) => name.slice(1)).slice(0, MAX_PINS);
  settings.columns = [...known, ...settings.columns.filter(({ name }) => !known.some((column) => column.name === name))];
  return settings;
}

/**
 * createSettings keeps the settings in the browser's storage, applies them, and follows those of other tabs.
 * @param {State} state
 * @param {Page} page
 * @param {Window} window
 * @param {(before: Settings) => void} changed
 */
export function createSettings(state, page, window, changed) {
  const { document } = window;
  const key = `elva-settings ${window.location.pathname}`;

  /** apply shows settings. */
  function apply() {
    const { theme, density, newestFirst, utc, wrap, columns } = state.settings;
    const { classList } = document.documentElement;
    for (const [name, on] of Object.entries({ light: theme === "light", dark: theme === "dark", comfortable: density === "comfortable", wrap, "newest-first": newestFirst })) classList.toggle(name, on);
    text(page.zone, utc ? "UTC" : "");
    attribute(page.log, "aria-label", `Log records, newest ${newestFirst ? "first" : "last"}`);
    const { style } = page.log;
    const head = page.log.firstElementChild;
    for (const old of head?.querySelectorAll(".pin") ?? []) old.remove();
    let pin = 0;
    columns.forEach(({ name: whole, hidden, width }, n) => {
      let name = whole;
      if (name[0] === "=") {
        if (hidden || pin === MAX_PINS) return;
        name = `pin-${pin++}`;
        head?.append(el("span", { class: `pin ${name}`, role: "columnheader" }, whole.slice(1)));
      }
      style.setProperty(`--${name}-order`, String(n));
      if (width) style.setProperty(`--${name}`, `${width}px`);
      else style.removeProperty(`--${name}`);
      page.log.classList.toggle(`no-${name}`, hidden);
    });
    // The table does not know the rows of the first paint.
    for (const time of page.log.querySelectorAll("time")) {
      const shown = clock(parse(time.dateTime), utc);
      if (time.firstChild?.nodeType === 3) time.firstChild.nodeValue = shown.slice(0, 8);
    }
  }

  /** @param {string | null} json */
  function take(json) {
    const before = state.settings;
    state.settings = readSettings(json);
    apply();
    changed(before);
  }

  try {
    state.settings = readSettings(window.localStorage.getItem(key));
  } catch {
    // The browser forbids the storage: the settings last as long as the page.
  }
  apply();
  window.addEventListener("storage", (event) => {
    if (event.key === key) take(event.newValue);
  });
  return {
    /** set changes settings. @param {Partial<Settings>} change */
    set(change) {
      const json = JSON.stringify({ ...state.settings, ...change, pins: undefined });
      try {
        window.localStorage.setItem(key, json);
      } catch {
        // As above.
      }
      take(json);
    },
  };
}
