/** isPlain reports whether a key is pressed without a modifier. @param {KeyboardEvent} event */
export const isPlain = ({ ctrlKey, metaKey, altKey }) => !(ctrlKey || metaKey || altKey);

/**
 * createShortcuts handles the keys that work everywhere on the page.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 * @param {Document} document
 * @param {object} actions
 * @param {() => void} actions.openHelp
 * @param {(drawer: "" | "side") => void} actions.openHealth
 * @param {() => void} actions.closeFilters
 */
export function createShortcuts(state, { log, query, help, filters }, document, { openHelp, openHealth, closeFilters }) {
  document.addEventListener("keydown", (event) => {
    const { key } = event;
    const on = /** @type {HTMLElement} */ (event.target);
    const types = on.tagName === "INPUT" && !["checkbox", "range"].includes(/** @type {HTMLInputElement} */ (on).type);
    if (types || !isPlain(event) || help.open) return;
    const inDrawer = on.closest?.("#health");
    if (key === "/") {
      event.preventDefault();
      query.focus();
      query.select();
    } else if (key === "h" && (on === document.body || on === log || inDrawer)) openHealth(state.drawer ? "" : "side");
    else if (key === "Escape" && (state.drawer === "wallboard" || inDrawer)) openHealth("");
    else if (key === "?") openHelp();
    else if (key === "Escape" && filters.contains(on)) closeFilters();
  });
}
