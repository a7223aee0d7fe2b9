import { el, put, text } from "./dom.js";
import { parseAny, stringify } from "./json.js";
import { GAP, NAMES } from "./levels.js";
import { filled, pieces } from "./message-template.js";
import { count, DETAIL_CHARS, note, visible } from "./text.js";
import { clock, iso, span } from "./time.js";
import { blocks, headline, part } from "./traceback.js";

/** @typedef {import("./state.js").State} State */

/**
 * The actions of a detail's buttons.
 * @typedef {object} Actions
 * @property {(text: string) => void} copy
 * @property {(ord: number) => void} copyJSON
 * @property {(ord: number) => void} copyLink
 * @property {(ord: number) => void} showInContext
 * @property {(name: string, value: string, shown: boolean) => void} choose filters by a value
 * @property {(id: string) => Promise<string>} raw the record as it was published
 * @property {() => number} now the server's clock
 */

/** A line of the table: a name, the shown text, and the value for the filter. @typedef {[string, string, string?]} Fact */

/** The most fields that the table shows; Copy includes all. */
const MAX_FIELDS = 200;
const NAME_CHARS = 200;
/** The most lines of a traceback that are marked as an error. */
const MAX_MARKED = 200;
/** Longer values have no filter buttons, since the filter is part of the address. */
const FILTER_CHARS = 200;
/** Longer values are indented, unless deep nesting would make that huge. */
const LINE_CHARS = 60;
const MAX_DEPTH = 20;

/**
 * createDetail creates the detail of an open row.
 * @param {State} state
 * @param {number} ord
 * @param {Actions} actions
 */
export function createDetail(state, ord, actions) {
  const cell = el("div", { role: "gridcell" });
  fillCell(cell, state, ord, actions);
  return el("div", { class: "detail", role: "row", "aria-level": "2", "data-level": NAMES[state.store.level[ord % state.store.capacity]] }, cell);
}

/**
 * @param {HTMLElement} cell
 * @param {State} state
 * @param {number} ord
 * @param {Actions} actions
 */
function fillCell(cell, state, ord, actions) {
  const { store } = state;
  const i = ord % store.capacity;
  const gap = store.gap(ord);
  if (gap) {
    put(cell, facts([["from", iso(gap.from, state.utc)], ["until", iso(gap.to, state.utc)], ["records", isNaN(gap.lost) ? "unknown" : count(gap.lost)], ["reason", gap.reason]], actions));
    return;
  }
  const message = store.message[i];
  const trace = store.trace[i];
  const template = store.template(ord);
  const parts = template && message.length <= DETAIL_CHARS ? filled(template, message) : null;
  if (message) put(cell, parts ? el("pre", { class: "text" }, ...marked(parts)) : cut("pre", "text", message));
  if (template && template !== message) put(cell, el("p", { class: "template", title: "The message before its arguments were filled in" }, ...marked(pieces(template.slice(0, DETAIL_CHARS)))));
  if (trace) {
    const error = headline(trace);
    if (error && !message.includes(error)) put(cell, el("p", { class: "what" }, error));
    put(cell, traceback(trace));
  }
  put(cell, factTable(state, ord, actions), buttons(store, ord, actions));
}

/**
 * @param {"pre"} tag
 * @param {string} name
 * @param {string} text
 */
function cut(tag, name, text) {
  const e = el(tag, { class: name }, text.slice(0, DETAIL_CHARS));
  if (text.length > DETAIL_CHARS) put(e, el("em", {}, `\n… ${count(text.length - DETAIL_CHARS)} more characters. Copy includes them.`));
  return e;
}

/** @param {string[]} parts with what is to be marked at the odd places */
const marked = (parts) => parts.map((part, n) => (n % 2 ? el("mark", {}, part) : part));

/**
 * traceback shows a traceback with library frames folded.
 * @param {string} trace
 */
function traceback(trace) {
  const pre = el("pre", { class: "trace" });
  const text = trace.slice(-DETAIL_CHARS);
  if (text !== trace) put(pre, el("em", {}, `… ${count(trace.length - DETAIL_CHARS)} characters before. Copy includes them.\n`));
  const parts = blocks(visible(text));
  parts.forEach((block, n) => {
    const body = n < parts.length - 1 ? `${block.text}\n` : block.text;
    if (block.kind === "library" && block.frames > 1) put(pre, ...libraryFrames(block.frames, body));
    else if (block.kind === "head") put(pre, ...headLines(body));
    else put(pre, el("span", { class: block.kind }, body));
  });
  return pre;
}

/**
 * @param {number} frames
 * @param {string} body
 */
function libraryFrames(frames, body) {
  const hidden = el("span", { class: "library", hidden: true }, body);
  const words = `${frames} library frames`;
  const button = el("button", { type: "button", class: "unfold", "aria-expanded": "false", click: () => {
    hidden.hidden = !hidden.hidden;
    button.setAttribute("aria-expanded", String(!hidden.hidden));
    text(button, hidden.hidden ? `… ${words}` : `hide ${words}`);
  } }, `… ${words}`);
  return [button, "\n", hidden];
}

/** headLines marks the lines of errors and joins the others. @param {string} body */
function headLines(body) {
  /** @type {(Node | string)[]} */
  const out = [];
  for (const line of body.split(/(?<=\n)/)) {
    const kind = out.length < MAX_MARKED ? part(line) : "";
    const last = out.at(-1);
    if (kind !== "") out.push(el(kind === "error" ? "strong" : "b", {}, line));
    else if (typeof last === "string") out[out.length - 1] = last + line;
    else out.push(line);
  }
  return out;
}

/**
 * @param {State} state
 * @param {number} ord
 * @param {Actions} actions
 */
function factTable(state, ord, actions) {
  const { store } = state;
  const i = ord % store.capacity;
  const level = NAMES[store.level[i]];
  /** @type {Fact[]} */
  const rows = [...timeFacts(state, ord, actions.now()), ["level", store.level[i] ? level : "no level", level]];
  for (const column of /** @type {const} */ (["logger", "source", "host", "channel", "pid"])) {
    const value = store.name(column, ord);
    if (value) rows.push([column, value, value]);
  }
  const fields = store.fields[i] ? Object.entries(parseAny(store.fields[i])) : [];
  for (const [name, value] of fields.slice(0, MAX_FIELDS)) {
    const noted = note(name, value);
    const plain = typeof value === "string" ? value : stringify(value);
    rows.push(noted ? ["note", noted] : [name, typeof value === "object" ? lines(value, plain) : plain, plain]);
  }
  const e = facts(rows, actions);
  for (const [words, name] of [["from this time", "time>"], ["until this time", "time<"]]) {
    const button = el("button", { type: "button", title: `Only records ${words}`, click: () => actions.choose(name, iso(store.time[i], true), true) }, words);
    const time = e.querySelector("dd");
    if (time) put(time, button);
  }
  if (fields.length > MAX_FIELDS) put(e, el("div", {}, el("dt", {}, "…"), el("dd", {}, `${count(fields.length - MAX_FIELDS)} more fields. Copy includes them.`)));
  return e;
}

/**
 * @param {unknown} value
 * @param {string} plain
 */
function lines(value, plain) {
  if (plain.length <= LINE_CHARS || plain.length > DETAIL_CHARS) return plain;
  let depth = 0;
  let deepest = 0;
  for (const sign of plain) {
    if (sign === "{" || sign === "[") deepest = Math.max(deepest, ++depth);
    else if (sign === "}" || sign === "]") depth--;
  }
  return deepest > MAX_DEPTH ? plain : stringify(value, 2);
}

/**
 * timeFacts returns the first lines of the table: when a record was created and received.
 * @param {State} state
 * @param {number} ord
 * @param {number} now
 * @returns {Fact[]}
 */
function timeFacts({ store, utc }, ord, now) {
  const time = store.time[ord % store.capacity];
  const at = store.at[ord % store.capacity];
  /** @type {Fact[]} */
  const rows = [["time", `${iso(time, utc)}   ${span(Math.max(0, now - time))} ago`]];
  if (at !== time) rows.push(["received", `${clock(at, utc)} (${at > time ? "+" : "−"}${span(at - time)})`]);
  return rows;
}

/**
 * refreshDetails updates the ages and time zones in open rows.
 * @param {Iterable<[number, {el: HTMLElement}]>} open
 * @param {State} state
 * @param {number} now
 */
export function refreshDetails(open, state, now) {
  const { store } = state;
  for (const [ord, detail] of open) {
    if (!store.has(ord) || store.level[ord % store.capacity] === GAP) continue;
    const values = detail.el.querySelectorAll(".facts dd > span");
    timeFacts(state, ord, now).forEach(([, value], n) => values[n] && text(values[n], value));
  }
}

/**
 * @param {Fact[]} rows
 * @param {Actions} actions
 */
function facts(rows, actions) {
  const e = el("dl", { class: "facts" });
  let left = DETAIL_CHARS;
  for (const [name, value, chosen] of rows) {
    if (value === "" && chosen === undefined) continue;
    const shown = value.slice(0, left);
    left -= shown.length;
    const dd = el("dd", {}, el("span", {}, shown === value ? value : `${shown}… Copy includes the rest.`));
    if (chosen !== undefined && chosen.length < FILTER_CHARS) {
      const button = (/** @type {string} */ verb, /** @type {string} */ sign, /** @type {boolean} */ shows) =>
        el("button", { type: "button", "aria-label": `${verb} ${name} ${chosen}`, title: `${verb} these`, click: () => actions.choose(name, chosen, shows) }, sign);
      put(dd, button("Only", "+", true), button("Hide", "−", false));
    }
    put(e, el("div", {}, el("dt", {}, name.slice(0, NAME_CHARS)), dd));
  }
  return e;
}

/**
 * @param {import("./store.js").Store} store
 * @param {number} ord
 * @param {Actions} actions
 */
function buttons(store, ord, actions) {
  const i = ord % store.capacity;
  const raw = el("pre", { class: "raw", hidden: true });
  const button = (/** @type {string} */ words, /** @type {() => void} */ click) => el("button", { type: "button", click }, words);
  const showRaw = async () => {
    raw.hidden = !raw.hidden;
    if (raw.hidden || raw.textContent) return;
    text(raw, "…");
    const published = await actions.raw(store.id(ord));
    const more = published.length - DETAIL_CHARS;
    text(raw, published.slice(0, DETAIL_CHARS) + (more > 0 ? `\n… ${count(more)} more characters` : ""));
  };
  const bar = el("div", { class: "actions" },
    button("Copy text", () => actions.copy([store.message[i], store.trace[i]].filter(Boolean).join("\n"))),
    button("Copy JSON", () => actions.copyJSON(ord)),
    button("Copy link", () => actions.copyLink(ord)),
    button("Show in context", () => actions.showInContext(ord)),
    button("Raw", showRaw),
  );
  return el("div", {}, bar, raw);
}
