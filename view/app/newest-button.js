import { attribute, text } from "./dom.js";
import { CRITICAL, GAP, NAMES, WARNING } from "./levels.js";
import { count, plural, short } from "./text.js";
import { span } from "./time.js";

/** What the name of the message column needs (px). */
const NAME = 64;
/** The button mentions a lag of at least this (ms). */
const BEHIND = 2000;

/**
 * createNewestButton draws the button that jumps to the newest record: what has arrived that the reader has not seen. It also
 * draws the number of buffered records.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 * @param {import("./record-table.js").RecordTable} table
 * @param {import("./ingest.js").Ingest} ingest
 */
export function createNewestButton(state, { newest: jump, buffered, log, messageName }, table, ingest) {
  const { store } = state;
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
    const held = state.paused || state.rate !== Infinity || ingest.skipped > 0;
    const { records, level } = held ? from(state.shown.reveal) : { records: 0, level: "" };
    text(buffered, records ? `${short(records)} buffered` : "");
    attribute(buffered, "title", records ? `${count(records)} records are buffered` : "");
    attribute(buffered, "data-level", level);
  }

  /** draw updates both. */
  function draw() {
    drawBuffered();
    const { shown } = state;
    // Live, the next frame reveals what is buffered: the button would only flash. At a slow rate one record is always buffered.
    const few = state.paused ? 1 : state.rate === Infinity ? Infinity : 2;
    jump.hidden = !table.live || (table.follow ? shown.buffered < few : shown.size === 0 && !ingest.rejoin);
    if (jump.hidden) return;
    const { records, level, words } = from(shown.lower(state.unread));
    const all = [`${count(records)} new`, words, behind() >= BEHIND ? `${span(behind())} behind` : ""].filter(Boolean).join(" · ");
    text(jump, `${state.newestFirst ? "↑" : "↓"} ${records ? all : "Newest"}`);
    attribute(jump, "data-level", level);
    place();
  }

  /** place puts the button at the end of the message's name, where columns have names. */
  function place() {
    const name = messageName.getBoundingClientRect();
    jump.style.right = name.width ? `${log.getBoundingClientRect().right - name.right}px` : "";
    jump.style.maxWidth = name.width ? `${name.width - NAME}px` : "";
  }

  return { draw };
}
