import { attribute, text } from "./dom.js";
import { ALL, andWorse, NAMES } from "./levels.js";
import { short } from "./text.js";

/** @typedef {import("./state.js").State} State */

/**
 * createFilterBar connects the level chips and the search above the table.
 * @param {State} state
 * @param {import("./page.js").Page} page
 * @param {(typed?: boolean) => void} changed is called when the filter has changed; typed means by typing in the search field
 * @param {() => boolean} busy reports whether the changed filter is still being applied
 * @param {(direction: 1 | -1) => void} goToMatch
 */
export function createFilterBar(state, page, changed, busy, goToMatch) {
  const { filter, store } = state;
  const { query } = page;
  const switches = /** @type {const} */ (["matchCase", "exclude", "highlight"]);

  query.addEventListener("input", () => {
    filter.text = query.value;
    changed(true);
  });
  query.addEventListener("keydown", ({ key }) => {
    if (key === "Enter") {
      page.log.focus();
      goToMatch(-1);
    } else if (key === "Escape" && query.value === "") page.log.focus();
  });
  for (const name of switches) {
    page[name].addEventListener("click", () => {
      filter[name] = !filter[name];
      changed();
    });
  }
  page.previous.addEventListener("click", () => goToMatch(-1));
  page.next.addEventListener("click", () => goToMatch(1));

  const chips = [...page.levels.children].map((chip) => {
    const input = /** @type {HTMLInputElement} */ (chip.querySelector("input"));
    const level = NAMES.indexOf(input.value);
    input.addEventListener("change", () => {
      filter.levels ^= 1 << level;
      changed();
    });
    chip.querySelector("button")?.addEventListener("click", () => {
      const only = andWorse(level);
      filter.levels = filter.levels === only ? ALL : only;
      changed();
    });
    return { level, chip: /** @type {HTMLElement} */ (chip), input, output: /** @type {Element} */ (chip.querySelector("output")) };
  });

  /** highlighted returns the number of highlighted matches, and which of them is the active row. @param {number} active */
  function highlighted(active) {
    const { matches } = state;
    if (!matches) return "";
    matches.trim(store.first);
    return matches.has(active) ? `${short(matches.lower(active) - matches.first + 1)} of ${short(matches.size)}` : `${short(matches.size)} highlighted`;
  }

  return {
    /** draw updates the controls. @param {number} active the active record */
    draw(active) {
      for (const { level, chip, input, output } of chips) {
        text(output, short(store.levels[level]));
        input.checked = (filter.levels & (1 << level)) !== 0;
        // Most logs have neither trace records nor records without a level: those chips appear with the first one.
        chip.hidden = store.levels[level] === 0 && level < 2;
      }
      for (const name of switches) attribute(page[name], "aria-pressed", String(filter[name]));
      if (query.value !== filter.text) query.value = filter.text;
      attribute(query, "aria-invalid", String(state.search.error !== ""));
      const searching = busy() && filter.text ? "searching…" : "";
      text(page.matchCount, state.search.error || searching || highlighted(active) || (filter.open ? "" : `${short(state.shown.size)} of ${short(store.size)}`));
    },
  };
}
