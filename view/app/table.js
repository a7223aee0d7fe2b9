import { actions } from "./actions.js";
import { detail } from "./detail.js";
import { get } from "./dom.js";
import { List } from "./list.js";
import { fill } from "./rows.js";
import { store, view } from "./state.js";

/** The element that scrolls. */
export const log = get("log", HTMLElement);

/** The table of rows. */
export const list = new List(log, get("rows", HTMLElement), get("row", HTMLTemplateElement), {
  matches: () => view.matches,
  fill,
  detail: (ord) => detail(store, ord, actions),
  moved: schedule,
});

let scheduled = false;
let draw = () => {};

/**
 * drawWith says what draws the page.
 * @param {() => void} fn
 */
export function drawWith(fn) {
  draw = fn;
}

/** schedule has the page drawn once in the next frame; not while nobody can see it. */
export function schedule() {
  if (scheduled || document.hidden) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    draw();
  });
}

log.addEventListener("click", (event) => {
  const row = event.target instanceof Element ? event.target.closest(".row") : null;
  if (!row || !list.live || !getSelection()?.isCollapsed) return;
  const ord = Number(row.id.slice(1));
  list.activate(ord, false);
  list.toggle(ord);
});
document.addEventListener("selectionchange", () => {
  const selection = getSelection();
  if (selection && !selection.isCollapsed && selection.anchorNode && log.contains(selection.anchorNode)) list.leave();
});
