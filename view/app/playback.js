import { text } from "./dom.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {ReturnType<typeof createPlayback>} Playback */

/** The playback rates, in records per second. */
export const RATES = [1, 10, 50, 500, Infinity];
/**
 * createPlayback controls how rows are revealed: pause, playback rate, and the jump to the newest.
 * @param {State} state
 * @param {import("./page.js").Page} page
 * @param {import("./record-table.js").RecordTable} table
 * @param {import("./ingest.js").Ingest} ingest
 * @param {() => void} changed
 */
export function createPlayback(state, { pause: button, newest: jump }, table, ingest, changed) {
  /** toggle pauses or resumes. */
  function toggle() {
    if (state.paused) {
      state.paused = false;
      // More than a screenful would push the reader's rows away: stay here and offer the jump to the newest.
      if (state.shown.buffered * table.rowHeight() > table.height) table.leave();
    } else {
      state.paused = true;
    }
    changed();
  }

  /** newest reveals all records and follows. */
  function newest() {
    state.paused = false;
    ingest.rejoin?.();
    state.shown.cursor = state.shown.end;
    table.newest();
    changed();
  }

  button.addEventListener("click", toggle);
  jump.addEventListener("click", newest);

  return {
    toggle,
    /** setRate limits how many records are revealed in a second. @param {number} rate */
    setRate(rate) {
      state.rate = rate;
      state.paused = false;
      changed();
    },
    newest,
    /** draw updates the button. */
    draw() {
      button.dataset.on = String(state.paused);
      text(button, state.paused ? "Resume" : "Pause");
    },
  };
}
