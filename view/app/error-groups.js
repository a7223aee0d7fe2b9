import { attribute, el, text } from "./dom.js";
import { count, plural, together } from "./text.js";
import { ago, span, timeOfDay } from "./time.js";

/** @typedef {import("./wire.js").ErrorGroup} ErrorGroup */

/** The sparkline's height in its own units; it is as wide as an hour has minutes. */
const HEIGHT = 14;
/** How much of a title is used to derive a search. */
const TITLE_CHARS = 300;

/** The order of magnitude of recent errors, so that a few more do not move rows while the reader aims at one. @param {ErrorGroup} g */
const weight = (g) => Math.floor(Math.log10(g.minutes.slice(-5).reduce((a, b) => a + b, 1)));

/**
 * orderGroups sorts new groups first, newest on top, then by the order of magnitude of recent errors, then by age.
 * @param {ErrorGroup[]} groups
 */
export const orderGroups = (groups) =>
  [...groups].sort((a, b) => Number(b.isNew) - Number(a.isNew) || (a.isNew ? 0 : weight(b) - weight(a)) || b.firstSeen - a.firstSeen || 0);

/**
 * sparkline returns the SVG path of a sparkline with a bar for each minute that has errors.
 * @param {number[]} minutes
 */
export function sparkline(minutes) {
  const highest = Math.max(1, ...minutes);
  return minutes.map((n, x) => (n ? `M${x} ${HEIGHT}h.8v${(-Math.max(1.5, (n / highest) * HEIGHT)).toFixed(1)}h-.8z` : "")).join("");
}

/**
 * groupSearches returns texts that the records of a group may contain, the most specific first. A title is what the records
 * have in common, with the variable parts left out ("order # failed", "order %s failed"), or an exception and where it was
 * raised.
 * @param {string} title
 */
export function groupSearches(title) {
  const begin = title.slice(0, TITLE_CHARS);
  const exception = /^([\w.$:]+) in \S/.exec(begin)?.[1];
  const pieces = begin.split(/#|%[-+\d.]*[a-z]|%?[({][^)}]*[)}][a-z]?|…/i).map((piece) => piece.trim()).filter(Boolean);
  return [...new Set([begin, exception ?? "", ...pieces.sort((a, b) => b.length - a.length)])].filter(Boolean);
}

/**
 * groupText describes a group beside its title.
 * @param {ErrorGroup} g
 * @param {number} now
 * @param {boolean} utc
 * @param {number} workers the number of all workers
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
 * createGroupRow creates the row of one error group.
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
    /** @param {ErrorGroup} g @param {number} now @param {boolean} utc @param {number} workers @param {boolean} short for a row of one line */
    draw(g, now, utc, workers, short) {
      group = g;
      const words = groupText(g, now, utc, workers);
      fresh.hidden = !g.isNew;
      attribute(e, "data-level", g.level);
      text(name, g.title);
      attribute(name, "title", `${g.logger} · show its records and go to the newest`);
      attribute(path, "d", sparkline(g.minutes));
      attribute(svg, "aria-label", `The last hour: at most ${plural(Math.max(0, ...g.minutes), "record")} a minute`);
      text(times, `${words.count} ${g.level}`);
      text(facts, short ? ago(now - g.lastSeen) : words.facts);
    },
  };
}
