import { get, text } from "./dom.js";
import { clearFilters, scanning } from "./filters.js";
import { head, intake } from "./feed.js";
import { store, view } from "./state.js";
import { list } from "./table.js";
import { plural, visible } from "./text.js";

const state = get("state", HTMLElement);
const stateTitle = /** @type {HTMLElement} */ (state.querySelector("h2"));
const stateText = /** @type {HTMLElement} */ (state.querySelector("p"));
const stateButton = /** @type {HTMLButtonElement} */ (state.querySelector("button"));
stateButton.addEventListener("click", () => (head.stream === "signed-out" ? location.reload() : clearFilters()));

/** empty says what stands where rows would stand, while there are none. */
export function empty() {
  const none = list.live && view.matches.size === 0 && !scanning();
  state.hidden = !none;
  if (!none) return;
  let { title } = head;
  let words = head.trouble();
  let button = "";
  if (store.size > 0) {
    title = "No record matches";
    words = `${plural(store.size, "record")} hidden by the filters.`;
    button = "Clear filters";
  } else if (head.state === "live") {
    const names = (head.status?.redis.sources ?? []).map((s) => visible(s.name)).join(", ");
    words = `Listening to ${names || "Redis"}. Nothing was published there yet.`;
  } else if (head.state === "signed-out") {
    button = "Reload";
  } else if (words) {
    words += head.when();
  }
  text(stateTitle, title);
  text(stateText, words);
  stateButton.hidden = button === "";
  text(stateButton, button);
}

/** progress says how far a long history has come. */
export function progress() {
  const part = intake.progress;
  const busy = intake.loading && part < 1;
  document.body.classList.toggle("loading", busy);
  if (busy) document.body.style.setProperty("--progress", String(part));
}

const ownBuild = /elva-([0-9a-f]+)\.js/.exec(import.meta.url)?.[1];
let offered = false;
/**
 * fresh offers a reload when the server is of another build than this page.
 * @param {string | undefined} build
 */
export function fresh(build) {
  if (offered || !build || !ownBuild || build === ownBuild) return;
  offered = true;
  const button = document.createElement("button");
  button.type = "button";
  button.id = "reload";
  button.textContent = "New version: reload";
  button.addEventListener("click", () => location.reload());
  get("rate", HTMLElement).after(button);
}
