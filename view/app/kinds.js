import { el, text } from "./dom.js";
import { clock, parse, span } from "./time.js";
import { count, plural, together, visible } from "./text.js";

/** @typedef {import("./types.js").Kind} Kind */

/** The sparkline's height in its own units, as wide as an hour has minutes. */
const HEIGHT = 14;

/** A few more or less move no kind, so that the rows stay where they are while a reader aims. @param {Kind} k */
const weight = (k) => Math.floor(Math.log10(k.minutes.slice(-5).reduce((a, b) => a + b, 1)));

/**
 * ordered puts the new kinds first, the newest of them at the top, then those that come ten and a hundred times as often
 * as others, then the youngest.
 * @param {Kind[]} kinds
 */
export const ordered = (kinds) =>
  [...kinds].sort((a, b) => Number(b.new ?? false) - Number(a.new ?? false) || (a.new ? 0 : weight(b) - weight(a)) || parse(b.firstSeen) - parse(a.firstSeen));

/**
 * spark is the path of a sparkline, a bar for each minute that had any.
 * @param {number[]} minutes
 */
export function spark(minutes) {
  const highest = Math.max(1, ...minutes);
  return minutes.map((n, x) => (n ? `M${x} ${HEIGHT}h.8v${(-Math.max(1.5, (n / highest) * HEIGHT)).toFixed(1)}h-.8z` : "")).join("");
}

/**
 * searches are texts that a kind's records may have in them, the most telling first: its title is what they have in
 * common, with what varies left out ("order # failed", "order %s failed") or with the exception and its place.
 * @param {string} title
 */
export function searches(title) {
  const exception = /^([\w.$:]+) in \S/.exec(title)?.[1];
  const pieces = title.split(/#|%[-+\d.]*[a-z]|%?[({][^)}]*[)}][a-z]?|…/i).map((piece) => piece.trim()).filter(Boolean);
  return [...new Set([title, exception ?? "", ...pieces.sort((a, b) => b.length - a.length)])].filter(Boolean);
}

/**
 * words says what there is to know of a kind beside its name.
 * @param {Kind} k
 * @param {number} now
 * @param {boolean} utc
 * @param {number} workers how many there are
 */
export function words(k, now, utc, workers) {
  const first = parse(k.firstSeen);
  return {
    count: `${count(k.count)}×`,
    facts: together([
      `on ${k.workers} of ${plural(Math.max(workers, k.workers), "worker")}`,
      `first ${clock(first, utc).slice(0, 8)} (${span(Math.max(0, now - first))} ago)`,
      `last ${span(Math.max(1, Math.round((now - parse(k.lastSeen)) / 1000)) * 1000)} ago`,
    ]),
  };
}

/**
 * kind makes the element of one kind of error.
 * @param {(k: Kind) => void} only
 */
export function kind(only) {
  /** @type {Kind} */
  let now;
  const fresh = el("b", { class: "new" }, "NEW");
  const name = el("button", { type: "button", click: () => only(now) });
  const times = el("b");
  const facts = el("p");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS(svg.namespaceURI, "path");
  for (const [n, v] of Object.entries({ viewBox: `0 0 60 ${HEIGHT}`, preserveAspectRatio: "none", role: "img" })) svg.setAttribute(n, v);
  svg.append(path);
  return {
    el: el("li", { class: "kind" }, el("div", {}, fresh, name), el("div", {}, svg, times), facts),
    /** @param {Kind} k @param {number} at @param {boolean} utc @param {number} workers */
    draw(k, at, utc, workers) {
      now = k;
      const said = words(k, at, utc, workers);
      fresh.hidden = !k.new;
      this.el.dataset.level = k.level;
      text(name, visible(k.title));
      name.title = visible(`${k.logger ?? ""} · show its records and go to the newest`);
      path.setAttribute("d", spark(k.minutes));
      svg.setAttribute("aria-label", `The last hour: at most ${plural(Math.max(0, ...k.minutes), "record")} a minute`);
      text(times, `${said.count} ${k.level}`);
      text(facts, said.facts);
    },
  };
}
