import { remember } from "./address.js";
import { get, text } from "./dom.js";
import { Filter, Scan, Test } from "./filter.js";
import { ALL, andWorse, NAMES } from "./levels.js";
import { Matches } from "./matches.js";
import { more } from "./more.js";
import { controls } from "./pace.js";
import { filter, store, view } from "./state.js";
import { list, log, schedule } from "./table.js";
import { short } from "./text.js";

/**
 * So long (ms) a filter is worked at before keys and clicks have their turn; and at first, when most are done with that: between two
 * slices the browser may draw a frame. With what else a key does both stay below the 50 ms that a reader notices.
 */
const SLICE = 12;
const FIRST = 36;
/** The address is written when no key came for so long (ms): browsers limit how often. */
const TYPED = 250;
/** @type {Scan | null} a filter change that is still under way */
let scan = null;
/** When the change began whose rows are not yet to be seen; 0 for none. */
let changed = 0;
/** The room of the list of rows before this one. @type {Float64Array | undefined} */
let spare;
const turn = new MessageChannel();

/**
 * arrived shows a record that has just come in, if the filter does.
 * @param {number} ord
 */
export function arrived(ord) {
  if (scan !== null) return;
  const { re } = view.test;
  const begin = re ? performance.now() : 0;
  const shown = view.test.shows(ord);
  if (re) view.test.took(performance.now() - begin, 1);
  if (view.test.re !== re) refilter(true); // the search was given up: what it hid comes back
  else if (shown) {
    view.matches.push(ord);
    if (view.folded) list.refill();
  }
}

/** settled is called when rows were drawn: what a filter change cost is told to the browser's own tools. */
export function settled() {
  if (!changed || scan) return;
  performance.measure("filter", { start: changed });
  changed = 0;
}

/** scanning tells whether a filter change is still under way. */
export const scanning = () => scan !== null;

/**
 * refilter is called when the filter has changed: the rows that match are found anew, in slices, and put up all at once.
 * @param {boolean} [told] whether the address already says so
 */
export function refilter(told = false) {
  changed = performance.now();
  view.test = new Test(filter, store);
  // A change that comes before the last one was done takes over its room too.
  const room = scan?.into.ords ?? spare;
  spare = undefined;
  scan = new Scan(store, view.test, new Matches(store.capacity, view.folded ? (a, b) => store.same(a, b) : null, room));
  step(FIRST);
  if (!told) remember();
  side();
  controls();
}

/** A slice at a time, with the page alive between two: the next key makes a new scan, and this one is forgotten. */
function step(ms = SLICE) {
  if (!scan) return;
  if (!scan.step(ms)) {
    turn.port2.postMessage(0);
    return;
  }
  const anchor = list.anchor();
  const { matches } = view;
  const revealed = matches.reveal < matches.end ? matches.at(matches.reveal) : store.end;
  spare = matches.ords;
  view.matches = scan.into;
  scan = null;
  view.matches.trim(store.first);
  view.matches.cursor = view.matches.lower(revealed);
  list.restore(anchor);
  schedule();
}
// A message is the shortest way round the browser's loop; a timer waits 4 ms, a frame 16.
turn.port1.onmessage = () => step();

/**
 * warm makes a search of which nobody sees anything: the first ones of a page take three times as long as the next, until
 * the browser has compiled what they do.
 */
export function warm() {
  new Scan(store, new Test(Object.assign(new Filter(), { text: "\0" }), store), new Matches(1)).step(FIRST);
}

/** query is the search field. */
export const query = /** @type {HTMLInputElement} */ (document.querySelector("input[name=q]"));
let typing = 0;
query.addEventListener("input", () => {
  // At once: the next key ends this search.
  filter.text = query.value;
  refilter(true);
  clearTimeout(typing);
  typing = window.setTimeout(remember, TYPED);
});
query.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    log.focus();
    hit(-1);
  } else if (event.key === "Escape" && query.value === "") log.focus();
});
const hits = get("hits", HTMLElement);
const toggles = /** @type {const} */ (["regex", "invert", "mark"]).map((id) => {
  const e = get(id, HTMLElement);
  e.addEventListener("click", () => {
    filter[id] = !filter[id];
    refilter();
  });
  return /** @type {const} */ ([id, e]);
});
get("previous", HTMLElement).addEventListener("click", () => hit(-1));
get("next", HTMLElement).addEventListener("click", () => hit(1));

const chips = new Map([...document.querySelectorAll(".chip")].map((chip) => {
  const input = /** @type {HTMLInputElement} */ (chip.querySelector("input"));
  const button = /** @type {HTMLButtonElement} */ (chip.querySelector("button"));
  const level = NAMES.indexOf(input.value);
  input.addEventListener("change", () => {
    filter.levels ^= 1 << level;
    refilter();
  });
  button.addEventListener("click", () => {
    const only = andWorse(level);
    filter.levels = filter.levels === only ? ALL : only;
    refilter();
  });
  return [level, { chip: /** @type {HTMLElement} */ (chip), input, output: /** @type {Element} */ (chip.querySelector("output")) }];
}));

/** panel is what stands beside the table: loggers, channels, hosts. */
export const panel = get("filters", HTMLElement);
/** @type {{find?: string, draw: () => void}[]} */
let ticks = [];
const findLogger = /** @type {HTMLInputElement} */ (document.querySelector("input[name=tree]"));
findLogger.addEventListener("input", () => {
  ticks[0].find = findLogger.value;
  side();
});
const sideButton = get("side", HTMLElement);
sideButton.addEventListener("click", () => openSide(panel.hidden !== false));

/**
 * openSide shows or hides the panel; the first time, when what fills it has come.
 * @param {boolean} open
 */
export async function openSide(open) {
  if (open && !ticks.length) {
    const later = await more();
    if (!later || ticks.length) return; // asked for twice while it came
    const changed = () => refilter();
    const kinds = /** @type {const} */ (["loggers", "channels", "hosts"]);
    ticks = [...kinds.map((kind) => new later.Ticks(get(kind, HTMLElement), kind, store[kind], filter[kind], changed)), new later.Values(panel, filter, changed)];
  }
  panel.hidden = !open;
  sideButton.setAttribute("aria-expanded", String(open));
  side();
}

/** side brings the panel up to date, if it is seen. */
export function side() {
  if (!panel.hidden) for (const t of ticks) t.draw();
}

/** clearFilters shows all records again. */
export function clearFilters() {
  filter.clear();
  query.value = "";
  refilter();
}

/**
 * hit goes to the next or previous record that has what the search field says.
 * @param {1 | -1} direction
 */
export function hit(direction) {
  if (!view.test.re) return;
  go(direction, (ord) => view.test.hit(ord));
}

/**
 * go activates the next row that fits.
 * @param {1 | -1} direction in time
 * @param {(ord: number) => boolean} fits
 */
export function go(direction, fits) {
  const here = list.active >= 0 && store.has(list.active) ? view.matches.lower(list.active) : direction > 0 ? view.matches.first - 1 : view.matches.reveal;
  for (let n = here + direction; n >= view.matches.first && n < view.matches.reveal; n += direction) {
    if (!fits(view.matches.at(n))) continue;
    list.leave();
    list.activate(view.matches.at(n));
    return;
  }
}

/** marked is how many hits are marked, and which of them is the active row; "" where none are. */
function marked() {
  const m = view.test.hits;
  if (!m) return "";
  m.trim(store.first);
  const n = m.lower(list.active);
  return n < m.end && m.at(n) === list.active ? `${short(n - m.first + 1)} of ${short(m.size)}` : `${short(m.size)} marked`;
}

/** tell brings the filters' own controls up to date. */
export function tell() {
  for (const [level, c] of chips) {
    text(c.output, short(store.levels[level]));
    const on = (filter.levels & (1 << level)) !== 0;
    if (c.input.checked !== on) c.input.checked = on;
    const idle = store.levels[level] === 0 && level < 2;
    if (c.chip.hidden !== idle) c.chip.hidden = idle;
  }
  for (const [id, e] of toggles) e.setAttribute("aria-pressed", String(filter[id]));
  query.setAttribute("aria-invalid", String(view.test.error !== ""));
  text(hits, view.test.error || marked() || (filter.open ? "" : `${short(view.matches.size)} of ${short(store.size)}`));
  const hidden = panel.hidden && !(filter.loggers.empty && filter.channels.empty && filter.hosts.empty && !filter.fields.length);
  sideButton.dataset.on = String(hidden);
}
