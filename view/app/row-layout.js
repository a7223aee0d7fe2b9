/**
 * RowLayout is the arithmetic of the table: which row is where. A slot is a row's position, counted from the top of the
 * scrolled content; all are equally high, but open ones, which have a detail below them. With the newest last, slot = number
 * - origin, with the newest first, slot = origin - number, where number is the member's of the RecordList. Rows may go at the
 * far end and come at the near one without any other row's position changing: an empty zone grows instead, which is taken
 * back by moving the origin when nobody can see it.
 */
export class RowLayout {
  #order;

  /** @param {{newestFirst: boolean}} order */
  constructor(order) {
    this.#order = order;
    this.height = 24;
    this.origin = 0;
    /** Open rows' slots, ascending, and how high each one's detail is. */
    this.open = /** @type {{slot: number, extra: number}[]} */ ([]);
  }

  /** @param {number} n */
  slot(n) {
    return this.#order.newestFirst ? this.origin - n : n - this.origin;
  }

  /** @param {number} slot */
  number(slot) {
    return this.#order.newestFirst ? this.origin - slot : slot + this.origin;
  }

  /**
   * setOpen says which rows are open.
   * @param {Iterable<[number, number]>} rows numbers and heights
   */
  setOpen(rows) {
    this.open = [];
    for (const [n, extra] of rows) this.open.push({ slot: this.slot(n), extra });
    this.open.sort((a, b) => a.slot - b.slot);
  }

  /**
   * top is where a slot begins.
   * @param {number} slot
   */
  top(slot) {
    let y = slot * this.height;
    for (const o of this.open) {
      if (o.slot >= slot) break;
      y += o.extra;
    }
    return y;
  }

  /**
   * slotAt is the slot at a height.
   * @param {number} y
   */
  slotAt(y) {
    let above = 0;
    for (const o of this.open) {
      const top = o.slot * this.height + above;
      if (y < top + this.height) break;
      if (y < top + this.height + o.extra) return o.slot;
      above += o.extra;
    }
    return Math.floor((y - above) / this.height);
  }
}
