/**
 * Matches lists the ordinals of the records that the filter shows, in order. A match is known by its number, which
 * never changes while the filter stays; numbers from first to end are held. Those before reveal are shown, the others
 * wait: that one cursor is follow, pause and speed.
 */
export class Matches {
  /**
   * @param {number} capacity
   * @param {((a: number, b: number) => boolean) | null} [same] tells whether two records are to be one row
   * @param {Float64Array} [ords] room of another list that is no longer in use: new memory costs as much as a plain filter
   */
  constructor(capacity, same = null, ords = new Float64Array(capacity)) {
    this.capacity = capacity;
    this.same = same;
    /** How many records a row stands for, by the ordinal of the first, where there is more than one. @type {Map<number, number>} */
    this.repeats = new Map();
    this.ords = ords;
    this.first = 0;
    this.end = 0;
    /** May have a fraction: at one record a second it moves a little each frame. */
    this.cursor = 0;
  }

  get reveal() {
    return Math.floor(this.cursor);
  }

  get size() {
    return this.end - this.first;
  }

  get waiting() {
    return this.end - this.reveal;
  }

  clear() {
    this.first = this.end = this.cursor = 0;
    this.repeats.clear();
  }

  /** @param {number} ord */
  push(ord) {
    if (this.same !== null && this.size > 0) {
      const last = this.at(this.end - 1);
      if (this.same(last, ord)) {
        this.repeats.set(last, (this.repeats.get(last) ?? 1) + 1);
        return;
      }
    }
    if (this.size === this.capacity) this.#drop();
    this.ords[this.end++ % this.capacity] = ord;
  }

  /** @param {number} n a match's number */
  at(n) {
    return this.ords[n % this.capacity];
  }

  /**
   * trim gives up matches whose records are gone.
   * @param {number} firstOrd
   */
  trim(firstOrd) {
    while (this.first < this.end && this.at(this.first) < firstOrd) this.#drop();
  }

  /**
   * lower is the number of the first match at or after an ordinal.
   * @param {number} ord
   */
  lower(ord) {
    let low = this.first;
    let high = this.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.at(middle) < ord) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * advance moves the cursor on by speed (records a second, Infinity for all at once) over ms.
   * @param {number} speed
   * @param {number} ms
   */
  advance(speed, ms) {
    this.cursor = speed === Infinity ? this.end : Math.min(this.end, this.cursor + (speed * ms) / 1000);
  }

  #drop() {
    if (this.same !== null) this.repeats.delete(this.at(this.first));
    this.first++;
    if (this.cursor < this.first) this.cursor = this.first;
  }
}
