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
  const [first, ...rest] = store.message[i].split("\n");
  const source = store.name("source", ord);
  const level = (store.level[i] ? NAMES[store.level[i]] : "-").toUpperCase();
  const line = [
    `${day(store.time[i])} ${level.padEnd(8)}`,
    ...[store.name("host", ord), store.name("logger", ord)].filter(Boolean).map((name) => `${name}:`),
    first, ...fields(store.fields[i]), ...(source ? [`(${source})`] : []),
  ];
  const below = [...(rest.length ? lines(rest.join("\n")) : []), ...(store.trace[i] ? lines(store.trace[i]) : [])];
  return [line.map(clean).join(" "), ...below.map((text) => `    ${visible(text)}`)].join("\n");
}

/** lines splits a text without an empty line at its end. @param {string} text */
const lines = (text) => text.replace(/\n$/, "").split("\n");

/** @param {string} text */
const clean = (text) => visible(text).replaceAll("\n", "␊");

/** @param {number} ms */
const day = (ms) => iso(Math.floor(ms), true).replace("T", " ").slice(0, 23);

/** @param {string} json */
function fields(json) {
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
