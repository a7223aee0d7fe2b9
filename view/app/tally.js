import { GAP } from "./levels.js";

/** Tally counts records by level, as long as they are stored. */
export class Tally {
  #first = 0;
  #capacity;
  /** A record's level and one, by its place in the store; 0 if it does not count. */
  #levels;

  /** @param {number} capacity of the store */
  constructor(capacity) {
    this.#capacity = capacity;
    this.#levels = new Uint8Array(capacity);
    /** By level. */
    this.counts = new Float64Array(GAP + 1);
  }

  /**
   * @param {number} ord
   * @param {number} level
   */
  add(ord, level) {
    this.#levels[ord % this.#capacity] = level + 1;
    this.counts[level]++;
    this.#first = Math.min(this.#first, ord);
  }

  /** @param {number} ord */
  drop(ord) {
    const i = ord % this.#capacity;
    if (this.#levels[i]) this.counts[this.#levels[i] - 1]--;
    this.#levels[i] = 0;
  }

  /** trim drops the records that are no longer stored. @param {number} first the oldest that is */
  trim(first) {
    // At most as many as the store holds: an index is not dropped twice.
    for (let ord = Math.max(this.#first, first - this.#capacity); ord < first; ord++) this.drop(ord);
    this.#first = Math.max(this.#first, first);
  }
}
