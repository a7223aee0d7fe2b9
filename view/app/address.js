import { say } from "./actions.js";
import { get, text } from "./dom.js";
import { Test } from "./filter.js";
import { openSide, query, refilter } from "./filters.js";
import { read, write } from "./fragment.js";
import { health, place as drawer } from "./health.js";
import { filter, store, view } from "./state.js";
import { list, log, schedule } from "./table.js";
import { clock, parse } from "./time.js";

/** The id of a record that the address names and that is still to be gone to. */
let wanted = "";

/** remember writes what is shown into the address. */
export function remember() {
  const fragment = write(filter, { at: "", top: list.slots.newestFirst, utc: view.utc, wall: drawer === "wall" });
  history.replaceState(null, "", fragment ? `#${fragment}` : location.href.split("#")[0]);
}

/** arrive reads the address, which says what is shown: on arrival, and when somebody changes it by hand. */
export function arrive() {
  const place = read(location.hash, filter);
  query.value = filter.text;
  view.utc = place.utc;
  list.slots.newestFirst = place.top;
  wanted = place.at;
  if (place.wall !== (drawer === "wall")) void health(place.wall ? "wall" : "", true);
  settings();
  view.test = new Test(filter, store);
  if (list.live) {
    refilter(true);
    permalink();
  }
  if (!(filter.loggers.empty && filter.channels.empty && filter.hosts.empty) && innerWidth > 900) openSide(true);
}
addEventListener("hashchange", arrive);

/** permalink goes to the record that the address names. */
export function permalink() {
  if (!wanted) return;
  const ord = store.find(wanted);
  const id = wanted;
  wanted = "";
  if (ord < 0) {
    say(`The record ${id} has left memory`);
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
function settings() {
  utcBox.checked = view.utc;
  topBox.checked = list.slots.newestFirst;
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

const foldBox = get("fold", HTMLInputElement);
foldBox.addEventListener("change", () => {
  view.folded = foldBox.checked;
  refilter();
});
