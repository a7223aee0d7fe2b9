import { actions } from "./actions.js";
import { el, get } from "./dom.js";
import { NAMES } from "./levels.js";
import { List } from "./list.js";
import { later, more } from "./more.js";
import { fill } from "./rows.js";
import { store, view } from "./state.js";

/** The element that scrolls. */
export const log = get("log", HTMLElement);

/** The table of rows. */
export const list = new List(log, get("rows", HTMLElement), get("row", HTMLTemplateElement), {
  matches: () => view.matches,
  fill,
  detail,
  moved: schedule,
});

/**
 * detail is what an open row shows. What makes it is in the second file, and comes when somebody comes near the table: so
 * it is almost always there before the first click.
 * @param {number} ord
 */
function detail(ord) {
  const cell = el("div", { role: "gridcell" });
  const fill = () => later && store.has(ord) && later.detail(cell, store, ord, actions);
  if (later) fill();
  else {
    void more().then(() => {
      fill();
      list.refill();
      if (list.active === ord) list.into(ord);
    });
  }
  return el("div", { class: "detail", role: "row", "aria-level": "2", "data-level": NAMES[store.level[ord % store.capacity]] }, cell);
}
for (const near of ["pointerover", "focus"]) log.addEventListener(near, () => void more(true), { once: true });

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
