import { attribute, el, text } from "./dom.js";
import { readChanges } from "./explore-data.js";
import { serverTime } from "./link-state.js";
import { clock } from "./time.js";
import { rangeWords } from "./time-range.js";

/** @typedef {import("./explore-data.js").Change} Change */

/** What is shorter (ms) than SHORTEST or has fewer records than FEWEST shows too little of what is normal for a change to stand out. */
const SHORTEST = 30_000;
const FEWEST = 100;
/** Times within a range that is shorter than this (ms) need their seconds. */
const SECONDS = 120_000;

/**
 * changeParts splits a sentence into its subject and the text before and after it.
 * @param {Pick<Change, "text" | "subject">} change
 * @returns {[before: string, subject: string, after: string]}
 */
export function changeParts({ text, subject }) {
  const at = subject ? text.indexOf(subject) : -1;
  if (at >= 0) return [text.slice(0, at), subject, text.slice(at + subject.length)];
  const end = text.search(/[:(,]/);
  return end > 0 ? ["", text.slice(0, end), text.slice(end)] : ["", text, ""];
}

/**
 * createChangesList lists what has changed in the selected range, compared with the time before it or with a range that the reader types.
 * @param {import("./explore.js").Desk} desk
 */
export function createChangesList(desk) {
  const { state } = desk;
  const title = el("h2");
  const list = el("dl");
  const none = el("p");
  const base = el("input", { type: "search", "aria-label": "Compare with", placeholder: "Compare with 13:00 – 13:10", maxlength: "60", autocomplete: "off", spellcheck: "false", enterkeyhint: "go", async change() {
    const range = base.value.trim() ? await desk.parseRange(base.value) : ["", ""];
    attribute(base, "aria-invalid", String(!range));
    if (!range) return;
    state.base = range.some(Boolean) ? range.join("/") : "";
    desk.write();
    desk.refresh();
  } });
  const box = el("section", { class: "changes", "aria-label": "What changed", hidden: true }, el("div", { class: "compare" }, title, base), list, none);
  let shape = "";
  /** @type {Set<string>} */
  let fresh = new Set();

  /** @param {Change} change */
  function row(change) {
    const [before, subject, after] = changeParts(change);
    const link = change.filter ? el("a", { href: `?${change.filter}`, title: "Show its records", click: desk.follows(() => void desk.choose((search) => search.take(change.filter, true), true)) }, subject) : el("b", {}, subject);
    return el("div", {}, el("dt", {}, change.kind.replace("-", " ")), el("dd", {}, before, link, after));
  }

  return {
    el: box,
    /** fresh returns the new patterns. */
    fresh: () => fresh,
    async refresh() {
      const [from, to] = state.base.split("/");
      if (desk.window.document.activeElement !== base) base.value = state.base && rangeWords(from, to, serverTime(state), state.utc);
      const both = state.base && String(new URLSearchParams({ "base-from": from, "base-to": to }));
      const { range, base: before, changes } = readChanges(JSON.parse(await desk.ask("changes", [both, desk.query()].filter(Boolean).join("&"))));
      const length = before.to - before.from;
      const of = (/** @type {number} */ ms) => clock(ms, state.utc).slice(0, length < SECONDS ? 8 : 5);
      const compared = before.records > 0;
      text(title, `What changed, ${of(range.from)} – ${state.filter.to ? of(range.to) : "now"}${compared ? `, against ${of(before.from)} – ${of(before.to)}` : ""}`);
      const isEnough = length >= SHORTEST && before.records >= FEWEST;
      text(none, isEnough ? "Nothing stands out." : compared ? `Not enough records before ${of(range.from)} yet.` : "No records to compare with.");
      fresh = new Set(changes.flatMap(({ kind, filter }) => (kind.startsWith("new") ? [/pattern(?::|%3A)([\da-f]{8})/i.exec(filter)?.[1] ?? ""] : [])));
      none.hidden = changes.length > 0;
      box.hidden = false;
      const now = JSON.stringify(changes);
      if (now === shape || list.contains(desk.window.document.activeElement)) return; // a link keeps its focus
      shape = now;
      list.replaceChildren(...changes.map(row));
    },
  };
}
