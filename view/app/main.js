import { actions } from "./actions.js";
import { arrive, permalink } from "./address.js";
import { get } from "./dom.js";
import { catchUp, head, intake, stream } from "./feed.js";
import { scanning, settled, side, warm } from "./filters.js";
import "./keys.js";
import { later } from "./more.js";
import { controls } from "./pace.js";
import { comeBack, goAway, growing, highlight } from "./rows.js";
import { store, view } from "./state.js";
import { empty, progress } from "./states.js";
import { drawWith, list, schedule } from "./table.js";
import { plural } from "./text.js";

/** A long history may take so long (ms) before what has come of it is shown. */
const PATIENCE = 3000;
/** So few waiting records let a store that was held take in new ones again. */
const CAUGHT_UP = 1000;

let began = 0;
let drawn = 0;

/** draw brings the page up to date, at most once a frame. */
function draw() {
  const now = performance.now();
  const passed = Math.min(now - drawn, 1000);
  drawn = now;
  if (!list.live) {
    // The rows that came with the page stand until the history is there: no flurry of scrolling at the start.
    if ((intake.loading || intake.epoch === "") && now - began < PATIENCE) {
      progress();
      schedule();
      return;
    }
    list.start();
    head.draw();
    side();
    view.matches.cursor = view.matches.end;
  }
  permalink();
  const { matches } = view;
  if (!view.paused) matches.advance(view.speed, passed);
  if (list.follow) view.left = matches.reveal > matches.first ? matches.at(matches.reveal - 1) + 1 : store.end;
  list.render();
  if (list.changed) {
    list.changed = false;
    highlight();
  }
  settled();
  progress();
  empty();
  controls();
  if (!view.paused && view.speed !== Infinity && matches.waiting > 0) schedule();
  if (list.follow && matches.waiting < CAUGHT_UP && !view.paused && !scanning()) catchUp();
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    goAway(head.now());
    return;
  }
  comeBack(head.now());
  drawn = performance.now();
  list.refill();
  schedule();
});

const announce = get("announce", HTMLInputElement);
let announced = 0;
let failed = 0;
// Says how many records came, for who can't see it: every 10 s at most, and only if asked to.
setInterval(() => {
  const came = store.total - announced;
  const { error = 0, critical = 0 } = head.status?.counts ?? {};
  const errors = error + critical - failed;
  announced = store.total;
  failed = error + critical;
  if (announce.checked && came > 0) get("say", HTMLElement).textContent = plural(came, "new record") + (errors > 0 ? `, ${plural(errors, "error")}` : "");
}, 10_000);

/** With fewer records the first search is fast enough as it is. */
const MANY = 10_000;
/** How many searches are still to be made beforehand: the sixth is as fast as any. */
let cold = 5;

// Ages and countdowns go on without anything coming in.
setInterval(() => {
  if (document.hidden) return;
  head.draw();
  side();
  empty();
  later?.age(list.open, store, actions);
  if (list.live) {
    controls();
    if (cold && store.size > MANY) {
      cold--;
      warm();
    }
  }
  if (growing()) {
    list.refill();
    schedule();
  }
}, 1000);

arrive();
document.body.classList.add("on");
began = drawn = performance.now();
drawWith(draw);
stream.open();
schedule();
