import { MINUTES } from "./health-hour.js";
import { ERROR, NAMES, NONE, WARNING } from "./levels.js";
import { count, plural } from "./text.js";
import { clock } from "./time.js";

/**
 * words tells a minute's figures, the worst first. What was before the server's start is not known to have been calm.
 * @param {import("./health-hour.js").Hour} hour
 * @param {number} i
 * @param {boolean} utc
 */
export function words(hour, i, utc) {
  const at = hour.from + i * 60_000;
  const parts = (hour.minutes[i] ?? []).map((n, level) => {
    if (n === 0) return "";
    if (level === WARNING || level === ERROR) return plural(n, NAMES[level]);
    return `${count(n)} ${level === NONE ? "without level" : NAMES[level]}`;
  });
  const figures = parts.reverse().filter(Boolean).join(", ") || (at + 60_000 <= hour.started ? "before Elva's start" : "no records");
  return `${clock(at, utc).slice(0, 5)}, ${i < MINUTES - 1 ? `${MINUTES - 1 - i} min ago` : "this minute"}: ${figures}`;
}
