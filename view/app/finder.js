import { remembered, rememberedName } from "./filter.js";
import { GAP } from "./levels.js";
import { ranges } from "./pattern.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./pattern.js").Pattern} Pattern */
/** @typedef {import("./pattern.js").Ranges} Ranges */

/**
 * A Finder finds one expression in records. It has either matches, which answers at once, or advance, which continues a scan.
 * @typedef {object} Finder
 * @property {(ord: number) => boolean} [matches]
 * @property {(scan: import("./filtering.js").Scan) => void} [advance] continues a scan
 * @property {(text: string) => Ranges | null} ranges where a shown text matches; null until the worker has answered
 */

/** A plain search stops after this many steps in one text: only a hostile text and a hostile search together reach it. */
const MAX_STEPS = 16_000_000;
/** Highlighting looks at this many characters of a shown text. */
export const HIGHLIGHT_CHARS = 8192;

/**
 * textFinder finds plain text. Its expression has no alternatives, so that it takes at most the text's length times the
 * search's length.
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
      // Names and fields first: their results are cached.
      return store.level[i] !== GAP && (inLogger(store.logger[i]) || inFields(store.fields[i]) || found(store.message[i]) || found(store.trace[i]));
    },
    ranges: (text) => ranges(every, text.slice(0, HIGHLIGHT_CHARS)),
  };
}
