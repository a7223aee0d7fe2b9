import { createAddress } from "./address.js";
import { createConnection } from "./connection.js";
import { attribute, el, text } from "./dom.js";
import { createFilterBar } from "./filter-bar.js";
import { createFilterPanel } from "./filter-panel.js";
import { createFiltering } from "./filtering.js";
import { createHealthDocument } from "./health-document.js";
import { Ingest } from "./ingest.js";
import { createLazyFile } from "./lazy-file.js";
import { serverTime } from "./link-state.js";
import { createNotice } from "./notice.js";
import { createPlayback } from "./playback.js";
import { fillRow } from "./record-row.js";
import { createRecordTable } from "./record-table.js";
import { createSettings } from "./settings.js";
import { createState } from "./state.js";
import { readGap, readIDs, readRecords } from "./wire.js";

/** Only this module knows the whole page: it finds the elements, creates the parts, and connects them. */

/** How long (ms) the page waits for the whole history before it shows what has arrived. */
const PATIENCE = 3000;
/** With fewer buffered records than this, the page requests skipped records again. */
const CAUGHT_UP = 1000;
/** The number of records kept between the oldest visible row and the oldest record. */
const MARGIN = 200;
/** With fewer rows than this there may be no record among them. */
const FEW = 10;
/** How often (ms) controls are drawn: nobody reads numbers faster. */
const READABLE = 100;
/** The ordinal of the first record. Older ones have room before it, and V8 computes fast with whole numbers up to a billion. */
const ORIGIN = 500_000_000;
/** In a window up to this width (px) the health drawer covers the table. */
const NARROW = 660;
/** In a window narrower than this (px) one panel is open at a time, so that the message keeps its room. */
const WIDE = 1500;

/** The views that an address names. */
const VIEWS = /** @type {const} */ (["operations", "patterns", "fields"]);

/** In these states of the connection the server answers. */
const ANSWERED = new Set(["open", "polling", "background"]);

const page = /** @type {import("./page.js").Page} */ (Object.fromEntries([...document.querySelectorAll("[id]")].map((e) => [e.id, e])));
const { log } = page;
const state = createState(ORIGIN);
const { store, filter } = state;
const notice = createNotice(page.notice);

/** fileURL returns the address of another file of this build. @param {string} name @param {string} [type] */
const fileURL = (name, type = "js") => import.meta.url.replace(/\.js(=?)$/, `-${name}.${type}$1`);
/** @template T @param {(tries: string) => Promise<T>} load */
const lazyFile = (load) =>
  // Some browsers cache a failed import by its address. The part after # changes the address but is not sent.
  createLazyFile((tries) => load(tries ? `#${tries}` : ""), () => notice("Part of the page failed to load. Reload it."));

/** loadStyled loads a file with its style sheet. @param {string} name @param {string} tries */
async function loadStyled(name, tries) {
  const sheet = el("link", { rel: "stylesheet", href: fileURL(name, "css") });
  // If the host's policy requires a nonce, the page's own style sheet has it.
  sheet.nonce = /** @type {HTMLElement | null} */ (document.querySelector("link[nonce]"))?.nonce ?? "";
  const styled = new Promise((done) => (sheet.onload = sheet.onerror = done));
  document.head.append(sheet);
  const module = await import(fileURL(name) + tries);
  await styled;
  return module;
}
/** @type {import("./lazy-file.js").LazyFile<import("./later.js").Later>} */
const later = lazyFile(async (tries) => {
  /** @type {typeof import("./later.js")} */
  const { createLater } = await loadStyled("later", tries);
  return createLater(state, page, window, needs);
});
/** @type {import("./lazy-file.js").LazyFile<import("./health-drawer.js").HealthDrawer>} */
const drawer = lazyFile(async (tries) => {
  /** @type {typeof import("./health-drawer.js")} */
  const { createHealthDrawer } = await loadStyled("health", tries);
  return createHealthDrawer(state, page, window, needs);
});
/** @type {import("./lazy-file.js").LazyFile<import("./past.js").Past>} */
const past = lazyFile(async (tries) => {
  /** @type {typeof import("./past.js")} */
  const { createPast } = await loadStyled("past", tries);
  return createPast(state, page, window, needs);
});
/** parseRange reads a range that is typed. @param {string} typed */
const parseRange = async (typed) => (await past.load())?.parseRange(typed) ?? null;
/** @type {import("./lazy-file.js").LazyFile<import("./search.js").Search>} */
const search = lazyFile(async (tries) => {
  /** @type {typeof import("./search.js")} */
  const { createSearch } = await import(fileURL("query") + tries);
  return createSearch(state, page, refilter, window, fileURL("query"), parseRange);
});

/** @type {import("./lazy-file.js").LazyFile<import("./explore.js").Explore>} */
const explore = lazyFile(async (tries) => {
  /** @type {typeof import("./explore.js")} */
  const { createExplore } = await loadStyled("explore", tries);
  return createExplore(state, page, window, needs);
});

// A message returns to the event loop without delay; a timer waits 4 ms, a frame 16.
const { port1, port2 } = new MessageChannel();
/** @type {(() => void)[]} */
const deferred = [];
port1.onmessage = () => deferred.shift()?.();

const table = createRecordTable(state, page, (row, ord) => fillRow(state, row, ord, past.module?.text(ord) ?? "", later.module?.matchText(ord) ?? ""), (ord) => later.module?.detail(ord), schedule);
const ingest = new Ingest(store, held);
const filtering = createFiltering(state, {
  search,
  replace(apply) {
    const anchor = table.anchor();
    apply();
    table.restore(anchor);
    schedule();
  },
  changed() {
    table.refill();
    schedule();
  },
  defer(next) {
    deferred.push(next);
    port2.postMessage(0);
  },
});
const address = createAddress(state, window, place);
const playback = createPlayback(state, page, table, ingest, () => {
  drawControls();
  schedule();
});
const filterBar = createFilterBar(state, page, refilter, { filtering, commit, clear: clearFilters, goToMatch });
const panel = createFilterPanel(page, later, () => makeRoom("filters"));
const settings = createSettings(state, page, window, settingsChanged);
const askDocument = createHealthDocument("document");
const askHealth = async () => {
  const whole = await askDocument();
  state.document = whole ?? state.document;
  return whole;
};
const connection = createConnection({
  records(records, epoch) {
    ingest.batch(records, epoch);
    received();
  },
  gap(gap, epoch) {
    if (ingest.gap(gap, epoch) === -1) table.refill();
    received();
  },
  status(s) {
    if (ingest.epoch && s.epoch !== ingest.epoch) past.module?.pages.restart();
    ingest.status(s);
    received();
    takeStatus(s);
  },
  watched: takeStatus,
  state(connection, retryAt = 0) {
    if (ANSWERED.has(state.connection) && !ANSWERED.has(connection)) state.offlineSince = Date.now();
    state.connection = connection;
    state.retryAt = retryAt;
    drawHealth();
    schedule();
  },
}, window, createHealthDocument("status"));

/** held reports whether the reader looks at the oldest records, which must not be pushed out. */
function held() {
  return store.full && !(table.follow && state.shown.buffered === 0) && (table.seen()?.[0] ?? Infinity) - store.first < MARGIN;
}

/** received shows new records and removes rows whose records are no longer stored. */
function received() {
  filtering.advance();
  state.shown.trim(store.first);
  for (const ord of table.open.keys()) if (!store.has(ord)) table.toggle(ord, false);
  explore.module?.received();
  schedule();
}

/** catchUp requests the records that were skipped while the reader looked at the oldest ones. */
function catchUp() {
  if (ingest.skipped === 0 || ingest.rejoin || held()) return;
  const after = ingest.unskip();
  if (after) connection.open(after);
}

/** takeStatus stores and shows a status. @param {import("./wire.js").Status} s */
function takeStatus(s) {
  state.status = s;
  if (!isNaN(s.at)) state.clockOffset = s.at - Date.now();
  if (past.module) past.module.tick(s);
  else if (table.live || document.hidden) void past.load(true); // a hidden page draws no records, and loading may have failed
}

function drawHealth() {
  past.module?.drawHealth();
}

/**
 * refilter applies a changed filter.
 * @param {boolean} [typed] changed by typing: the address waits for the last key, and Back does not stop there
 * @param {boolean} [linked] changed by the address, which stays
 */
function refilter(typed = false, linked = false) {
  changedAt = performance.now();
  if (typed) address.writeLater();
  else if (!linked) address.write(true);
  const above = log.getBoundingClientRect().top;
  if (search.module) search.module.drawChips();
  else if (!filter.open) void search.load(true).then((module) => module?.drawChips());
  filterBar.drawChoice();
  // The rows stay where they are on the screen, though the table begins elsewhere.
  table.shift(log.getBoundingClientRect().top - above);
  past.module?.refilter();
  filtering.start();
  explore.module?.filtered();
  if (filter.query) void later.load(true).then(() => table.refill()); // which highlights matches
  panel.draw();
  later.module?.drawSettings();
  drawControls();
}
/** When the filter changed whose rows are not drawn yet; 0 for none. */
let changedAt = 0;
/** Whether a changed filter has a result that is not announced yet. The count is no live region: it changes with each record. */
let announces = false;

/** edit changes the filter by the rules of its grammar. @param {(search: import("./search.js").Search) => void} change */
async function edit(change) {
  const module = await search.load();
  if (!module) return;
  change(module);
  refilter();
}

/** commit turns the query in the search field into chips and moves the focus to the table. */
function commit() {
  void edit((module) => {
    if (module.commit()) return;
    log.focus();
    goToMatch(-1);
  });
}

/** @param {1 | -1} direction */
function goToMatch(direction) {
  void later.load().then((module) => module?.match(direction));
}

/** settingsChanged shows changed settings, also those of another tab. @param {import("./settings.js").Settings} before */
function settingsChanged(before) {
  if (before.newestFirst !== state.newestFirst) {
    const anchor = table.anchor();
    table.restore(anchor);
  }
  if (before.collapsed !== state.collapsed) refilter(false, true);
  table.measure();
  table.refill();
  past.module?.redraw();
  drawHealth();
  later.module?.drawSettings();
  schedule();
}

function clearFilters() {
  filter.clear();
  refilter();
}

/**
 * open opens or closes a row. The second file draws the detail. It loads when the pointer approaches the table, so that it is
 * almost always there before the first click.
 * @param {number} ord
 * @param {boolean} [shown]
 */
async function open(ord, shown) {
  if (await later.load()) table.toggle(ord, shown);
}

/**
 * openHealth opens the health drawer, or closes it.
 * @param {import("./state.js").State["drawer"]} to
 * @param {boolean} [quiet] changes neither the address nor the focus
 */
async function openHealth(to, quiet = false) {
  state.drawer = to;
  document.body.classList.toggle("wallboard", to === "wallboard");
  attribute(page.healthButton, "aria-expanded", String(to !== ""));
  if (!quiet) address.write(true);
  if (to === "side") makeRoom("health");
  table.refill();
  schedule();
  if (!to && !drawer.module) return;
  const module = await drawer.load();
  if (module) module.show(quiet);
  else if (state.drawer) void openHealth("", quiet);
}
page.healthButton.addEventListener("click", () => openHealth(state.drawer ? "" : "side"));

/**
 * openView shows a view in place of the table, or the table again.
 * @param {import("./state.js").State["view"]} view
 * @param {string} [thread] the ID, for a thread
 * @param {boolean} [quiet] changes neither the address nor the focus
 */
async function openView(view, thread = "", quiet = false) {
  if (!quiet) address.write(); // Back returns to the current position
  if (view && state.drawer === "wallboard") void openHealth("", true);
  state.view = view;
  state.thread = thread;
  if (!quiet) address.write(true);
  if (!view && !explore.module) return;
  const module = await explore.load();
  if (module) module.show(quiet);
  else if (state.view) void openView("", "", quiet);
}
const openViews = () => explore.load().then((module) => module?.openMenu());
page.viewsButton.addEventListener("click", openViews);

/** openSettings opens or closes the settings. @param {boolean} shown */
async function openSettings(shown) {
  const module = shown ? await later.load() : later.module;
  if (!module) return;
  if (shown) makeRoom("settings");
  page.settings.hidden = !shown;
  attribute(page.settingsButton, "aria-expanded", String(shown));
  module.drawSettings();
  if (!shown && page.settings.contains(document.activeElement)) page.settingsButton.focus();
}
page.settingsButton.addEventListener("click", () => openSettings(Boolean(page.settings.hidden)));

/** makeRoom closes the other panels in a window that has no room for two. @param {"filters" | "settings" | "health"} panelName */
function makeRoom(panelName) {
  if (innerWidth >= WIDE) return;
  if (panelName !== "filters" && panel.isOpen()) void panel.open(false);
  if (panelName !== "settings" && !page.settings.hidden) void openSettings(false);
  if (panelName !== "health" && state.drawer === "side") void openHealth("", true);
}

/** uncover closes what covers the table. */
function uncover() {
  if (state.view) void openView("");
  if (state.drawer === "wallboard" || (state.drawer && innerWidth <= NARROW)) void openHealth("");
}

/** filterBy changes the filter and shows its records. @param {(search: import("./search.js").Search) => void} change */
const filterBy = (change) => edit(change).then(uncover);

for (const near of ["pointerover", "focusin"]) page.tools.addEventListener(near, () => search.load(true), { once: true });
for (const near of ["pointerover", "focus"]) {
  log.addEventListener(near, () => later.load(true), { once: true });
}

/** show scrolls to a record and makes it active. @param {number} ord */
function show(ord) {
  uncover();
  table.leave();
  table.activate(ord, false);
  table.restore(null);
  table.reveal(ord, true);
}

/** goTo opens a record once the filter is applied. @param {number} ord */
function goTo(ord) {
  if (filtering.busy()) requestAnimationFrame(() => goTo(ord));
  else {
    show(ord);
    void open(ord, true);
  }
}

/** goToNamed opens the record that the address links to, once the address's filter is applied and the record has arrived. */
function goToNamed() {
  const id = address.named();
  if (!id || arriving > 0 || filtering.busy()) return;
  const ord = store.find(id);
  if (ord < 0 && ingest.loading) return;
  if (ord >= 0 && !state.shown.has(ord)) {
    clearFilters();
    return;
  }
  address.found();
  if (ord >= 0) goTo(ord);
  else void past.load().then((module) => module?.goToName(id));
}

async function openHelp() {
  const module = await later.load();
  module?.fillHelp();
  if (module && !page.help.open) page.help.showModal();
}
page.helpButton.addEventListener("click", openHelp);
// The second file handles keys. The first key that nothing else has handled loads it and is then dispatched again.
document.addEventListener("keydown", async (event) => {
  const target = /** @type {HTMLInputElement} */ (event.target);
  if (later.module || event.defaultPrevented || ["search", "text"].includes(target.type)) return;
  if (event.key === "/" && !event.ctrlKey && !event.metaKey) event.preventDefault(); // in Firefox it opens a search of its own
  if (await later.load()) target.dispatchEvent(new KeyboardEvent("keydown", event));
});
log.addEventListener("click", ({ target }) => {
  const row = target instanceof Element ? target.closest(".row") : null;
  if (!row || !table.live || !getSelection()?.isCollapsed) return;
  const id = /** @type {HTMLElement} */ (target).dataset.id;
  if (id) {
    void openView("thread", id);
    return;
  }
  const ord = Number(row.id.slice(1));
  table.activate(ord, false);
  void open(ord);
});
document.addEventListener("selectionchange", () => {
  const selection = getSelection();
  if (selection && !selection.isCollapsed && selection.anchorNode && log.contains(selection.anchorNode)) table.leave();
});
// The button covers part of the table and would swallow the wheel.
page.newest.addEventListener("wheel", (event) => log.scrollBy(0, event.deltaY), { passive: true });

let scheduled = false;
/** schedule draws the page in the next frame, unless it is hidden. */
function schedule() {
  if (scheduled || document.hidden) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    draw();
  });
}

let began = 0;
let drawn = 0;
/** draw updates the page, at most once per frame. */
function draw() {
  const now = performance.now();
  const passed = Math.min(now - drawn, 1000);
  drawn = now;
  if (!table.live) {
    // The rows of the first paint stay until the history is complete, so that nothing scrolls at the start.
    if ((ingest.loading || ingest.epoch === "") && now - began < PATIENCE) {
      drawProgress();
      schedule();
      return;
    }
    table.start();
    void past.load(true).then(schedule);
    drawHealth();
    panel.draw();
    state.shown.cursor = state.shown.end;
  }
  goToNamed();
  if (kept && !ingest.loading && !filtering.busy()) void returnTo();
  const { shown } = state;
  if (!state.paused) shown.advance(state.rate, passed);
  if (table.follow) state.unread = shown.reveal > shown.first ? shown.at(shown.reveal - 1) + 1 : store.end;
  table.render();
  past.module?.frame();
  if (table.changed) {
    table.changed = false;
    later.module?.highlight();
  }
  if (changedAt && !filtering.busy()) {
    performance.measure("filter", { start: changedAt }); // for the browser's own tools
    changedAt = 0;
    announces = true;
  }
  drawProgress();
  drawEmpty();
  drawControls();
  if (!state.paused && state.rate !== Infinity && shown.buffered > 0) schedule();
  if (table.follow && shown.buffered < CAUGHT_UP && !state.paused && !filtering.busy()) catchUp();
}

/** drawEmpty shows a message in place of rows. The second file has it, which loads when there are few. */
function drawEmpty() {
  if (later.module) later.module.emptyState.draw();
  else if (table.live && state.shown.size < FEW && ANSWERED.has(state.connection)) void later.load(true).then((module) => module && schedule());
}

/** drawProgress shows the progress of a long history. */
function drawProgress() {
  const { loading, progress } = ingest;
  document.body.classList.toggle("loading", loading && progress < 1);
  document.body.style.setProperty("--progress", String(progress));
}

let controlsDrawn = -Infinity;
let controlsTimer = 0;
function drawControls() {
  clearTimeout(controlsTimer);
  const left = controlsDrawn + READABLE - performance.now();
  if (left > 0) {
    controlsTimer = setTimeout(drawControls, left);
    return;
  }
  controlsDrawn = performance.now();
  playback.draw();
  past.module?.drawNewest();
  filterBar.draw(table.active);
  if (announces && !filtering.busy() && !page.notice.classList.contains("seen")) text(page.notice, page.matchCount.textContent ?? "");
  announces = false;
}

/** The place to return to once its records have arrived. @type {import("./address.js").Place | null} */
let kept = null;

/** place returns the reader's position, or null at the newest end. */
function place() {
  const anchor = table.follow ? null : table.anchor();
  const open = [...table.open.keys()].filter((ord) => store.has(ord)).map(store.id, store);
  return anchor || open.length ? { at: anchor ? store.id(anchor.ord) : "", offset: anchor?.offset ?? 0, open } : null;
}

/** returnTo opens what was open and scrolls to where the reader was. */
async function returnTo() {
  const to = kept;
  kept = null;
  if (!to || (to.open.length && !(await later.load()))) return;
  for (const id of to.open) if (store.find(id) >= 0) table.toggle(store.find(id), true);
  const ord = store.find(to.at);
  if (ord < 0) {
    if (to.at) void past.load().then((module) => module?.pages.goTo(to.at, to.offset));
    return;
  }
  table.leave();
  table.restore({ ord, offset: to.offset });
  schedule();
}

/** The number of addresses whose filter is not read yet. */
let arriving = 0;

/** arrive applies the address, at the start and after Back. */
async function arrive() {
  const from = address.read();
  const isWallboard = from.view === "wallboard";
  if (isWallboard !== (state.drawer === "wallboard")) void openHealth(isWallboard ? "wallboard" : "", true);
  const view = from.thread ? "thread" : VIEWS.find((name) => name === from.view) ?? "";
  const moves = view !== state.view || from.thread !== state.thread;
  state.view = view;
  state.thread = from.thread;
  const open = () => moves && void openView(view, from.thread, true);
  // The table is still where it was, since a view covered it.
  if (moves && table.live && address.isCurrent()) {
    open();
    return;
  }
  if (from.columns) void explore.load().then((module) => module?.takeColumns(from.columns));
  arriving++;
  const module = from.filter || from.off.length || search.module ? await search.load() : undefined;
  arriving--;
  const error = module?.read(from.filter) ?? "";
  if (!module) filter.clear();
  filter.highlight = from.highlight;
  filter.off = from.off;
  state.span = from.span;
  state.base = from.base;
  kept = from.place;
  refilter(false, true);
  open();
  if (error) {
    state.search = { ...state.search, error };
    page.chips.hidden = false;
  }
  schedule();
}
addEventListener("popstate", () => void arrive());
addEventListener("pagehide", () => address.write());
log.addEventListener("scroll", () => address.writeLater(), { passive: true });

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    past.module?.absence.begin(serverTime(state));
    return;
  }
  past.module?.absence.end(serverTime(state));
  drawn = performance.now();
  table.refill();
  schedule();
});

/** The functions that the other files use. */
const needs = {
  address, arrive, askHealth, clearFilters, connection, edit, filterBy, filtering, goTo, ingest, later, notice, loadNotify: () => past.load().then((module) => module?.notify), openHealth, openView, parseRange, playback, read: { readGap, readIDs, readRecords }, received, refilter, schedule,
  settings, show, table, takeStatus, toggleFilters: panel.toggle, closeSettings: () => openSettings(false),
  keys: {
    openHelp, openHealth, openSettings, openView, openViews,
    goToTime: () => past.load().then((module) => module?.openGoTo()),
    closeFilters() {
      void panel.open(false);
      page.filtersButton.focus();
    },
  }, ready: () => table.live && !filtering.busy() && !ingest.loading && !past.module?.pages.busy(),
};

// Ages and countdowns change even if no record arrives.
setInterval(() => {
  if (document.hidden) return;
  drawHealth();
  panel.draw();
  drawEmpty();
  later.module?.refreshDetails();
  if (table.live) drawControls();
  if (past.module?.absence.counting()) {
    table.refill();
    schedule();
  }
}, 1000);

document.body.classList.add("on");
began = drawn = performance.now();
void arrive();
connection.open();
schedule();
