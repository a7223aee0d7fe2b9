/**
 * Rules say which names are shown. A rule on "a" counts for "a.b" too, unless that has its own; the rule on "" is for
 * all the others. It is what the ticks of a tree mean, and small enough to stand in a link.
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
   * shows tells whether records of a name are shown.
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

  /**
   * mixed tells whether something below a name is treated differently.
   * @param {string} name
   */
  mixed(name) {
    const shown = this.shows(name);
    for (const [other, rule] of this.map) if (rule !== shown && this.below(other, name)) return true;
    return false;
  }

  /**
   * set shows or hides a name and all below it.
   * @param {string} name
   * @param {boolean} shown
   */
  set(name, shown) {
    for (const other of [...this.map.keys()]) if (this.below(other, name)) this.map.delete(other);
    this.map.delete(name);
    if (name === "" ? !shown : this.shows(name) !== shown) this.map.set(name, shown);
  }

  /**
   * only shows a name, what is below it, and nothing else.
   * @param {string} name
   */
  only(name) {
    this.map.clear();
    this.map.set("", false);
    this.map.set(name, true);
  }

  clear() {
    this.map.clear();
  }

  /** @param {string} name */
  parent(name) {
    const dot = this.separator === "" ? -1 : name.lastIndexOf(this.separator);
    return dot < 0 ? "" : name.slice(0, dot);
  }

  /** @param {string} name @param {string} above */
  below(name, above) {
    if (name === above || name === "") return false;
    return above === "" || (this.separator !== "" && name.startsWith(above + this.separator));
  }

  /** @returns {string[]} one word a rule: "a.b" is shown, "-a.b" is not, "-" is all others not */
  words() {
    return [...this.map].map(([name, shown]) => (shown ? name : `-${name}`));
  }

  /** @param {string[]} words */
  read(words) {
    this.map.clear();
    for (const word of words) this.map.set(word.startsWith("-") ? word.slice(1) : word, !word.startsWith("-"));
  }
}

/** NAMELESS stands for records without a name: rules and links need some text for it. */
export const NAMELESS = "(none)";
