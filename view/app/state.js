import { Filter } from "./filter.js";
import { RecordList } from "./record-list.js";
import { defaults } from "./settings.js";
import { Store } from "./store.js";

/** @typedef {ReturnType<typeof createState>} State */

/**
 * createState creates the state that the parts share: the records, the reader's choices, and what is shown.
 * @param {number} [origin] of the store's ordinals
 */
export function createState(origin) {
  const store = new Store(undefined, undefined, origin);
  return {
    store,
    filter: new Filter(),
    /** Null until the file that counts it is loaded. @type {import("./last-hour.js").LastHour | null} */
    lastHour: null,
    /** What a gap's row says. The file with the words is loaded once the newest records are shown. @type {(gap: import("./wire.js").Gap, utc: boolean) => string} */
    gapText: () => "Records are missing here",
    /** The records that the filter shows. */
    shown: new RecordList(store.capacity),
    /** The matches among them, if the search only highlights. @type {RecordList | null} */
    matches: null,
    /** The finder of the search, null if there is no valid search, and its error. */
    search: { finder: /** @type {import("./finder.js").Finder | null} */ (null), error: "" },
    settings: defaults(),
    /** Whether times are shown in UTC instead of the reader's time zone. */
    get utc() {
      return this.settings.utc;
    },
    get newestFirst() {
      return this.settings.newestFirst;
    },
    /** Whether duplicates in sequence are collapsed into one row. */
    get collapsed() {
      return this.settings.collapsed;
    },
    /** Records revealed per second: Infinity for all at once, 0 for none. */
    rate: Infinity,
    paused: false,
    /** The first ordinal that was received after the reader left the newest end. */
    unread: 0,
    /** The state of the connection. @type {import("./connection.js").State} */
    connection: "connecting",
    /** When the connection was lost, and when the next attempt is due, by this browser's clock. */
    offlineSince: Date.now(),
    retryAt: 0,
    /** The newest status. @type {import("./wire.js").Status | null} */
    status: null,
    /** The newest whole document, with lists. @type {import("./wire.js").Status | null} */
    document: null,
    /** The server's clock minus this browser's. */
    clockOffset: 0,
    /** Where the health drawer is: closed, beside the table, or in its place. @type {"" | "side" | "wallboard"} */
    drawer: "",
    /** What is in place of the table, and whose thread it is. @type {"" | "thread" | "operations" | "patterns" | "fields"} */
    view: "",
    thread: "",
    /** The span of the timeline by its name in an address; "" until the reader chooses one. */
    span: "",
    /** The range with which what changed is compared, as its two ends; "" for the time before. */
    base: "",
  };
}
