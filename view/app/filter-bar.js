import { attribute, text } from "./dom.js";
import { ALL, andWorse, GAP, NAMES } from "./levels.js";
import { count, short } from "./text.js";

/** @typedef {import("./state.js").State} State */

/** A search that is a regular expression. */
const REGEXP = /^\/(.*)\/i?$/s;

/**
 * createFilterBar connects the level chips and the search above the table.
 * @param {State} state
 * @param {import("./page.js").Page} page
 * @param {(typed?: boolean) => void} changed is called when the filter has changed; typed means by typing in the search field
 * @param {object} needs
 * @param {import("./filtering.js").Filtering} needs.filtering
 * @param {() => void} needs.commit turns the query in the search field into chips
 * @param {() => void} needs.clear clears all filters
 * @param {(direction: 1 | -1) => void} needs.goToMatch
 */
export function createFilterBar(state, page, changed, { filtering, commit, clear, goToMatch }) {
  const { filter, store } = state;
  const { query, regexp } = page;
  const switches = /** @type {const} */ (["matchCase", "highlight"]);

  query.addEventListener("input", () => {
    filter.text = query.value;
    changed(true);
  });
  query.addEventListener("keydown", ({ key }) => {
    if (key === "Enter") commit();
    else if (key === "Escape" && query.value === "") page.log.focus();
  });
  for (const name of switches) {
    page[name].addEventListener("click", () => {
      filter[name] = !filter[name];
      changed();
    });
  }
  regexp.addEventListener("click", () => {
    const inside = REGEXP.exec(filter.text)?.[1];
    filter.text = inside ?? `/${filter.text}/`;
    changed();
    query.focus();
    const end = inside === undefined ? filter.text.length - 1 : inside.length;
    query.setSelectionRange(end, end);
  });
  page.previous.addEventListener("click", () => goToMatch(-1));
  page.next.addEventListener("click", () => goToMatch(1));
  page.clear.addEventListener("click", clear);

  const chips = [...page.levels.children].map((chip) => {
    const input = /** @type {HTMLInputElement} */ (chip.querySelector("input"));
    const level = NAMES.indexOf(input.value);
    chip.addEventListener("click", (event) => {
      // A click on the label is followed by one on its input.
      if (event.target !== input && !(/** @type {MouseEvent} */ (event).shiftKey)) return;
      if (/** @type {MouseEvent} */ (event).shiftKey) {
        event.preventDefault();
        const only = andWorse(level);
        filter.levels = filter.levels === only ? ALL : only;
      } else filter.levels = filter.levels ^ (1 << level) || ALL;
      changed();
    });
    return { level, chip: /** @type {HTMLElement} */ (chip), input, output: /** @type {Element} */ (chip.querySelector("output")) };
  });

  /** highlighted returns the number of highlighted matches, and which of them is the active row. @param {number} active */
  function highlighted(active) {
    const { matches } = state;
    if (!matches) return "";
    matches.trim(store.first);
    return matches.has(active) ? `${count(matches.lower(active) - matches.first + 1)} of ${count(matches.size)}` : `${count(matches.size)} highlighted`;
  }

  /** selected returns how many records pass the filter, of how many. */
  function selected() {
    const counts = filtering.counts();
    let n = 0;
    for (let level = 0; level < GAP; level++) if (filter.levels & (1 << level)) n += counts[level];
    return `${count(n)} of ${count(store.size - store.levels[GAP])} records`;
  }

  return {
    /** drawChoice updates what the reader has chosen, at once. */
    drawChoice() {
      for (const { level, input } of chips) input.checked = (filter.levels & (1 << level)) !== 0;
      for (const name of switches) attribute(page[name], "aria-pressed", String(filter[name]));
      attribute(regexp, "aria-pressed", String(REGEXP.test(filter.text)));
      if (query.value !== filter.text) query.value = filter.text;
      page.chips.hidden = filter.open && filter.off.length === 0;
    },
    /** draw updates the counts. @param {number} active the active record */
    draw(active) {
      const counts = filtering.counts();
      for (const { level, chip, output } of chips) {
        text(output, short(counts[level]));
        // Most logs have neither trace records nor records without a level: those chips appear with the first one.
        chip.hidden = store.levels[level] === 0 && level < 2;
      }
      const { error } = state.search;
      attribute(query, "aria-invalid", String(error !== ""));
      page.matchCount.classList.toggle("wrong", error !== "");
      text(page.matchCount, error || (filtering.busy() ? "searching…" : "") || highlighted(active) || (filter.open ? "" : selected()));
    },
  };
}
