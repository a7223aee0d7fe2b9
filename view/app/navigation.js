import { ERROR, GAP } from "./levels.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {ReturnType<typeof createNavigation>} Navigation */

/**
 * createNavigation makes another row the active one.
 * @param {State} state
 * @param {import("./record-table.js").RecordTable} table
 * @param {() => void} newest
 */
export function createNavigation(state, table, newest) {
  const { store } = state;

  /** @param {number} ord */
  function activate(ord) {
    table.leave();
    table.activate(ord);
  }

  /**
   * find makes the next row that fits the active one.
   * @param {1 | -1} direction in time
   * @param {(ord: number) => boolean} fits
   */
  function find(direction, fits) {
    const { shown } = state;
    const here = store.has(table.active) ? shown.lower(table.active) : direction > 0 ? shown.first - 1 : shown.reveal;
    for (let n = here + direction; n >= shown.first && n < shown.reveal; n += direction) {
      if (!fits(shown.at(n))) continue;
      activate(shown.at(n));
      return;
    }
  }

  /** @param {number} ord */
  const levelOf = (ord) => store.level[ord % store.capacity];

  return {
    /** error goes to an error. @param {1 | -1} direction in time */
    error: (direction) => find(direction, (ord) => levelOf(ord) >= ERROR && levelOf(ord) < GAP),
    /** match goes to a match of the search: with a search that hides, every row but a gap is one. @param {1 | -1} direction in time */
    match(direction) {
      const { filter, matches, search } = state;
      if (search.finder && !(filter.exclude && !matches)) find(direction, (ord) => (matches ? matches.has(ord) : levelOf(ord) < GAP));
    },
    /** move goes so many rows down. @param {number} rows */
    move(rows) {
      const { shown } = state;
      const by = state.newestFirst ? -rows : rows;
      if (shown.reveal <= shown.first) return;
      const n = store.has(table.active) ? shown.lower(table.active) + by : shown.reveal - 1;
      activate(shown.at(Math.max(shown.first, Math.min(shown.reveal - 1, n))));
    },
    /** page is so many rows that the one at an edge is still seen. */
    page: () => Math.max(1, Math.floor(table.height / table.rowHeight()) - 2),
    /** end goes to the upper or the lower end. @param {boolean} upper */
    end(upper) {
      const { shown } = state;
      if (upper === state.newestFirst) newest();
      else if (shown.reveal > shown.first) activate(shown.at(shown.first));
    },
  };
}
