import { attribute } from "./dom.js";

/** @typedef {import("./state.js").State} State */

/**
 * createFilterPanel opens and closes the panel beside the table: loggers, channels, hosts and active filters. The code that
 * fills it is in the second file.
 * @param {State} state
 * @param {import("./page.js").Page} page
 * @param {import("./lazy-file.js").LazyFile<import("./later.js").Later>} later
 */
export function createFilterPanel({ filter }, { filters: panel, filtersButton: button }, later) {
  /** @type {{draw: () => void}[]} */
  let parts = [];
  const isOpen = () => panel.hidden === false;

  /**
   * open shows or hides the panel. The first time it waits for the second file.
   * @param {boolean} shown
   */
  async function open(shown) {
    if (shown && parts.length === 0) {
      const module = await later.load();
      if (!module || parts.length > 0) return; // opened twice while the file was loading
      parts = module.createPanelParts();
    }
    panel.hidden = !shown;
    attribute(button, "aria-expanded", String(shown));
    draw();
  }

  /** draw updates the panel if it is open, and its button, which shows that a closed panel has active filters. */
  function draw() {
    if (isOpen()) for (const part of parts) part.draw();
    const active = !(filter.loggers.empty && filter.channels.empty && filter.hosts.empty && filter.fields.length === 0);
    button.dataset.on = String(!isOpen() && active);
  }

  const toggle = () => open(!isOpen());
  button.addEventListener("click", toggle);
  return { open, toggle, draw };
}
