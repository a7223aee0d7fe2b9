import { ALL, GAP, NAMES } from "./levels.js";

/** @typedef {import("./filter.js").Filter} Filter */
/** What a link has beside the filter: how rows are shown, and how fast. @typedef {{at: string, newestFirst: boolean, utc: boolean, collapsed: boolean, paused: boolean, rate: number, wallboard: boolean}} View */

/** The positions of the playback rate's slider: records a second. */
export const RATES = [0, 1, 5, 20, 100, 500, Infinity];

/** A link is anybody's: a search and a word are at most so long (as the search field says too), and there are so many words of a kind. */
const MAX_CHARS = 1000;
const MAX_WORDS = 500;

/** Names of columns and switches, as a link spells them and as the page does. */
const RULES = /** @type {const} */ ([["logger", "loggers"], ["channel", "channels"], ["host", "hosts"]]);
const FILTER_SWITCHES = /** @type {const} */ ([["not", "exclude"], ["mark", "highlight"]]);
const VIEW_SWITCHES = /** @type {const} */ ([["top", "newestFirst"], ["utc", "utc"], ["fold", "collapsed"], ["paused", "paused"]]);

/**
 * writeLink is the filter as the address's fragment, so that a link shows the same rows. It is empty when all is shown.
 * @param {Filter} f
 * @param {View} view
 */
export function writeLink(f, view) {
  const p = new URLSearchParams();
  if (f.levels !== ALL) p.set("level", NAMES.filter((_, level) => level < GAP && f.levels & (1 << level)).join(","));
  for (const [key, column] of RULES) for (const word of f[column].words()) p.append(key, word);
  for (const word of f.fields) p.append("field", word);
  if (f.text) p.set(f.regex ? "re" : "q", f.text);
  for (const [key, name] of FILTER_SWITCHES) if (f[name]) p.set(key, "");
  for (const [key, name] of VIEW_SWITCHES) if (view[name]) p.set(key, "");
  if (view.rate !== Infinity) p.set("speed", String(view.rate));
  if (view.at) p.set("at", view.at);
  if (view.wallboard) p.set("view", "wall");
  return p.toString().replaceAll("%2C", ",");
}

/**
 * readLink sets the filter to what a fragment says, and returns the rest of it.
 * @param {string} fragment
 * @param {Filter} f
 * @returns {View}
 */
export function readLink(fragment, f) {
  const p = new URLSearchParams(fragment.replace(/^#/, ""));
  const words = (/** @type {string} */ key) => p.getAll(key).slice(0, MAX_WORDS).map((word) => word.slice(0, MAX_CHARS));
  f.clear();
  const named = p.get("level");
  if (named !== null) f.levels = named.split(",", NAMES.length).reduce((bits, name) => bits | bit(name), 0);
  for (const [key, column] of RULES) f[column].read(words(key));
  f.fields = words("field");
  f.regex = p.has("re");
  f.text = (p.get("re") ?? p.get("q") ?? "").slice(0, MAX_CHARS);
  for (const [key, name] of FILTER_SWITCHES) f[name] = p.has(key);
  const rate = Number(p.get("speed") ?? NaN);
  const switches = /** @type {Record<typeof VIEW_SWITCHES[number][1], boolean>} */ (Object.fromEntries(VIEW_SWITCHES.map(([key, name]) => [name, p.has(key)])));
  return { ...switches, at: p.get("at") ?? "", rate: RATES.includes(rate) ? rate : Infinity, wallboard: p.get("view") === "wall" };
}

/** @param {string} name */
function bit(name) {
  const level = NAMES.indexOf(name);
  return level >= 0 && level < GAP ? 1 << level : 0;
}
