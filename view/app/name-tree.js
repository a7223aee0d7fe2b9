import { el, put, text } from "./dom.js";
import { isMixed, setRule, showOnly } from "./filter-edits.js";
import { NAMELESS } from "./rules.js";
import { short } from "./text.js";

/** @typedef {import("./rules.js").Rules} Rules */
/** @typedef {import("./dictionary.js").Dictionary} Dictionary */
/** @typedef {{name: string, label: string, depth: number, uses: number}} Node */

/** The most rows that are shown; the field above finds the others. */
const MAX_NODES = 300;
/** The most levels of a name: a hostile name may consist of separators. */
const MAX_DEPTH = 12;

/**
 * treeNodes returns all names and their parents in order, each with its number of records.
 * @param {Dictionary} names
 * @param {string} separator
 * @param {string} [find]
 * @returns {Node[]}
 */
export function treeNodes(names, separator, find = "") {
  /** @type {Map<string, number>} */
  const uses = new Map();
  for (let id = 0; id < names.names.length; id++) {
    if (names.uses[id] === 0) continue;
    const name = names.names[id] || NAMELESS;
    for (const above of withParents(name, id === 0 ? "" : separator)) uses.set(above, (uses.get(above) ?? 0) + names.uses[id]);
  }
  const wanted = find.toLowerCase();
  /** @type {Node[]} */
  const nodes = [];
  // Sorted by parts, so that "a.b" comes after "a" and before "a-b".
  const order = [...uses.keys()].map((name) => ({ name, key: separator === "" ? name : name.replaceAll(separator, "\0") }));
  order.sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { name } of order) {
    if (wanted && !name.toLowerCase().includes(wanted)) continue;
    const parts = separator === "" || name === NAMELESS ? [name] : name.split(separator);
    nodes.push({ name, label: wanted ? name : parts[parts.length - 1], depth: wanted ? 0 : parts.length - 1, uses: uses.get(name) ?? 0 });
  }
  return nodes;
}

/**
 * @param {string} name
 * @param {string} separator
 */
function withParents(name, separator) {
  const all = [name];
  for (let dot = -1; separator !== "" && all.length < MAX_DEPTH; ) {
    dot = name.indexOf(separator, dot + 1);
    if (dot < 0) break;
    if (dot > 0) all.push(name.slice(0, dot));
  }
  return all;
}

/**
 * createNameTree lists the names of one column, each with a checkbox.
 * @param {HTMLElement} box
 * @param {"logger" | "channel" | "host"} column
 * @param {Dictionary} names
 * @param {Rules} rules
 * @param {() => void} changed
 */
export function createNameTree(box, column, names, rules, changed) {
  /** @type {Map<string, {el: HTMLElement, input: HTMLInputElement, uses: HTMLElement}>} */
  let rows = new Map();
  let shape = "";
  let find = "";
  const list = el("div", { class: "ticks" });
  const more = el("p", { class: "more", hidden: true });
  const all = el("button", { type: "button", hidden: true, click: () => {
    rules.clear();
    changed();
  } }, "all");
  put(box, el("h2", {}, `${column[0].toUpperCase()}${column.slice(1)}s`, all), list, more);
  list.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    setRule(rules, target.value, target.checked);
    changed();
  });
  list.addEventListener("click", ({ target }) => {
    if (!(target instanceof HTMLButtonElement)) return;
    showOnly(rules, target.value);
    changed();
  });

  /** @param {Node} node */
  function make({ name, label }) {
    const shown = name === NAMELESS ? `no ${column}` : label;
    const input = el("input", { type: "checkbox", name: column, value: name });
    const uses = el("output");
    const e = el("div", { class: "tick", title: name },
      el("label", {}, input, el("span", {}, shown)),
      el("button", { type: "button", value: name, "aria-label": `Only ${name === NAMELESS ? shown : name}` }, "only"),
      uses,
    );
    return { el: e, input, uses };
  }

  function draw() {
    const nodes = treeNodes(names, rules.separator, find);
    // A rule stays visible even if no record has its name; otherwise it could not be removed.
    const present = new Set(nodes.map((node) => node.name));
    for (const name of rules.map.keys()) if (name && !find && !present.has(name)) nodes.push({ name, label: name, depth: 0, uses: 0 });
    const first = nodes.slice(0, MAX_NODES);
    const now = first.map((node) => node.name).join("\n");
    if (now !== shape) {
      shape = now;
      const focused = box.ownerDocument.activeElement;
      rows = new Map(first.map((node) => [node.name, rows.get(node.name) ?? make(node)]));
      list.replaceChildren(...[...rows.values()].map((row) => row.el));
      if (focused instanceof HTMLElement && list.contains(focused)) focused.focus();
    }
    for (const node of first) {
      const row = rows.get(node.name);
      if (!row) continue;
      text(row.uses, short(node.uses));
      row.input.checked = rules.shows(node.name);
      row.input.indeterminate = isMixed(rules, node.name);
      row.el.style.setProperty("--depth", String(Math.min(node.depth, 8)));
    }
    more.hidden = nodes.length <= MAX_NODES;
    text(more, `${short(nodes.length - MAX_NODES)} more`);
    all.hidden = rules.empty;
    box.hidden = nodes.length === 0 || (column !== "logger" && nodes.length < 2 && rules.empty);
  }

  return {
    draw,
    /** find shows only names that contain a text. @param {string} text */
    find(text) {
      find = text;
      draw();
    },
  };
}
