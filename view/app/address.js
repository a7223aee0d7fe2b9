import { actions, say } from "./actions.js";
import { get, text } from "./dom.js";
import { intake } from "./feed.js";
import { clearFilters, openSide, query, refilter, scanning } from "./filters.js";
import { read, write } from "./fragment.js";
import { health, place as drawer } from "./health.js";
import { later } from "./more.js";
import { filter, store, view } from "./state.js";
import { list, log, schedule } from "./table.js";
import { clock, parse } from "./time.js";

/** The id of a record that the address names and that is still to be gone to. */
let wanted = "";

/** remember writes what is shown into the address. */
export function remember() {
  const { utc, folded, paused, speed } = view;
  const fragment = write(filter, { at: "", top: list.slots.newestFirst, utc, folded, paused, speed, wall: drawer === "wall" });
  history.replaceState(null, "", fragment ? `#${fragment}` : location.href.split("#")[0]);
}

/** arrive reads the address, which says what is shown: on arrival, and when somebody changes it by hand. */
export function arrive() {
  const place = read(location.hash, filter);
  query.value = filter.text;
  ({ utc: view.utc, folded: view.folded, paused: view.paused, speed: view.speed } = place);
  list.slots.newestFirst = place.top;
  wanted = place.at;
  if (place.wall !== (drawer === "wall")) void health(place.wall ? "wall" : "", true);
  settings();
  refilter(true);
  if (!(filter.loggers.empty && filter.channels.empty && filter.hosts.empty) && innerWidth > 900) openSide(true);
}
addEventListener("hashchange", arrive);

/** permalink goes to the record that the address names, once it is there and shown. */
export function permalink() {
  if (!wanted || scanning()) return;
  const ord = store.find(wanted);
  if (ord < 0 ? intake.loading : !view.test.shows(ord)) {
    if (ord >= 0) clearFilters();
    return;
  }
  const id = wanted;
  wanted = "";
  if (ord < 0) {
    say(`The record ${id} has left memory`, 10_000);
    return;
  }
  list.leave();
  list.activate(ord, false);
  list.restore(null);
  list.into(ord, true);
  list.toggle(ord, true);
}

const utcBox = get("utc", HTMLInputElement);
const topBox = get("top", HTMLInputElement);
const foldBox = get("fold", HTMLInputElement);
function settings() {
  utcBox.checked = view.utc;
  topBox.checked = list.slots.newestFirst;
  foldBox.checked = view.folded;
  later?.age(list.open, store, actions);
  text(get("zone", HTMLElement), view.utc ? "UTC" : "");
  log.setAttribute("aria-label", `Log records, newest ${list.slots.newestFirst ? "first" : "last"}`);
  for (const time of document.querySelectorAll(".row time")) {
    const ms = parse(/** @type {HTMLTimeElement} */ (time).dateTime);
    if (!isNaN(ms)) time.textContent = clock(ms, view.utc);
  }
}
utcBox.addEventListener("change", () => {
  view.utc = utcBox.checked;
  settings();
  list.refill();
  remember();
  schedule();
});
topBox.addEventListener("change", () => {
  const anchor = list.anchor();
  list.slots.newestFirst = topBox.checked;
  list.restore(anchor);
  settings();
  remember();
  schedule();
});

foldBox.addEventListener("change", () => {
  view.folded = foldBox.checked;
  refilter();
});
