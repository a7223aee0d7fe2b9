/**
 * Log text is hostile: dom.js passes everything it shows through visible and sets it as text, never as markup. Texts are cut
 * before an expression runs over them.
 */

/** The most characters of a message in a row: 200 KB in a one-line row took a third of a second per frame. */
export const ROW_CHARS = 1000;
/** The most characters of a text in an open row; Copy includes the rest. */
export const DETAIL_CHARS = 64 * 1024;

/** The most combining marks on one letter. No script in use needs more, and hundreds would cover the rows above and below. */
const MAX_MARKS = 6;
/** Control characters except tab and line feed, line and paragraph separators, Bidi_Control characters (Unicode UAX #9), and runs of marks. */
const HOSTILE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]|\p{M}{7,}/gu;

/** @param {string} found */
function picture(found) {
  if (found.length > 1) return `${[...found].slice(0, MAX_MARKS).join("")}\ufffd`;
  const code = found.charCodeAt(0);
  if (code === 13) return "";
  return code < 32 ? String.fromCharCode(0x2400 + code) : code === 127 ? "\u2421" : "\ufffd";
}

/**
 * visible makes hostile characters visible: control characters as their pictures, those that change the direction of text as
 * U+FFFD. It also removes excessive combining marks.
 * @param {string} text
 */
export const visible = (text) => text.replace(HOSTILE, picture);

/**
 * oneLine returns a text as a row shows it.
 * @param {string} text
 */
export function oneLine(text) {
  const line = text.length > ROW_CHARS ? `${text.slice(0, ROW_CHARS)}…` : text;
  return line.includes("\n") ? line.split("\n").map((part) => part.trim()).join(" ↵ ") : line;
}

/**
 * file returns the end of a source, which fits a narrow column: "queue.py:372" of "/srv/app/mail/queue.py:372 send".
 * @param {string} source
 */
export function file(source) {
  const cut = source.slice(0, ROW_CHARS);
  const space = cut.indexOf(" ");
  const where = space < 0 ? cut : cut.slice(0, space);
  return where.slice(Math.max(where.lastIndexOf("/"), where.lastIndexOf("\\")) + 1);
}

/**
 * note returns the text for a field that Elva itself added: the record was empty, was cut, or has unreadable fields. It returns
 * "" for other fields.
 * @param {string} name
 * @param {any} value
 */
export function note(name, value) {
  if (name === "elva.unreadable") return "the fields can't be read";
  if (typeof value?.bytes !== "number") return "";
  return name === "elva.empty" ? `empty record, ${plural(value.bytes, "byte")}` : name === "elva.cut" ? `cut, ${plural(value.bytes, "byte")} were published` : "";
}

const grouped = new Intl.NumberFormat("en", { useGrouping: true });

/**
 * count formats a number with thousands separators.
 * @param {number} n
 */
export const count = (n) => grouped.format(n);

/**
 * short formats a count for a narrow space: 999, 1,234, 12.3k, 123k, 1.2M.
 * @param {number} n
 */
export function short(n) {
  if (n < 10_000) return count(n);
  if (n < 100_000) return `${(Math.floor(n / 100) / 10).toFixed(1)}k`;
  if (n < 1_000_000) return `${Math.floor(n / 1000)}k`;
  return `${(Math.floor(n / 100_000) / 10).toFixed(1)}M`;
}

/**
 * plural formats a count with its noun.
 * @param {number} n
 * @param {string} one
 */
export const plural = (n, one) => `${count(n)} ${one}${n === 1 ? "" : "s"}`;

/**
 * rate formats a number of records per second.
 * @param {number} n
 */
export const rate = (n) => (n < 10 ? `${Math.round(n * 10) / 10}/s` : `${short(Math.round(n))}/s`);

/**
 * together joins facts so that lines break only between them.
 * @param {string[]} facts
 */
export const together = (facts) => facts.map((fact) => fact.replaceAll(" ", "\u00a0")).join(" · ");
