import { el, get, text } from "./dom.js";
import { clearFilters, scanning } from "./filters.js";
import { head, intake } from "./feed.js";
import { GAP } from "./levels.js";
import { store, view } from "./state.js";
import { list } from "./table.js";
import { plural, visible } from "./text.js";

const state = get("state", HTMLElement);
const stateTitle = /** @type {HTMLElement} */ (state.querySelector("h2"));
const stateText = /** @type {HTMLElement} */ (state.querySelector("p"));
const stateButton = /** @type {HTMLButtonElement} */ (state.querySelector("button"));
stateButton.addEventListener("click", () => (head.stream === "signed-out" ? location.reload() : clearFilters()));

/** More gaps than that fill the place where something could be said. */
const FEW = 6;

/** nothing tells whether no record is shown. A gap is none: no filter hides it. */
function nothing() {
  const m = view.matches;
  if (!list.live || scanning() || m.size > FEW) return false;
  for (let n = m.first; n < m.end; n++) if (store.level[m.at(n) % store.capacity] !== GAP) return false;
  return true;
}

/** empty says what stands where rows would stand, while there are none. */
export function empty() {
  const none = nothing();
  state.hidden = !none;
  if (!none) return;
  let { title } = head;
  let words = head.trouble();
  let button = "";
  const hidden = store.size - view.matches.size;
  if (hidden > 0) {
    title = "No record matches";
    words = `${plural(hidden, "record")} hidden by the filters.`;
    button = "Clear filters";
  } else if (head.state === "live") {
    const sources = head.status?.redis.sources ?? [];
    const channel = sources.find((s) => s.kind === "channel" && /^[\w:.-]+$/.test(s.name));
    words = `Listening to ${sources.map((s) => visible(s.name)).join(", ") || "Redis"}. Nothing was published there yet.${channel ? ` To try it: redis-cli publish ${channel.name} hello` : ""}`;
  } else if (head.state === "signed-out") {
    button = "Reload";
  } else if (words) {
    words = ((words === `${title}.` ? "" : words) + head.when()).trim();
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
  get("rate", HTMLElement).after(el("button", { type: "button", id: "reload", click: () => location.reload() }, "New version: reload"));
}
