import { GAP, WARNING } from "./levels.js";

/** @typedef {import("./wire.js").Status} Status */

/** The number of minutes that are known, the newest last. */
export const MINUTES = 60;
const MINUTE = 60_000;
/** The tab's icon and title show the worst level of the last minutes. */
const RECENT = 5;

/** LastHour counts records by minute and level over the last hour, as the server counts them. */
export class LastHour {
  constructor() {
    /** When the oldest minute begins (ms); 0 until the first document. */
    this.from = 0;
    /** @type {number[][]} [minute][level] */
    this.minutes = [];
    this.epoch = "";
  }

  /**
   * take updates the hour. It returns false if it needs the whole hour, which only `?health` has: at the start, after a
   * server restart, and after missing more than the two minutes of a status event.
   * @param {Status} s
   */
  take(s) {
    const { from, levels } = s.minutes;
    if (isNaN(from) || isNaN(s.at)) return true;
    const end = (Math.floor(s.at / MINUTE) + 1) * MINUTE;
    // Levels without records have no column. Before the first record there are no columns at all.
    const n = levels.length ? Math.max(...levels.map(([, counts]) => counts.length)) : Math.round((end - from) / MINUTE);
    const isWhole = n >= MINUTES;
    const known = this.from + MINUTES * MINUTE;
    if (!isWhole && (this.epoch !== s.epoch || from >= known)) return false;
    if (end < known && this.epoch === s.epoch) return true; // a later document arrived before this one
    if (isWhole) this.minutes = [];
    this.minutes = this.minutes.slice((end - known) / MINUTE);
    this.from = end - MINUTES * MINUTE;
    while (this.minutes.length < MINUTES) this.minutes.push(new Array(GAP).fill(0));
    for (const [level, counts] of levels) {
      const last = counts.slice(-MINUTES);
      last.forEach((c, i) => (this.minutes[MINUTES - last.length + i][level] = c));
    }
    this.epoch = s.epoch;
    return true;
  }

  /** worst returns the worst level in the last minutes, warning or above, and its number of records; level 0 if there is none. */
  worst() {
    for (let level = GAP - 1; level >= WARNING; level--) {
      const n = this.minutes.slice(-RECENT).reduce((sum, bar) => sum + bar[level], 0);
      if (n) return { level, n };
    }
    return { level: 0, n: 0 };
  }
}
