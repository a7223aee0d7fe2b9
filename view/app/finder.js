import { remembered, rememberedName } from "./filter.js";
import { GAP } from "./levels.js";
import { ranges } from "./pattern.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./pattern.js").Pattern} Pattern */
/** @typedef {import("./pattern.js").Ranges} Ranges */

/**
 * A Finder finds one expression in records: at once with matches, or over a whole scan with advance; it has one of the two.
 * @typedef {object} Finder
 * @property {(ord: number) => boolean} [matches]
 * @property {(scan: import("./filtering.js").Scan) => void} [advance] goes on with a scan
 * @property {(text: string) => Ranges | null} ranges where a shown text matches; null while that is being found out
 */

/** Plain text is searched so far: the whole of a record, unless an adversary made both the text and the search long. */
const MAX_STEPS = 16_000_000;
/** A shown text is searched so far for what to highlight. */
export const HIGHLIGHT_CHARS = 8192;

/**
 * textFinder finds plain text. Its expression has no choice to make, so that its time is at most the text's length times
 * the search's.
 * @param {Pattern} pattern
 * @param {Store} store
 * @returns {Finder}
 */
export function textFinder({ source, flags }, store) {
  const re = new RegExp(source, flags);
  const every = new RegExp(source, `${flags}g`);
  const limit = MAX_STEPS / source.length;
  const found = (/** @type {string} */ text) => re.test(text.length > limit ? text.slice(0, limit) : text);
  const inLogger = rememberedName(store.names.logger, found);
  const inFields = remembered(found);
  return {
    matches(ord) {
      const i = ord % store.capacity;
      // The few different names and fields first: they are searched once.
      return store.level[i] !== GAP && (inLogger(store.logger[i]) || inFields(store.fields[i]) || found(store.message[i]) || found(store.trace[i]));
    },
    ranges: (text) => ranges(every, text.slice(0, HIGHLIGHT_CHARS)),
  };
}
