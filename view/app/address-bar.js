import { readLink, writeLink } from "./link.js";

/** @typedef {import("./state.js").State} State */

/** The address is written this long (ms) after the last key: browsers limit how often a page may do so. */
const TYPED = 250;

/**
 * createAddressBar keeps the view in the page's address and reads it back.
 * @param {State} state
 * @param {Pick<Window, "location" | "history">} window
 */
export function createAddressBar(state, { location, history }) {
  let timer = 0;
  /** The ID of the record that the address links to. */
  let at = "";

  const page = () => location.href.split("#")[0];

  function write() {
    clearTimeout(timer);
    const link = writeLink(state.filter, { ...state, at: "", wallboard: state.drawer === "wallboard" });
    history.replaceState(null, "", link ? `#${link}` : page());
  }

  return {
    write,
    /** writeLater writes once the reader stops typing. */
    writeLater() {
      clearTimeout(timer);
      timer = setTimeout(write, TYPED);
    },
    /** read sets the state from the address and reports whether the address asks for the wallboard. */
    read() {
      const { at: named, wallboard, ...view } = readLink(location.hash, state.filter);
      Object.assign(state, view);
      at = named;
      return wallboard;
    },
    /** named returns the ID of the record that the address links to, until it is found. */
    named: () => at,
    found: () => void (at = ""),
    /** linkTo returns the address of one record. @param {string} id */
    linkTo: (id) => `${page()}#at=${encodeURIComponent(id)}`,
  };
}
