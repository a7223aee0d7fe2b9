import { ALL, GAP, NAMES } from "./levels.js";

/** @typedef {import("./filter.js").Filter} Filter */
/** The part of a link beside the filter: how rows are shown and how fast. @typedef {{at: string, newestFirst: boolean, utc: boolean, collapsed: boolean, paused: boolean, rate: number, wallboard: boolean}} View */

/** The positions of the playback rate's slider, in records per second. */
export const RATES = [0, 1, 5, 20, 100, 500, Infinity];

/** A link is anybody's: a search and a word are at most so long (as the search field says too), and there are so many words of a kind. */
const MAX_CHARS = 2000;
const MAX_WORDS = 500;

/** Columns and switches: the name in a link, and the page's. */
const RULES = /** @type {const} */ ([["logger", "loggers"], ["channel", "channels"], ["host", "hosts"]]);
const FILTER_SWITCHES = /** @type {const} */ ([["not", "exclude"], ["mark", "highlight"]]);
const VIEW_SWITCHES = /** @type {const} */ ([["top", "newestFirst"], ["utc", "utc"], ["fold", "collapsed"], ["paused", "paused"]]);

/**
 * writeLink returns the fragment of a link that shows the same rows. It is empty if all records are shown.
 * @param {Filter} f
 * @param {View} view
 */
export function writeLink(f, view) {
  const p = new URLSearchParams();
  if (f.levels !== ALL) p.set("level", NAMES.filter((_, level) => level < GAP && f.levels & (1 << level)).join(","));
  for (const [key, column] of RULES) for (const word of f[column].words()) p.append(key, word);
  for (const word of f.fields) p.append("field", word);
  if (f.text) p.set("q", f.text);
  if (f.matchCase) p.set("case", "1");
  for (const [key, name] of FILTER_SWITCHES) if (f[name]) p.set(key, "");
  for (const [key, name] of VIEW_SWITCHES) if (view[name]) p.set(key, "");
  if (view.rate !== Infinity) p.set("speed", String(view.rate));
  if (view.at) p.set("at", view.at);
  if (view.wallboard) p.set("view", "wall");
  return p.toString().replaceAll("%2C", ",");
}

/**
 * readLink sets the filter from a fragment and returns the other part of the view.
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
  f.text = (p.get("q") ?? "").slice(0, MAX_CHARS);
  f.matchCase = p.get("case") === "1";
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
