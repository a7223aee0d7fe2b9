import { el, text } from "./dom.js";
import { NAMELESS } from "./rules.js";
import { short, visible } from "./text.js";

/** @typedef {import("./rules.js").Rules} Rules */
/** @typedef {import("./dictionary.js").Dictionary} Dictionary */
/** @typedef {{name: string, label: string, depth: number, uses: number}} Node */

/** More rows than that nobody reads; the field above finds the others. */
const MAX_NODES = 300;

/**
 * tree is all names and what is above them, in order, each with the number of records below it.
 * @param {Dictionary} names
 * @param {string} separator
 * @param {string} [find]
 * @returns {Node[]}
 */
export function tree(names, separator, find = "") {
  /** @type {Map<string, number>} */
  const uses = new Map();
  for (let id = 0; id < names.names.length; id++) {
    if (names.uses[id] === 0) continue;
    let name = names.names[id] || NAMELESS;
    for (;;) {
      uses.set(name, (uses.get(name) ?? 0) + names.uses[id]);
      const dot = separator === "" ? -1 : name.lastIndexOf(separator);
      if (dot <= 0 || id === 0) break;
      name = name.slice(0, dot);
    }
  }
  const wanted = find.toLowerCase();
  /** @type {Node[]} */
  const nodes = [];
  // Compared part by part, so that "a.b" stands below "a" and before "a-b".
  const order = [...uses.keys()].map((name) => ({ name, key: separator === "" ? name : name.replaceAll(separator, "\0") }));
  order.sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { name } of order) {
    if (wanted && !name.toLowerCase().includes(wanted)) continue;
    const parts = separator === "" || name === NAMELESS ? [name] : name.split(separator);
    nodes.push({ name, label: wanted ? name : parts[parts.length - 1], depth: wanted ? 0 : parts.length - 1, uses: uses.get(name) ?? 0 });
  }
  return nodes;
}

/** Values shows what values of fields the records are to have or not, each with the way to take it back. */
export class Values {
  #filter;
  #changed;
  #list;
  #box;

  /**
   * @param {HTMLElement} panel
   * @param {import("./filter.js").Filter} filter
   * @param {() => void} changed
   */
  constructor(panel, filter, changed) {
    this.#filter = filter;
    this.#changed = changed;
    this.#list = el("div", { class: "ticks" });
    this.#box = el("section", { id: "values", "aria-label": "Values" }, el("h2", {}, "Values"), this.#list);
    panel.prepend(this.#box);
  }

  draw() {
    const { fields } = this.#filter;
    this.#box.hidden = fields.length === 0;
    if (this.#list.dataset.words === fields.join("\n")) return;
    this.#list.dataset.words = fields.join("\n");
    this.#list.replaceChildren(...fields.map((word) => {
      const said = visible(word.startsWith("-") ? `not ${word.slice(1)}` : word);
      return el("div", { class: "tick", title: said }, el("span", {}, said), el("button", { type: "button", "aria-label": `Take back ${said}`, click: () => {
        this.#filter.fields = fields.filter((other) => other !== word);
        this.#changed();
      } }, "×"));
    }));
  }
}

/** Ticks shows one kind of names with a tick each. */
export class Ticks {
  #box;
  #kind;
  #names;
  #rules;
  #changed;
  /** @type {Map<string, {el: HTMLElement, input: HTMLInputElement, uses: HTMLElement}>} */
  #nodes;
  #shape;
  #list;
  #more;
  #all;

  /**
   * @param {HTMLElement} box
   * @param {string} kinds loggers, channels or hosts
   * @param {Dictionary} names
   * @param {Rules} rules
   * @param {() => void} changed
   */
  constructor(box, kinds, names, rules, changed) {
    this.#box = box;
    this.#kind = kinds.slice(0, -1);
    this.#names = names;
    this.#rules = rules;
    this.#changed = changed;
    this.find = "";
    this.#nodes = new Map();
    this.#shape = "";
    this.#list = el("div", { class: "ticks" });
    this.#more = el("p", { class: "more", hidden: true });
    this.#all = el("button", { type: "button", hidden: true, click: () => { this.#rules.clear(); this.#changed(); } }, "all");
    box.append(el("h2", {}, kinds[0].toUpperCase() + kinds.slice(1), this.#all), this.#list, this.#more);
    this.#list.addEventListener("change", (event) => {
      if (!(event.target instanceof HTMLInputElement)) return;
      this.#rules.set(event.target.value, event.target.checked);
      this.#changed();
    });
    this.#list.addEventListener("click", (event) => {
      if (!(event.target instanceof HTMLButtonElement)) return;
      this.#rules.only(event.target.value);
      this.#changed();
    });
  }

  draw() {
    const all = tree(this.#names, this.#rules.separator, this.find);
    // A filter's name stays on the page while no record has it, or it could not be taken back.
    for (const name of this.#rules.map.keys()) {
      if (name && !this.find && !all.some((node) => node.name === name)) all.push({ name, label: name, depth: 0, uses: 0 });
    }
    const nodes = all.slice(0, MAX_NODES);
    const shape = nodes.map((node) => node.name).join("\n");
    if (shape !== this.#shape) {
      this.#shape = shape;
      const focused = document.activeElement;
      this.#nodes = new Map(nodes.map((node) => [node.name, this.#nodes.get(node.name) ?? this.#node(node)]));
      this.#list.replaceChildren(...[...this.#nodes.values()].map((node) => node.el));
      if (focused instanceof HTMLElement && this.#list.contains(focused)) focused.focus();
    }
    for (const node of nodes) {
      const n = this.#nodes.get(node.name);
      if (!n) continue;
      text(n.uses, short(node.uses));
      n.input.checked = this.#rules.shows(node.name);
      n.input.indeterminate = this.#rules.mixed(node.name);
      n.el.style.setProperty("--depth", String(Math.min(node.depth, 8)));
    }
    this.#more.hidden = all.length <= MAX_NODES;
    text(this.#more, `${short(all.length - MAX_NODES)} more`);
    this.#all.hidden = this.#rules.empty;
    this.#box.hidden = all.length === 0 || (this.#kind !== "logger" && all.length < 2 && this.#rules.empty);
  }

  /** @param {Node} node */
  #node(node) {
    const input = el("input", { type: "checkbox", name: this.#kind, value: node.name });
    const uses = el("output", {}, "");
    const e = el("div", { class: "tick", title: visible(node.name) },
      el("label", {}, input, el("span", {}, visible(node.label))),
      el("button", { type: "button", value: node.name, "aria-label": `Only ${node.name}` }, "only"),
      uses,
    );
    return { el: e, input, uses };
  }
}
