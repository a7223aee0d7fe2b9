import { attribute, el, put, text } from "./dom.js";
import { readOperations, readPage } from "./explore-data.js";
import { createKeyedList } from "./keyed-list.js";
import { NAMES } from "./levels.js";
import { serverTime } from "./link-state.js";
import { count, oneLine, plural } from "./text.js";
import { idText, kindWord, offset, pauseBefore, threadOf, took } from "./thread.js";
import { clock, iso } from "./time.js";
import { paint } from "./worker-mark.js";

/** @typedef {import("./thread.js").Step} Step */
/** @typedef {import("./thread.js").Lane} Lane */
/** @typedef {import("./wire.js").LogRecord} LogRecord */

/** The most records of a thread that are loaded. Nobody reads more of one request, and a busy session would fill the document. */
const MAX_RECORDS = 1000;
/** How often (ms) the state of the operation is requested. New records are also requested when the stream brings one. */
const INTERVAL = 3000;
/** A time before all records: a thread may be older than what ?operations covers by itself. */
const EVER = "1970-01-01T00:00:00Z";

/**
 * createThreadView shows all records of one ID, from all workers and from all of the server's memory.
 * @param {import("./explore.js").Desk} desk
 */
export function createThreadView(desk) {
  const { state, ask } = desk;
  const { readRecords, readIDs } = desk.read;
  let id = "";
  /** The records by their numbers. @type {Map<number, LogRecord>} */
  let records = new Map();
  let more = false;
  /** The ID of the last record that was searched. */
  let last = "";
  /** @type {Pick<import("./explore-data.js").Operation, "state" | "normal"> | undefined} */
  let operation;
  /** The ordinal of the first record in the store that received has not checked. */
  let seen = 0;
  let thread = threadOf([], "", readIDs);

  const title = el("h2");
  const value = el("code");
  const bar = [title, value, el("button", { type: "button", class: "push", click: () => void desk.copy(desk.window.location.href) }, "Copy link"), el("button", { type: "button", click: copyText }, "Copy as text")];
  const facts = el("ul", { class: "thread-facts", "aria-label": "Summary" });
  const list = el("ol", { class: "thread", "aria-label": "Records" });
  const draws = createKeyedList(list, (/** @type {Step} */ step) => String(step.record.seq), makeRow, MAX_RECORDS);

  async function copyText() {
    const module = await desk.later();
    if (module) desk.copy(thread.steps.map(({ record }) => module.linesOf({ ...record, time: isNaN(record.time) ? record.at : record.time })).join("\n"));
  }

  /** @param {Step} step */
  function makeRow({ record }) {
    const at = last.replace(/\d+$/, String(record.seq)); // of the same epoch
    const after = el("span", { class: "after" });
    const lanes = el("span", { class: "lanes", "aria-hidden": "true" });
    const silence = el("span");
    const through = el("span", { class: "lanes", "aria-hidden": "true" });
    const pause = el("p", { class: "pause" }, el("span", { class: "after" }), through, silence);
    const words = [oneLine(record.message), record.exception ? [record.exception.type, record.exception.text].filter(Boolean).join(": ") : ""].filter(Boolean);
    const message = el("span", { class: "message" }, words[0] ?? oneLine(record.trace || record.fields));
    if (words[1]) put(message, " ", el("em", {}, oneLine(words[1])));
    const link = el("a", { href: `?at=${at}`, "data-level": NAMES[record.level], "data-row": true, title: "Open in the log", click: desk.follows(() => desk.openRecord(at)) },
      after, lanes, el("span", { class: "who" }, record.worker), el("span", { class: "level" }, record.level ? NAMES[record.level] : ""), message);
    return { el: el("li", {}, pause, link), after, lanes, pause, through, silence, shape: "" };
  }

  /** laneMarks draws the lanes next to a row: a dot for its own worker, a line for other active workers. @param {number} n @param {number} own -1 between two rows */
  const laneMarks = (n, own) => thread.lanes.map(({ worker, first, last }, lane) => {
    const mark = el("i", { class: lane === own ? `dot${n === first ? " first" : ""}${n === last ? " last" : ""}` : n > first && n < last ? "line" : "" });
    paint(mark, worker);
    return mark;
  });

  function draw() {
    thread = threadOf([...records.values()], id, readIDs);
    text(title, kindWord(thread.kind));
    text(value, id);
    draws(thread.steps, (row, { after, lane, record }, n) => {
      text(row.after, offset(after));
      attribute(row.after, "title", iso(isNaN(record.time) ? record.at : record.time, state.utc));
      const pause = pauseBefore(thread.steps, n);
      const shape = `${pause} ${lane} ${thread.lanes.map(({ first, last }) => Math.sign(n - first) + 3 * Math.sign(n - last))}`;
      if (shape === row.shape) return;
      row.shape = shape;
      row.lanes.replaceChildren(...laneMarks(n, lane));
      row.pause.hidden = !pause;
      if (!pause) return;
      text(row.silence, `${took(pause)} without records`);
      row.through.replaceChildren(...laneMarks(n - 0.5, -1));
    });
    drawFacts();
  }

  /** drawFacts writes the line below the title. The duration of a running operation grows. */
  function drawFacts() {
    const { workers, first, last, worst } = thread;
    const running = operation?.state === "running";
    const known = operation && !isNaN(operation.normal) ? `, normally ${took(operation.normal)}` : "";
    /** @type {(string | Node)[][]} */
    const parts = records.size ? [
      [el("b", {}, took((running ? Math.max(last, serverTime(state)) : last) - first)), `${running ? " so far" : ""}${known}`],
      [el("b", {}, `${count(records.size)}${more ? "+" : ""}`), records.size === 1 ? " record" : " records"],
      ["worst ", el("b", { "data-level": NAMES[worst] }, worst ? NAMES[worst] : "no level")],
      [el("b", {}, count(workers.length)), workers.length === 1 ? " worker" : " workers"],
      ["started ", el("b", {}, clock(first, state.utc))],
      ...thread.joins.map(({ joins, kind, name, value }) => [`${joins} `, el("a", { href: desk.threadHref(value), title: `${name}=${value}`, click: desk.follows(() => desk.openThread(value)) }, `${idText(kind, value)} →`)]),
    ] : [];
    const shape = parts.map((part) => part.map((one) => (typeof one === "string" ? one : one.textContent)).join("")).join("\n");
    if (shape === facts.dataset.shape) return;
    facts.dataset.shape = shape;
    facts.replaceChildren(...parts.map((part) => el("li", {}, ...part)));
  }

  /** load requests new records. */
  async function load() {
    const own = id;
    const before = records.size;
    const lines = (await ask("records", `id=${encodeURIComponent(own)}&limit=${MAX_RECORDS}${last && `&after=${last}`}`)).trimEnd().split("\n");
    if (own !== id) return false;
    const page = readPage(JSON.parse(lines.pop() ?? "{}"));
    more = last ? more : page.more;
    last = page.last || last;
    for (const record of lines.length ? readRecords(`[${lines.join(",")}]`) : []) if (records.size < MAX_RECORDS) records.set(record.seq, record);
    return records.size > before;
  }

  /**
   * judge requests the state of the operation. The server may count its records under another of their IDs. Then judge returns no state, and the
   * normal duration of operations with the same first pattern.
   */
  async function judge() {
    const { operations } = readOperations(JSON.parse(await ask("operations", `from=${EVER}&id=${encodeURIComponent(id)}`).catch(() => "{}")));
    const { pattern = "" } = thread.steps[0]?.record ?? {};
    return operations.find((one) => one.id === id) ?? { state: "", normal: operations.find((one) => pattern && one.pattern === pattern)?.normal ?? NaN };
  }

  return {
    name: "Thread", every: INTERVAL, bar, body: [facts, list],
    get label() {
      return `${kindWord(thread.kind)} ${id}`;
    },
    async refresh() {
      if (id !== state.thread) {
        id = state.thread;
        records = new Map();
        last = "";
        operation = undefined;
        seen = state.store.end;
        draw();
        desk.say("Loading");
      }
      const own = id;
      const grew = await load();
      if (own !== id) return;
      if (grew) draw();
      if (grew || !operation || operation.state === "running") {
        const judged = await judge();
        if (own !== id) return;
        operation = judged;
      }
      drawFacts();
      desk.say(records.size ? "" : "No record in memory has this ID.");
    },
    tick: drawFacts,
    /** received reports whether the stream brought a record that may be of this thread. */
    received() {
      const { store } = state;
      const json = JSON.stringify(id).slice(1, -1);
      let found = false;
      for (seen = Math.max(seen, store.first); seen < store.end; seen++) {
        const i = seen % store.capacity;
        found ||= store.ids[i].includes(json) || store.fields[i].includes(json);
      }
      return found;
    },
    summary: () => plural(records.size, "record"),
  };
}
