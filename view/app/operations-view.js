import { attribute, el, text } from "./dom.js";
import { readOperations } from "./explore-data.js";
import { createKeyedList } from "./keyed-list.js";
import { serverTime } from "./link-state.js";
import { count } from "./text.js";
import { idText, took } from "./thread.js";
import { paint } from "./worker-mark.js";

/** @typedef {import("./explore-data.js").Operation} Operation */

/** How often (ms) the view is refreshed while it is visible. */
const INTERVAL = 3000;
/** The most operations that the server lists. Running and failed ones come first. */
const MAX_ROWS = 200;
/** The scale is logarithmic above this duration (ms), since operations take from a millisecond to an hour. */
const LEAST = 10;

const STATES = /** @type {const} */ (["running", "failed", "slow", "done"]);
/** @typedef {typeof STATES[number]} OperationState */

/** stateOf returns the state of an operation in the list. @param {Operation} operation @returns {OperationState} */
export const stateOf = ({ state, slow }) => (state === "running" || state === "failed" ? state : slow ? "slow" : "done");

/** chipsOf returns the chips that include an operation. A slow one also counts as running, failed or done. @param {Operation} operation @returns {OperationState[]} */
export const chipsOf = ({ state, slow }) => [/** @type {OperationState} */ (state), ...(slow ? [/** @type {const} */ ("slow")] : [])];

/**
 * orderOperations sorts operations: first the running ones, the longest first, then the failed, slow and done ones, each newest first.
 * @param {Operation[]} operations
 */
export const orderOperations = (operations) =>
  [...operations].sort((a, b) => STATES.indexOf(stateOf(a)) - STATES.indexOf(stateOf(b)) || (a.state === "running" ? a.first - b.first : b.last - a.last) || 0);

/**
 * place returns the position of a duration on the scale, from 0 to 1.
 * @param {number} ms
 * @param {number} longest
 */
export const place = (ms, longest) => Math.min(1, Math.log1p(Math.max(0, ms) / LEAST) / Math.log1p(Math.max(LEAST, longest) / LEAST));

/**
 * createOperationsView lists the operations of the last minutes. Each has a bar, which grows while the operation is running.
 * @param {import("./explore.js").Desk} desk
 */
export function createOperationsView(desk) {
  const { state, ask } = desk;
  let answer = readOperations({});
  /** @type {Set<OperationState>} */
  const hidden = new Set();

  const find = el("input", { type: "search", "aria-label": "Filter operations", placeholder: "Filter operations", maxlength: "200", autocomplete: "off", spellcheck: "false", input: draw });
  const chips = STATES.map((name) => {
    const number = el("small");
    const chip = el("button", { type: "button", class: name, click: () => {
      if (!hidden.delete(name)) hidden.add(name);
      draw();
    } }, name[0].toUpperCase() + name.slice(1), " ", number);
    return { name, chip, number };
  });
  const list = el("ol", { class: "operations", "aria-label": "Operations" });
  const rows = createKeyedList(list, (/** @type {Operation} */ one) => `${one.name}\n${one.id}`, makeRow, MAX_ROWS);

  /** @param {Operation} operation */
  function makeRow({ id, kind, name, title }) {
    const chip = el("b", { class: "id", title: `${name}=${id}` }, idText(kind, id));
    paint(chip, id);
    const [fill, tick, duration, word] = [el("i", { class: "fill" }), el("s"), el("span", { class: "took" }), el("span", { class: "state" })];
    const link = el("a", { href: desk.threadHref(id), "data-row": true, click: desk.follows(() => desk.openThread(id)) },
      el("span", { class: "chip-cell" }, chip), el("span", { class: "title", title }, title), el("span", { class: "track", "aria-hidden": "true" }, fill, tick), duration, word);
    return { el: el("li", {}, link), link, fill, tick, duration, word };
  }

  function draw() {
    const words = find.value.trim().toLowerCase();
    const now = serverTime(state);
    const shown = orderOperations(answer.operations).filter((one) => !chipsOf(one).every((name) => hidden.has(name)) && (!words || `${one.title} ${one.id} ${one.kind} ${one.workers.join(" ")}`.toLowerCase().includes(words)));
    const lasting = (/** @type {Operation} */ one) => (one.state === "running" ? Math.max(one.duration, now - one.first) : one.duration);
    const longest = Math.max(LEAST, ...shown.slice(0, MAX_ROWS).map((one) => Math.max(lasting(one), one.normal || 0)));
    rows(shown, (row, one) => {
      const is = stateOf(one);
      attribute(row.link, "data-state", is);
      row.fill.style.width = `${100 * place(lasting(one), longest)}%`;
      row.tick.hidden = isNaN(one.normal);
      row.tick.style.left = `${100 * place(one.normal || 0, longest)}%`;
      text(row.duration, took(lasting(one)));
      attribute(row.duration, "title", isNaN(one.normal) ? "" : `normally ${took(one.normal)}`);
      text(row.word, is);
    });
    for (const { name, chip } of chips) attribute(chip, "aria-pressed", String(!hidden.has(name)));
    const { running, failed, done } = answer.counts;
    const rest = running + failed + done - answer.operations.length;
    desk.say(shown.length ? (rest > 0 ? `${count(rest)} more are not listed.` : "") : answer.operations.length ? "No operation fits." : "No IDs seen in the last minutes. Elva finds them by names such as request_id, trace_id and job_id.");
  }

  return {
    name: "Operations", label: "Operations", every: INTERVAL,
    bar: [find, el("div", { class: "segments", role: "group", "aria-label": "States" }, ...chips.map(({ chip }) => chip))], body: [list], find,
    async refresh() {
      answer = readOperations(JSON.parse(await ask("operations", desk.query())));
      for (const { name, number } of chips) text(number, count(answer.counts[name]));
      draw();
    },
    tick: draw,
  };
}
