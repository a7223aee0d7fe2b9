import { ENTRY } from "./store.js";
import { iso } from "./time.js";

/** @typedef {import("./wire.js").LogRecord} LogRecord */
/** @typedef {import("./wire.js").Gap} Gap */
/**
 * A page of records as `?records` answers it, see docs/http.md.
 * @typedef {object} RecordPage
 * @property {(LogRecord | Gap)[]} items in the order of the answer
 * @property {boolean} more whether there may be more in its direction
 * @property {string} first the IDs between which everything was searched
 * @property {string} last
 * @property {string} reason why the search ended early, "" if it did not
 */

/** How a line begins that is no record: a record's first member is its number. */
const GAP_LINE = '{"gap":';
const PAGE_LINE = '{"page":';

/**
 * readPage reads an answer. One without its last line was cut: it throws.
 * @param {string} text
 * @param {{readRecords: (data: string) => LogRecord[], readGap: (data: string) => Gap}} read
 * @returns {RecordPage}
 */
export function readPage(text, { readRecords, readGap }) {
  /** @type {(LogRecord | Gap)[]} */
  const items = [];
  /** @type {string[]} */
  let batch = [];
  const flush = () => {
    if (batch.length) items.push(...readRecords(`[${batch.join(",")}]`));
    batch = [];
  };
  for (const line of text.split("\n")) {
    if (line.startsWith(PAGE_LINE)) {
      flush();
      const { more = false, first = "", last = "", reason = "" } = JSON.parse(line).page;
      return { items, more, first, last, reason };
    }
    if (line.startsWith(GAP_LINE)) {
      flush();
      items.push(readGap(line.slice(GAP_LINE.length, -1)));
    } else if (line) batch.push(line);
  }
  throw new Error("the answer has no end");
}

/** seqOf returns the number in a record's ID. @param {string} id */
export const seqOf = (id) => Number(id.slice(id.lastIndexOf("-") + 1));

/**
 * nameOf returns what a link names a record by for good: a stream's entry is the same in every process, a number only in one.
 * @param {import("./store.js").Store} store
 * @param {number} ord
 */
export function nameOf(store, ord) {
  const i = ord % store.capacity;
  return store.entry[i] ? `${store.entry[i]}@${store.name("channel", ord)}` : `${store.id(ord)}@${iso(store.time[i], true)}`;
}

/**
 * readName reads what a link names a record by: the ID of a stream's entry and the stream, or the record's ID and its time.
 * @param {string} name
 * @returns {{id: string, entry: string, channel: string, time: number}} time is NaN where it is not known
 */
export function readName(name) {
  const [, entry, channel] = ENTRY.exec(name) ?? [];
  if (entry) return { id: "", entry, channel, time: parseInt(entry, 10) };
  const [id, time = ""] = name.split("@");
  return { id, entry: "", channel: "", time: Date.parse(time) };
}
