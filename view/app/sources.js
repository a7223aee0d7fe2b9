import { attribute, el, text } from "./dom.js";
import { count, plural, together } from "./text.js";
import { ago, timeOfDay } from "./time.js";

/** @typedef {import("./wire.js").Redis} Redis */
/** @typedef {import("./wire.js").Source} Source */

/**
 * isSubscribed reports whether any source is subscribed. Redis may deny some sources and deliver the others.
 * @param {Redis} redis
 */
export const isSubscribed = (redis) => redis.state === "live" || (redis.state === "denied" && redis.sources.some((s) => !isNaN(s.confirmed)));

/** sourceKey returns the identity of a source. @param {Source} s */
export const sourceKey = (s) => JSON.stringify([s.kind, s.name]);

/**
 * orderSources sorts denied sources first and keeps the order of the others.
 * @param {Source[]} sources
 */
export const orderSources = (sources) => [...sources].sort((a, b) => Number(b.denied !== "") - Number(a.denied !== ""));

/**
 * sourcesTitle returns the number of sources.
 * @param {Source[]} sources
 */
export function sourcesTitle(sources) {
  const denied = sources.filter((s) => s.denied).length;
  return plural(sources.length, "source") + (denied ? `, ${count(denied)} denied` : "");
}

/**
 * sourceText describes a source: its state and the facts behind it.
 * @param {Source} s
 * @param {Redis} redis
 * @param {number} now
 * @param {boolean} utc
 * @returns {{name: "denied" | "subscribed" | "unknown", state: string, facts: string}}
 */
export function sourceText(s, redis, now, utc) {
  const facts = [plural(s.records, "record"), isNaN(s.lastRecord) ? "" : `last ${ago(now - s.lastRecord)}`];
  const all = (/** @type {string[]} */ ...more) => together([...facts, ...more].filter(Boolean));
  if (s.denied) {
    const left = Math.ceil((s.nextTry - now) / 1000);
    facts.unshift(isNaN(s.deniedSince) ? "" : `since ${timeOfDay(s.deniedSince, utc)}`, left > 0 ? `next try in ${left} s` : isNaN(left) ? "" : "retrying");
    return { name: "denied", state: s.denied, facts: all() };
  }
  if (!isSubscribed(redis)) return { name: "unknown", state: "not subscribed", facts: all() };
  return { name: "subscribed", state: s.records ? "" : "no messages yet", facts: all(isNaN(s.confirmed) ? "" : `subscribed since ${timeOfDay(s.confirmed, utc)}`) };
}

/** createSourceRow creates the row of one source. */
export function createSourceRow() {
  const name = el("strong");
  const kind = el("span");
  const state = el("b");
  const facts = el("p");
  const e = el("li", { class: "source-row" }, el("div", {}, el("i"), name, kind, state), facts);
  return {
    el: e,
    /** @param {Source} s @param {Redis} redis @param {number} now @param {boolean} utc */
    draw(s, redis, now, utc) {
      const words = sourceText(s, redis, now, utc);
      attribute(e, "data-state", words.name);
      text(name, s.name);
      text(kind, s.kind);
      text(state, words.state);
      text(facts, words.facts);
    },
  };
}
