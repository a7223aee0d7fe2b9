import { ENTRY } from "./store.js";
import { iso } from "./time.js";

/** @typedef {import("./wire.js").LogRecord} LogRecord */
/** @typedef {import("./wire.js").Gap} Gap */
/**
 * A page of records from `?records`, see docs/http.md.
 * @typedef {object} RecordPage
 * @property {(LogRecord | Gap)[]} items in the order of the answer
 * @property {boolean} more whether there may be more records in the direction of the page
 * @property {string} first the ID of the oldest record that was searched
 * @property {string} last the ID of the newest record that was searched
 * @property {string} reason why the search ended early, or "" if it did not
 */

/** A line with this prefix is a gap. A record cannot have it, since its first member is its number. */
const GAP_LINE = '{"gap":';
const PAGE_LINE = '{"page":';

/**
 * readPage reads an answer. It throws an error if the last line is missing, since the answer was then cut.
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
 * nameOf returns a permanent name of a record for links. An entry ID of a stream is the same in every process, while a number is valid only
 * in one.
 * @param {import("./store.js").Store} store
 * @param {number} ord
 */
export function nameOf(store, ord) {
  const i = ord % store.capacity;
  return store.entry[i] ? `${store.entry[i]}@${store.name("channel", ord)}` : `${store.id(ord)}@${iso(store.time[i], true)}`;
}

/**
 * readName parses the name of a record in a link. It is either an entry ID and its stream, or the record's ID and its time.
 * @param {string} name
 * @returns {{id: string, entry: string, channel: string, time: number}} time is NaN if unknown
 */
export function readName(name) {
  const [, entry, channel] = ENTRY.exec(name) ?? [];
  if (entry) return { id: "", entry, channel, time: parseInt(entry, 10) };
  const [id, time = ""] = name.split("@");
  return { id, entry: "", channel: "", time: Date.parse(time) };
}
