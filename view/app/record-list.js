/** A member before the first has a number below 0. This many capacities are added to a number, so that its remainder is not negative. */
const CAPACITIES = 1 << 20;

/**
 * RecordList lists the ordinals of records in order, for example those that the filter shows. Each member has a number that
 * never changes; the list holds the numbers from first to end. Members before the cursor are revealed, the others are buffered:
 * this one cursor implements following, pause and playback rate. Older members come before the first, with numbers below it.
 */
export class RecordList {
  /** @type {((a: number, b: number) => boolean) | null} */
  #same;
  #ords;
  #bias;

  /**
   * @param {number} capacity
   * @param {((a: number, b: number) => boolean) | null} [same] reports whether two records become one row
   */
  constructor(capacity, same = null) {
    this.capacity = capacity;
    this.#bias = capacity * CAPACITIES;
    this.#same = same;
    this.#ords = new Float64Array(capacity);
    /** The number of records that a row represents, by the ordinal of the first, if more than one. @type {Map<number, number>} */
    this.repeats = new Map();
    this.first = 0;
    this.end = 0;
    /** The lowest number ever given. */
    this.lowest = 0;
    /** May have a fraction: at one record per second it moves a little each frame. */
    this.cursor = 0;
  }

  get reveal() {
    return Math.floor(this.cursor);
  }

  get size() {
    return this.end - this.first;
  }

  get buffered() {
    return this.end - this.reveal;
  }

  /** @param {number} ord */
  push(ord) {
    if (this.#same !== null && this.size > 0) {
      const last = this.at(this.end - 1);
      if (this.#same(last, ord)) {
        this.repeats.set(last, (this.repeats.get(last) ?? 1) + 1);
        return;
      }
    }
    if (this.size === this.capacity) this.#drop();
    this.#ords[(this.end++ + this.#bias) % this.capacity] = ord;
  }

  /** unshift puts a member before the first. @param {number} ord */
  unshift(ord) {
    const first = this.at(this.first);
    if (this.#same !== null && this.size > 0 && this.#same(ord, first)) {
      this.repeats.set(ord, (this.repeats.get(first) ?? 1) + 1);
      this.repeats.delete(first);
    } else this.first--;
    this.#ords[(this.first + this.#bias) % this.capacity] = ord;
    this.lowest = Math.min(this.lowest, this.first);
  }

  /** @param {number} n a member's number */
  at(n) {
    return this.#ords[(n + this.#bias) % this.capacity];
  }

  /**
   * trim drops members whose records are no longer stored.
   * @param {number} firstOrd
   */
  trim(firstOrd) {
    while (this.first < this.end && this.at(this.first) < firstOrd) this.#drop();
  }

  /** cut drops members at or after an ordinal. @param {number} endOrd */
  cut(endOrd) {
    while (this.first < this.end && this.at(this.end - 1) >= endOrd) this.repeats.delete(this.at(--this.end));
    this.cursor = Math.min(this.cursor, this.end);
  }

  /**
   * lower returns the number of the first member at or after an ordinal.
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

  /** @param {number} ord */
  has(ord) {
    const n = this.lower(ord);
    return n < this.end && this.at(n) === ord;
  }

  /**
   * advance moves the cursor by a rate (records per second, Infinity for all at once) and a time (ms).
   * @param {number} rate
   * @param {number} ms
   */
  advance(rate, ms) {
    this.cursor = rate === Infinity ? this.end : Math.min(this.end, this.cursor + (rate * ms) / 1000);
  }

  #drop() {
    if (this.#same !== null) this.repeats.delete(this.at(this.first));
    this.first++;
    if (this.cursor < this.first) this.cursor = this.first;
  }
}
