import { el, text } from "./dom.js";
import { count, plural, together, visible } from "./text.js";
import { clock, parse, span } from "./time.js";

/** @typedef {import("./types.js").Status} Status */
/** @typedef {import("./types.js").Source} Source */

/**
 * heard is whether records can come from anywhere: Redis may refuse some names and send the others' records.
 * @param {Status["redis"]} redis
 */
export const heard = (redis) => redis.state === "live" || (redis.state === "refused" && !!redis.sources?.some((s) => s.confirmed));

/**
 * ordered puts first what Redis refuses; the rest stays as the host has named it.
 * @param {Source[]} sources
 */
export const ordered = (sources) => [...sources].sort((a, b) => Number(!!b.refused) - Number(!!a.refused));

/**
 * title counts the sources.
 * @param {Source[]} sources
 */
export function title(sources) {
  const refused = sources.filter((s) => s.refused).length;
  return plural(sources.length, "source") + (refused ? `, ${count(refused)} refused` : "");
}

/**
 * words says how a source is: its state, and the facts behind it.
 * @param {Source} s
 * @param {Status["redis"]} redis
 * @param {number} now
 * @param {boolean} utc
 * @returns {{name: "refused" | "heard" | "unknown", state: string, facts: string}}
 */
export function words(s, redis, now, utc) {
  const hour = (/** @type {string | undefined} */ time) => clock(parse(time), utc).slice(0, 8);
  const facts = [plural(s.records ?? 0, "record"), s.lastRecord ? `the last ${span(Math.max(1, Math.round((now - parse(s.lastRecord)) / 1000)) * 1000)} ago` : ""];
  if (s.refused) {
    const left = Math.ceil((parse(s.nextTry) - now) / 1000);
    facts.unshift(s.refusedSince ? `since ${hour(s.refusedSince)}` : "", left > 0 ? `next try in ${left} s` : s.nextTry ? "asking again" : "");
    return { name: "refused", state: visible(s.refused), facts: together(facts.filter(Boolean)) };
  }
  if (!heard(redis)) return { name: "unknown", state: "not heard", facts: together(facts.filter(Boolean)) };
  if (s.confirmed) facts.push(`heard since ${hour(s.confirmed)}`);
  return { name: "heard", state: s.records ? "" : "nothing yet", facts: together(facts.filter(Boolean)) };
}

/** source makes a row for a source; draw brings it up to date. */
export function source() {
  const light = el("i");
  const name = el("strong");
  const kind = el("span");
  const state = el("b");
  const facts = el("p");
  const e = el("li", { class: "from" }, el("div", {}, light, name, kind, state), facts);
  return {
    el: e,
    /** @param {Source} s @param {Status["redis"]} redis @param {number} now @param {boolean} utc */
    draw(s, redis, now, utc) {
      const w = words(s, redis, now, utc);
      e.dataset.state = w.name;
      text(name, visible(s.name));
      text(kind, visible(s.kind));
      text(state, w.state);
      text(facts, w.facts);
    },
  };
}
