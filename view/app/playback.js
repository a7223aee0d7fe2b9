import { attribute, text } from "./dom.js";
import { CRITICAL, GAP, NAMES, WARNING } from "./levels.js";
import { count, plural, short } from "./text.js";
import { span } from "./time.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {ReturnType<typeof createPlayback>} Playback */

/** The playback rates, in records per second. */
export const RATES = [1, 10, 50, 500, Infinity];
/** The button mentions a lag of at least this (ms). */
const BEHIND = 2000;

/**
 * createPlayback controls how rows are revealed: pause, playback rate, and the jump to the newest.
 * @param {State} state
 * @param {import("./page.js").Page} page
 * @param {import("./record-table.js").RecordTable} table
 * @param {import("./ingest.js").Ingest} ingest
 * @param {() => void} changed
 */
export function createPlayback(state, { pause: button, buffered, newest: jump }, table, ingest, changed) {
  const { store } = state;
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

  /** behind returns the lag (ms) between the newest revealed and the newest received record. */
  function behind() {
    const { shown } = state;
    return shown.buffered > 0 ? store.at[(store.end - 1) % store.capacity] - store.at[shown.at(shown.reveal) % store.capacity] : 0;
  }

  /**
   * from counts the records from a row on, and the worst level among them if that is a warning or above. Buffered and skipped
   * records count, so that a slow rate hides no error.
   * @param {number} n
   */
  function from(n) {
    const { shown } = state;
    const counts = new Float64Array(GAP + 1);
    for (; n < shown.end; n++) counts[store.level[shown.at(n) % store.capacity]]++;
    const records = counts.subarray(0, GAP).reduce((a, b) => a + b) + ingest.skipped;
    let worst = CRITICAL;
    while (worst >= WARNING && counts[worst] === 0 && ingest.skippedWorst < worst) worst--;
    if (worst < WARNING) return { records, level: "", words: "" };
    const name = NAMES[worst];
    return { records, level: name, words: counts[worst] ? (worst === CRITICAL ? `${count(counts[worst])} ${name}` : plural(counts[worst], name)) : name };
  }

  function drawBuffered() {
    const { shown } = state;
    const held = state.paused || state.rate !== Infinity || ingest.skipped > 0;
    const { records, level } = held ? from(shown.reveal) : { records: 0, level: "" };
    text(buffered, records ? `${short(records)} buffered` : "");
    attribute(buffered, "title", records ? `${count(records)} records are buffered` : "");
    attribute(buffered, "data-level", level);
  }

  function drawJump() {
    const { shown } = state;
    // Live, the next frame reveals what is buffered: the button would only flash. At a slow rate one record is always buffered.
    const few = state.paused ? 1 : state.rate === Infinity ? Infinity : 2;
    jump.hidden = !table.live || (table.follow ? shown.buffered < few : shown.size === 0 && !ingest.rejoin);
    if (jump.hidden) return;
    const { records, level, words } = from(shown.lower(state.unread));
    const all = [`${count(records)} new`, words, behind() >= BEHIND ? `${span(behind())} behind` : ""].filter(Boolean).join(" · ");
    text(jump, `${state.newestFirst ? "↑" : "↓"} ${records ? all : "Newest"}`);
    attribute(jump, "data-level", level);
  }

  return {
    toggle,
    /** setRate limits how many records are revealed in a second. @param {number} rate */
    setRate(rate) {
      state.rate = rate;
      state.paused = false;
      changed();
    },
    newest,
    /** draw updates the controls. */
    draw() {
      button.dataset.on = String(state.paused);
      text(button, state.paused ? "Resume" : "Pause");
      drawBuffered();
      drawJump();
    },
  };
}
