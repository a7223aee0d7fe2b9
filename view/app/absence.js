import { GAP, NAMES } from "./levels.js";
import { count } from "./text.js";

/** Absences shorter than this (ms) are not reported. */
const ABSENCE = 10_000;

/** @typedef {ReturnType<typeof createAbsence>} Absence */

/**
 * createAbsence counts the records that were received while the page was hidden, by the server's clock.
 * @param {import("./store.js").Store} store
 */
export function createAbsence(store) {
  /** The first ordinal received while hidden; -1 for none. */
  let first = -1;
  let from = 0;
  let to = 0;
  /** The next ordinal to count: some records arrive only after the reader is back. */
  let next = 0;
  /** @type {number[]} by level */
  let counts = [];

  const counting = () => first >= 0 && next < store.end && store.at[next % store.capacity] <= to;

  return {
    /** @param {number} now */
    begin(now) {
      first = next = store.end;
      from = now;
      to = Infinity;
      counts = new Array(GAP + 1).fill(0);
    },
    /** @param {number} now */
    end(now) {
      to = now;
      if (now - from < ABSENCE || first <= store.first) first = -1;
    },
    /** counting reports whether records from the absence have arrived since the last count. */
    counting,
    /**
     * text returns the divider above a record: "" except for the first record of the absence.
     * @param {number} ord
     */
    text(ord) {
      if (ord !== first) return "";
      for (; counting(); next++) counts[store.level[next % store.capacity]]++;
      const words = counts.map((n, level) => (n && level < GAP ? `${count(n)} ${NAMES[level]}` : "")).filter(Boolean).reverse();
      return words.length ? `while you were away: ${words.join(", ")}` : "";
    },
  };
}
