import { el } from "./dom.js";
import { recordText } from "./record-text.js";

/** The most records that are printed: some fifty pages. */
const MAX_PRINTED = 3000;

/**
 * startExport makes the browser's own copy and print give records as text, not what is in the document: a row there has a line for
 * each cell, and only visible rows exist.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 * @param {Window} window
 */
export function startExport(state, { log }, window) {
  const { document } = window;

  document.addEventListener("copy", (event) => {
    const rows = selectedRows(document, log);
    // A selection within one row is copied as it is.
    if (rows.length < 2 || !event.clipboardData) return;
    event.clipboardData.setData("text/plain", `${rows.map((row) => recordText(state.store, Number(row.id.slice(1)))).join("\n")}\n`);
    event.preventDefault();
  });

  /** @type {HTMLElement | undefined} */
  let sheet;
  const remove = () => sheet?.remove();
  window.addEventListener("beforeprint", () => {
    remove();
    const { shown, status, store } = state;
    const from = Math.max(shown.first, shown.reveal - MAX_PRINTED);
    const lines = Array.from({ length: shown.reveal - from }, (_, n) => recordText(store, shown.at(from + n)));
    sheet = el("div", { class: "print" }, el("h1", {}, document.title), el("p", {}, status?.health.summary ?? ""), el("p", {}, window.location.href), el("pre", {}, lines.join("\n")));
    document.body.append(sheet);
  });
  window.addEventListener("afterprint", remove);
}

/**
 * selectedRows returns the rows of which any text is selected.
 * @param {Document} document
 * @param {HTMLElement} log
 */
function selectedRows(document, log) {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed) return [];
  const range = selection.getRangeAt(0);
  return [...log.querySelectorAll(".row[id]")].filter((row) => {
    if (!range.intersectsNode(row)) return false;
    const part = document.createRange();
    part.selectNodeContents(row);
    if (part.compareBoundaryPoints(Range.START_TO_START, range) < 0) part.setStart(range.startContainer, range.startOffset);
    if (part.compareBoundaryPoints(Range.END_TO_END, range) > 0) part.setEnd(range.endContainer, range.endOffset);
    return part.toString() !== "";
  });
}
