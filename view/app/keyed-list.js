/**
 * createKeyedList returns a function that draws a list. A member keeps its element, so that focus and pointer stay on it.
 * @template T
 * @template {{el: HTMLElement}} R
 * @param {HTMLElement} list
 * @param {(member: T) => string} keyOf
 * @param {(member: T) => R} make
 * @param {number} most the most rows that it shows
 */
export function createKeyedList(list, keyOf, make, most) {
  /** @type {Map<string, R>} */
  const rows = new Map();
  return (/** @type {T[]} */ members, /** @type {(row: R, member: T, n: number) => void} */ draw) => {
    const wanted = new Map(members.slice(0, most).map((member) => [keyOf(member), member]));
    for (const [key, row] of rows) {
      if (wanted.has(key)) continue;
      row.el.remove();
      rows.delete(key);
    }
    let n = 0;
    // Siblings, not indexes: after each insertion a browser would count its children again.
    let at = list.firstElementChild;
    for (const [key, member] of wanted) {
      const row = rows.get(key) ?? make(member);
      rows.set(key, row);
      draw(row, member, n++);
      if (at === row.el) at = at.nextElementSibling;
      else list.insertBefore(row.el, at);
    }
  };
}
