import { arrived } from "./filters.js";
import { Head } from "./head.js";
import { told } from "./health.js";
import { Intake } from "./intake.js";
import { hour, store, view } from "./state.js";
import { fresh } from "./states.js";
import { Stream } from "./stream.js";
import { list, schedule } from "./table.js";

/** Rows kept between the oldest one seen and the next to be given up. */
const MARGIN = 200;

/** The top of the page. */
export const head = new Head(hour);

/** What the stream sends goes through here into the store. */
export const intake = new Intake(store, {
  added: arrived,
  held,
});

/** What the reader looks at is never pushed out: new records are counted instead, and asked for again later. */
function held() {
  return store.full && !(list.follow && view.matches.waiting === 0) && list.oldestSeen() - store.first < MARGIN;
}

/** The one connection to the server. */
export const stream = new Stream({
  batch(records, epoch) {
    intake.batch(records, epoch);
    taken();
  },
  gap(gap, epoch) {
    intake.gap(gap, epoch);
    taken();
  },
  status(s) {
    intake.status(s);
    told(s);
    fresh(s.build);
    taken();
  },
  link(link, retryAt) {
    head.connection(link, retryAt);
    schedule();
  },
});

/** After anything came: rows that are gone leave the matches, and the page is drawn. */
function taken() {
  view.matches.trim(store.first);
  for (const ord of list.open.keys()) if (!store.has(ord)) list.toggle(ord, false);
  schedule();
}

/** catchUp takes in again what was only counted while the reader held the oldest rows. */
export function catchUp() {
  if (intake.skipped === 0 || held()) return;
  const after = intake.goOn();
  if (!after) return;
  stream.last = after;
  stream.open();
}
