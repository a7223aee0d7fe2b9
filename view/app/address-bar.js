import { readLink, writeLink } from "./link.js";

/** @typedef {import("./state.js").State} State */

/** The address is written when no key came for so long (ms): browsers limit how often. */
const TYPED = 250;

/**
 * createAddressBar keeps what is shown in the page's address, and reads it from there.
 * @param {State} state
 * @param {Pick<Window, "location" | "history">} window
 */
export function createAddressBar(state, { location, history }) {
  let timer = 0;
  /** The id of a record that the address names. */
  let at = "";

  const page = () => location.href.split("#")[0];

  function write() {
    clearTimeout(timer);
    const link = writeLink(state.filter, { ...state, at: "", wallboard: state.drawer === "wallboard" });
    history.replaceState(null, "", link ? `#${link}` : page());
  }

  return {
    write,
    /** writeLater writes after a key. */
    writeLater() {
      clearTimeout(timer);
      timer = setTimeout(write, TYPED);
    },
    /** read sets the state to what the address says, and reports whether it says the wallboard. */
    read() {
      const { at: named, wallboard, ...view } = readLink(location.hash, state.filter);
      Object.assign(state, view);
      at = named;
      return wallboard;
    },
    /** named is the id of the record that the address names, until it is found. */
    named: () => at,
    found: () => void (at = ""),
    /** linkTo is the address of one record. @param {string} id */
    linkTo: (id) => `${page()}#at=${encodeURIComponent(id)}`,
  };
}
