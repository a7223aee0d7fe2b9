import { actions, say } from "./actions.js";
import { remember } from "./address.js";
import { get, text } from "./dom.js";
import { head } from "./feed.js";
import { query, refilter, scanning } from "./filters.js";
import { NAMES } from "./levels.js";
import { more } from "./more.js";
import { filter, hour, store, view } from "./state.js";
import { list, log, schedule } from "./table.js";
import { count, plural } from "./text.js";

/** @typedef {import("./types.js").Status} Status */

/** The bars' height in their own units. */
const HEIGHT = 26;

const strip = get("strip", HTMLElement);
const bars = get("hour", HTMLElement);
const errors = get("errors", HTMLElement);
const button = get("open", HTMLElement);
let asking = false;
let figures = () => {};

/**
 * told takes a status, and asks for the whole hour where that is not enough.
 * @param {Status} s
 */
export function told(s) {
  if (!hour.take(s)) void ask();
  head.take(s);
  const { lastMinute = 0, usual } = s.errors ?? {};
  text(errors, `${plural(lastMinute, "error")} in 1 min${usual === undefined ? "" : `, usually ${count(Math.round(usual * 10) / 10)}`}`);
  // As the server judges it: beyond three deviations of chance and two.
  errors.classList.toggle("many", usual !== undefined && lastMinute > usual + 3 * Math.sqrt(usual) + 2);
  const d = hour.paths(HEIGHT);
  for (const path of bars.querySelectorAll("path")) path.setAttribute("d", d[NAMES.indexOf(path.dataset.level ?? "")]);
  figures();
}

async function ask() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const s = await (await fetch("?health=document", { cache: "no-store" })).json();
    if (s.redis) told(s);
  } catch {
    // The next status asks again.
  }
  asking = false;
}

/** place is where the drawer is: "" when it is closed, "side", or "wall" when it is all there is to see. */
export let place = "";
/** @type {ReturnType<import("./more.js").Later["start"]> | null} */
let drawer = null;

/**
 * health opens the drawer, or closes it.
 * @param {string} to
 * @param {boolean} [quiet] neither the address nor the focus changes
 */
export async function health(to, quiet = false) {
  place = to;
  document.body.classList.toggle("wall", to === "wall");
  button.setAttribute("aria-expanded", String(to !== ""));
  if (!quiet) remember();
  list.refill();
  schedule();
  if (!to && !drawer) return;
  const later = await more();
  if (later) {
    drawer ??= later.start(page());
    drawer(place, quiet);
  } else if (place) void health("", quiet);
}
button.addEventListener("click", () => health(place ? "" : "side"));

/** page is what the second file is given: it has no state of the page's own. */
const page = () => ({
  actions, bars, button, errors, filter, head, health, hour, list, log, query, refilter, say, scanning, store, told, view,
  /** uncover lets the table be seen, where the drawer stands before it. */
  uncover() {
    if (place === "wall" || innerWidth <= 720) void health("");
  },
});
/** @typedef {ReturnType<typeof page>} Page */

// The bars tell their figures once somebody comes near.
for (const near of ["pointerenter", "focus"]) bars.addEventListener(near, (event) => more().then((later) => later && (figures = later.bars(page(), event))), { once: true });

const fold = get("unfold", HTMLElement);
fold.addEventListener("click", () => fold.setAttribute("aria-expanded", String(strip.classList.toggle("open"))));
