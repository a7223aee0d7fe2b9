import { isOwn } from "./filter.js";

/** @typedef {import("./state.js").State} State */
/** Where the reader is: a visible record and how far it is from the top, and the open records, all by ID. @typedef {{at: string, offset: number, open: string[]}} Place */

/** The address is written this long (ms) after the last key or scroll: browsers limit how often a page may do so. */
const SETTLED = 250;

/**
 * encode writes parameters as people read them.
 * @param {[string, string][]} params
 */
export const encode = (params) => String(new URLSearchParams(params)).replace(/%(3A|2F|2C)/g, (c) => decodeURIComponent(c));

/**
 * createAddress keeps the state of the view in the query of the page's address, and the reader's position in the entry of the
 * browser's history. A deliberate change makes a new entry, which Back undoes; typing does not.
 * @param {State} state
 * @param {Pick<Window, "location" | "history">} window
 * @param {() => Place | null} place returns where the reader is, null at the newest end
 */
export function createAddress(state, { location, history }, place) {
  let timer = 0;
  /** The ID of the record that the address links to. */
  let at = "";

  /** @param {[string, string][]} params */
  const address = (params) => location.pathname + (params.length ? `?${encode(params)}` : "");

  function params() {
    const { filter } = state;
    if (state.view === "thread") return [/** @type {[string, string]} */ (["id", state.thread])];
    const all = filter.params();
    if (filter.highlight) all.push(["highlight", "1"]);
    for (const param of filter.off) all.push(["off", param.join("=")]);
    const view = state.drawer === "wallboard" ? state.drawer : state.view;
    if (view) all.push(["view", view]);
    if (state.span) all.push(["span", state.span]);
    if (state.base && view === "patterns") all.push(["base", state.base]);
    return all;
  }

  /** @param {boolean} [pushes] makes a new entry in the history */
  function write(pushes = false) {
    clearTimeout(timer);
    const to = address(params());
    const changed = to !== location.pathname + location.search;
    if (pushes && changed) history.pushState(place(), "", to);
    else history.replaceState(place(), "", to);
  }

  return {
    write,
    /** writeLater writes once the reader stops typing or scrolling. */
    writeLater() {
      clearTimeout(timer);
      timer = setTimeout(write, SETTLED);
    },
    /** read returns the parameters of the filter in the address, as they are written there, and the page's own. */
    read() {
      clearTimeout(timer);
      const own = new URLSearchParams(location.search);
      at = own.get("at") ?? "";
      const pairs = location.search.slice(1).split("&").filter((pair) => pair && !isOwn(pair.split("=")[0]));
      // An ID alone is its thread; beside other filters it is one of them.
      const thread = pairs.length === 1 ? own.get("id") ?? "" : "";
      return {
        filter: thread ? "" : pairs.join("&"), thread, highlight: own.get("highlight") === "1", view: own.get("view") ?? "", columns: own.get("columns") ?? "", span: own.get("span") ?? "", base: own.get("base") ?? "",
        off: own.getAll("off").map((param) => /** @type {[string, string]} */ ([param.split("=")[0], param.slice(param.indexOf("=") + 1)])),
        place: /** @type {Place | null} */ (history.state),
      };
    },
    /** isCurrent reports whether the address is that of the state. */
    isCurrent: () => address(params()) === location.pathname + location.search,
    /** seek makes a record the one that the address links to. @param {string} id */
    seek: (id) => void (at = id),
    /** named returns the ID of the record that the address links to, until it is found. */
    named: () => at,
    found: () => void (at = ""),
    /** linkTo returns the address of one record. @param {string} id */
    linkTo: (id) => location.origin + address([["at", id]]),
  };
}
