/** Reserved IDs: a name that did not fit, and no name. */
export const OTHER = 0;
export const ABSENT = 1;

/** Longer names are not interned: only the size of a record would bound them. */
const MAX_NAME = 300;

/**
 * Dictionary assigns small numbers to names, so that a column of names takes two bytes per record. When it is full, it reuses
 * the IDs of names that no record has any more. When all IDs are in use, new names become OTHER and the record keeps the text.
 */
export class Dictionary {
  #ids;
  /** @type {number[]} */
  #free;
  #rejected;

  /** @param {number} limit at most 65,536 */
  constructor(limit) {
    this.limit = limit;
    /** @type {string[]} */
    this.names = ["(other)", ""];
    /** How many records in the store have the name. */
    this.uses = new Uint32Array(limit);
    /** Changes when IDs are reused: results cached by ID are then invalid. */
    this.generation = 0;
    /** @type {Map<string, number>} */
    this.#ids = new Map([["", ABSENT]]);
    this.#free = [];
    this.#rejected = 0;
  }

  /**
   * id returns the ID of a name and counts one more use.
   * @param {string} name
   */
  id(name) {
    const id = this.#ids.get(name) ?? this.#add(name);
    this.uses[id]++;
    return id;
  }

  /** @param {number} id */
  release(id) {
    this.uses[id]--;
  }

  /** @param {string} name */
  #add(name) {
    if (name.length > MAX_NAME) return OTHER;
    let id = this.names.length;
    if (id >= this.limit) {
      if (this.#free.length === 0 && this.#rejected++ % 1000 === 0) this.#sweep();
      const reused = this.#free.pop();
      if (reused === undefined) return OTHER;
      id = reused;
    }
    this.names[id] = name;
    this.#ids.set(name, id);
    return id;
  }

  #sweep() {
    for (let id = ABSENT + 1; id < this.names.length; id++) {
      if (this.uses[id] !== 0) continue;
      this.#ids.delete(this.names[id]);
      this.names[id] = "";
      this.#free.push(id);
    }
    if (this.#free.length) this.generation++;
  }
}
