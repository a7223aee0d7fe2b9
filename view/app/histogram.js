import { CRITICAL, ERROR, GAP, level, NAMES, NONE, WARNING } from "./levels.js";
import { count, plural } from "./text.js";

/** The numbers of records by level, for buckets of equal length, by the start (ms) of each bucket. @typedef {Map<number, number[]>} Buckets */

/** The height of the bars in SVG units. Errors have their own scale and lane at the top, so that even three in a thousand are visible. */
export const HEIGHT = 42;
const LANE = 12;
/** LEAST: the least height of a bar that is not empty. LEAST_BAD: the least height of one with warnings or errors. */
const LEAST = 0.8;
const LEAST_BAD = 2.5;
/** WIDTH: the distance between the left edges of two bars. BAR: the width of a bar. */
export const WIDTH = 4;
const BAR = 3;

/**
 * readHistogram reads an answer of `?histogram`. It returns null if the answer was cut. seq is the number of the newest record
 * that the server may have counted.
 * @param {string} text
 * @returns {{buckets: Buckets, seq: number} | null}
 */
export function readHistogram(text) {
  /** @type {Buckets} */
  const buckets = new Map();
  for (const line of text.split("\n")) {
    const { time, counts, complete, seq } = line ? JSON.parse(line) : {};
    if (complete !== undefined) return complete ? { buckets, seq: Number(seq) } : null;
    const at = Date.parse(time);
    if (isNaN(at)) continue;
    const bars = new Array(GAP).fill(0);
    for (const [name, n] of Object.entries(counts ?? {})) bars[level(name)] += Number(n) || 0;
    buckets.set(at, bars);
  }
  return null;
}

/**
 * addRecord counts a record in the bucket of its time.
 * @param {Buckets} buckets
 * @param {number} at
 * @param {number} step
 * @param {number} level
 */
export function addRecord(buckets, at, step, level) {
  const start = Math.floor(at / step) * step;
  const bars = buckets.get(start) ?? new Array(GAP).fill(0);
  bars[level]++;
  buckets.set(start, bars);
}

/**
 * countOf adds up the buckets between two times.
 * @param {Buckets} buckets
 * @param {number} from
 * @param {number} to
 */
export function countOf(buckets, from, to) {
  const sum = new Array(GAP).fill(0);
  for (const [at, bars] of buckets) if (at >= from && at < to) bars.forEach((n, i) => (sum[i] += n));
  return sum;
}

/** total adds up the levels. @param {number[]} bars */
export const total = (bars) => bars.reduce((a, b) => a + b, 0);

/**
 * countText returns the counts by level as text, the worst level first, or "" if there are no records.
 * @param {number[]} bars
 */
export function countText(bars) {
  const parts = bars.map((n, i) => {
    if (!n) return "";
    return i === WARNING || i === ERROR ? plural(n, NAMES[i]) : `${count(n)} ${i === NONE ? "without level" : NAMES[i]}`;
  });
  return parts.reverse().filter(Boolean).join(", ");
}

/**
 * barPaths returns an SVG path for each level of buckets, and one for the totals of whole, which lies below the others.
 * @param {import("./time-range.js").TimeRange} range
 * @param {Buckets} buckets
 * @param {Buckets | null} whole
 */
export function barPaths({ from, to, step }, buckets, whole) {
  /** @type {string[]} */
  const paths = new Array(GAP).fill("");
  let ghost = "";
  const times = Array.from({ length: Math.round((to - from) / step) }, (_, x) => from + x * step);
  const plain = (/** @type {Buckets} */ of) => times.map((at) => total((of.get(at) ?? []).slice(0, ERROR)));
  const bad = (/** @type {Buckets} */ of) => times.map((at) => total((of.get(at) ?? []).slice(ERROR)));
  const [high, highBad, highWhole] = [plain(buckets), bad(buckets), whole ? plain(whole) : []].map((list) => Math.max(1, ...list));
  const room = HEIGHT - LANE;
  const bar = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ h) => `M${x * WIDTH} ${y.toFixed(1)}h${BAR}v${(-h).toFixed(1)}h-${BAR}z`;
  times.forEach((at, x) => {
    let y = HEIGHT;
    let yBad = LANE - 1;
    (buckets.get(at) ?? []).forEach((n, i) => {
      if (!n) return;
      const isBad = i === ERROR || i === CRITICAL;
      const h = isBad ? Math.max((n / highBad) * (LANE - 1), LEAST_BAD) : Math.max((n / high) * room, i === WARNING ? LEAST_BAD : LEAST);
      paths[i] += bar(x, isBad ? yBad : y, h);
      if (isBad) yBad -= h;
      else y -= h;
    });
    const n = whole ? total((whole.get(at) ?? []).slice(0, ERROR)) : 0;
    if (n) ghost += bar(x, HEIGHT, Math.max((n / highWhole) * room, LEAST));
  });
  return { paths, ghost };
}
