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

/** What stands where rows would stand, while there are none. */
export function empty() {
  const none = list.live && view.matches.size === 0 && !scanning();
  state.hidden = !none;
  if (!none) return;
  let [title, words, button] = ["", "", ""];
  const sources = (head.status?.redis.sources ?? []).map((s) => visible(s.name)).join(", ");
  if (store.size > 0) {
    title = "No record matches";
    words = `${plural(store.size, "record")} hidden by the filters. New ones that match will appear here.`;
    button = "Clear filters";
  } else if (head.state === "live") {
    title = "Waiting for the first record";
    words = sources ? `Listening to ${sources}. Nothing has been published there since Elva began to listen.` : "Listening. Nothing has been published yet.";
  } else if (head.state === "refused") {
    title = "Redis refuses";
    words = `${head.trouble()} Elva tries again by itself.`;
  } else if (head.state === "down") {
    title = "Redis does not answer";
    words = `${head.trouble()} Elva tries again by itself; the page needs no reload.`;
  } else if (head.state === "signed-out") {
    title = "Signed out";
    words = head.trouble();
    button = "Reload";
  } else {
    title = head.state === "offline" ? "The server does not answer" : "Connecting";
    words = head.trouble();
  }
  text(stateTitle, title);
  text(stateText, words);
  stateButton.hidden = button === "";
  text(stateButton, button);
}

/** A long history says how far it has come. */
export function progress() {
  const part = intake.progress;
  const busy = intake.loading && part < 1;
  document.body.classList.toggle("loading", busy);
  if (busy) document.body.style.setProperty("--progress", String(part));
}

const ownBuild = /elva-([0-9a-f]+)\.js/.exec(import.meta.url)?.[1];
let offered = false;
/** @param {string | undefined} build */
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
