import { remember } from "./address.js";
import { get, text } from "./dom.js";
import { catchUp, intake } from "./feed.js";
import { tell } from "./filters.js";
import { SPEEDS } from "./fragment.js";
import { CRITICAL, GAP, NAMES, WARNING } from "./levels.js";
import { store, view } from "./state.js";
import { list, log, schedule } from "./table.js";
import { count, short } from "./text.js";
import { span } from "./time.js";

const pauseButton = get("pause", HTMLButtonElement);
const slider = get("speed", HTMLInputElement);
const per = get("per", HTMLElement);
const waiting = get("waiting", HTMLElement);
const pill = get("pill", HTMLButtonElement);

/**
 * pause stops revealing records, or goes on.
 * @param {boolean} on
 */
export function pause(on) {
  view.paused = on;
  if (!on) {
    if (view.speed === 0) view.speed = Infinity;
    // On from here: more than a screenful comes below what is read, and the reader goes on or jumps to the newest.
    if (view.matches.waiting * list.slots.height > list.view) list.leave();
  }
  remember();
  controls();
  schedule();
}
pauseButton.addEventListener("click", () => pause(!(view.paused || view.speed === 0)));
slider.addEventListener("change", remember);
slider.addEventListener("input", () => {
  view.speed = SPEEDS[Number(slider.value)];
  view.paused = false;
  controls();
  schedule();
});
pill.addEventListener("click", () => newest());
pill.addEventListener("wheel", (event) => log.scrollBy(0, event.deltaY), { passive: true });

/** newest shows all there is and follows it. */
export function newest() {
  view.paused = false;
  if (view.speed === 0) view.speed = Infinity;
  view.matches.cursor = view.matches.end;
  remember();
  list.newest();
  catchUp();
  schedule();
}

let controlled = 0;
let later = 0;
/** controls brings the controls up to date; numbers at most ten times a second, they can't be read faster. */
export function controls() {
  const now = performance.now();
  const still = view.paused || view.speed === 0;
  if (pauseButton.dataset.on !== String(still)) {
    pauseButton.dataset.on = String(still);
    text(pauseButton, still ? "Go on" : "Pause");
  }
  const place = String(SPEEDS.indexOf(view.paused ? 0 : view.speed));
  if (slider.value !== place) slider.value = place;
  const pace = still ? "paused" : view.speed === Infinity ? "all" : `${view.speed}/s`;
  if (per.textContent !== pace) {
    text(per, pace);
    slider.setAttribute("aria-valuetext", pace);
  }
  if (now - controlled < 100) {
    clearTimeout(later);
    later = window.setTimeout(controls, 110);
    return;
  }
  controlled = now;
  const lag = late();
  const behind = view.matches.waiting + intake.skipped;
  const some = behind > 0 && (still || view.speed !== Infinity || intake.skipped > 0);
  waiting.classList.toggle("some", some);
  if (!some) {
    text(waiting, "Speed");
    waiting.title = "";
  } else {
    const worst = Math.max(worstFrom(view.matches.reveal), intake.skippedWorst);
    text(waiting, `${short(behind)} waiting`);
    waiting.title = `${count(behind)} records wait to be shown${lag >= 1000 ? `, ${span(lag)} behind` : ""}`;
    waiting.dataset.level = worst >= WARNING ? NAMES[worst] : "";
  }
  const from = view.matches.lower(view.left);
  const below = view.matches.end - from + intake.skipped;
  // A slow speed has always one record waiting.
  pill.hidden = !list.live || (list.follow ? view.matches.waiting < (still || view.speed === Infinity ? 1 : 2) : view.matches.size === 0);
  if (!pill.hidden) {
    const worst = Math.max(worstFrom(from), intake.skippedWorst);
    const bad = worst >= WARNING ? NAMES[worst] : "";
    text(pill, `${list.slots.newestFirst ? "↑" : "↓"} ${below > 0 ? `${count(below)} new${bad && `, ${bad}`}${lag >= 2000 ? `, ${span(lag)} behind` : ""}` : "Newest"}`);
    pill.dataset.level = bad;
  }
  tell();
}

/** late is how far (ms) what is shown is behind what has come. */
function late() {
  const m = view.matches;
  return m.waiting > 0 ? store.at[(store.end - 1) % store.capacity] - store.at[m.at(m.reveal) % store.capacity] : 0;
}

/**
 * The worst level from a match on. Errors are not delayed by a slow speed: this looks at what is still waiting.
 * @param {number} n
 */
function worstFrom(n) {
  let worst = 0;
  for (; n < view.matches.end && worst < CRITICAL; n++) {
    const level = store.level[view.matches.at(n) % store.capacity];
    if (level < GAP && level > worst) worst = level;
  }
  return worst;
}
