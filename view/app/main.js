import { detail } from "./detail.js";
import { get, text } from "./dom.js";
import { Filter, Scan, SEARCHED, Test } from "./filter.js";
import { read, write } from "./fragment.js";
import { words } from "./gaps.js";
import { Head } from "./head.js";
import { Intake } from "./intake.js";
import { ALL, andWorse, CRITICAL, ERROR, GAP, NAMES, WARNING } from "./levels.js";
import { List } from "./list.js";
import { Matches } from "./matches.js";
import { Pulse } from "./pulse.js";
import { NAMELESS } from "./rules.js";
import { Ticks } from "./side.js";
import { exactParse, Store } from "./store.js";
import { Stream } from "./stream.js";
import { count, file, lastLine, oneLine, plural, ROW_CHARS, short, visible } from "./text.js";
import { clock, date, day, iso, parse, span } from "./time.js";

/** The slider's places: records per second. */
const SPEEDS = [0, 1, 5, 20, 100, 500, Infinity];
/** A row whose own time is so far (ms) from its arrival is marked: a wrong clock, or a record that was long under way. */
const SKEW = 10_000;
/** So long (ms) without any record is said in the table. */
const SILENCE = 60_000;
/** Rows kept between the oldest one seen and the next to be given up. */
const MARGIN = 200;
/** Longer fields are shown in a row as they are, not parsed. */
const DATA_CHARS = 2000;
/** So few waiting records let a store that was held take in new ones again. */
const CAUGHT_UP = 1000;

const store = new Store();
const filter = new Filter();
const pulse = new Pulse();
const head = new Head(pulse);
let matches = new Matches(store.capacity);
let test = new Test(filter, store);
/** @type {Scan | null} a filter change that is still under way */
let scan = null;
/** When the filter change began that is still to be seen; 0 for none. */
let changed = 0;

let utc = false;
let folded = false;
let speed = Infinity;
let paused = false;
/** The first ordinal that came after the reader left the newest end. */
let left = 0;
/** The ordinal before which all was seen when the tab was left; -1 for no divider. */
let away = -1;
/** @type {number[]} */
let awayCounts = [];
let wanted = "";
let drawn = performance.now();
let scheduled = false;
let began = 0;

const log = get("log", HTMLElement);
const rowTemplate = get("row", HTMLTemplateElement);
const list = new List(log, get("rows", HTMLElement), rowTemplate, {
  matches: () => matches,
  fill,
  detail: (ord) => detail(store, ord, actions),
  moved: schedule,
});

const intake = new Intake(store, {
  added(ord) {
    const i = ord % store.capacity;
    pulse.add(store.level[i], store.at[i]);
    if (scan === null && test.shows(ord)) {
      matches.push(ord);
      if (folded) list.refill();
    }
  },
  // What the reader looks at is never pushed out: new records are counted instead, and asked for again later.
  held: () => store.full && !(list.follow && matches.waiting === 0) && list.oldestSeen() - store.first < MARGIN,
});

const stream = new Stream({
  batch(records, epoch) {
    intake.batch(records, epoch);
    taken();
  },
  gap(gap, epoch) {
    intake.gap(gap, epoch);
    taken();
  },
  status(s) {
    intake.status(s);
    head.take(s);
    fresh(s.build);
    taken();
  },
  link: (link, retryAt) => head.connection(link, retryAt),
});

/** After anything came: rows that are gone leave the matches, and the page is drawn. */
function taken() {
  matches.trim(store.first);
  for (const ord of list.open.keys()) if (!store.has(ord)) list.toggle(ord, false);
  schedule();
}

function schedule() {
  if (scheduled || document.hidden) return;
  scheduled = true;
  requestAnimationFrame(draw);
}

function draw() {
  scheduled = false;
  const now = performance.now();
  const passed = Math.min(now - drawn, 1000);
  drawn = now;
  if (scan) step();
  if (!list.live) {
    // The rows that came with the page stand until the history is there: no flurry of scrolling at the start.
    if (began === 0 || ((intake.loading || intake.epoch === "") && now - began < 3000)) {
      progress();
      if (began) schedule();
      return;
    }
    list.start();
    head.draw();
    side();
    matches.cursor = matches.end;
    if (wanted) permalink();
  }
  if (!paused) matches.advance(speed, passed);
  if (list.follow) left = matches.reveal > matches.first ? matches.at(matches.reveal - 1) + 1 : store.end;
  list.render();
  if (list.changed) {
    list.changed = false;
    highlight();
  }
  if (changed && !scan) {
    performance.measure("filter", { start: changed });
    changed = 0;
  }
  progress();
  empty();
  controls();
  if (!paused && speed !== Infinity && matches.waiting > 0) schedule();
  if (scan) schedule();
  if (intake.skipped > 0 && list.follow && matches.waiting < CAUGHT_UP && !paused) catchUp();
}

/** Takes in again what was only counted while the reader held the oldest rows. */
function catchUp() {
  const after = intake.goOn();
  if (!after) return;
  stream.last = after;
  stream.open();
}

// ---------------------------------------------------------------------------------------------------------- filtering

/**
 * The filter has changed: the rows that match are found anew, in slices, and put up all at once.
 * @param {boolean} [told] whether the address already says so
 */
function refilter(told = false) {
  changed = performance.now();
  test = new Test(filter, store);
  scan = new Scan(store, test, new Matches(store.capacity, folded ? (a, b) => store.same(a, b) : null));
  step();
  if (!told) remember();
  side();
  controls();
  schedule();
}

function step() {
  if (!scan || !scan.step(8)) return;
  const anchor = list.anchor();
  const revealed = matches.reveal < matches.end ? matches.at(matches.reveal) : store.end;
  matches = scan.into;
  scan = null;
  matches.cursor = matches.lower(revealed);
  list.restore(anchor);
}

/** @param {HTMLElement} e @param {boolean} on */
const press = (e, on) => e.setAttribute("aria-pressed", String(on));

const query = /** @type {HTMLInputElement} */ (document.querySelector("input[name=q]"));
let typing = 0;
query.addEventListener("input", () => {
  clearTimeout(typing);
  typing = window.setTimeout(() => {
    filter.text = query.value;
    refilter();
  }, 80);
});
query.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    log.focus();
    hit(-1);
  } else if (event.key === "Escape" && query.value === "") log.focus();
});
for (const [id, field] of /** @type {const} */ ([["regex", "regex"], ["invert", "invert"], ["mark", "mark"]])) {
  get(id, HTMLElement).addEventListener("click", () => {
    filter[field] = !filter[field];
    refilter();
  });
}
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
  const preview = (/** @type {boolean} */ on) => {
    for (const [other, c] of chips) c.chip.classList.toggle("out", on && other < level);
  };
  for (const type of ["mouseenter", "focus"]) button.addEventListener(type, () => preview(true));
  for (const type of ["mouseleave", "blur"]) button.addEventListener(type, () => preview(false));
  return [level, { chip: /** @type {HTMLElement} */ (chip), input, output: /** @type {Element} */ (chip.querySelector("output")) }];
}));

const panel = get("filters", HTMLElement);
const ticks = [
  new Ticks(get("loggers", HTMLElement), "Loggers", "logger", store.loggers, filter.loggers, () => refilter()),
  new Ticks(get("channels", HTMLElement), "Channels", "channel", store.channels, filter.channels, () => refilter()),
  new Ticks(get("hosts", HTMLElement), "Hosts", "host", store.hosts, filter.hosts, () => refilter()),
];
const findLogger = /** @type {HTMLInputElement} */ (document.querySelector("input[name=tree]"));
findLogger.addEventListener("input", () => {
  ticks[0].find = findLogger.value;
  side();
});
const sideButton = get("side", HTMLElement);
sideButton.addEventListener("click", () => openSide(panel.hidden !== false));

/** @param {boolean} open */
function openSide(open) {
  panel.hidden = !open;
  sideButton.setAttribute("aria-expanded", String(open));
  side();
}

function side() {
  if (!panel.hidden) for (const t of ticks) t.draw();
}

function clearFilters() {
  filter.clear();
  query.value = "";
  refilter();
}

/**
 * hit goes to the next or previous record that has what the search field says.
 * @param {1 | -1} direction
 */
function hit(direction) {
  if (!test.re) return;
  go(direction, (ord) => test.hit(ord) && store.level[ord % store.capacity] !== GAP);
}

/**
 * go activates the next row that fits.
 * @param {1 | -1} direction in time
 * @param {(ord: number) => boolean} fits
 */
function go(direction, fits) {
  const here = list.active >= 0 && store.has(list.active) ? matches.lower(list.active) : direction > 0 ? matches.first - 1 : matches.reveal;
  for (let n = here + direction; n >= matches.first && n < matches.reveal; n += direction) {
    if (!fits(matches.at(n))) continue;
    list.leave();
    list.activate(matches.at(n));
    return;
  }
}

// ------------------------------------------------------------------------------------------------------------ the rows

/**
 * @param {import("./list.js").Row} row
 * @param {number} ord
 */
function fill(row, ord) {
  const i = ord % store.capacity;
  const level = store.level[i];
  const time = store.time[i];
  const e = row.el;
  e.dataset.level = NAMES[level];
  e.dataset.seq = Number.isNaN(store.seq[i]) ? "" : String(store.seq[i]);
  e.classList.toggle("gap", level === GAP);
  e.classList.toggle("skew", level !== GAP && Math.abs(store.at[i] - time) > SKEW);
  text(row.time, clock(time, utc));
  row.time.dateTime = iso(time, true);
  row.time.title = iso(time, utc) + (Math.abs(store.at[i] - time) > SKEW ? `\narrived ${span(store.at[i] - time)} ${store.at[i] > time ? "later" : "earlier"}` : "");
  if (level === GAP) {
    const gap = store.gap(ord);
    text(row.level, "gap");
    text(row.repeats, "");
    text(row.logger, "");
    text(row.text, gap ? words(gap, utc) : "");
    text(row.hint, "");
    text(row.source, "");
  } else {
    const message = store.message[i];
    const trace = store.trace[i];
    const last = trace ? oneLine(lastLine(trace)) : "";
    text(row.level, level ? NAMES[level] : "");
    text(row.logger, visible(store.name("logger", ord)));
    text(row.repeats, repeated(ord));
    text(row.text, oneLine(message || (trace ? last : store.fields[i])));
    text(row.hint, elsewhere(i) || (trace ? (last !== message ? last : "") : message ? data(ord) : ""));
    text(row.source, file(store.name("source", ord)));
  }
  e.classList.toggle("traced", store.trace[i] !== "");
  const mark = boundary(ord);
  if (mark) e.dataset.mark = mark;
  else delete e.dataset.mark;
}

/**
 * data is what a structured record says beside its message, as name=value. A message that was filled from a template
 * says it already; username is the process's own user, the same in every line (python-redis-log).
 * @param {number} ord
 */
function data(ord) {
  const fields = store.fields[ord % store.capacity];
  if (!fields || fields.startsWith('{"username":') && !fields.includes(",") || store.extra.get(ord)?.template) return "";
  if (fields.length > DATA_CHARS) return oneLine(fields.slice(0, DATA_CHARS));
  const parts = [];
  for (const [name, value] of Object.entries(exactParse(fields))) {
    if (name !== "username") parts.push(`${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
  return oneLine(parts.join(" "));
}

/** @param {number} ord */
function repeated(ord) {
  const n = matches.repeats.get(ord);
  return n ? `×${count(n)}` : "";
}

/**
 * elsewhere is the line of the trace or the fields with what is searched for, where the message has it not: a row must
 * show why it is here.
 * @param {number} i
 */
function elsewhere(i) {
  const { re } = test;
  if (!re || filter.invert || re.test(store.message[i].slice(0, ROW_CHARS))) return "";
  for (const part of [store.trace[i], store.fields[i]]) {
    const found = part && re.exec(part.slice(0, SEARCHED));
    if (!found) continue;
    const from = Math.max(part.lastIndexOf("\n", found.index) + 1, found.index - 60);
    const to = part.indexOf("\n", found.index);
    return oneLine(part.slice(from, to < 0 ? from + 200 : Math.min(to, from + 200)).trim());
  }
  return "";
}

/**
 * boundary is what is to be said between a record and the one before it: where the reader was away, another day, a
 * silence.
 * @param {number} ord
 */
function boundary(ord) {
  if (ord === away) return `while you were away: ${awayWords()}`;
  if (ord <= store.first) return "";
  const i = ord % store.capacity;
  const before = (ord - 1) % store.capacity;
  const other = day(store.at[i], utc) !== day(store.at[before], utc) ? date(store.at[i], utc) : "";
  const silence = store.at[i] - store.at[before];
  const silent = silence > SILENCE && store.level[i] !== GAP && store.level[before] !== GAP ? `${span(silence)} without a record` : "";
  return [other, silent].filter(Boolean).join(" · ");
}

const awayWords = () =>
  awayCounts.map((n, level) => (n ? `${count(n)} ${NAMES[level]}` : "")).filter(Boolean).reverse().join(", ") || "nothing";

/** Hits are marked by ranges (CSS Custom Highlight API): the rows' markup stays as it is. */
function highlight() {
  if (!("highlights" in CSS)) return;
  if (!test.re) {
    CSS.highlights.delete("hit");
    return;
  }
  const re = new RegExp(test.re.source, test.re.flags + "g");
  const ranges = [];
  for (const row of list.rows.values()) {
    for (const e of [row.logger, row.text, row.hint]) {
      const node = e.firstChild;
      if (!(node instanceof Text)) continue;
      re.lastIndex = 0;
      for (let n = 0; n < 20; n++) {
        const found = re.exec(node.data);
        if (!found) break;
        if (found[0] === "") {
          re.lastIndex++;
          continue;
        }
        const range = new StaticRange({ startContainer: node, startOffset: found.index, endContainer: node, endOffset: found.index + found[0].length });
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set("hit", new Highlight(...ranges));
}

log.addEventListener("click", (event) => {
  const row = event.target instanceof Element ? event.target.closest(".row") : null;
  if (!row || !list.live || !getSelection()?.isCollapsed) return;
  const ord = Number(row.id.slice(1));
  list.activate(ord, false);
  list.toggle(ord);
});
document.addEventListener("selectionchange", () => {
  const selection = getSelection();
  if (selection && !selection.isCollapsed && selection.anchorNode && log.contains(selection.anchorNode)) list.leave();
});

// ---------------------------------------------------------------------------------------------------------- open rows

/** @type {import("./detail.js").Actions} */
const actions = {
  utc: () => utc,
  now: () => head.now(),
  copy: copy,
  copyJSON: (ord) => copy(JSON.stringify(store.record(ord), null, 2), "JSON"),
  copyLink: (ord) => copy(`${location.href.split("#")[0]}#at=${encodeURIComponent(store.id(ord))}`, "Link"),
  context(ord) {
    list.activate(ord);
    clearFilters();
  },
  filter(kind, value, shown) {
    if (kind === "text") {
      filter.text = query.value = value.replace(/\n[^]*/, "");
      filter.regex = false;
      filter.invert = !shown;
    } else {
      const rules = { logger: filter.loggers, channel: filter.channels, host: filter.hosts }[kind];
      if (shown) rules.only(value || NAMELESS);
      else rules.set(value || NAMELESS, false);
    }
    refilter();
  },
};

/**
 * @param {string} value
 * @param {string} what
 */
async function copy(value, what) {
  try {
    await navigator.clipboard.writeText(value);
    say(`${what} copied`);
  } catch {
    // Pages without HTTPS have no clipboard of that kind.
    const area = document.createElement("textarea");
    area.value = value;
    area.className = "off";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    say(done ? `${what} copied` : "This browser does not let the page copy");
  }
}

let hushed = 0;
/** @param {string} message */
function say(message) {
  const e = get("say", HTMLElement);
  e.textContent = message;
  e.classList.add("seen");
  clearTimeout(hushed);
  hushed = window.setTimeout(() => e.classList.remove("seen"), 2000);
}

// ------------------------------------------------------------------------------------------------- pause, speed, pill

const pauseButton = get("pause", HTMLButtonElement);
const slider = get("speed", HTMLInputElement);
const per = get("per", HTMLElement);
const waiting = get("waiting", HTMLElement);
const pill = get("pill", HTMLButtonElement);

/** @param {boolean} on */
function pause(on) {
  paused = on;
  if (!on && speed === 0) speed = Infinity;
  controls();
  schedule();
}
pauseButton.addEventListener("click", () => pause(!(paused || speed === 0)));
slider.addEventListener("input", () => {
  speed = SPEEDS[Number(slider.value)];
  paused = false;
  controls();
  schedule();
});
pill.addEventListener("click", () => newest());
pill.addEventListener("wheel", (event) => log.scrollBy(0, event.deltaY), { passive: true });

/** newest shows all there is and follows it. */
function newest() {
  paused = false;
  if (speed === 0) speed = Infinity;
  matches.cursor = matches.end;
  list.newest();
  if (intake.skipped > 0) catchUp();
  schedule();
}

let controlled = 0;
/** The controls follow the state; numbers at most ten times a second, they can't be read faster. */
function controls() {
  const now = performance.now();
  const still = paused || speed === 0;
  if (pauseButton.dataset.on !== String(still)) {
    pauseButton.dataset.on = String(still);
    text(pauseButton, still ? "Go on" : "Pause");
  }
  const place = String(SPEEDS.indexOf(paused ? 0 : speed));
  if (slider.value !== place) slider.value = place;
  const pace = still ? "paused" : speed === Infinity ? "all" : `${speed}/s`;
  if (per.textContent !== pace) {
    text(per, pace);
    slider.setAttribute("aria-valuetext", pace);
  }
  if (now - controlled < 100) {
    window.setTimeout(controlsLater, 110);
    return;
  }
  controlled = now;
  const behind = matches.waiting + intake.skipped;
  const some = behind > 0 && (still || speed !== Infinity || intake.skipped > 0);
  waiting.classList.toggle("some", some);
  if (!some) {
    text(waiting, "Speed");
    waiting.title = "";
  } else {
    const worst = Math.max(worstFrom(matches.reveal), intake.skippedWorst);
    const lag = matches.waiting > 0 ? store.at[(store.end - 1) % store.capacity] - store.at[matches.at(matches.reveal) % store.capacity] : 0;
    text(waiting, `${short(behind)} waiting`);
    waiting.title = `${count(behind)} records wait to be shown${lag >= 1000 ? `, ${span(lag)} behind` : ""}`;
    waiting.dataset.level = worst >= WARNING ? NAMES[worst] : "";
  }
  const from = matches.lower(left);
  const below = matches.end - from + intake.skipped;
  pill.hidden = !list.live || (list.follow && matches.waiting === 0) || (list.follow && !still && speed !== Infinity && matches.waiting < 2) || (!list.follow && matches.size === 0);
  if (!pill.hidden) {
    const worst = Math.max(worstFrom(from), intake.skippedWorst);
    const lag = matches.waiting > 0 ? store.at[(store.end - 1) % store.capacity] - store.at[matches.at(matches.reveal) % store.capacity] : 0;
    text(pill, below > 0 ? `${list.slots.newestFirst ? "↑" : "↓"} ${count(below)} new${worst >= WARNING ? `, ${NAMES[worst]}` : ""}${lag >= 2000 ? `, ${span(lag)} behind` : ""}` : `${list.slots.newestFirst ? "↑" : "↓"} Newest`);
    pill.dataset.level = worst >= WARNING ? NAMES[worst] : "";
    pill.title = "Show all and follow (End)";
  }
  for (const [level, c] of chips) {
    text(c.output, short(store.levels[level]));
    const on = (filter.levels & (1 << level)) !== 0;
    if (c.input.checked !== on) c.input.checked = on;
    const idle = store.levels[level] === 0 && level < 2;
    if (c.chip.hidden !== idle) c.chip.hidden = idle;
  }
  press(get("regex", HTMLElement), filter.regex);
  press(get("invert", HTMLElement), filter.invert);
  press(get("mark", HTMLElement), filter.mark);
  query.setAttribute("aria-invalid", String(test.error !== ""));
  const hits = get("hits", HTMLElement);
  text(hits, test.error || (filter.open ? (filter.text ? "marked" : "") : `${short(shownRecords())} of ${short(store.size)}`));
  hits.title = test.error;
  const hidden = panel.hidden && !(filter.loggers.empty && filter.channels.empty && filter.hosts.empty);
  sideButton.dataset.on = String(hidden);
}
let later = 0;
function controlsLater() {
  const now = performance.now();
  if (now - later < 100) return;
  later = now;
  controls();
}

const shownRecords = () => matches.size;

/**
 * The worst level from a match on. Errors are not delayed by a slow speed: this looks at what is still waiting.
 * @param {number} n
 */
function worstFrom(n) {
  let worst = 0;
  for (; n < matches.end && worst < CRITICAL; n++) {
    const level = store.level[matches.at(n) % store.capacity];
    if (level < GAP && level > worst) worst = level;
  }
  return worst;
}

// --------------------------------------------------------------------------------------------------- states of the page

const state = get("state", HTMLElement);
const stateTitle = /** @type {HTMLElement} */ (state.querySelector("h2"));
const stateText = /** @type {HTMLElement} */ (state.querySelector("p"));
const stateButton = /** @type {HTMLButtonElement} */ (state.querySelector("button"));
stateButton.addEventListener("click", () => (head.stream === "signed-out" ? location.reload() : clearFilters()));

/** What stands where rows would stand, while there are none. */
function empty() {
  const none = list.live && matches.size === 0 && !scan;
  state.hidden = !none;
  if (!none) return;
  let [title, words, button] = ["", "", ""];
  const sources = (head.status?.redis.sources ?? []).map((s) => visible(s.name)).join(", ");
  if (store.size > 0) {
    title = "No record matches";
    words = `${plural(store.size, "record")} hidden by the filters. New ones that match will appear here.`;
    button = "Clear filters";
  } else if (head.state === "live") {
    title = "Waiting for the first record";
    words = sources ? `Listening to ${sources}. Nothing has been published there since Elva began to listen.` : "Listening. Nothing has been published yet.";
  } else if (head.state === "refused") {
    title = "Redis refuses";
    words = `${head.trouble()} Elva tries again by itself.`;
  } else if (head.state === "down") {
    title = "Redis does not answer";
    words = `${head.trouble()} Elva tries again by itself; the page needs no reload.`;
  } else if (head.state === "signed-out") {
    title = "Signed out";
    words = head.trouble();
    button = "Reload";
  } else {
    title = head.state === "offline" ? "The server does not answer" : "Connecting";
    words = head.trouble();
  }
  text(stateTitle, title);
  text(stateText, words);
  stateButton.hidden = button === "";
  text(stateButton, button);
}

/** A long history says how far it has come. */
function progress() {
  const part = intake.progress;
  const busy = intake.loading && part < 1;
  document.body.classList.toggle("loading", busy);
  if (busy) document.body.style.setProperty("--progress", String(part));
}

const ownBuild = /elva-([0-9a-f]+)\.js/.exec(import.meta.url)?.[1];
let offered = false;
/** @param {string | undefined} build */
function fresh(build) {
  if (offered || !build || !ownBuild || build === ownBuild) return;
  offered = true;
  const button = document.createElement("button");
  button.type = "button";
  button.id = "reload";
  button.textContent = "New version: reload";
  button.addEventListener("click", () => location.reload());
  get("rate", HTMLElement).after(button);
}

// ------------------------------------------------------------------------------------------------ address and settings

function remember() {
  const fragment = write(filter, { at: "", top: list.slots.newestFirst, utc });
  history.replaceState(null, "", fragment ? `#${fragment}` : location.href.split("#")[0]);
}

/** The address says what is shown: on arrival, and when somebody changes it by hand. */
function arrive() {
  const place = read(location.hash, filter);
  query.value = filter.text;
  utc = place.utc;
  list.slots.newestFirst = place.top;
  wanted = place.at;
  settings();
  test = new Test(filter, store);
  if (list.live) {
    refilter(true);
    if (wanted) permalink();
  }
  if (!(filter.loggers.empty && filter.channels.empty && filter.hosts.empty) && innerWidth > 900) openSide(true);
}
addEventListener("hashchange", arrive);

function permalink() {
  const ord = store.find(wanted);
  const id = wanted;
  wanted = "";
  if (ord < 0) {
    say(`The record ${id} has left memory`);
    return;
  }
  list.leave();
  list.activate(ord, false);
  list.restore(null);
  list.into(ord, true);
  list.toggle(ord, true);
}

const utcBox = get("utc", HTMLInputElement);
const topBox = get("top", HTMLInputElement);
function settings() {
  utcBox.checked = utc;
  topBox.checked = list.slots.newestFirst;
  text(get("zone", HTMLElement), utc ? "UTC" : "");
  log.setAttribute("aria-label", `Log records, newest ${list.slots.newestFirst ? "first" : "last"}`);
  for (const time of document.querySelectorAll(".row time")) {
    const ms = parse(/** @type {HTMLTimeElement} */ (time).dateTime);
    if (!Number.isNaN(ms)) time.textContent = clock(ms, utc);
  }
}
utcBox.addEventListener("change", () => {
  utc = utcBox.checked;
  settings();
  list.refill();
  remember();
  schedule();
});
topBox.addEventListener("change", () => {
  const anchor = list.anchor();
  list.slots.newestFirst = topBox.checked;
  list.restore(anchor);
  settings();
  remember();
  schedule();
});

const foldBox = get("fold", HTMLInputElement);
foldBox.addEventListener("change", () => {
  folded = foldBox.checked;
  refilter();
});

// ---------------------------------------------------------------------------------------------------------- keyboard

const sheet = get("sheet", HTMLDialogElement);
get("keys", HTMLElement).addEventListener("click", () => sheet.showModal());
get("done", HTMLElement).addEventListener("click", () => sheet.close());

/** @param {number} by */
function move(by) {
  const dir = list.slots.newestFirst ? -by : by;
  const m = matches;
  if (m.reveal <= m.first) return;
  const seen = list.active >= 0 && store.has(list.active) ? m.lower(list.active) : m.reveal - 1 - (dir > 0 ? dir : dir + 1);
  const n = Math.max(m.first, Math.min(m.reveal - 1, seen + dir));
  list.leave();
  list.activate(m.at(n));
}

/** Keys that count while the table has the focus (WCAG 2.1.4). @type {Record<string, () => void>} */
const tableKeys = {
  ArrowDown: () => move(1),
  j: () => move(1),
  ArrowUp: () => move(-1),
  k: () => move(-1),
  PageDown: () => move(Math.max(1, Math.floor(list.view / list.slots.height) - 2)),
  PageUp: () => move(-Math.max(1, Math.floor(list.view / list.slots.height) - 2)),
  Home: () => edge(!list.slots.newestFirst),
  End: () => edge(list.slots.newestFirst),
  Enter: () => list.active >= 0 && list.toggle(list.active),
  " ": () => list.active >= 0 && list.toggle(list.active),
  ArrowRight: () => list.active >= 0 && list.toggle(list.active, true),
  ArrowLeft: () => list.active >= 0 && list.toggle(list.active, false),
  Escape: () => list.active >= 0 && (list.open.has(list.active) ? list.toggle(list.active, false) : list.activate(-1, false)),
  e: () => go(1, isError),
  E: () => go(-1, isError),
  n: () => hit(1),
  N: () => hit(-1),
  c: () => list.active >= 0 && actions.copyJSON(list.active),
  p: () => pause(!(paused || speed === 0)),
  l: () => openSide(panel.hidden !== false),
  x: clearFilters,
};

/** @param {boolean} oldest */
function edge(oldest) {
  if (!oldest) newest();
  else if (matches.reveal > matches.first) {
    list.leave();
    list.activate(matches.at(matches.first));
  }
}

/** @param {number} ord */
const isError = (ord) => store.level[ord % store.capacity] >= ERROR && store.level[ord % store.capacity] < GAP;

log.addEventListener("keydown", (event) => {
  if (event.target !== log || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = tableKeys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
document.addEventListener("keydown", (event) => {
  const on = event.target;
  const types = on instanceof HTMLInputElement && !["checkbox", "range"].includes(on.type);
  if (types || event.ctrlKey || event.metaKey || event.altKey || sheet.open) return;
  if (event.key === "/") {
    event.preventDefault();
    query.focus();
    query.select();
  } else if (event.key === "?") {
    sheet.showModal();
  } else if (event.key === "Escape" && !panel.hidden && panel.contains(/** @type {Node} */ (on))) {
    openSide(false);
    sideButton.focus();
  }
});

// ------------------------------------------------------------------------------------------------------- coming and going

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    away = store.end;
    return;
  }
  awayCounts = new Array(GAP).fill(0);
  for (let ord = Math.max(away, store.first); ord < store.end; ord++) {
    const level = store.level[ord % store.capacity];
    if (level < GAP) awayCounts[level]++;
  }
  if (away >= store.end || away <= 0) away = -1;
  drawn = performance.now();
  list.refill();
  schedule();
});

head.svg.addEventListener("click", (event) => {
  const at = head.instant(event);
  for (let n = matches.first; n < matches.reveal; n++) {
    if (store.at[matches.at(n) % store.capacity] < at) continue;
    list.leave();
    list.active = matches.at(n);
    list.refill();
    list.into(matches.at(n), true);
    break;
  }
});

const announceBox = get("announce", HTMLInputElement);
let announced = store.total;
/** @type {number[]} */
let announcedLevels = [];
/** Says how many records came, for who can't see it: at most every 10 s, and only if asked to. */
setInterval(() => {
  const came = store.total - announced;
  const errors = pulse.since(announcedLevels);
  announced = store.total;
  announcedLevels = [...pulse.totals];
  if (announceBox.checked && came > 0) get("say", HTMLElement).textContent = `${plural(came, "new record")}${errors ? `, ${plural(errors, "error")}` : ""}`;
}, 10_000);

// Ages, countdowns and silence go on without anything coming in.
setInterval(() => {
  if (document.hidden) return;
  head.draw();
  side();
  if (list.live) controls();
  empty();
}, 1000);

arrive();
document.body.classList.add("on");
began = performance.now();
stream.open();
schedule();
