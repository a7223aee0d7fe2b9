/** A key or several, what they do, and the action. Capital letters are with Shift. @typedef {[keys: string[], words: string, act: () => void]} Shortcut */

/** isPlain reports whether a key is pressed without a modifier. @param {KeyboardEvent} event */
export const isPlain = ({ ctrlKey, metaKey, altKey }) => !(ctrlKey || metaKey || altKey);

/** Keys of a keyboard that are shortcuts and no letters, by position. */
const POSITIONS = new Map([["Slash", ["/", "?"]], ["Comma", [",", "<"]]]);

/**
 * keyOf returns the key of an event. On a keyboard for another script it is the one at the same position. A Cyrillic one has the
 * point and the comma, which are in ASCII, where a Latin one has the slash.
 * @param {KeyboardEvent} event
 */
export function keyOf({ key, code = "", shiftKey }) {
  if (key.length > 1 || (key <= "~" && !(code === "Slash" && ".,".includes(key)))) return key;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return shiftKey ? letter : letter.toLowerCase();
  return POSITIONS.get(code)?.[Number(shiftKey)] ?? key;
}

/**
 * find returns the action of a key.
 * @param {Shortcut[]} shortcuts
 * @param {string} key
 */
export const find = (shortcuts, key) => shortcuts.find(([keys]) => keys.includes(key))?.[2];

/**
 * createShortcuts handles the keys that work everywhere on the page, and returns them.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 * @param {Document} document
 * @param {object} actions
 * @param {() => void} actions.openHelp
 * @param {(drawer: import("./state.js").State["drawer"]) => void} actions.openHealth
 * @param {(shown: boolean) => void} actions.openSettings
 * @param {() => void} actions.goToTime
 * @param {() => void} actions.closeFilters
 * @param {(view: import("./state.js").State["view"]) => void} actions.openView
 * @param {() => void} actions.openViews
 */
export function createShortcuts(state, { log, query, help, filters, settings, timeline }, document, { openHelp, openHealth, openSettings, goToTime, closeFilters, openView, openViews }) {
  /** @type {Shortcut[]} */
  const shortcuts = [
    [["/"], "search", () => {
      query.focus();
      query.select();
    }],
    [["h"], "health", () => openHealth(state.drawer ? "" : "side")],
    [["w"], "wallboard", () => openHealth(state.drawer === "wallboard" ? "" : "wallboard")],
    [["v"], "views", openViews],
    [["a"], "patterns", () => openView(state.view === "patterns" ? "" : "patterns")],
    [["o"], "operations", () => openView(state.view === "operations" ? "" : "operations")],
    [[","], "settings", () => openSettings(Boolean(settings.hidden))],
    [["g"], "go to a time", goToTime],
    [["?"], "this list", openHelp],
  ];
  document.addEventListener("keydown", (event) => {
    const on = /** @type {HTMLElement} */ (event.target);
    const types = on.tagName === "INPUT" && !["checkbox", "radio", "range"].includes(/** @type {HTMLInputElement} */ (on).type);
    if (types || !isPlain(event) || help.open || event.defaultPrevented) return;
    const inDrawer = on.closest?.("#health");
    const inView = inDrawer || on.closest?.("#explore");
    const key = keyOf(event);
    if (key === "Escape") {
      if (state.drawer === "wallboard" || inDrawer) openHealth("");
      else if (filters.contains(on)) closeFilters();
      else if (settings.contains(on)) openSettings(false);
      else if (state.view) openView("");
      return;
    }
    // A letter acts only where nothing else could be meant by it (WCAG 2.1.4).
    if (/\w/.test(key) && !(on === document.body || inView || log.contains(on) || timeline.contains(on))) return;
    const act = find(shortcuts, key);
    if (!act) return;
    event.preventDefault();
    act();
  });
  return shortcuts;
}
