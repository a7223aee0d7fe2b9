import { text } from "./dom.js";
import { SEARCHED } from "./filter.js";
import { words } from "./gaps.js";
import { GAP, NAMES } from "./levels.js";
import { filter, store, view } from "./state.js";
import { exactParse } from "./store.js";
import { count, file, lastLine, oneLine, ROW_CHARS, visible } from "./text.js";
import { clock, date, day, iso, span } from "./time.js";

/** A row whose own time is so far (ms) from its arrival is marked: a wrong clock, or a record that was long under way. */
const SKEW = 10_000;
/** So long (ms) without any record is said in the table. */
const SILENCE = 60_000;
/** Longer fields are shown in a row as they are, not parsed. */
const DATA_CHARS = 2000;

/** The first ordinal that came while nobody looked, -1 for none, and how many came, by level. */
let away = -1;
/** @type {number[]} */
let awayCounts = [];

/**
 * fill writes a record into a row.
 * @param {import("./list.js").Row} row
 * @param {number} ord
 */
export function fill(row, ord) {
  const i = ord % store.capacity;
  const level = store.level[i];
  const time = store.time[i];
  const e = row.el;
  e.dataset.level = NAMES[level];
  e.dataset.seq = Number.isNaN(store.seq[i]) ? "" : String(store.seq[i]);
  e.classList.toggle("gap", level === GAP);
  e.classList.toggle("skew", level !== GAP && Math.abs(store.at[i] - time) > SKEW);
  text(row.time, clock(time, view.utc));
  row.time.dateTime = iso(time, true);
  row.time.title = iso(time, view.utc) + (Math.abs(store.at[i] - time) > SKEW ? `\narrived ${span(store.at[i] - time)} ${store.at[i] > time ? "later" : "earlier"}` : "");
  if (level === GAP) {
    const gap = store.gap(ord);
    text(row.level, "gap");
    text(row.repeats, "");
    text(row.logger, "");
    text(row.text, gap ? words(gap, view.utc) : "");
    text(row.hint, "");
    text(row.source, "");
  } else {
    const message = store.message[i];
    const trace = store.trace[i];
    const last = trace ? oneLine(lastLine(trace)) : "";
    text(row.level, level ? NAMES[level] : "");
    text(row.logger, visible(store.name("logger", ord)));
    text(row.repeats, repeated(ord));
    text(row.text, oneLine(message || (trace ? last : store.fields[i])));
    text(row.hint, elsewhere(i) || (trace ? (last !== message ? last : "") : message ? data(ord) : ""));
    text(row.source, file(store.name("source", ord)));
  }
  e.classList.toggle("traced", store.trace[i] !== "");
  const mark = boundary(ord);
  if (mark) e.dataset.mark = mark;
  else delete e.dataset.mark;
}

/**
 * data is what a structured record says beside its message, as name=value. A message that was filled from a template
 * says it already; username is the process's own user, the same in every line (python-redis-log).
 * @param {number} ord
 */
function data(ord) {
  const fields = store.fields[ord % store.capacity];
  if (!fields || fields.startsWith('{"username":') && !fields.includes(",") || store.extra.get(ord)?.template) return "";
  if (fields.length > DATA_CHARS) return oneLine(fields.slice(0, DATA_CHARS));
  const parts = [];
  for (const [name, value] of Object.entries(exactParse(fields))) {
    if (name !== "username") parts.push(`${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
  return oneLine(parts.join(" "));
}

/** @param {number} ord */
function repeated(ord) {
  const n = view.matches.repeats.get(ord);
  return n ? `×${count(n)}` : "";
}

/**
 * elsewhere is the line of the trace or the fields with what is searched for, where the message has it not: a row must
 * show why it is here.
 * @param {number} i
 */
function elsewhere(i) {
  const { re } = view.test;
  if (!re || filter.invert || re.test(store.message[i].slice(0, ROW_CHARS))) return "";
  for (const part of [store.trace[i], store.fields[i]]) {
    const found = part && re.exec(part.slice(0, SEARCHED));
    if (!found) continue;
    const from = Math.max(part.lastIndexOf("\n", found.index) + 1, found.index - 60);
    const to = part.indexOf("\n", found.index);
    return oneLine(part.slice(from, to < 0 ? from + 200 : Math.min(to, from + 200)).trim());
  }
  return "";
}

/**
 * boundary is what is to be said between a record and the one before it: where the reader was away, another day, a
 * silence.
 * @param {number} ord
 */
function boundary(ord) {
  if (ord === away) return `while you were away: ${awayWords()}`;
  if (ord <= store.first) return "";
  const i = ord % store.capacity;
  const before = (ord - 1) % store.capacity;
  const other = day(store.at[i], view.utc) !== day(store.at[before], view.utc) ? date(store.at[i], view.utc) : "";
  const silence = store.at[i] - store.at[before];
  const silent = silence > SILENCE && store.level[i] !== GAP && store.level[before] !== GAP ? `${span(silence)} without a record` : "";
  return [other, silent].filter(Boolean).join(" · ");
}

const awayWords = () =>
  awayCounts.map((n, level) => (n ? `${count(n)} ${NAMES[level]}` : "")).filter(Boolean).reverse().join(", ") || "nothing";

/**
 * highlight marks hits by ranges (CSS Custom Highlight API): the rows' markup stays as it is.
 * @param {Iterable<import("./list.js").Row>} rows
 */
export function highlight(rows) {
  if (!("highlights" in CSS)) return;
  if (!view.test.re) {
    CSS.highlights.delete("hit");
    return;
  }
  const re = new RegExp(view.test.re.source, view.test.re.flags + "g");
  const ranges = [];
  for (const row of rows) {
    for (const e of [row.logger, row.text, row.hint]) {
      const node = e.firstChild;
      if (!(node instanceof Text)) continue;
      re.lastIndex = 0;
      for (let n = 0; n < 20; n++) {
        const found = re.exec(node.data);
        if (!found) break;
        if (found[0] === "") {
          re.lastIndex++;
          continue;
        }
        const range = new StaticRange({ startContainer: node, startOffset: found.index, endContainer: node, endOffset: found.index + found[0].length });
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set("hit", new Highlight(...ranges));
}

/** goAway remembers what was seen: the reader has left the tab. */
export function goAway() {
  away = store.end;
}

/** comeBack counts what came since, for the divider. */
export function comeBack() {
  awayCounts = new Array(GAP).fill(0);
  for (let ord = Math.max(away, store.first); ord < store.end; ord++) {
    const level = store.level[ord % store.capacity];
    if (level < GAP) awayCounts[level]++;
  }
  if (away >= store.end || away <= 0) away = -1;
}
