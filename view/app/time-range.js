import { iso, timeOfDay } from "./time.js";

/** A range of time that consists of bars of equal length (ms). Each begins at a multiple of the length. @typedef {{from: number, to: number, step: number}} TimeRange */

/** The spans to choose from: their words, their names in an address, and their lengths (ms); 0 means everything in memory. */
export const SPANS = /** @type {[words: string, name: string, ms: number][]} */ ([["15 min", "15m", 900_000], ["1 h", "1h", 3_600_000], ["6 h", "6h", 21_600_000], ["all", "all", 0]]);
/** The most bars in a range: more would be too narrow for a finger on a phone. */
const MOST = 90;
/** The lengths of a bar, in seconds. Longer ones are whole days. */
const STEPS = [10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200];
const DAY = 86_400;

/**
 * rangeOf returns the range of a length that ends with the bar of the time now.
 * @param {number} span 0 for everything in memory
 * @param {number} now
 * @param {number} oldest the time of the oldest record
 * @returns {TimeRange}
 */
export function rangeOf(span, now, oldest) {
  const length = span || Math.max(60_000, now - (isNaN(oldest) ? now : oldest));
  const fits = (/** @type {number} */ s) => length / s / 1000 <= MOST - 1;
  const step = (STEPS.find(fits) ?? DAY * Math.ceil(length / 1000 / DAY / (MOST - 1))) * 1000;
  const to = (Math.floor(now / step) + 1) * step;
  return { from: span ? to - Math.ceil(length / step) * step : Math.floor((now - length) / step) * step, to, step };
}

/** TICKS: the possible distances (s) of the times below the bars. FEW: the most times to write. */
const TICKS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, DAY, 2 * DAY, 7 * DAY, 30 * DAY];
const FEW = 7;

/**
 * ticks returns the times that are written below a range, with their texts.
 * @param {TimeRange} range
 * @param {boolean} utc
 * @returns {[number, string][]}
 */
export function ticks({ from, to }, utc) {
  const every = (TICKS.find((s) => (to - from) / s / 1000 <= FEW) ?? Math.ceil((to - from) / 1000 / FEW / DAY) * DAY) * 1000;
  // Full hours and days are in the reader's time zone.
  const shift = utc ? 0 : new Date(from).getTimezoneOffset() * 60_000;
  /** @type {[number, string][]} */
  const list = [];
  for (let at = Math.ceil((from - shift) / every) * every + shift; at < to; at += every) list.push([at, every >= DAY * 1000 ? iso(at, utc).slice(5, 10) : timeOfDay(at, utc).slice(0, 5)]);
  return list;
}

/**
 * rangeText returns the text of a range, as short as possible.
 * @param {number} from
 * @param {number} to
 * @param {boolean} utc
 */
export function rangeText(from, to, utc) {
  const cut = (from % 60_000 || to % 60_000) ? 8 : 5;
  const day = to - from > DAY * 1000 ? (/** @type {number} */ at) => `${iso(at, utc).slice(5, 10)} ` : () => "";
  return `${day(from)}${timeOfDay(from, utc).slice(0, cut)} – ${day(to)}${timeOfDay(to, utc).slice(0, cut)}`;
}

/**
 * rangeWords returns a filter's range in words that the reader can edit. A day is named if it is not today.
 * @param {string} from
 * @param {string} to
 * @param {number} now
 * @param {boolean} utc
 */
export function rangeWords(from, to, now, utc) {
  const [first, last] = [from, to].map((end) => {
    const at = Date.parse(end);
    if (isNaN(at)) return end;
    const [date, time] = iso(at, utc).split("T");
    return `${iso(now, utc).startsWith(date) ? "" : `${date} `}${time.slice(0, at % 60_000 ? 8 : 5)}`;
  });
  if (first && last) return `${first} – ${last}${isNaN(Date.parse(to)) ? " ago" : ""}`;
  return first ? `${isNaN(Date.parse(from)) ? "last" : "from"} ${first}` : `until ${last}`;
}

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: DAY * 1000 };

/**
 * bound returns an end of a filter's range as a time. It returns NaN if there is none, or if the text has an unusual form.
 * @param {string} text
 * @param {number} now
 */
export function bound(text, now) {
  const [, n, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  return n ? now - Number(n) * UNITS[/** @type {keyof typeof UNITS} */ (unit)] : Date.parse(text);
}

/**
 * moved returns a selection after one of its edges, or the whole selection, was moved by some bars.
 * @param {"from" | "to" | "all"} part
 * @param {{from: number, to: number}} was
 * @param {number} by bars
 * @param {TimeRange} range
 */
export function moved(part, { from, to }, by, range) {
  const shift = by * range.step;
  if (part === "from") return ordered(from + shift, to, range);
  if (part === "to") return ordered(from, to + shift, range);
  const most = Math.min(shift, range.to - to);
  const least = Math.max(most, range.from - from);
  return { from: from + least, to: to + least };
}

/**
 * ordered returns the selection between two times in any order. It has at least one bar and lies within the range.
 * @param {number} a
 * @param {number} b
 * @param {TimeRange} range
 */
function ordered(a, b, { from, to, step }) {
  const low = Math.min(Math.max(Math.min(a, b), from), to - step);
  return { from: low, to: Math.max(low + step, Math.min(Math.max(a, b), to)) };
}
