/** @typedef {import("./query-answer.js").Ranges} Ranges */

/**
 * A Finder finds one query in records: at once with matches, or over a whole scan with advance; it has one of the two.
 * @typedef {object} Finder
 * @property {(ord: number) => boolean} [matches]
 * @property {(scan: import("./filtering.js").Scan) => void} [advance] continues a scan
 * @property {(text: string) => Ranges | null} ranges where a shown text matches; null until the worker has answered
 */

/** The number of characters of a shown text that are searched for highlights. */
export const HIGHLIGHT_CHARS = 8192;
