import { el, text } from "./dom.js";
import { clock, parse, span } from "./time.js";
import { count, plural, rate, together, visible } from "./text.js";

/** @typedef {import("./types.js").Worker} Worker */

/** A clock that is further off than this (s) is told of: less is the record's way. */
const SKEW = 5;

/** key tells workers apart, as the server does. @param {Worker} w */
export const key = (w) => JSON.stringify([w.host, w.service, w.channel]);

/** Few errors move nobody, so that the rows stay where they are while a reader looks. @param {Worker} w */
const weight = (w) => Math.floor(Math.log10(w.last5.errors + 1));

/**
 * ordered puts the silent ones first, as the server has them, then who has ten and a hundred times the errors of others,
 * the rest by name.
 * @param {Worker[]} workers
 */
export const ordered = (workers) =>
  [...workers].sort((a, b) => {
    const silent = Number(b.state === "quiet") - Number(a.state === "quiet");
    if (silent || (a.state === "quiet" && b.state === "quiet")) return silent;
    return weight(b) - weight(a) || Number(a.state === "replaced") - Number(b.state === "replaced") || a.name.localeCompare(b.name, undefined, { numeric: true });
  });

/** Before it is known for so many minutes, nothing is usual for a worker; then as many errors count as make a storm. */
const KNOWN = 10;
const STORM = 30;

/**
 * failing is whether a worker has more errors than usual, by the server's own measure: three deviations of chance and two.
 * @param {Worker} w
 * @param {number} now
 */
export function failing(w, now) {
  const minutes = Math.min(60, (now - parse(w.firstSeen)) / 60_000);
  const usual = (w.last60.errors - w.last5.errors) / (minutes - 5);
  return w.last1.errors > (minutes < KNOWN ? STORM : usual + 3 * Math.sqrt(usual) + 2);
}

/**
 * fade is how much of a worker's dot is left: 1 when it has just spoken, less as its silence nears what is silence for
 * it, never so little that it can't be seen.
 * @param {Worker} w
 * @param {number} now
 */
export const fade = (w, now) => 1 - 0.7 * Math.min(1, Math.max(0, (now - parse(w.lastSeen)) / 1000) / (w.threshold || Infinity));

/**
 * words says how a worker is. Nobody is called well while the server can't hear it (down) or can't be asked (cut off):
 * then why says so.
 * @param {Worker} w
 * @param {number} now
 * @param {boolean} utc
 * @param {string} why
 */
export function words(w, now, utc, why) {
  const seen = parse(w.lastSeen);
  const ago = span(Math.max(1, Math.round((now - seen) / 1000)) * 1000);
  const usual = w.usual ? `usually every ${span(w.usual * 1000)}` : "";
  const state = why || (w.state === "active" && failing(w, now) && `active, ${plural(w.last1.errors, "error")} in 1 min`) || { quiet: `silent for ${ago}, since ${clock(seen, utc).slice(0, 8)}`, replaced: "replaced by another host", ended: "ended", learning: "new, too early to judge" }[w.state] || w.state;
  const errors = [w.last1, w.last5, w.last60].map((tally) => count(tally.errors));
  const facts = [w.state === "quiet" && !why ? usual : `${ago} ago${usual && `, ${usual}`}`, rate(w.rate), w.last60.errors ? `errors in 1, 5, 60 min: ${errors.join(", ")}` : "no errors"];
  if (Math.abs(w.skew) > SKEW) facts.push(`clock ${span(w.skew * 1000)} ${w.skew > 0 ? "ahead" : "behind"}`);
  return { state, facts: facts.filter(Boolean) };
}

/** Forgotten are the workers that this browser does not show until they speak again. */
export class Forgotten {
  #storage;
  #name;

  /** @param {Pick<Storage, "getItem" | "setItem">} storage @param {string} name */
  constructor(storage, name) {
    this.#storage = storage;
    this.#name = name;
    /** The last word of each when it was forgotten, by key. @type {Record<string, string>} */
    this.map = {};
    try {
      const stored = JSON.parse(storage.getItem(name) ?? "{}");
      if (stored && typeof stored === "object") this.map = stored;
    } catch {
      // Not allowed, or not ours: nobody is forgotten.
    }
  }

  /** @param {Worker} w */
  has(w) {
    return this.map[key(w)] === w.lastSeen;
  }

  /** @param {Worker} w */
  add(w) {
    this.map[key(w)] = w.lastSeen;
    this.#save();
  }

  /** trim gives up whom the server has forgotten too, and who has spoken. @param {Worker[]} workers */
  trim(workers) {
    const before = JSON.stringify(this.map);
    this.map = Object.fromEntries(workers.filter((w) => this.has(w)).map((w) => [key(w), w.lastSeen]));
    if (JSON.stringify(this.map) !== before) this.#save();
  }

  clear() {
    this.map = {};
    this.#save();
  }

  #save() {
    try {
      this.#storage.setItem(this.#name, JSON.stringify(this.map));
    } catch {
      // Private windows may keep nothing: it holds until the page is left.
    }
  }
}

/**
 * worker makes the element of one worker.
 * @param {{only: (w: Worker) => void, forget: (w: Worker) => void}} act
 */
export function worker(act) {
  /** @type {Worker} */
  let now;
  const dot = el("i");
  const name = el("button", { type: "button", click: () => act.only(now) });
  const state = el("b");
  const facts = el("p");
  const forget = el("button", { type: "button", class: "forget", title: "Hide here until it speaks again", click: () => act.forget(now) }, "forget");
  return {
    el: el("li", { class: "worker" }, el("div", {}, dot, name, state, forget), facts),
    /** @param {Worker} w @param {number} at @param {boolean} utc @param {string} why */
    draw(w, at, utc, why) {
      now = w;
      const said = words(w, at, utc, why);
      this.el.classList.toggle("failing", !why && failing(w, at));
      this.el.dataset.state = why ? "unknown" : w.state;
      dot.style.opacity = w.state === "quiet" && !why ? "" : fade(w, at).toFixed(2);
      text(name, visible(w.name));
      name.title = visible(`${w.host ? `Only the host ${w.host}` : `Only the channel ${w.channel}`} · on ${w.channel}`);
      text(state, said.state);
      text(facts, together(said.facts));
      forget.hidden = w.state === "active" || (w.state === "learning" && at - parse(w.lastSeen) < 60_000);
      forget.setAttribute("aria-label", visible(`Forget ${w.name}`));
    },
  };
}
