import { ERROR, GAP } from "./levels.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {ReturnType<typeof createNavigation>} Navigation */

/**
 * createNavigation moves the active row.
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
   * find activates the next row that fits.
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
    /** error activates the next error. @param {1 | -1} direction in time */
    error: (direction) => find(direction, (ord) => levelOf(ord) >= ERROR && levelOf(ord) < GAP),
    /** match activates the next match. If the search filters, every row except a gap is a match. @param {1 | -1} direction in time */
    match(direction) {
      const { matches, search } = state;
      if (search.finder) find(direction, (ord) => (matches ? matches.has(ord) : levelOf(ord) < GAP));
    },
    /** move moves down by a number of rows. @param {number} rows */
    move(rows) {
      const { shown } = state;
      const by = state.newestFirst ? -rows : rows;
      if (shown.reveal <= shown.first) return;
      const n = store.has(table.active) ? shown.lower(table.active) + by : shown.reveal - 1;
      activate(shown.at(Math.max(shown.first, Math.min(shown.reveal - 1, n))));
    },
    /** page returns the number of rows to move for a page, so that the row at the edge stays visible. */
    page: () => Math.max(1, Math.floor(table.height / table.rowHeight()) - 2),
    /** end activates the row at the upper or the lower end. @param {boolean} upper */
    end(upper) {
      const { shown } = state;
      if (upper === state.newestFirst) newest();
      else if (shown.reveal > shown.first) activate(shown.at(shown.first));
    },
  };
}
