/** Log text is hostile: what is shown goes through here and then into textContent, never into markup. */

/** A row shows so much of a message; one of 200 KB in a one-line row cost a third of a second a frame. */
export const ROW_CHARS = 1000;
/** An open row shows so much of one text; copying gives the whole. */
export const DETAIL_CHARS = 64 * 1024;

// Those that turn the direction of what follows would let one name rewrite a whole sentence (Unicode UAX #9).
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** @param {string} c */
function picture(c) {
  const code = c.charCodeAt(0);
  if (code === 13) return "";
  return code < 32 ? String.fromCharCode(0x2400 + code) : code === 127 ? "\u2421" : "\ufffd";
}

/**
 * visible replaces control characters (not tab and line feed) by their pictures.
 * @param {string} text
 */
export const visible = (text) => text.replace(CONTROLS, picture);

/**
 * oneLine is what a row shows of a message.
 * @param {string} text
 */
export function oneLine(text) {
  let line = text.length > ROW_CHARS ? text.slice(0, ROW_CHARS) + "…" : text;
  if (line.includes("\n")) line = line.replace(/\s*\n\s*/g, " ↵ ");
  return visible(line).replaceAll("\t", " ");
}

/**
 * file is the end of a source: what a narrow column can show of "/srv/app/mail/queue.py:372 send".
 * @param {string} source
 */
export function file(source) {
  const space = source.indexOf(" ");
  const where = space < 0 ? source : source.slice(0, space);
  return visible(where.slice(Math.max(where.lastIndexOf("/"), where.lastIndexOf("\\")) + 1));
}

/**
 * lastLine is the one line of a trace that says what went wrong.
 * @param {string} trace
 */
export function lastLine(trace) {
  const headline = /^\s+at |^\t/m.test(trace.slice(0, 2000)) && !/^Traceback/m.test(trace.slice(0, 2000));
  const text = headline ? trace.slice(0, ROW_CHARS) : trace.slice(-ROW_CHARS);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return (headline ? lines[0] : lines.at(-1))?.trim() ?? "";
}

/**
 * note is what Elva says of a record in its fields, in words: that it came empty, or was cut. It is "" for a field.
 * @param {string} name
 * @param {any} value
 */
export const note = (name, value) => (value?.bytes >= 0 && name === "elva.empty" ? `empty record, ${plural(value.bytes, "byte")}` : value?.bytes >= 0 && name === "elva.cut" ? `cut, ${plural(value.bytes, "byte")} were published` : "");

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
  if (n < 10_000) return grouped.format(n);
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
export const rate = (n) => (n === 0 ? "0/s" : n < 10 ? `${Math.round(n * 10) / 10}/s` : `${short(Math.round(n))}/s`);

/**
 * together joins facts so that a line ends between two of them.
 * @param {string[]} facts
 */
export const together = (facts) => facts.map((fact) => fact.replaceAll(" ", "\u00a0")).join(" · ");
