import { oneLine, ROW_CHARS } from "./text.js";

/** The number of characters shown before a match, and in all. */
const BEFORE_MATCH = 60;
const AROUND_MATCH = 200;
/** Elements of the table in which matches are highlighted. */
const SEARCHED = ".row :is(.logger, bdi, em), .detail :is(pre, .what, dd > span)";

/**
 * highlight marks matches with the CSS Custom Highlight API, which leaves the markup of rows and details alone.
 * @param {import("./finder.js").Finder | null} finder
 * @param {HTMLElement} table
 * @param {Window & typeof globalThis} window
 */
export function highlight(finder, table, { CSS, Highlight, NodeFilter, StaticRange, document }) {
  if (!CSS.highlights) return;
  const ranges = [];
  if (finder) {
    for (const e of table.querySelectorAll(SEARCHED)) {
      const nodes = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
      while (nodes.nextNode()) {
        const node = /** @type {Text} */ (nodes.currentNode);
        for (const [from, to] of finder.ranges(node.data) ?? []) ranges.push(new StaticRange({ startContainer: node, startOffset: from, endContainer: node, endOffset: to }));
      }
    }
  }
  CSS.highlights.set("match", new Highlight(...ranges));
}

/**
 * matchText returns the matching line of the traceback or the fields if the message does not match, so that a row shows why
 * it was found.
 * @param {import("./state.js").State} state
 * @param {number} ord
 */
export function matchText({ store, search }, ord) {
  const i = ord % store.capacity;
  if (!search.finder || search.finder.ranges(store.message[i].slice(0, ROW_CHARS))?.length !== 0) return "";
  for (const text of [store.trace[i], store.fields[i]]) {
    const first = text && search.finder.ranges(text)?.[0];
    if (!first) continue;
    const [at] = first;
    const from = Math.max(text.lastIndexOf("\n", at) + 1, at - BEFORE_MATCH);
    return oneLine(text.slice(from, from + AROUND_MATCH).split("\n")[0].trim());
  }
  return "";
}
