import { el, put, text } from "./dom.js";
import { parseAny, stringify } from "./json.js";
import { addFilters, createFold, createValue, longText, MAX_MEMBERS } from "./json-tree.js";
import { GAP, NAMES } from "./levels.js";
import { count, DETAIL_CHARS, note, plural } from "./text.js";
import { clock, iso, span } from "./time.js";
import { folded, isCode, isFolded, parts } from "./traceback.js";
import { readIDs } from "./wire.js";

/** @typedef {import("./state.js").State} State */

/**
 * The actions of a detail's buttons.
 * @typedef {object} Actions
 * @property {(ord: number) => void} copyText
 * @property {(ord: number) => void} copyJSON
 * @property {(ord: number) => void} copyLink
 * @property {(ord: number) => void} showInContext
 * @property {(ord: number, shown: boolean) => void} chooseSimilar shows only the records that say the same with other values, or hides them
 * @property {(ord: number) => void} follow shows all records that have its ID
 * @property {import("./json-tree.js").Choose} choose filters by a value
 * @property {(end: "from" | "to", ms: number) => void} chooseTime filters by a time
 * @property {(id: string) => Promise<string>} raw the record as it was published
 * @property {(event: KeyboardEvent, ord: number) => void} key
 * @property {() => number} now the server's clock
 */

const NAME_CHARS = 200;
/** A longer message is folded: more than a screenful hides the fields. */
const MESSAGE_CHARS = 2000;
const MESSAGE_LINES = 20;
/** A longer line of a trace is cut. */
const LINE_CHARS = 2000;
/** The most lines of a folded middle that become elements. The lines after them are one text. */
const MAX_PARTS = 1000;
/** The most characters of an ID on a button. */
const ID_CHARS = 8;

/**
 * createDetail creates the detail of an open row.
 * @param {State} state
 * @param {number} ord
 * @param {Actions} actions
 */
export function createDetail(state, ord, actions) {
  const cell = el("div", { role: "gridcell", class: "sheet" });
  fillCell(cell, state, ord, actions);
  return el("div", {
    class: "detail", role: "row", "aria-level": "2", "data-level": NAMES[state.store.level[ord % state.store.capacity]],
    keydown: (/** @type {KeyboardEvent} */ event) => actions.key(event, ord),
  }, cell);
}

/**
 * @param {HTMLElement} cell
 * @param {State} state
 * @param {number} ord
 * @param {Actions} actions
 */
function fillCell(cell, state, ord, actions) {
  const { store } = state;
  const gap = store.gap(ord);
  if (gap) {
    put(cell, facts([["from", iso(gap.from, state.utc)], ["until", iso(gap.to, state.utc)], ["records", isNaN(gap.lost) ? "unknown" : count(gap.lost)], ["reason", gap.reason]]));
    return;
  }
  const raw = el("pre", { class: "raw", "aria-label": "Raw", hidden: true });
  const story = el("div", { class: "story" }, ...message(store, ord), ...trace(store, ord), raw);
  put(cell, story, el("div", { class: "side" }, buttons(store, ord, raw, actions), factTable(state, ord, actions)));
  cell.classList.toggle("traced", store.trace[ord % store.capacity] !== "");
}

/**
 * message returns the message, indented if it is JSON, and the template that it was made from.
 * @param {import("./store.js").Store} store
 * @param {number} ord
 */
function message(store, ord) {
  const whole = store.message[ord % store.capacity];
  const template = store.template(ord);
  const out = [];
  if (whole) out.push(el("pre", { class: "text" }, ...longText(indented(whole), MESSAGE_CHARS, MESSAGE_LINES)));
  if (template && template !== whole) out.push(el("p", { class: "template", title: "The message before its arguments were filled in" }, template.slice(0, MESSAGE_CHARS)));
  return out;
}

/** indented indents a text that is wholly a JSON object or array. @param {string} whole */
function indented(whole) {
  if (!/^\s*[[{]/.test(whole) || whole.length > DETAIL_CHARS) return whole;
  try {
    const pretty = stringify(parseAny(whole), 2);
    return pretty.length <= DETAIL_CHARS ? pretty || whole : whole; // deep nesting makes it huge
  } catch {
    return whole;
  }
}

/**
 * trace returns what was thrown, and the trace with its library frames and its middle folded.
 * @param {import("./store.js").Store} store
 * @param {number} ord
 */
function trace(store, ord) {
  const whole = store.trace[ord % store.capacity];
  if (!whole) return [];
  const error = store.headline(ord);
  const { first, middle, lines, last } = folded(parts(whole.slice(0, DETAIL_CHARS), store.traceLines(ord)));
  const isSaid = error !== "" && !store.message[ord % store.capacity].includes(error);
  const nodes = (/** @type {import("./traceback.js").Part} */ part) => partNodes(part, isSaid ? error : "");
  const pre = el("pre", { class: "trace" }, ...first.flatMap(nodes));
  if (middle.length) {
    const { button, content } = createFold(`▸ ${plural(lines, "more line")}`, `▾ ${plural(lines, "line")}`, () => {
      const rest = middle.slice(MAX_PARTS).flatMap((part) => part.lines);
      return el("span", {}, ...middle.slice(0, MAX_PARTS).flatMap(nodes), ...(rest.length ? [rest.join("\n")] : []));
    });
    put(pre, button, "\n", content);
  }
  put(pre, ...last.flatMap(nodes));
  if (whole.length > DETAIL_CHARS) put(pre, el("em", {}, `… ${count(whole.length - DETAIL_CHARS)} more characters. Copy includes them.\n`));
  return [...(isSaid ? [el("p", { class: "what" }, error)] : []), pre];
}

/**
 * partNodes returns the elements of a part. What the line above the trace says is not emphasized again.
 * @param {import("./traceback.js").Part} part
 * @param {string} said
 * @returns {(Node | string)[]}
 */
function partNodes(part, said) {
  const { kind, frames, lines } = part;
  const body = lines.map((line) => `${line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS)}… ${count(line.length - LINE_CHARS)} more characters` : line}\n`);
  if (isFolded(part)) {
    const words = plural(frames, "library frame");
    const { button, content } = createFold(`▸ ${words}`, `▾ ${words}`, () => el("span", { class: "library" }, ...body));
    return [button, "\n", content];
  }
  if (kind === "own") {
    const code = lines.map((line, n) => n > 0 && isCode(line));
    // A frame without code below it is shown as code itself.
    if (!code.includes(true)) return [el("span", { class: "code" }, body[0]), ...body.slice(1)];
    return body.map((line, n) => (code[n] ? el("span", { class: "code" }, line) : line));
  }
  if (kind === "text" || lines.join("\n").trim() === said) return body;
  return [el(kind === "error" ? "strong" : kind === "cause" ? "b" : "span", { class: kind }, ...body)];
}

/**
 * @param {State} state
 * @param {number} ord
 * @param {Actions} actions
 */
function factTable(state, ord, actions) {
  const { store } = state;
  const i = ord % store.capacity;
  const [time, received] = times(state, ord, actions.now());
  const e = facts([["time", time, "when"], ["received", received, "when"]]);
  const add = (/** @type {string} */ name, /** @type {HTMLElement} */ dd) => put(e, el("div", {}, el("dt", {}, name.slice(0, NAME_CHARS)), dd));
  const column = (/** @type {string} */ name, /** @type {string} */ shown, /** @type {string} */ value) => {
    const dd = el("dd", {}, el("span", {}, ...longText(shown)));
    addFilters(dd, [name], value, actions.choose);
    add(name, dd);
  };
  column("level", store.level[i] ? NAMES[store.level[i]] : "no level", NAMES[store.level[i]]);
  for (const name of /** @type {const} */ (["worker", "logger", "source", "host", "channel", "pid"])) {
    const value = store.name(name, ord);
    if (value) column(name, value, value);
  }
  const fields = store.fields[i] ? Object.entries(parseAny(store.fields[i])) : [];
  for (const [name, value] of fields.slice(0, MAX_MEMBERS)) {
    const noted = note(name, value);
    if (noted) add("note", el("dd", {}, noted));
    else add(name, createValue(value, ["fields", name], actions.choose));
  }
  if (fields.length > MAX_MEMBERS) add("…", el("dd", {}, `${count(fields.length - MAX_MEMBERS)} more fields. Copy includes them.`));
  return e;
}

/**
 * times returns when a record was created and when it was received. The second is "" if both are equal.
 * @param {State} state
 * @param {number} ord
 * @param {number} now
 */
function times({ store, utc }, ord, now) {
  const time = store.time[ord % store.capacity];
  const at = store.at[ord % store.capacity];
  return [`${iso(time, utc)}   ${span(Math.max(0, now - time))} ago`, at === time ? "" : `${clock(at, utc)} (${at > time ? "+" : "−"}${span(at - time)})`];
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
    const values = detail.el.querySelectorAll(".when");
    times(state, ord, now).forEach((value, n) => values[n] && text(values[n], value));
  }
}

/** @param {[string, string, string?][]} rows a name, a text, and the text's class */
const facts = (rows) =>
  el("dl", { class: "facts" }, ...rows.filter(([, value]) => value !== "").map(([name, value, style = ""]) => el("div", {}, el("dt", {}, name), el("dd", {}, el("span", { class: style }, value)))));

/**
 * buttons returns the bar of actions. Those that are rarely used are below it.
 * @param {import("./store.js").Store} store
 * @param {number} ord
 * @param {HTMLElement} raw
 * @param {Actions} actions
 */
function buttons(store, ord, raw, actions) {
  const i = ord % store.capacity;
  const button = (/** @type {string} */ words, /** @type {() => void} */ click, title = "") => el("button", { type: "button", click, ...(title ? { title } : {}) }, words);
  const showRaw = async () => {
    raw.hidden = !raw.hidden;
    showsRaw.setAttribute("aria-expanded", String(!raw.hidden));
    if (raw.hidden || raw.textContent) return;
    text(raw, "…");
    const published = await actions.raw(store.id(ord));
    const left = published.length - DETAIL_CHARS;
    text(raw, published.slice(0, DETAIL_CHARS) + (left > 0 ? `\n… ${count(left)} more characters` : ""));
  };
  const time = store.time[i];
  const showsRaw = button("Raw", showRaw, "The record as it was published");
  showsRaw.setAttribute("aria-expanded", "false");
  const more = el("div", { class: "more", role: "group", "aria-label": "More actions", hidden: true },
    button("Copy JSON", () => actions.copyJSON(ord)),
    button("Show in context", () => actions.showInContext(ord), "Clear all filters and stay at this record"),
    button("From this time", () => actions.chooseTime("from", time), "Only records from this time"),
    button("Until this time", () => actions.chooseTime("to", time), "Only records until this time"),
    showsRaw,
  );
  const opensMore = button("More", () => {
    more.hidden = !more.hidden;
    opensMore.setAttribute("aria-expanded", String(!more.hidden));
  });
  opensMore.setAttribute("aria-expanded", "false");
  const [id] = readIDs(store.ids[i]);
  const follow = id && button(`Follow ${id.value.slice(0, ID_CHARS)}`, () => actions.follow(ord), `All records with the ${id.kind === "other" ? "" : `${id.kind} `}ID ${id.value}`);
  follow?.classList.add("follow");
  const similar = store.pattern(ord) ? [
    button("Similar", () => actions.chooseSimilar(ord, true), "Only records that say the same with other values"),
    button("Hide similar", () => actions.chooseSimilar(ord, false), "Hide those"),
  ] : [];
  return el("div", { class: "actions", role: "group", "aria-label": "Actions" }, ...(follow ? [follow] : []),
    button("Copy", () => actions.copyText(ord), "Copy the record as text"), button("Link", () => actions.copyLink(ord), "Copy a link to this record"),
    ...similar, opensMore, more);
}
