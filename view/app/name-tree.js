import { ABSENT } from "./dictionary.js";
import { el, text } from "./dom.js";
import { short } from "./text.js";

/** @typedef {import("./dictionary.js").Dictionary} Dictionary */
/** @typedef {import("./filter.js").Filter} Filter */
/** @typedef {import("./filter.js").Named} Named */
/** @typedef {{name: string, label: string, depth: number, uses: number}} Node */

/** The most rows that are shown; the field above finds the others. */
const MAX_NODES = 300;
/** The most levels of a name: a hostile name may consist of separators. */
const MAX_DEPTH = 12;

/** parents returns the names above a name, the nearest first. @param {string} name @param {boolean} nested */
function parents(name, nested) {
  const all = [];
  for (let end = name.length; nested && all.length < MAX_DEPTH; ) {
    end = name.lastIndexOf(".", end - 1);
    if (end <= 0) break;
    all.push(name.slice(0, end));
  }
  return all;
}

/**
 * treeNodes returns all names and their parents in order, each with its number of records.
 * @param {Dictionary} names
 * @param {boolean} nested whether a name is below another by its dots
 * @param {string} [find]
 * @returns {Node[]}
 */
export function treeNodes(names, nested, find = "") {
  /** @type {Map<string, number>} */
  const uses = new Map();
  for (let id = ABSENT + 1; id < names.names.length; id++) {
    if (names.uses[id] === 0) continue;
    for (const name of [names.names[id], ...parents(names.names[id], nested)]) uses.set(name, (uses.get(name) ?? 0) + names.uses[id]);
  }
  const wanted = find.toLowerCase();
  // Sorted by parts, so that "a.b" comes after "a" and before "a-b".
  const order = [...uses.keys()].filter((name) => !wanted || name.toLowerCase().includes(wanted)).map((name) => ({ name, key: nested ? name.replaceAll(".", "\0") : name }));
  order.sort((a, b) => (a.key < b.key ? -1 : 1));
  return order.map(({ name }) => {
    const depth = wanted ? 0 : parents(name, nested).length;
    return { name, label: depth ? name.slice(name.lastIndexOf(".") + 1) : name, depth, uses: uses.get(name) ?? 0 };
  });
}

/**
 * isShown reports whether the records of a name pass the filter of their column.
 * @param {string[]} values of the filter
 * @param {string} name
 * @param {boolean} nested
 */
export function isShown(values, name, nested) {
  const above = [name, ...parents(name, nested)];
  const included = values.filter((value) => !value.startsWith("-"));
  return !above.some((one) => values.includes(`-${one}`)) && (included.length === 0 || above.some((one) => included.includes(one)));
}

/**
 * setShown returns the values of a filter after a name was shown or hidden. What excludes wins: to show a name below an excluded
 * one, its siblings are excluded instead.
 * @param {string[]} values
 * @param {string} name
 * @param {boolean} shown
 * @param {string[]} all names that are known, with their parents
 * @param {boolean} nested
 */
export function setShown(values, name, shown, all, nested) {
  const below = (/** @type {string} */ one) => nested && one.startsWith(`${name}.`);
  let left = values.filter((value) => value !== name && value !== `-${name}` && !below(value.replace(/^-/, "")));
  if (!shown) return values.includes(name) ? left : [...left, `-${name}`];
  for (const above of parents(name, nested)) {
    if (!left.includes(`-${above}`)) continue;
    left = left.filter((value) => value !== `-${above}`);
    const path = [name, ...parents(name, nested)];
    const siblings = all.filter((one) => one.startsWith(`${above}.`) && !path.includes(one) && path.slice(1).includes(parents(one, nested)[0]));
    left.push(...siblings.map((one) => `-${one}`));
  }
  return isShown(left, name, nested) ? left : [...left, name];
}

/**
 * createNameTree lists the values of one column, each with a checkbox and its share of the records.
 * @param {HTMLElement} panel
 * @param {Named} column
 * @param {Dictionary} names
 * @param {Filter} filter
 * @param {() => void} changed
 */
export function createNameTree(panel, column, names, filter, changed) {
  const nested = column === "logger";
  /** @type {Map<string, {el: HTMLElement, input: HTMLInputElement, uses: HTMLElement}>} */
  let rows = new Map();
  let shape = "";
  let find = "";
  /** @type {Node[]} */
  let nodes = [];
  const list = el("div", { class: "ticks" });
  const more = el("p", { class: "more", hidden: true });
  /** @param {string[]} values */
  const set = (values) => {
    filter.names[column] = values;
    changed();
  };
  const reset = el("button", { type: "button", hidden: true, click: () => set([]) }, "Reset");
  const label = column[0].toUpperCase() + column.slice(1);
  const box = el("section", { "aria-label": label }, el("h2", {}, label, reset), list, more);
  panel.append(box);
  list.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) set(setShown(filter.names[column], target.value, target.checked, nodes.map((node) => node.name), nested));
  });
  list.addEventListener("click", ({ target }) => {
    if (target instanceof HTMLButtonElement) set([target.value]);
  });

  /** @param {Node} node */
  function make({ name, label }) {
    const input = el("input", { type: "checkbox", name: column, value: name });
    const uses = el("small");
    const e = el("div", { class: "tick", title: name }, el("label", {}, input, el("span", {}, label)), el("button", { type: "button", value: name, "aria-label": `Only ${name}` }, "only"), uses);
    return { el: e, input, uses };
  }

  function draw() {
    nodes = treeNodes(names, nested, find);
    const values = filter.names[column];
    // A value stays visible even if no record has it; otherwise it could not be removed.
    const present = new Set(nodes.map((node) => node.name));
    for (const value of values) {
      const name = value.replace(/^-/, "");
      if (!find && !present.has(name)) nodes.push({ name, label: name, depth: 0, uses: 0 });
    }
    const first = nodes.slice(0, MAX_NODES);
    const now = first.map((node) => node.name).join("\n");
    if (now !== shape) {
      shape = now;
      const focused = box.ownerDocument.activeElement;
      rows = new Map(first.map((node) => [node.name, rows.get(node.name) ?? make(node)]));
      list.replaceChildren(...[...rows.values()].map((row) => row.el));
      if (focused instanceof HTMLElement && list.contains(focused)) focused.focus();
    }
    const most = Math.max(1, ...first.map((node) => node.uses));
    for (const node of first) {
      const row = rows.get(node.name);
      if (!row) continue;
      text(row.uses, short(node.uses));
      row.input.checked = isShown(values, node.name, nested);
      row.input.indeterminate = row.input.checked && values.some((value) => nested && value.startsWith(`-${node.name}.`));
      row.el.style.setProperty("--depth", String(Math.min(node.depth, 8)));
      row.el.style.setProperty("--share", `${(100 * node.uses) / most}%`);
    }
    more.hidden = nodes.length <= MAX_NODES;
    text(more, `${short(nodes.length - MAX_NODES)} more`);
    reset.hidden = values.length === 0;
    box.hidden = !find && (nodes.length === 0 || (["channel", "host"].includes(column) && nodes.length < 2 && values.length === 0));
  }

  return {
    draw,
    /** find shows only values that contain a text. @param {string} text */
    find(text) {
      find = text;
      draw();
    },
  };
}
