import { Filter, Test } from "./filter.js";
import { Hour } from "./health-hour.js";
import { Matches } from "./matches.js";
import { Store } from "./store.js";

/** What the parts of the page share: the records, what the reader chose, and what is shown because of both. */
export const store = new Store();
export const filter = new Filter();
export const hour = new Hour();

export const view = {
  /** The records that the filter shows. */
  matches: new Matches(store.capacity),
  test: new Test(filter, store),
  /** Whether times are told in UTC rather than in the reader's zone. */
  utc: false,
  /** Whether equal records that follow each other are one row. */
  folded: false,
  /** Records revealed a second: Infinity for all at once, 0 for none. */
  speed: Infinity,
  paused: false,
  /** The first ordinal that came after the reader left the newest end. */
  left: 0,
};
