import { el } from "./dom.js";
import { GAP, NAMES } from "./levels.js";
import { exactParse } from "./store.js";
import { count, DETAIL_CHARS, lastLine, visible } from "./text.js";
import { clock, iso, span } from "./time.js";
import { blocks, part } from "./trace.js";

/** @typedef {import("./store.js").Store} Store */

/**
 * What a detail can ask for.
 * @typedef {object} Actions
 * @property {() => boolean} utc
 * @property {(text: string) => void} copy
 * @property {(ord: number) => void} copyJSON
 * @property {(ord: number) => void} copyLink
 * @property {(ord: number) => void} context
 * @property {(kind: "logger" | "channel" | "host" | "text", value: string, shown: boolean) => void} filter
 * @property {() => number} now the server's clock
 */

/** A table of fields shows so many; copying gives all. */
const MAX_FIELDS = 200;

/**
 * detail writes into a cell what an open row shows below its line.
 * @param {HTMLElement} cell
 * @param {Store} store
 * @param {number} ord
 * @param {Actions} act
 */
export function detail(cell, store, ord, act) {
  const i = ord % store.capacity;
  if (store.level[i] === GAP) {
    cell.append(facts(Object.entries(store.gap(ord) ?? {}).map(([name, value]) => [name, String(value)])));
    return;
  }
  const message = store.message[i];
  const trace = store.trace[i];
  if (message) cell.append(cut("pre", "text", message));
  const template = store.extra.get(ord)?.template;
  if (template && template !== message) cell.append(el("p", { class: "template", title: "The text before its arguments were filled in" }, ...marked(template)));
  if (trace) {
    const what = lastLine(trace);
    if (what && !message.includes(what)) cell.append(el("p", { class: "what" }, visible(what)));
    cell.append(folded(trace));
  }
  cell.append(table(store, ord, act), tools(store, ord, act));
}

/**
 * @param {"pre"} tag
 * @param {string} name
 * @param {string} text
 */
function cut(tag, name, text) {
  const e = el(tag, { class: name }, visible(text.slice(0, DETAIL_CHARS)));
  if (text.length > DETAIL_CHARS) e.append(el("em", {}, `\n… ${count(text.length - DETAIL_CHARS)} more characters: copy gives all`));
  return e;
}

/** The holes of a template: Python's %s and %(name)d, and {Name}. */
const HOLE = /(%(?:\(\w+\))?[#0\- +]*[\d*]*(?:\.[\d*]+)?[diouxXeEfFgGcrsa]|\{\{|\}\}|\{[@$]?\w+[^}]*\})/;

/** @param {string} template */
const marked = (template) =>
  visible(template.slice(0, DETAIL_CHARS))
    .split(HOLE)
    .map((part, n) => (n % 2 ? el("mark", {}, part) : part));

/**
 * The trace with its last line on top, as what went wrong, and the frames of libraries folded away.
 * @param {string} trace
 */
function folded(trace) {
  const pre = el("pre", { class: "trace" });
  const text = trace.length > DETAIL_CHARS ? trace.slice(-DETAIL_CHARS) : trace;
  if (text !== trace) pre.append(el("em", {}, `… ${count(trace.length - DETAIL_CHARS)} characters before: copy gives all\n`));
  const parts = blocks(visible(text));
  parts.forEach((block, n) => {
    const body = n < parts.length - 1 ? block.text + "\n" : block.text;
    if (block.kind === "library" && block.frames > 1) {
      const hidden = el("span", { class: "library", hidden: true }, body);
      const words = `${block.frames} library frames`;
      const button = el("button", { type: "button", class: "unfold", "aria-expanded": "false", click: () => {
        hidden.hidden = !hidden.hidden;
        button.setAttribute("aria-expanded", String(!hidden.hidden));
        button.textContent = hidden.hidden ? `… ${words}` : `hide ${words}`;
      } }, `… ${words}`);
      pre.append(button, "\n", hidden);
    } else if (block.kind === "head") {
      for (const line of body.split(/(?<=\n)/)) {
        const kind = part(line);
        pre.append(kind === "" ? line : el(kind === "error" ? "strong" : "b", {}, line));
      }
    } else {
      pre.append(el("span", { class: block.kind }, body));
    }
  });
  return pre;
}

/**
 * @param {Store} store
 * @param {number} ord
 * @param {Actions} act
 */
function table(store, ord, act) {
  const i = ord % store.capacity;
  const utc = act.utc();
  const time = store.time[i];
  const at = store.at[i];
  /** @type {[string, string, ("logger" | "channel" | "host" | "text")?][]} */
  const rows = [["time", `${iso(time, utc)}   ${span(act.now() - time)} ago`]];
  if (Math.abs(at - time) > 0) rows.push(["arrived", `${clock(at, utc)}   ${span(at - time)} ${at >= time ? "after" : "before"} its own time`]);
  rows.push(["level", NAMES[store.level[i]]]);
  for (const column of /** @type {const} */ (["logger", "source", "host", "channel"])) {
    const value = store.name(column, ord);
    if (value) rows.push([column, value, column === "source" ? "text" : column]);
  }
  if (!isNaN(store.pid[i])) rows.push(["pid", String(store.pid[i])]);
  const fields = store.fields[i] ? exactParse(store.fields[i]) : {};
  const names = Object.keys(fields);
  for (const name of names.slice(0, MAX_FIELDS)) {
    const value = fields[name];
    rows.push([name, typeof value === "string" ? value : JSON.stringify(value, null, typeof value === "object" && JSON.stringify(value).length > 60 ? 2 : 0), "text"]);
  }
  const e = facts(rows, act);
  if (names.length > MAX_FIELDS) e.append(el("div", {}, el("dt", {}, "…"), el("dd", {}, `${count(names.length - MAX_FIELDS)} more fields: copy gives all`)));
  return e;
}

/**
 * @param {[string, string, ("logger" | "channel" | "host" | "text")?][]} rows
 * @param {Actions} [act]
 */
function facts(rows, act) {
  const e = el("dl", { class: "facts" });
  for (const [name, value, filter] of rows) {
    const dd = el("dd", {}, el("span", {}, visible(value.slice(0, DETAIL_CHARS))));
    if (filter && act && value.length < 200 && value) {
      dd.append(
        el("button", { type: "button", "aria-label": `Only ${name} ${value}`, title: "Only these", click: () => act.filter(filter, value, true) }, "+"),
        el("button", { type: "button", "aria-label": `Hide ${name} ${value}`, title: "Hide these", click: () => act.filter(filter, value, false) }, "−"),
      );
    }
    e.append(el("div", {}, el("dt", {}, visible(name.slice(0, 200))), dd));
  }
  return e;
}

/**
 * @param {Store} store
 * @param {number} ord
 * @param {Actions} act
 */
function tools(store, ord, act) {
  const i = ord % store.capacity;
  const raw = el("pre", { class: "raw", hidden: true });
  const show = async () => {
    raw.hidden = !raw.hidden;
    if (raw.hidden || raw.textContent) return;
    raw.textContent = "…";
    raw.textContent = await published(store.id(ord));
  };
  const bar = el("div", { class: "actions" },
    el("button", { type: "button", click: () => act.copy([store.message[i], store.trace[i]].filter(Boolean).join("\n")) }, "Copy text"),
    el("button", { type: "button", click: () => act.copyJSON(ord) }, "Copy JSON"),
    el("button", { type: "button", click: () => act.copyLink(ord) }, "Copy link"),
    el("button", { type: "button", click: () => act.context(ord) }, "In context"),
    el("button", { type: "button", click: show }, "As published"),
  );
  return el("div", {}, bar, raw);
}

/** @param {string} id */
async function published(id) {
  try {
    const answer = await fetch(`?raw=${encodeURIComponent(id)}`, { credentials: "same-origin" });
    if (answer.status === 404) return "It has left the server's memory.";
    if (!answer.ok) return `The server answers ${answer.status}.`;
    const text = await answer.text();
    return visible(text.slice(0, DETAIL_CHARS)) + (text.length > DETAIL_CHARS ? `\n… ${count(text.length - DETAIL_CHARS)} more characters` : "");
  } catch {
    return "The server does not answer.";
  }
}
