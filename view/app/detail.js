import { choose } from "./choose.js";
import { el, text } from "./dom.js";
import { GAP, NAMES } from "./levels.js";
import { exactParse } from "./store.js";
import { count, DETAIL_CHARS, lastLine, note, visible } from "./text.js";
import { clock, iso, span } from "./time.js";
import { filled, pieces } from "./template.js";
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
 * @property {import("./filter.js").Filter} filter
 * @property {() => void} refilter
 * @property {() => number} now the server's clock
 */

/** A line of the table: a name, what it says, and the value that can be filtered for. @typedef {[string, string, string?]} Fact */

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
  const template = store.extra.get(ord)?.template;
  const parts = template && message.length <= DETAIL_CHARS ? filled(template, message) : null;
  if (message) cell.append(parts ? el("pre", { class: "text" }, ...marked(parts)) : cut("pre", "text", message));
  if (template && template !== message) cell.append(el("p", { class: "template", title: "The text before its arguments were filled in" }, ...marked(pieces(template.slice(0, DETAIL_CHARS)))));
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

/** @param {string[]} parts with what is to be marked at the odd places */
const marked = (parts) => parts.map((part, n) => (n % 2 ? el("mark", {}, visible(part)) : visible(part)));

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
  /** @type {Fact[]} */
  const rows = [...times(store, ord, act), ["level", NAMES[store.level[i]], NAMES[store.level[i]]]];
  for (const column of /** @type {const} */ (["logger", "source", "host", "channel"])) {
    const value = store.name(column, ord);
    if (value) rows.push([column, value, value]);
  }
  const pid = String(store.pid[i]);
  if (pid !== "NaN") rows.push(["pid", pid, pid]);
  const fields = store.fields[i] ? exactParse(store.fields[i]) : {};
  const names = Object.keys(fields);
  for (const name of names.slice(0, MAX_FIELDS)) {
    const said = note(name, fields[name]);
    if (said) {
      rows.push(["note", said]);
      continue;
    }
    const value = typeof fields[name] === "string" ? fields[name] : JSON.stringify(fields[name]);
    const long = typeof fields[name] === "object" && value.length > 60;
    rows.push([name, long ? JSON.stringify(fields[name], null, 2) : value, value]);
  }
  const e = facts(rows, act);
  for (const [words, side] of [["from here", "time>"], ["to here", "time<"]]) {
    e.querySelector("dd")?.append(el("button", { type: "button", title: `Only records ${words}`, click: () => {
      choose(act.filter, side, iso(store.time[i], true), true);
      act.refilter();
    } }, words));
  }
  if (names.length > MAX_FIELDS) e.append(el("div", {}, el("dt", {}, "…"), el("dd", {}, `${count(names.length - MAX_FIELDS)} more fields: copy gives all`)));
  return e;
}

/**
 * times are when a record was made and when it arrived: what is first in its table, and doesn't stand still.
 * @param {Store} store
 * @param {number} ord
 * @param {Actions} act
 * @returns {Fact[]}
 */
function times(store, ord, act) {
  const utc = act.utc();
  const time = store.time[ord % store.capacity];
  const at = store.at[ord % store.capacity];
  /** @type {Fact[]} */
  const rows = [["time", `${iso(time, utc)}   ${span(Math.max(0, act.now() - time))} ago`]];
  if (at !== time) rows.push(["arrived", `${clock(at, utc)}   ${span(at - time)} ${at > time ? "after" : "before"} its own time`]);
  return rows;
}

/**
 * age tells the times of open rows anew: as long ago as they are now, and in the zone that is chosen now.
 * @param {Iterable<[number, {el: HTMLElement}]>} open
 * @param {Store} store
 * @param {Actions} act
 */
export function age(open, store, act) {
  for (const [ord, detail] of open) {
    if (!store.has(ord) || store.level[ord % store.capacity] === GAP) continue;
    const said = detail.el.querySelectorAll(".facts dd > span");
    times(store, ord, act).forEach(([, value], n) => said[n] && text(said[n], value));
  }
}

/**
 * @param {Fact[]} rows
 * @param {Actions} [act]
 */
function facts(rows, act) {
  const e = el("dl", { class: "facts" });
  for (const [name, value, filter] of rows) {
    const dd = el("dd", {}, el("span", {}, visible(value.slice(0, DETAIL_CHARS))));
    if (filter !== undefined && act && filter.length < 200) {
      const button = (/** @type {string} */ verb, /** @type {boolean} */ shown) =>
        el("button", { type: "button", "aria-label": `${verb} ${name} ${value}`, title: `${verb} these`, click: () => {
          choose(act.filter, name, filter, shown);
          act.refilter();
        } }, shown ? "+" : "−");
      dd.append(button("Only", true), button("Hide", false));
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
