import { Filter } from "./filter.js";
import { LastHour } from "./last-hour.js";
import { RecordList } from "./record-list.js";
import { Store } from "./store.js";

/** @typedef {ReturnType<typeof createState>} State */

/** createState is what the parts of the page share: the records, what the reader chose, and what is shown because of both. */
export function createState() {
  const store = new Store();
  return {
    store,
    filter: new Filter(),
    lastHour: new LastHour(),
    /** The records that the filter shows. */
    shown: new RecordList(store.capacity),
    /** Those among them that match the search, where it only highlights. @type {RecordList | null} */
    matches: null,
    /** What finds the search field's text, null where there is none or a bad one, and what is wrong with it. */
    search: { finder: /** @type {import("./finder.js").Finder | null} */ (null), error: "" },
    /** Whether times are shown in UTC rather than in the reader's zone. */
    utc: false,
    newestFirst: false,
    /** Whether equal records that follow each other are one row. */
    collapsed: false,
    /** Records revealed a second: Infinity for all at once, 0 for none. */
    rate: Infinity,
    paused: false,
    /** The first ordinal that came after the reader left the newest end. */
    unread: 0,
    /** The connection's own state. @type {import("./connection.js").State} */
    connection: "connecting",
    /** When the connection was lost, and when it is tried again, by this browser's clock. */
    offlineSince: Date.now(),
    retryAt: 0,
    /** The newest status. @type {import("./wire.js").Status | null} */
    status: null,
    /** The server's clock minus this browser's. */
    clockOffset: 0,
    /** Where the health drawer is: closed, beside the table, or in its place. @type {"" | "side" | "wallboard"} */
    drawer: "",
  };
}
