/**
 * RowLayout computes the positions of rows. A slot is the index of a row from the top of the scrolled content. All slots have
 * the same height, except that open rows have a detail below them. With the newest last, slot = number - origin; with the newest
 * first, slot = origin - number, where number is that of the RecordList. Dropping rows at one end and adding rows at the other
 * moves no row: an empty zone grows instead. Moving the origin removes it while that is invisible.
 */
export class RowLayout {
  #order;

  /** @param {{newestFirst: boolean}} order */
  constructor(order) {
    this.#order = order;
    this.height = 24;
    this.origin = 0;
    /** Slots of open rows, ascending, and the heights of their details. */
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
   * setOpen sets the open rows.
   * @param {Iterable<[number, number]>} rows numbers and heights
   */
  setOpen(rows) {
    this.open = [];
    for (const [n, extra] of rows) this.open.push({ slot: this.slot(n), extra });
    this.open.sort((a, b) => a.slot - b.slot);
  }

  /**
   * top returns the position of a slot.
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
   * slotAt returns the slot at a position.
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
