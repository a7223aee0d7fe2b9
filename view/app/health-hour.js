import { GAP, NAMES, WARNING } from "./levels.js";
import { parse } from "./time.js";

/** @typedef {import("./types.js").Status} Status */

/** The hour's bars, a minute each, the newest last. */
export const MINUTES = 60;
const MINUTE = 60_000;

/** Hour counts records by minute and level over the last hour, as the server counts them. */
export class Hour {
  constructor() {
    /** When the oldest minute begins (ms), 0 while nothing is known. */
    this.from = 0;
    /** @type {number[][]} [minute][level] */
    this.minutes = [];
    /** When the server began to watch. */
    this.started = 0;
    this.epoch = "";
  }

  /**
   * take brings the hour up to date. It returns false where that needs the whole hour, which only `?health` has: at the
   * start, after a restart of the server, and when more was missed than the two minutes that a status event tells of.
   * @param {Status} s
   */
  take(s) {
    if (!s.minutes) return true;
    const begin = parse(s.minutes.from);
    const columns = Object.entries(s.minutes.levels);
    const end = (Math.floor(parse(s.at) / MINUTE) + 1) * MINUTE;
    // A level that never came has no column; before the first record there is none at all.
    const n = columns.length ? columns[0][1].length : Math.round((end - begin) / MINUTE);
    const whole = n >= MINUTES;
    const known = this.from + MINUTES * MINUTE;
    if (!whole && (this.epoch !== s.epoch || begin >= known)) return false;
    if (end < known && this.epoch === s.epoch) return true; // an answer that was overtaken
    if (whole) this.minutes = [];
    this.minutes = this.minutes.slice((end - known) / MINUTE);
    this.from = end - MINUTES * MINUTE;
    while (this.minutes.length < MINUTES) this.minutes.push(new Array(GAP).fill(0));
    for (const [name, counts] of columns) {
      const level = NAMES.indexOf(name);
      if (level >= 0 && level < GAP) counts.forEach((c, i) => (this.minutes[MINUTES - n + i][level] = c));
    }
    this.epoch = s.epoch;
    this.started = parse(s.at) - (s.uptime ?? 0) * 1000;
    return true;
  }

  /** worst is the worst level from warning on in the last five minutes, and how many records had it; level 0 where there was none. */
  worst() {
    for (let level = GAP - 1; level >= WARNING; level--) {
      const n = this.minutes.slice(-5).reduce((sum, bar) => sum + bar[level], 0);
      if (n) return { level, n };
    }
    return { level: 0, n: 0 };
  }

  /**
   * paths draws the bars, stacked, the worst on top: an SVG path for each level.
   * @param {number} height
   */
  paths(height) {
    const highest = Math.max(1, ...this.minutes.map((bar) => bar.reduce((a, b) => a + b, 0)));
    /** @type {string[]} */
    const d = new Array(GAP).fill("");
    this.minutes.forEach((bar, x) => {
      let y = height;
      bar.forEach((n, level) => {
        if (!n) return;
        // Worse levels are never thinner than they can be seen.
        const h = Math.max((n / highest) * height, level >= WARNING ? 2 : 0.5);
        d[level] += `M${x * 4} ${y.toFixed(1)}h3v${(-h).toFixed(1)}h-3z`;
        y -= h;
      });
    });
    return d;
  }
}
