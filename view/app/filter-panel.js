import { attribute } from "./dom.js";

/**
 * createFilterPanel opens and closes the panel beside the table. The code that fills it is in the second file.
 * @param {import("./page.js").Page} page
 * @param {import("./lazy-file.js").LazyFile<import("./later.js").Later>} later
 * @param {() => void} opens is called before the panel opens: others may have to give way
 */
export function createFilterPanel({ filters: panel, filtersButton: button }, later, opens) {
  /** @type {{draw: () => void}[]} */
  let parts = [];
  const isOpen = () => !panel.hidden;

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
    if (shown) opens();
    panel.hidden = !shown;
    attribute(button, "aria-expanded", String(shown));
    draw();
  }

  /** draw updates the panel if it is open. */
  function draw() {
    if (isOpen()) for (const part of parts) part.draw();
  }

  const toggle = () => open(!isOpen());
  button.addEventListener("click", toggle);
  return { open, toggle, draw, isOpen };
}
