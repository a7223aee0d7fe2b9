import { attribute, el, text } from "./dom.js";
import { createAsk } from "./explore-data.js";
import { createFacetsView } from "./facets-view.js";
import { readColumns } from "./named-views.js";
import { createOperationsView } from "./operations-view.js";
import { createPatternsView } from "./patterns-view.js";
import { createThreadView } from "./thread-view.js";
import { createViewsMenu } from "./views-menu.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./search.js").Search} Search */
/** @typedef {ReturnType<typeof createExplore>} Explore */
/** @typedef {ReturnType<typeof createDesk>} Desk what the views share */
/**
 * A view that takes the place of the table.
 * @typedef {object} View
 * @property {string} label
 * @property {Node[]} bar the elements next to the Back button
 * @property {Node[]} body
 * @property {number} every how often (ms) it is refreshed
 * @property {HTMLInputElement} [find]
 * @property {() => Promise<void>} refresh
 * @property {() => void} [tick] is called every second
 * @property {() => boolean} [received] reports whether received records change the view
 */
/**
 * What main.js provides.
 * @typedef {object} Needs
 * @property {(view: State["view"], thread?: string) => void} openView
 * @property {(drawer: State["drawer"]) => void} openHealth
 * @property {(change: (search: Search) => void) => Promise<void>} edit
 * @property {{write: (pushes?: boolean) => void, seek: (id: string) => void}} address
 * @property {(typed: string) => Promise<[from: string, to: string] | null>} parseRange
 * @property {() => Promise<void>} arrive applies the address
 * @property {() => void} schedule draws the page
 * @property {import("./lazy-file.js").LazyFile<import("./later.js").Later>} later
 * @property {import("./notice.js").Notice} notice
 * @property {{set: (change: Partial<import("./settings.js").Settings>) => void}} settings
 * @property {{readRecords: (data: string) => import("./wire.js").LogRecord[], readIDs: (json: string) => import("./wire.js").ID[]}} read
 */

/** A view is refreshed this long (ms) after the filter has changed or a record for it was received. */
const SETTLED = 200;
/** A view waits at least this many times the duration of its last request, so that it takes at most a twentieth of the server's time. */
const PATIENT = 20;

/** @param {[string, string][]} params */
const encode = (params) => String(new URLSearchParams(params.filter(([, value]) => value)));

/**
 * createDesk returns the functions that the views share.
 * @param {State} state
 * @param {Window & typeof globalThis} window
 * @param {Needs} needs
 * @param {{say: (words: string) => void, refresh: () => void}} frame
 */
function createDesk(state, window, needs, frame) {
  const { filter } = state;
  const { location } = window;
  return {
    state, window, ...needs, ...frame,
    ask: createAsk(window),
    later: () => needs.later.load(),
    /** copy copies a text. @param {string} words */
    copy: async (words) => (await needs.later.load())?.copy(words),
    /** follows returns a click handler for a link. It leaves clicks that open a new tab or window to the browser. @param {() => void} act */
    follows: (act) => (/** @type {MouseEvent} */ event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      act();
    },
    /**
     * query returns the filter as the parameters of an endpoint.
     * @param {string[]} [more] further clauses
     * @param {(clause: string) => boolean} [keeps] returns true for the clauses of the filter to keep
     */
    query(more = [], keeps = () => true) {
      const clauses = [...filter.clauses.filter(keeps), filter.text.trim(), ...more].filter(Boolean).join(" ");
      return encode([...filter.params().filter(([name]) => name !== "q"), ["q", clauses]]);
    },
    write: () => needs.address.write(true),
    /** address returns the query of this page's address, without the record it links to. */
    address: () => encode([...new URLSearchParams(location.search)].filter(([name]) => name !== "at" && name !== "columns")),
    /**
     * choose changes the filter. If leaves is true, it then shows the records.
     * @param {(search: Search) => void} change
     * @param {boolean} [leaves]
     */
    async choose(change, leaves) {
      await needs.edit(change);
      if (leaves) needs.openView("");
    },
    /** openRecord opens a record in the log. @param {string} id */
    openRecord(id) {
      needs.openView("");
      needs.address.seek(id);
      needs.schedule();
    },
    /** goToAddress goes to another address of this page. @param {string} query */
    goToAddress(query) {
      needs.address.write();
      window.history.pushState(null, "", `?${query}`);
      void needs.arrive();
    },
    openThread: (/** @type {string} */ value) => needs.openView("thread", value),
    threadHref: (/** @type {string} */ value) => `?id=${encodeURIComponent(value)}`,
    openView(/** @type {string} */ view) {
      if (view === "wallboard") needs.openHealth(view);
      else needs.openView(/** @type {State["view"]} */ (view));
    },
  };
}

/**
 * createExplore creates the views that replace the table: a thread, operations, patterns and fields. It is in a separate file.
 * @param {State} state
 * @param {import("./page.js").Page} page
 * @param {Window & typeof globalThis} window
 * @param {Needs} needs
 */
export function createExplore(state, page, window, needs) {
  const { document } = window;
  const said = el("p", { class: "said", role: "status" });
  const back = el("button", { type: "button", class: "back", title: "Esc", click: goBack });
  const bar = el("div", { class: "bar" });
  const body = el("div", { class: "body" });
  const region = el("section", { id: "explore", tabindex: "-1", hidden: true, keydown: keyed }, bar, body, said);
  const desk = createDesk(state, window, needs, { say: (words) => text(said, words), refresh: () => void refresh() });
  const menu = createViewsMenu(desk);
  page.main.append(region, menu.el);

  /** @type {Record<Exclude<State["view"], "">, View>} */
  const views = { thread: createThreadView(desk), operations: createOperationsView(desk), patterns: createPatternsView(desk), fields: createFacetsView(desk) };
  /** @type {View | null} */
  let view = null;
  /** The number of threads opened since the last Back. The browser's history has that many entries of this page. */
  let depth = 0;
  let timer = 0;
  let settled = 0;
  let asking = false;
  let again = false;

  /** refresh requests the data of the view. While the view is visible, it repeats this after some time. */
  async function refresh() {
    window.clearTimeout(timer);
    if (!view || document.hidden) return;
    if (asking) {
      again = true;
      return;
    }
    const own = view;
    const began = window.performance.now();
    asking = true;
    again = false;
    try {
      await own.refresh();
    } catch (error) {
      if (own === view) desk.say(/** @type {Error} */ (error).message);
    }
    asking = false;
    if (own === view) attribute(region, "aria-label", own.label);
    timer = window.setTimeout(refresh, again || own !== view ? 0 : Math.max(own.every, PATIENT * (window.performance.now() - began)));
  }

  function soon() {
    settled ||= window.setTimeout(() => {
      settled = 0;
      void refresh();
    }, SETTLED);
  }

  function goBack() {
    if (state.view === "thread" && depth > 0) window.history.back();
    else needs.openView("");
  }

  /** @param {KeyboardEvent} event */
  function keyed(event) {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    const types = target instanceof window.HTMLInputElement;
    const rows = /** @type {HTMLElement[]} */ ([...region.querySelectorAll("[data-row]")]);
    const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = key === "ArrowDown" ? at + 1 : key === "ArrowUp" ? at - 1 : types ? NaN : key === "Home" ? 0 : key === "End" ? rows.length - 1 : NaN;
    if (!isNaN(to)) rows[Math.max(0, Math.min(rows.length - 1, to))]?.focus();
    else if (key === "/" && view?.find && !types) view.find.focus();
    else if (key === "Escape" && !(types && target.value)) goBack();
    else return;
    event.preventDefault();
  }

  document.addEventListener("visibilitychange", refresh);
  window.addEventListener("popstate", () => void (depth = 0));
  window.setInterval(() => view && !document.hidden && view.tick?.(), 1000);

  return {
    /** show applies state.view. @param {boolean} quiet leaves the focus where it is */
    show(quiet) {
      const inside = region.contains(document.activeElement);
      const before = view;
      view = state.view ? views[state.view] : null;
      if (!quiet) depth = state.view === "thread" ? depth + 1 : 0;
      region.hidden = !view;
      region.dataset.view = state.view;
      if (!view) {
        if (inside) page.log.focus({ preventScroll: true });
        return;
      }
      text(back, state.view === "thread" ? "← Back" : "← Log");
      if (view !== before) {
        desk.say("Loading");
        bar.replaceChildren(back, ...view.bar);
        body.replaceChildren(...view.body);
      }
      attribute(region, "aria-label", view.label);
      body.scrollTop = 0;
      if (!quiet) region.focus({ preventScroll: true });
      void refresh();
    },
    /** filtered is called when the filter has changed. */
    filtered: () => void (view && state.view !== "thread" && soon()),
    /** received is called when records were received. */
    received: () => void (view?.received?.() && soon()),
    openMenu: menu.open,
    /** takeColumns shows the columns that a link names. @param {string} columns */
    takeColumns: (columns) => menu.takeColumns(readColumns(columns)),
  };
}
