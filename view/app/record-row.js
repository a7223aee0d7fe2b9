import { attribute, text } from "./dom.js";
import { gapText } from "./gap-text.js";
import { parseAny, stringify } from "./json.js";
import { GAP, NAMES } from "./levels.js";
import { count, file, note, oneLine, ROW_CHARS } from "./text.js";
import { clock, date, day, iso, span } from "./time.js";

/** @typedef {import("./state.js").State} State */

/** Rows are marked if a record's time and its receipt differ by more than this (ms): a wrong clock, or a long delay. */
const SKEW = 10_000;
/** The table mentions pauses longer than this (ms). */
const QUIET = 60_000;
/** Longer fields are shown as JSON. */
const FIELDS_CHARS = 2000;

/**
 * rowTexts returns the texts of a row.
 * @param {State} state
 * @param {number} ord
 * @param {string} match what the search found outside of the message
 */
export function rowTexts(state, ord, match) {
  const { store, utc } = state;
  const i = ord % store.capacity;
  const gap = store.gap(ord);
  if (gap) return { level: "gap", logger: "", repeats: "", message: gapText(gap, utc), hint: "", source: "" };
  const message = oneLine(store.message[i]);
  const error = store.trace[i] && oneLine(store.headline(ord));
  const repeats = state.shown.repeats.get(ord);
  return {
    level: store.level[i] ? NAMES[store.level[i]] : "",
    logger: store.name("logger", ord).slice(0, ROW_CHARS),
    repeats: repeats ? `×${count(repeats)}` : "",
    message: message || error || fieldsText(state, ord),
    hint: match || (error ? (error === message || !message ? "" : error) : message && fieldsText(state, ord)),
    source: file(store.name("source", ord)),
  };
}

/**
 * fieldsText returns the fields as name=value. A message made from a template contains them already. It leaves out username,
 * the user of the process, which is the same in every record (python-redis-log).
 * @param {State} state
 * @param {number} ord
 */
function fieldsText({ store }, ord) {
  const fields = store.fields[ord % store.capacity];
  if (!fields || (fields.startsWith('{"username":') && !fields.includes(",")) || store.template(ord)) return "";
  if (fields.length > FIELDS_CHARS) return oneLine(fields);
  const parts = Object.entries(parseAny(fields)).filter(([name]) => name !== "username");
  return oneLine(parts.map(([name, value]) => note(name, value) || `${name}=${typeof value === "string" ? value : stringify(value)}`).join(" "));
}

/**
 * boundaryText returns the divider above a record: the reader's absence, another day, or a pause.
 * @param {State} state
 * @param {number} ord
 * @param {string} absence
 */
export function boundaryText({ store, utc }, ord, absence) {
  if (ord <= store.first) return "";
  const i = ord % store.capacity;
  const before = (ord - 1) % store.capacity;
  const other = day(store.at[i], utc) !== day(store.at[before], utc) ? date(store.at[i], utc) : "";
  const pause = store.at[i] - store.at[before];
  const quiet = pause > QUIET && store.level[i] !== GAP && store.level[before] !== GAP ? `no records for ${span(pause)}` : "";
  return [absence, other, quiet].filter(Boolean).join(" · ");
}

const CELLS = /** @type {const} */ (["level", "logger", "repeats", "message", "hint", "source"]);

/**
 * fillRow writes a record into a row.
 * @param {State} state
 * @param {import("./record-table.js").Row} row
 * @param {number} ord
 * @param {string} absence the text about the reader's absence
 * @param {string} match what the search found outside of the message
 */
export function fillRow(state, row, ord, absence, match) {
  const { store, utc } = state;
  const i = ord % store.capacity;
  const e = row.el;
  const level = store.level[i];
  const time = store.time[i];
  const late = store.at[i] - time;
  const skewed = level !== GAP && Math.abs(late) > SKEW;
  e.dataset.level = NAMES[level];
  e.dataset.seq = isNaN(store.seq[i]) ? "" : String(store.seq[i]);
  e.classList.toggle("gap", level === GAP);
  e.classList.toggle("skew", skewed);
  e.classList.toggle("traced", store.trace[i] !== "");
  text(row.time, clock(time, utc));
  row.time.dateTime = iso(time, true);
  attribute(row.time, "title", iso(time, utc) + (skewed ? `\nreceived ${late > 0 ? "+" : "−"}${span(late)}` : ""));
  const texts = rowTexts(state, ord, match);
  for (const cell of CELLS) text(row[cell], texts[cell]);
  const mark = boundaryText(state, ord, absence);
  if (mark) e.dataset.mark = mark;
  else delete e.dataset.mark;
}
