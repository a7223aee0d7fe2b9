import { ALL, GAP, NAMES } from "./levels.js";

/** @typedef {import("./filter.js").Filter} Filter */
/** What a link says beside the filter: how rows are shown, and how fast. @typedef {{at: string, top: boolean, utc: boolean, folded: boolean, paused: boolean, speed: number, wall: boolean}} Place */

/** The places of the speed's slider: records a second. */
export const SPEEDS = [0, 1, 5, 20, 100, 500, Infinity];

/**
 * write is the filter as the address's fragment, so that a link shows the same rows. It is empty when all is shown.
 * @param {Filter} f
 * @param {Place} place
 */
export function write(f, place) {
  const p = new URLSearchParams();
  if (f.levels !== ALL) p.set("level", NAMES.filter((_, level) => level < GAP && f.levels & (1 << level)).join(","));
  for (const [key, rules] of /** @type {const} */ ([["logger", f.loggers], ["channel", f.channels], ["host", f.hosts]])) {
    for (const word of rules.words()) p.append(key, word);
  }
  for (const word of f.fields) p.append("field", word);
  if (f.text) p.set(f.regex ? "re" : "q", f.text);
  if (f.invert) p.set("not", "");
  if (f.mark) p.set("mark", "");
  if (place.top) p.set("top", "");
  if (place.utc) p.set("utc", "");
  if (place.folded) p.set("fold", "");
  if (place.paused) p.set("paused", "");
  if (place.speed !== Infinity) p.set("speed", String(place.speed));
  if (place.at) p.set("at", place.at);
  if (place.wall) p.set("view", "wall");
  return p.toString().replaceAll("%2C", ",");
}

/**
 * read sets the filter to what a fragment says, and returns the rest of it.
 * @param {string} fragment
 * @param {Filter} f
 * @returns {Place}
 */
export function read(fragment, f) {
  const p = new URLSearchParams(fragment.replace(/^#/, ""));
  f.clear();
  const named = p.get("level");
  if (named !== null) {
    f.levels = named.split(",").reduce((bits, name) => bits | bit(name), 0);
  }
  f.loggers.read(p.getAll("logger"));
  f.channels.read(p.getAll("channel"));
  f.hosts.read(p.getAll("host"));
  f.fields = p.getAll("field");
  f.regex = p.has("re");
  f.text = p.get("re") ?? p.get("q") ?? "";
  f.invert = p.has("not");
  f.mark = p.has("mark");
  return {
    at: p.get("at") ?? "", top: p.has("top"), utc: p.has("utc"), folded: p.has("fold"), paused: p.has("paused"),
    speed: SPEEDS.includes(Number(p.get("speed") ?? NaN)) ? Number(p.get("speed")) : Infinity, wall: p.get("view") === "wall",
  };
}

/** @param {string} name */
function bit(name) {
  const level = NAMES.indexOf(name);
  return level >= 0 && level < GAP ? 1 << level : 0;
}
