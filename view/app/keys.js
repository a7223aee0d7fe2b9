import { actions } from "./actions.js";
import { get } from "./dom.js";
import { clearFilters, go, hit, openSide, panel, query } from "./filters.js";
import { health, place } from "./health.js";
import { ERROR, GAP } from "./levels.js";
import { more } from "./more.js";
import { newest, pause } from "./pace.js";
import { store, view } from "./state.js";
import { list, log } from "./table.js";

const sheet = get("sheet", HTMLDialogElement);
get("keys", HTMLElement).addEventListener("click", open);
get("done", HTMLElement).addEventListener("click", () => sheet.close());

function open() {
  void more(true); // how it looks
  sheet.showModal();
}

/** @param {number} by */
function move(by) {
  const dir = list.slots.newestFirst ? -by : by;
  const m = view.matches;
  if (m.reveal <= m.first) return;
  const seen = list.active >= 0 && store.has(list.active) ? m.lower(list.active) : m.reveal - 1 - (dir > 0 ? dir : dir + 1);
  const n = Math.max(m.first, Math.min(m.reveal - 1, seen + dir));
  list.leave();
  list.activate(m.at(n));
}

/** Keys that count while the table has the focus (WCAG 2.1.4). @type {Record<string, () => void>} */
const tableKeys = {
  ArrowDown: () => move(1),
  j: () => move(1),
  ArrowUp: () => move(-1),
  k: () => move(-1),
  PageDown: () => move(screenful()),
  PageUp: () => move(-screenful()),
  Home: () => edge(!list.slots.newestFirst),
  End: () => edge(list.slots.newestFirst),
  Enter: () => list.active >= 0 && list.toggle(list.active),
  " ": () => list.active >= 0 && list.toggle(list.active),
  ArrowRight: () => list.active >= 0 && list.toggle(list.active, true),
  ArrowLeft: () => list.active >= 0 && list.toggle(list.active, false),
  Escape: () => list.active >= 0 && (list.open.has(list.active) ? list.toggle(list.active, false) : list.activate(-1, false)),
  e: () => go(1, isError),
  E: () => go(-1, isError),
  n: () => hit(1),
  N: () => hit(-1),
  c: () => list.active >= 0 && actions.copyJSON(list.active),
  p: () => pause(!(view.paused || view.speed === 0)),
  l: () => openSide(panel.hidden !== false),
  x: clearFilters,
};

const screenful = () => Math.max(1, Math.floor(list.view / list.slots.height) - 2);

/** @param {boolean} oldest */
function edge(oldest) {
  if (!oldest) newest();
  else if (view.matches.reveal > view.matches.first) {
    list.leave();
    list.activate(view.matches.at(view.matches.first));
  }
}

/** @param {number} ord */
const isError = (ord) => store.level[ord % store.capacity] >= ERROR && store.level[ord % store.capacity] < GAP;

log.addEventListener("keydown", (event) => {
  if (event.target !== log || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = tableKeys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
document.addEventListener("keydown", (event) => {
  const on = event.target;
  const types = on instanceof HTMLInputElement && !["checkbox", "range"].includes(on.type);
  if (types || event.ctrlKey || event.metaKey || event.altKey || sheet.open) return;
  const inDrawer = document.getElementById("health")?.contains(/** @type {Node} */ (on));
  if (event.key === "/") {
    event.preventDefault();
    query.focus();
    query.select();
  } else if (event.key === "h" && (on === document.body || on === log || inDrawer)) {
    void health(place ? "" : "side");
  } else if (event.key === "Escape" && (place === "wall" || inDrawer)) {
    void health("");
  } else if (event.key === "?") {
    open();
  } else if (event.key === "Escape" && !panel.hidden && panel.contains(/** @type {Node} */ (on))) {
    openSide(false);
    get("side", HTMLElement).focus();
  }
});
