import { parseAny, stringify } from "./json.js";
import { NAMES } from "./levels.js";
import { visible } from "./text.js";
import { iso } from "./time.js";

/** @typedef {import("./store.js").Store} Store */

/**
 * recordText returns a record, or a gap, as the server's `?tail` prints it: a line, and indented below it what does not fit into one.
 * @param {Store} store
 * @param {number} ord
 */
export function recordText(store, ord) {
  const i = ord % store.capacity;
  const gap = store.gap(ord);
  if (gap) return gapLine(gap);
  const [host, logger, source] = [store.name("host", ord), store.name("logger", ord), store.name("source", ord)];
  return linesOf({ time: store.time[i], level: store.level[i], host, logger, source, message: store.message[i], fields: store.fields[i], trace: store.trace[i] });
}

/**
 * linesOf returns the same of a record that is not in the store.
 * @param {Pick<import("./wire.js").LogRecord, "time" | "level" | "host" | "logger" | "source" | "message" | "fields" | "trace">} record
 */
export function linesOf({ time, level, host, logger, source, message, fields, trace }) {
  const [first, ...rest] = message.split("\n");
  const line = [
    `${day(time)} ${(level ? NAMES[level] : "-").toUpperCase().padEnd(8)}`,
    ...[host, logger].filter(Boolean).map((name) => `${name}:`),
    first, ...fieldTexts(fields), ...(source ? [`(${source})`] : []),
  ];
  const below = [...(rest.length ? lines(rest.join("\n")) : []), ...(trace ? lines(trace) : [])];
  return [line.map(clean).join(" "), ...below.map((text) => `    ${visible(text)}`)].join("\n");
}

/** lines splits a text without an empty line at its end. @param {string} text */
const lines = (text) => text.replace(/\n$/, "").split("\n");

/** @param {string} text */
const clean = (text) => visible(text).replaceAll("\n", "␊");

/** @param {number} ms */
const day = (ms) => iso(Math.floor(ms), true).replace("T", " ").slice(0, 23);

/** @param {string} json */
function fieldTexts(json) {
  if (!json) return [];
  const all = parseAny(json);
  // As Go sorts: by code points.
  return Object.keys(all).sort().map((name) => {
    const value = all[name];
    return `${name}=${typeof value === "string" && /^[^ \t\r\n"=]+$/.test(value) ? value : stringify(value)}`;
  });
}

/** @param {import("./wire.js").Gap} gap */
function gapLine({ kind, lost, from, to, reason }) {
  let text = `--- gap (${kind})`;
  if (lost > 0) text += ` ${lost} records lost`;
  if (!isNaN(from) && !isNaN(to)) text += ` ${day(from)} to ${day(to).slice(11)}`;
  return clean(text + (reason ? `: ${reason}` : ""));
}
