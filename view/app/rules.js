/**
 * Rules decide which names are shown. A rule on "a" also applies to "a.b", unless that has its own. The rule on "" applies to
 * all others. Rules are what the checkboxes of a tree mean, and short enough for a link.
 */
export class Rules {
  /** @param {string} [separator] between the levels of a name; "" for flat names */
  constructor(separator = "") {
    this.separator = separator;
    /** @type {Map<string, boolean>} */
    this.map = new Map();
  }

  get empty() {
    return this.map.size === 0;
  }

  /**
   * shows reports whether records of a name are shown.
   * @param {string} name
   * @returns {boolean}
   */
  shows(name) {
    for (let at = name; at !== ""; at = this.parent(at)) {
      const rule = this.map.get(at);
      if (rule !== undefined) return rule;
    }
    return this.map.get("") ?? true;
  }

  clear() {
    this.map.clear();
  }

  /** @param {string} name */
  parent(name) {
    const dot = this.separator === "" ? -1 : name.lastIndexOf(this.separator);
    return dot < 0 ? "" : name.slice(0, dot);
  }

  /** @returns {string[]} one word a rule: "a.b" is shown, "-a.b" is hidden, "-" hides all others */
  words() {
    return [...this.map].map(([name, shown]) => (shown ? name : `-${name}`));
  }

  /** @param {string[]} words */
  read(words) {
    this.map.clear();
    for (const word of words) this.map.set(word.startsWith("-") ? word.slice(1) : word, !word.startsWith("-"));
  }
}

/** NAMELESS is the name of records without one in rules and links. */
export const NAMELESS = "(none)";
