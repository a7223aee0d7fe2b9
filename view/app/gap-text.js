import { span, timeOfDay } from "./time.js";
import { plural } from "./text.js";

/** @typedef {import("./wire.js").Gap} Gap */

/**
 * gapText returns one line that says what is missing and why.
 * @param {Gap} gap
 * @param {boolean} utc
 */
export function gapText(gap, utc) {
  const { from, to } = gap;
  const when = isNaN(from) ? "" : isNaN(to) ? `since ${timeOfDay(from, utc)}` : `${timeOfDay(from, utc)}–${timeOfDay(to, utc)} (${span(to - from)})`;
  // For gaps of a single viewer the server sends the same words as the reason.
  const reason = isNaN(gap.seq) ? "" : gap.reason.slice(0, 300);
  const parts = gap.kind === "redis" ? [redisText(gap, when), reason] : [otherText(gap), when, reason];
  return parts.filter(Boolean).join(" · ");
}

/** redisText puts the times first, since a narrow row shows only the beginning. @param {Gap} gap @param {string} when */
const redisText = ({ lost }, when) => `Redis unreachable${when && ` ${when}`}: ${lost >= 0 ? `${plural(lost, "record")} missed` : "messages in between were not received"}`;

/** @param {Gap} gap */
function otherText({ kind, lost }) {
  const records = lost >= 0 ? plural(lost, "record") : "";
  switch (kind) {
    case "evicted":
      return lost >= 0 ? `${plural(lost, "older record")} ${lost === 1 ? "is" : "are"} no longer in memory` : "Older records are no longer in memory";
    case "slow":
      return `This browser fell behind: ${records || "some records"} skipped`;
    case "trimmed":
      return `${records || "Some entries"} left the stream before they were read`;
    case "failover":
      return "Redis failed over or was restarted: the newest entries of a stream may be missing";
    case "recreated":
      return "A stream was created again: what follows is the new one";
    case "restart":
      return "Server restarted: messages in between may be missing";
    default:
      return `${records || "Some records"} missing here`;
  }
}
