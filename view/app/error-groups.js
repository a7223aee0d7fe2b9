import { attribute, el, text } from "./dom.js";
import { count, plural, together } from "./text.js";
import { ago, span, timeOfDay } from "./time.js";

/** @typedef {import("./wire.js").ErrorGroup} ErrorGroup */

/** The sparkline's height in its own units, as wide as an hour has minutes. */
const HEIGHT = 14;
/** A longer title is not looked at for what to search. */
const TITLE_CHARS = 300;

/** A few more or less move no row while a reader aims. @param {ErrorGroup} g */
const weight = (g) => Math.floor(Math.log10(g.minutes.slice(-5).reduce((a, b) => a + b, 1)));

/**
 * orderGroups puts the new groups first, the newest of them at the top, then those that come ten and a hundred times as
 * often as others, then the youngest.
 * @param {ErrorGroup[]} groups
 */
export const orderGroups = (groups) =>
  [...groups].sort((a, b) => Number(b.isNew) - Number(a.isNew) || (a.isNew ? 0 : weight(b) - weight(a)) || b.firstSeen - a.firstSeen || 0);

/**
 * sparkline is the path of a sparkline, a bar for each minute that had any.
 * @param {number[]} minutes
 */
export function sparkline(minutes) {
  const highest = Math.max(1, ...minutes);
  return minutes.map((n, x) => (n ? `M${x} ${HEIGHT}h.8v${(-Math.max(1.5, (n / highest) * HEIGHT)).toFixed(1)}h-.8z` : "")).join("");
}

/**
 * groupSearches are texts that the records of a group may contain, the most telling first: its title is what they have in
 * common, with what varies left out ("order # failed", "order %s failed") or with the exception and its place.
 * @param {string} title
 */
export function groupSearches(title) {
  const begin = title.slice(0, TITLE_CHARS);
  const exception = /^([\w.$:]+) in \S/.exec(begin)?.[1];
  const pieces = begin.split(/#|%[-+\d.]*[a-z]|%?[({][^)}]*[)}][a-z]?|…/i).map((piece) => piece.trim()).filter(Boolean);
  return [...new Set([begin, exception ?? "", ...pieces.sort((a, b) => b.length - a.length)])].filter(Boolean);
}

/**
 * groupText says what there is to know of a group beside its title.
 * @param {ErrorGroup} g
 * @param {number} now
 * @param {boolean} utc
 * @param {number} workers how many there are
 */
export function groupText(g, now, utc, workers) {
  return {
    count: `${count(g.count)}×`,
    facts: together([
      `on ${count(g.workers)} of ${plural(Math.max(workers, g.workers), "worker")}`,
      `first ${timeOfDay(g.firstSeen, utc)} (${span(Math.max(0, now - g.firstSeen))} ago)`,
      `last ${ago(now - g.lastSeen)}`,
    ]),
  };
}

/**
 * createGroupRow makes the row of one error group.
 * @param {(g: ErrorGroup) => void} show
 * @param {Document} document
 */
export function createGroupRow(show, document) {
  /** @type {ErrorGroup} */
  let group;
  const fresh = el("b", { class: "new" }, "NEW");
  const name = el("button", { type: "button", click: () => show(group) });
  const times = el("b");
  const facts = el("p");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS(svg.namespaceURI, "path");
  for (const [n, v] of [["viewBox", `0 0 60 ${HEIGHT}`], ["preserveAspectRatio", "none"], ["role", "img"]]) attribute(svg, n, v);
  svg.append(path);
  const e = el("li", { class: "group" }, el("div", {}, fresh, name), el("div", {}, svg, times), facts);
  return {
    el: e,
    /** @param {ErrorGroup} g @param {number} now @param {boolean} utc @param {number} workers */
    draw(g, now, utc, workers) {
      group = g;
      const words = groupText(g, now, utc, workers);
      fresh.hidden = !g.isNew;
      attribute(e, "data-level", g.level);
      text(name, g.title);
      attribute(name, "title", `${g.logger} · show its records and go to the newest`);
      attribute(path, "d", sparkline(g.minutes));
      attribute(svg, "aria-label", `The last hour: at most ${plural(Math.max(0, ...g.minutes), "record")} a minute`);
      text(times, `${words.count} ${g.level}`);
      text(facts, words.facts);
    },
  };
}
