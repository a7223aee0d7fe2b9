import { attribute, el, text } from "./dom.js";
import { createGroupRow, groupSearches, orderGroups } from "./error-groups.js";
import { createKeyedList } from "./keyed-list.js";
import { andWorse, ERROR } from "./levels.js";
import { isCut, serverTime } from "./link-state.js";
import { createServiceRow, servicesOf } from "./services.js";
import { createSourceRow, isSubscribed, orderSources, sourceKey, sourcesTitle } from "./sources.js";
import { storage } from "./storage.js";
import { count, plural } from "./text.js";
import { timeOfDay } from "./time.js";
import { createWorkerRow, HiddenWorkers, orderWorkers, workerKey } from "./workers.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./wire.js").Status} Status */
/** @typedef {import("./wire.js").Worker} Worker */
/** @typedef {import("./wire.js").ErrorGroup} ErrorGroup */
/** @typedef {ReturnType<typeof createHealthDrawer>} HealthDrawer */

/** How often (ms) an open drawer requests the health document. */
const INTERVAL = 2000;
/** The most rows that a list shows. Problems come first. */
const MAX_ROWS = 200;
/** With more workers than this, the wallboard shows details only of quiet and failing ones. */
const CROWD = 12;

/**
 * createHealthDrawer creates the drawer next to the table, with workers, error groups and sources. It is in a separate file.
 * @param {State} state
 * @param {import("./page.js").Page} page
 * @param {Window} window
 * @param {object} needs
 * @param {() => Promise<Status | null>} needs.askHealth
 * @param {(s: Status) => void} needs.takeStatus is called with each document
 * @param {(drawer: State["drawer"]) => void} needs.openHealth
 * @param {(change: (search: import("./search.js").Search) => void) => Promise<void>} needs.filterBy changes the filter and shows its records
 * @param {(ord: number) => void} needs.goTo opens a record once the filter is applied
 * @param {import("./notice.js").Notice} needs.notice
 * @param {() => Promise<import("./notify.js").Notify | undefined>} needs.loadNotify
 */
export function createHealthDrawer(state, page, window, { askHealth, takeStatus, openHealth, filterBy, goTo, notice, loadNotify }) {
  const { document } = window;
  const hidden = new HiddenWorkers(storage(window), `elva-hidden ${window.location.pathname}`);
  /** @type {Status | null} */
  let last = null;
  /** When the server stopped responding, by its own clock; 0 while it responds. */
  let failedSince = 0;
  let timer = 0;
  let asking = false;
  /** What had the focus before the drawer. @type {HTMLElement | null} */
  let opener = null;

  const stale = el("p", { class: "stale", role: "status" });
  const services = createSection("Services", "services");
  const workers = createSection("Workers", "workers");
  const groups = createSection("Errors", "groups");
  const sources = createSection("Sources", "sources");
  const unhide = el("button", { type: "button", click: () => {
    hidden.clear();
    draw();
  } });
  workers.title.after(unhide);
  const close = el("button", { type: "button", id: "healthClose", click: () => openHealth("") }, "Close");
  const notifies = el("button", { type: "button", id: "notify", title: "Show a notification when the state changes and this page is out of sight", hidden: !("Notification" in window), click: async () => {
    const notify = await loadNotify();
    await notify?.set(!notify.on());
    drawNotify(notify);
  } }, "Notify");
  const drawNotify = (/** @type {import("./notify.js").Notify | undefined} */ notify) => attribute(notifies, "aria-pressed", String(notify?.on() ?? false));
  void loadNotify().then(drawNotify);
  const wallboard = el("a", { href: "?view=wallboard", click: (/** @type {Event} */ event) => {
    event.preventDefault();
    openHealth(state.drawer === "wallboard" ? "side" : "wallboard");
  } });
  const panel = el("aside", { id: "health", "aria-label": "Health", hidden: true }, el("div", { class: "bar" }, notifies, wallboard, close), stale, services.el, workers.el, groups.el, sources.el);

  const drawWorkers = createKeyedList(workers.list, workerKey, () => createWorkerRow({
    only(w) {
      void filterBy((search) => search.choose("worker", w.name, true));
    },
    hide(w) {
      hidden.add(w);
      draw();
      close.focus();
    },
  }), MAX_ROWS);
  const drawServices = createKeyedList(services.list, (s) => s.name, createServiceRow, MAX_ROWS);
  const drawGroups = createKeyedList(groups.list, groupKey, () => createGroupRow(showGroup, document), MAX_ROWS);
  const drawSources = createKeyedList(sources.list, sourceKey, createSourceRow, MAX_ROWS);

  function draw() {
    if (!last) return;
    const s = last;
    const now = serverTime(state);
    const { utc } = state;
    const unknown = failedSince ? "unknown: no answer" : isSubscribed(s.redis) ? "" : "unknown: not subscribed";
    text(stale, failedSince ? `Server unreachable since ${timeOfDay(failedSince, utc)}.` : "");

    const visible = orderWorkers(s.workers.filter((w) => !hidden.has(w)));
    panel.classList.toggle("crowd", visible.length > CROWD);
    text(workers.title, `${plural(s.totals.workers, "worker")}${s.totals.quiet ? `, ${count(s.totals.quiet)} quiet` : ""}`);
    unhide.hidden = visible.length === s.workers.length;
    text(unhide, `${count(s.workers.length - visible.length)} hidden: show`);
    const isWallboard = state.drawer === "wallboard";
    drawWorkers(visible, (row, w) => row.draw(w, now, utc, unknown, isWallboard));
    const ofServices = isWallboard ? servicesOf(visible) : [];
    services.el.hidden = ofServices.length < 2;
    text(services.title, plural(ofServices.length, "service"));
    drawServices(ofServices, (row, one) => row.draw(one, unknown));
    const { otherRecords, otherErrors } = s.totals;
    text(workers.more, [s.workers.length ? "" : "No workers seen yet.", others(visible), otherRecords ? `${plural(otherRecords, "record")} came from workers beyond the registry's limit.` : ""].filter(Boolean).join(" "));

    const ordered = orderGroups(s.errorGroups);
    text(groups.title, `${plural(ordered.length, "error type")}${s.totals.newErrorGroups ? `, ${count(s.totals.newErrorGroups)} new` : ""}`);
    drawGroups(ordered, (row, g) => row.draw(g, now, utc, s.totals.workers, isWallboard));
    text(groups.more, [ordered.length ? "" : "No errors since the start.", others(ordered), otherErrors ? `${plural(otherErrors, "error")} of other types.` : ""].filter(Boolean).join(" "));

    const from = orderSources(s.redis.sources);
    text(sources.title, sourcesTitle(from));
    drawSources(from, (row, one) => row.draw(one, s.redis, now, utc));
    text(sources.more, others(from));
    // Denied sources come first, since they hide workers and errors.
    const next = from[0]?.denied ? services.el : null;
    if (sources.el.nextElementSibling !== next) panel.insertBefore(sources.el, next);
  }

  /** poll requests the document, draws, and schedules the next poll while the drawer is visible. */
  async function poll() {
    window.clearTimeout(timer);
    if (asking || state.drawer === "" || document.hidden) return;
    asking = true;
    // Without a stream the server is known to be unreachable, and a request would only fill the console.
    const s = isCut(state) ? null : await askHealth();
    asking = false;
    if (s) {
      last = s;
      failedSince = 0;
      hidden.trim(s.workers);
      takeStatus(s);
    } else {
      failedSince ||= serverTime(state);
      if (!last) text(stale, "Server unreachable.");
    }
    draw();
    timer = window.setTimeout(poll, INTERVAL);
  }

  /**
   * showGroup shows a group's records and opens the newest. No record contains the whole title, so it searches for the most
   * specific part that the newest record contains.
   * @param {ErrorGroup} g
   */
  async function showGroup(g) {
    const { filter, store } = state;
    const ord = store.find(`${last?.epoch}-${g.lastSeq}`);
    const texts = groupSearches(g.title);
    // Without a record to test the searches on, the second one is used, which has no variable parts.
    const found = ord < 0 ? texts[1] ?? texts[0] : texts.find((text) => contains(store, ord, text));
    await filterBy(() => {
      filter.clear();
      filter.levels = andWorse(ERROR);
      filter.matchCase = false;
      filter.clauses = found ? [quoted(found)] : [];
    });
    if (ord < 0) notice("Its newest record is no longer in memory");
    else goTo(ord);
  }

  document.addEventListener("visibilitychange", poll);
  page.main.append(panel);

  return {
    /** show applies state.drawer. @param {boolean} quiet leaves the focus where it is */
    show(quiet) {
      const inside = panel.contains(document.activeElement);
      const opens = panel.hidden && state.drawer !== "";
      panel.hidden = state.drawer === "";
      const isWallboard = state.drawer === "wallboard";
      text(wallboard, isWallboard ? "Table" : "Wallboard");
      attribute(wallboard, "title", isWallboard ? "Back to the table (Esc)" : "Health alone, for a screen on a wall");
      if (opens && !quiet) {
        opener = /** @type {HTMLElement | null} */ (document.activeElement);
        close.focus();
      } else if (panel.hidden && inside) [opener, page.healthButton, page.log].find((e) => e?.offsetParent)?.focus();
      void poll();
    },
  };
}

/** @param {unknown[]} rows */
const others = (rows) => (rows.length > MAX_ROWS ? `And ${count(rows.length - MAX_ROWS)} more.` : "");

/**
 * contains reports whether a plain search for a text would find a record.
 * @param {import("./store.js").Store} store
 * @param {number} ord
 * @param {string} text
 */
function contains(store, ord, text) {
  const i = ord % store.capacity;
  return [store.message[i], store.trace[i], store.name("logger", ord), store.fields[i]].some((one) => one.toLowerCase().includes(text.toLowerCase()));
}

/**
 * quoted returns a query for a text.
 * @param {string} text
 */
const quoted = (text) => (/^(?!(AND|OR)$)\w+$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`);

/** @param {ErrorGroup} g */
const groupKey = (g) => JSON.stringify([g.title, g.logger, g.firstSeen]);

/**
 * @param {string} label
 * @param {string} name
 */
function createSection(label, name) {
  const title = el("span");
  const list = el("ul");
  const more = el("p", { class: "more" });
  return { el: el("section", { "aria-label": label, class: name }, el("h2", {}, title), list, more), title, list, more };
}
