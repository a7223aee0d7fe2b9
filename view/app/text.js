/**
 * Log text is hostile: dom.js passes all that is shown through visible and then sets it as text, never as markup. Every
 * text is cut before an expression runs over it.
 */

/** A row shows so much of a message; one of 200 KB in a one-line row cost a third of a second a frame. */
export const ROW_CHARS = 1000;
/** An open row shows so much of one text; copying gives the whole. */
export const DETAIL_CHARS = 64 * 1024;

/** No script in use stacks more marks on one letter; hundreds of them would cover the rows above and below. */
const MAX_MARKS = 6;
/** Control characters but tab and line feed, line and paragraph separators, the Bidi_Control characters of Unicode UAX #9, and runs of marks. */
const HOSTILE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]|\p{M}{7,}/gu;

/** @param {string} found */
function picture(found) {
  if (found.length > 1) return `${[...found].slice(0, MAX_MARKS).join("")}\ufffd`;
  const code = found.charCodeAt(0);
  if (code === 13) return "";
  return code < 32 ? String.fromCharCode(0x2400 + code) : code === 127 ? "\u2421" : "\ufffd";
}

/**
 * visible shows what would act instead of being read: control characters as their pictures, those that change the
 * direction of text as U+FFFD, and letters with more marks than any script has without them.
 * @param {string} text
 */
export const visible = (text) => text.replace(HOSTILE, picture);

/**
 * oneLine is what a row shows of a text.
 * @param {string} text
 */
export function oneLine(text) {
  const line = text.length > ROW_CHARS ? `${text.slice(0, ROW_CHARS)}…` : text;
  return line.includes("\n") ? line.split("\n").map((part) => part.trim()).join(" ↵ ") : line;
}

/**
 * file is the end of a source: what a narrow column can show of "/srv/app/mail/queue.py:372 send".
 * @param {string} source
 */
export function file(source) {
  const cut = source.slice(0, ROW_CHARS);
  const space = cut.indexOf(" ");
  const where = space < 0 ? cut : cut.slice(0, space);
  return where.slice(Math.max(where.lastIndexOf("/"), where.lastIndexOf("\\")) + 1);
}

/**
 * note is what Elva says in a record's fields about the record: that it came empty, was cut, or has fields that can't be
 * read. It is "" for a field of the record's own.
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
 * count is a number with its thousands apart.
 * @param {number} n
 */
export const count = (n) => grouped.format(n);

/**
 * short is a count for a narrow place: 999, 1,234, 12.3k, 123k, 1.2M.
 * @param {number} n
 */
export function short(n) {
  if (n < 10_000) return count(n);
  if (n < 100_000) return `${(Math.floor(n / 100) / 10).toFixed(1)}k`;
  if (n < 1_000_000) return `${Math.floor(n / 1000)}k`;
  return `${(Math.floor(n / 100_000) / 10).toFixed(1)}M`;
}

/**
 * plural is a count with its noun.
 * @param {number} n
 * @param {string} one
 */
export const plural = (n, one) => `${count(n)} ${one}${n === 1 ? "" : "s"}`;

/**
 * rate is a number of records per second.
 * @param {number} n
 */
export const rate = (n) => (n < 10 ? `${Math.round(n * 10) / 10}/s` : `${short(Math.round(n))}/s`);

/**
 * together joins facts so that a line ends between two of them.
 * @param {string[]} facts
 */
export const together = (facts) => facts.map((fact) => fact.replaceAll(" ", "\u00a0")).join(" · ");
