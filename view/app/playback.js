import { attribute, text } from "./dom.js";
import { CRITICAL, GAP, NAMES, WARNING } from "./levels.js";
import { RATES } from "./link.js";
import { count, short } from "./text.js";
import { span } from "./time.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {ReturnType<typeof createPlayback>} Playback */

/** The button mentions a lag of at least this (ms). */
const BEHIND = 2000;

/**
 * createPlayback controls how fast rows are revealed: pause, playback rate, and the jump to the newest.
 * @param {State} state
 * @param {import("./page.js").Page} page
 * @param {import("./record-table.js").RecordTable} table
 * @param {import("./ingest.js").Ingest} ingest
 * @param {(settled?: boolean) => void} changed settled is false while the slider moves
 */
export function createPlayback(state, { pause: button, playbackRate: slider, playbackText, buffered, newest: jump }, table, ingest, changed) {
  const { store } = state;
  const isPaused = () => state.paused || state.rate === 0;

  /** resumeRate resumes, also from a rate of 0. */
  function resumeRate() {
    state.paused = false;
    if (state.rate === 0) state.rate = Infinity;
  }

  /** toggle pauses or resumes. */
  function toggle() {
    if (isPaused()) {
      resumeRate();
      // More than a screenful would push the reader's rows away: stay here and offer the jump to the newest.
      if (state.shown.buffered * table.rowHeight() > table.height) table.leave();
    } else {
      state.paused = true;
    }
    changed();
  }

  /** newest reveals all records and follows. */
  function newest() {
    resumeRate();
    state.shown.cursor = state.shown.end;
    table.newest();
    changed();
  }

  button.addEventListener("click", toggle);
  slider.addEventListener("change", () => changed());
  slider.addEventListener("input", () => {
    state.rate = RATES[Number(slider.value)];
    state.paused = false;
    changed(false);
  });
  jump.addEventListener("click", newest);

  /** behind returns the lag (ms) between the newest revealed and the newest received record. */
  function behind() {
    const { shown } = state;
    return shown.buffered > 0 ? store.at[(store.end - 1) % store.capacity] - store.at[shown.at(shown.reveal) % store.capacity] : 0;
  }

  /**
   * worstFrom returns the worst level from a row on, or "" below warning. Buffered and skipped records count, so that a slow
   * rate hides no error.
   * @param {number} n
   */
  function worstFrom(n) {
    const { shown } = state;
    let worst = ingest.skippedWorst;
    for (; n < shown.end && worst < CRITICAL; n++) {
      const level = store.level[shown.at(n) % store.capacity];
      if (level < GAP && level > worst) worst = level;
    }
    return worst >= WARNING ? NAMES[worst] : "";
  }

  function drawBuffered() {
    const { shown } = state;
    const n = shown.buffered + ingest.skipped;
    const some = n > 0 && (isPaused() || state.rate !== Infinity || ingest.skipped > 0);
    buffered.classList.toggle("some", some);
    text(buffered, some ? `${short(n)} buffered` : "Playback rate");
    attribute(buffered, "title", some ? `${count(n)} records are buffered` : "");
    attribute(buffered, "data-level", some ? worstFrom(shown.reveal) : "");
  }

  function drawJump() {
    const { shown } = state;
    const from = shown.lower(state.unread);
    // At a slow rate one record is always buffered.
    const few = isPaused() || state.rate === Infinity ? 1 : 2;
    jump.hidden = !table.live || (table.follow ? shown.buffered < few : shown.size === 0);
    if (jump.hidden) return;
    const n = shown.end - from + ingest.skipped;
    const worst = worstFrom(from);
    const words = n > 0 ? `${count(n)} new${worst && `, ${worst}`}${behind() >= BEHIND ? `, ${span(behind())} behind` : ""}` : "Newest";
    text(jump, `${state.newestFirst ? "↑" : "↓"} ${words}`);
    attribute(jump, "data-level", worst);
  }

  return {
    toggle,
    newest,
    /** draw updates the controls. */
    draw() {
      button.dataset.on = String(isPaused());
      text(button, isPaused() ? "Resume" : "Pause");
      const position = String(RATES.indexOf(state.paused ? 0 : state.rate));
      if (slider.value !== position) slider.value = position;
      const words = isPaused() ? "paused" : state.rate === Infinity ? "live" : `${state.rate}/s`;
      text(playbackText, words);
      attribute(slider, "aria-valuetext", words);
      drawBuffered();
      drawJump();
    },
  };
}
