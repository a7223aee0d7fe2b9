import { attribute, el, put, text } from "./dom.js";
import { parseAny, stringify } from "./json.js";
import { GAP, NAMES } from "./levels.js";
import { count, file, note, oneLine, ROW_CHARS } from "./text.js";
import { clock, date, day, iso, span } from "./time.js";
import { readIDs } from "./wire.js";
import { paint, paintWorker } from "./worker-mark.js";

/** @typedef {import("./state.js").State} State */

/** Rows are marked if a record's time and its receipt differ by more than this (ms): a wrong clock, or a long delay. */
const SKEW = 10_000;
/** The table mentions pauses longer than this (ms). */
const QUIET = 60_000;
/** Longer fields are shown as JSON. */
const FIELDS_CHARS = 2000;
/** A line has no room for more. */
const MAX_HINTS = 20;
const MAX_IDS = 2;
/** The number of characters that suffice to distinguish IDs. */
const ID_CHARS = 8;

/** A piece of the text after a message: plain text or a field. @typedef {string | [name: string, value: string]} Hint */
/** @typedef {import("./wire.js").ID} ID */

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
  if (gap) return { level: "gap", worker: "", logger: "", repeats: "", message: state.gapText(gap, utc), source: "", ids: [], hint: [] };
  const message = oneLine(store.message[i]);
  const error = store.trace[i] && oneLine(store.headline(ord));
  const repeats = state.shown.repeats.get(ord);
  const ids = idsOf(state, ord);
  const fields = match || error ? [] : fieldHints(state, ord, ids);
  const instead = message || error || oneLine(fields.map((hint) => (typeof hint === "string" ? hint : hint.join("="))).join(" "));
  return {
    level: store.level[i] ? NAMES[store.level[i]] : "",
    worker: store.name("worker", ord).slice(0, ROW_CHARS),
    logger: store.name("logger", ord).slice(0, ROW_CHARS),
    repeats: repeats ? `×${count(repeats)}` : "",
    message: instead,
    source: file(store.name("source", ord)),
    ids,
    hint: /** @type {Hint[]} */ (match ? [match] : error ? (error === instead ? [] : [error]) : message ? fields : []),
  };
}

/**
 * idsOf returns the IDs that connect a record to others, the most specific first.
 * @param {State} state
 * @param {number} ord
 * @returns {ID[]}
 */
const idsOf = ({ store }, ord) => readIDs(store.ids[ord % store.capacity]).slice(0, MAX_IDS);

/**
 * fieldHints returns the fields. A message made from a template contains them already. It leaves out username, the user of the
 * process, which is the same in every record (python-redis-log), and what is shown as an ID.
 * @param {State} state
 * @param {number} ord
 * @param {ID[]} ids
 * @returns {Hint[]}
 */
function fieldHints({ store }, ord, ids) {
  const fields = store.fields[ord % store.capacity];
  if (!fields || (fields.startsWith('{"username":') && !fields.includes(",")) || store.template(ord)) return [];
  if (fields.length > FIELDS_CHARS) return [oneLine(fields)];
  const parts = Object.entries(parseAny(fields)).filter(([name]) => name !== "username" && !ids.some((id) => id.name === name));
  return parts.slice(0, MAX_HINTS).map(([name, value]) => note(name, value) || [name, oneLine(typeof value === "string" ? value : stringify(value))]);
}

/**
 * boundaryText returns the divider above a record: the reader's absence, where the history begins, another day, or a pause.
 * @param {State} state
 * @param {number} ord
 * @param {string} absence
 */
export function boundaryText({ store, utc }, ord, absence) {
  if (ord <= store.first) return absence;
  const i = ord % store.capacity;
  const before = (ord - 1) % store.capacity;
  const other = day(store.at[i], utc) !== day(store.at[before], utc) ? date(store.at[i], utc) : "";
  const pause = store.at[i] - store.at[before];
  const quiet = pause > QUIET && store.level[i] !== GAP && store.level[before] !== GAP ? `no records for ${span(pause)}` : "";
  return [absence, other, quiet].filter(Boolean).join(" · ");
}

const CELLS = /** @type {const} */ (["level", "worker", "logger", "repeats", "message", "source"]);

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
  const shownTime = clock(time, utc);
  text(row.time, shownTime.slice(0, 8));
  text(row.millis, shownTime.slice(8));
  const whole = /** @type {HTMLTimeElement} */ (row.time.parentElement);
  whole.dateTime = iso(time, true);
  attribute(whole, "title", iso(time, utc) + (skewed ? `\nreceived ${late > 0 ? "+" : "−"}${span(late)}` : ""));
  const texts = rowTexts(state, ord, match);
  for (const cell of CELLS) text(row[cell], texts[cell]);
  paintWorker(row.dot, texts.worker);
  fillRest(row, texts);
  fillPins(state, row, ord);
  const mark = boundaryText(state, ord, absence);
  if (mark) e.dataset.mark = mark;
  else delete e.dataset.mark;
}

/**
 * fillRest writes the IDs and the fields of a record behind its message.
 * @param {import("./record-table.js").Row} row
 * @param {{ids: ID[], hint: Hint[]}} texts
 */
function fillRest(row, { ids, hint }) {
  const shape = ids.length || hint.length ? JSON.stringify([ids, hint]) : "";
  if (shape === row.rest) return;
  row.rest = shape;
  // Spaces, not margins: a screen reader would join the message and the IDs to one word.
  row.ids.replaceChildren(...ids.flatMap(({ name, value }) => {
    const chip = el("b", { title: `${name}=${value}: show all with it`, "data-id": value }, value.slice(0, ID_CHARS));
    paint(chip, value);
    return [" ", chip];
  }));
  row.hint.replaceChildren();
  put(row.hint, ...hint.flatMap((part) => [" ", ...(typeof part === "string" ? [part] : [el("b", {}, `${part[0]}=`), part[1]])]));
}

/**
 * fillPins writes the fields that the reader has pinned as columns.
 * @param {State} state
 * @param {import("./record-table.js").Row} row
 * @param {number} ord
 */
function fillPins({ store, settings }, row, ord) {
  const { pins } = row;
  const fields = settings.pins.length ? store.fields[ord % store.capacity] : "";
  const members = fields ? parseAny(fields) : {};
  for (const [n, name] of settings.pins.entries()) {
    if (!pins[n]) row.el.append((pins[n] = el("span", { role: "gridcell" })));
    attribute(pins[n], "class", `pin pin-${n}`);
    text(pins[n], oneLine(atPath(members, name)));
  }
  for (const extra of pins.splice(settings.pins.length)) extra.remove();
}

/** atPath returns the text of a field: of a member of that name, or by its path. @param {any} members @param {string} path */
function atPath(members, path) {
  const value = Object.hasOwn(members, path) ? members[path] : path.split(".").reduce((value, name) => (typeof value === "object" && value !== null && Object.hasOwn(value, name) ? value[name] : undefined), members);
  return value === undefined ? "" : typeof value === "string" ? value : stringify(value);
}
