import { clock, parse, span } from "./time.js";
import { plural, visible } from "./text.js";

/**
 * words says in one line what is missing and why.
 * @param {import("./types.js").Gap} gap
 * @param {boolean} utc
 */
export function words(gap, utc) {
  const from = parse(gap.from);
  const to = parse(gap.to);
  const when = isNaN(from) ? "" : isNaN(to) ? `since ${clock(from, utc).slice(0, 8)}` : `${clock(from, utc).slice(0, 8)} to ${clock(to, utc).slice(0, 8)}, ${span(to - from)}`;
  const parts = [];
  const lost = gap.lost === undefined ? "" : plural(gap.lost, "record");
  // The server says the same of the gaps that it makes for one viewer.
  const reason = gap.seq === undefined ? "" : gap.reason;
  switch (gap.kind) {
    case "redis":
      // The times first: a narrow row ends soon.
      parts.push(`Redis was not reachable${when && ` ${when}`}: ${lost ? `${lost} missed` : "what was published meanwhile is not here"}`);
      break;
    case "evicted":
      parts.push(`${lost || "Some records"} had left the server's memory`);
      break;
    case "slow":
      parts.push(`This browser was too slow: ${lost || "some records"} passed by`);
      break;
    case "restart":
      parts.push("The server was started again: what was published meanwhile may be missing");
      break;
    default:
      parts.push(`${lost || "Some records"} missing here`);
  }
  if (when && gap.kind !== "redis") parts.push(when);
  if (reason) parts.push(visible(reason).slice(0, 300));
  return parts.join(" · ");
}
