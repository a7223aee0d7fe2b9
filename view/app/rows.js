import { text } from "./dom.js";
import { SEARCHED } from "./filter.js";
import { words } from "./gaps.js";
import { GAP, NAMES } from "./levels.js";
import { filter, store, view } from "./state.js";
import { exactParse } from "./store.js";
import { count, file, lastLine, note, oneLine, ROW_CHARS, visible } from "./text.js";
import { clock, date, day, iso, span } from "./time.js";

/** A row whose own time is so far (ms) from its arrival is marked: a wrong clock, or a record that was long under way. */
const SKEW = 10_000;
/** So long (ms) without any record is said in the table. */
const SILENCE = 60_000;
/** Longer fields are shown in a row as they are, not parsed. */
const DATA_CHARS = 2000;

/** Shorter absences (ms) are no news. */
const ABSENCE = 10_000;

/**
 * While nobody looked: the first ordinal that came, -1 for none; from when to when, by the server's clock; how many
 * came, by level; and how far they are counted, since some come only after the return.
 */
const away = { first: -1, from: 0, to: 0, counts: new Array(GAP).fill(0), next: 0 };

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
  e.dataset.seq = isNaN(store.seq[i]) ? "" : String(store.seq[i]);
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
    text(row.text, message ? oneLine(message) : last || data(ord));
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
    if (name !== "username") parts.push(note(name, value) || `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
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
  if (ord <= store.first) return "";
  const i = ord % store.capacity;
  const before = (ord - 1) % store.capacity;
  const other = day(store.at[i], view.utc) !== day(store.at[before], view.utc) ? date(store.at[i], view.utc) : "";
  const silence = store.at[i] - store.at[before];
  const silent = silence > SILENCE && store.level[i] !== GAP && store.level[before] !== GAP ? `${span(silence)} without a record` : "";
  return [ord === away.first ? absence() : "", other, silent].filter(Boolean).join(" · ");
}

function absence() {
  const { counts } = away;
  for (; away.next < store.end && store.at[away.next % store.capacity] <= away.to; away.next++) counts[store.level[away.next % store.capacity]]++;
  const words = counts.map((n, level) => (n && level < GAP ? `${count(n)} ${NAMES[level]}` : "")).filter(Boolean).reverse();
  return words.length ? `while you were away: ${words.join(", ")}` : "";
}

/** highlight marks hits by ranges (CSS Custom Highlight API): the markup of rows and details stays as it is. */
export function highlight() {
  if (!("highlights" in CSS)) return;
  if (!view.test.re) {
    CSS.highlights.delete("hit");
    return;
  }
  const re = new RegExp(view.test.re.source, view.test.re.flags + "g");
  const ranges = [];
  for (const e of document.querySelectorAll(".row :is(.logger, bdi, em), .detail :is(pre, .what, dd > span)")) {
    const nodes = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) {
      const node = /** @type {Text} */ (nodes.currentNode);
      const data = node.data.slice(0, SEARCHED);
      // What is drawn has other line ends than what was searched: the care begins anew.
      if (!view.test.endures(data)) break;
      re.lastIndex = 0;
      for (let n = 0; n < 20; n++) {
        const found = re.exec(data);
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

/**
 * goAway remembers what was seen: the reader has left the tab.
 * @param {number} now by the server's clock
 */
export function goAway(now) {
  Object.assign(away, { first: store.end, next: store.end, from: now, to: Infinity, counts: new Array(GAP).fill(0) });
}

/**
 * comeBack ends the absence.
 * @param {number} now by the server's clock
 */
export function comeBack(now) {
  away.to = now;
  if (now - away.from < ABSENCE || away.first <= store.first) away.first = -1;
}

/** growing tells whether records of the absence have come since they were last counted. */
export const growing = () => away.first >= 0 && away.next < store.end && store.at[away.next % store.capacity] <= away.to;
