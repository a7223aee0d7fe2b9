import { gapText } from "./gap-text.js";
import { plural } from "./text.js";
import { timeOfDay } from "./time.js";

/** @typedef {import("./wire.js").Status} Status */
/** An event at a time or over a range of time. @typedef {{at: number, to: number, kind: "gap" | "state" | "error" | "start", text: string}} Mark */

/** If workers of one service start within this time (ms), they belong to one deployment or restart. */
const TOGETHER = 120_000;
/** A worker whose first log is this soon (ms) after the start of Elva was already running. */
const FIRST = 120_000;

/**
 * marksOf returns the events in a whole status document, the oldest first.
 * @param {Status} s
 * @param {boolean} utc
 * @returns {Mark[]}
 */
export function marksOf(s, utc) {
  const words = (/** @type {number} */ at, /** @type {string} */ text) => `${timeOfDay(at, utc)} ${text}`;
  /** @type {Mark[]} */
  const marks = s.gapList.map((gap) => ({ at: isNaN(gap.from) ? gap.to : gap.from, to: gap.to, kind: "gap", text: gapText(gap, utc) }));
  // The first state is the one at the start, and not a change.
  for (const { at, state, text } of s.changes.slice(1)) marks.push({ at, to: at, kind: "state", text: words(at, `${state}: ${text}`) });
  for (const { isNew, firstSeen, title } of s.errorGroups) if (isNew) marks.push({ at: firstSeen, to: firstSeen, kind: "error", text: words(firstSeen, `new error type: ${title}`) });
  marks.push(...startsOf(s).map(({ at, text }) => /** @type {Mark} */ ({ at, to: at, kind: "start", text: words(at, text) })));
  return marks.filter(({ at }) => !isNaN(at)).sort((a, b) => a.at - b.at);
}

/**
 * startsOf returns the starts of workers. Starts of several workers of a service at about the same time are one event.
 * @param {Status} s
 */
function startsOf(s) {
  const began = s.at - s.uptime * 1000 + FIRST;
  const started = s.workers.filter(({ firstSeen }) => firstSeen > began).sort((a, b) => a.firstSeen - b.firstSeen);
  /** @type {Map<string, {at: number, last: number, names: string[], text: string}>} */
  const open = new Map();
  const list = [];
  for (const { service, name, firstSeen } of started) {
    let one = open.get(service);
    if (!one || firstSeen - one.last > TOGETHER) {
      one = { at: firstSeen, last: firstSeen, names: [], text: "" };
      open.set(service, one);
      list.push(one);
    }
    one.last = firstSeen;
    one.names.push(name);
    one.text = one.names.length === 1 ? `${name} started` : `${service}: ${plural(one.names.length, "new worker")}`;
  }
  return list;
}

/**
 * merged joins marks that are too close to be pointed at separately. The joined mark has the texts of all.
 * @param {Mark[]} marks the oldest first
 * @param {number} near ms
 */
export function merged(marks, near) {
  /** @type {Mark[]} */
  const list = [];
  for (const mark of marks) {
    const last = list.at(-1);
    if (last && mark.at - last.at < near) {
      last.text += `\n${mark.text}`;
      if (mark.kind === "error" || last.kind === "start") last.kind = mark.kind;
    } else list.push({ ...mark });
  }
  return list;
}
