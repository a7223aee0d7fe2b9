import { CRITICAL, ERROR, GAP, level, NAMES, NONE, WARNING } from "./levels.js";
import { count, plural } from "./text.js";

/** Records by level, in buckets of equal length, by the beginning of each (ms). @typedef {Map<number, number[]>} Buckets */

/** The height of the bars in their own units. Errors have a scale and a lane of their own at the top: three in a thousand are seen. */
export const HEIGHT = 42;
const LANE = 12;
/** The least height of a bar that is not empty, and of one with warnings or errors. */
const LEAST = 0.8;
const LEAST_BAD = 2.5;
/** The width of a bar and its distance from the next. */
export const WIDTH = 4;
const BAR = 3;

/**
 * readHistogram reads an answer of `?histogram`, and returns null for one that was cut. seq is the number of the newest record
 * that it may have counted.
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
 * countOf adds up the buckets from a time to another.
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
 * countText says counts by level, the worst first; "" for none.
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
 * barPaths returns an SVG path for each level, and one for the whole, of which the buckets are a part.
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
