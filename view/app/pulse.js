import { ERROR, GAP, WARNING } from "./levels.js";

/** Five minutes, as the tab's icon and the strip tell of them. */
const SECONDS = 300;

/** Pulse counts records by second and level over the last five minutes, by the server's clock. */
export class Pulse {
  #bins;
  #last;

  constructor() {
    this.#bins = new Uint32Array(SECONDS * GAP);
    this.#last = 0;
    /** All records ever counted, by level. */
    this.totals = new Array(GAP).fill(0);
  }

  /**
   * @param {number} level
   * @param {number} at ms
   */
  add(level, at) {
    const second = Math.floor(at / 1000);
    this.#to(second);
    if (level < GAP) this.totals[level]++;
    if (level < GAP && second > this.#last - SECONDS) this.#bins[(second % SECONDS) * GAP + level]++;
  }

  /**
   * since is the number of errors and worse beyond earlier totals.
   * @param {number[]} before
   */
  since(before) {
    let n = 0;
    for (let level = ERROR; level < GAP; level++) n += this.totals[level] - (before[level] ?? 0);
    return n;
  }

  /** @param {number} second */
  #to(second) {
    if (!(second > this.#last)) return;
    const from = Math.max(this.#last + 1, second - SECONDS + 1);
    for (let s = from; s <= second; s++) this.#bins.fill(0, (s % SECONDS) * GAP, (s % SECONDS) * GAP + GAP);
    this.#last = second;
  }

  /**
   * worst is the worst level from warning on, and how many records had it; level 0 where there was none.
   * @param {number} now ms
   */
  worst(now) {
    this.#to(Math.floor(now / 1000));
    for (let level = GAP - 1; level >= WARNING; level--) {
      let n = 0;
      for (let s = 0; s < SECONDS; s++) n += this.#bins[s * GAP + level];
      if (n) return { level, n };
    }
    return { level: 0, n: 0 };
  }

  /**
   * bars sums the bins to so many bars, oldest first: [bar][level].
   * @param {number} bars
   * @param {number} now ms
   */
  bars(bars, now) {
    this.#to(Math.floor(now / 1000));
    const per = SECONDS / bars;
    const out = Array.from({ length: bars }, () => new Array(GAP).fill(0));
    // Aligned to the clock, so that a bar keeps its records while it wanders to the left.
    const base = Math.floor(this.#last / per) * per + per - SECONDS;
    for (let s = Math.max(base, this.#last - SECONDS + 1); s <= this.#last; s++) {
      const bar = out[Math.floor((s - base) / per)];
      for (let level = 0; level < GAP; level++) bar[level] += this.#bins[(s % SECONDS) * GAP + level];
    }
    return { bars: out, from: base * 1000, step: per * 1000 };
  }
}
