/** The units of a duration, in ms. @type {Record<string, number>} */
const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?$/;
const DAY = 86_400_000;
/** The time (ms) by which a clock may be ahead of the server's. */
const AHEAD = 60_000;

/**
 * parseMoment parses a time as people type it: 14:03, 14:03:20, 5m ago, 1h30m, yesterday 14:03, 2026-11-30 14:03. A time of day means
 * the last such time. It returns NaN for anything else.
 * @param {string} typed
 * @param {number} now
 * @param {boolean} utc whether the reader's times are in UTC
 */
export function parseMoment(typed, now, utc) {
  const text = typed.trim().toLowerCase();
  if (text === "now") return now;
  const ago = /^-?((?:\d+(?:\.\d+)? ?(?:s|m|h|d)[a-z]* ?)+)(?: ?ago)?$/.exec(text);
  if (ago) return now - [...ago[1].matchAll(/(\d+(?:\.\d+)?) ?([smhd])/g)].reduce((sum, [, n, unit]) => sum + Number(n) * UNITS[unit], 0);
  const [, yesterday, clock] = /^(yesterday )?(\d\S*)$/.exec(text) ?? [];
  const [, hour, minute, second = "0"] = CLOCK.exec(clock ?? "") ?? [];
  if (hour !== undefined) {
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return NaN;
    const at = atClock(now, Number(hour), Number(minute), Number(second), utc);
    return yesterday || at > now + AHEAD ? atClock(now - DAY, Number(hour), Number(minute), Number(second), utc) : at;
  }
  const [, day, time = "00:00", zone = utc ? "z" : ""] = /^(\d{4}-\d\d-\d\d)(?:[t ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  return day ? Date.parse(`${day}T${time}${zone.toUpperCase()}`) : NaN;
}

/**
 * @param {number} day any time of it
 * @param {number} hour
 * @param {number} minute
 * @param {number} second
 * @param {boolean} utc
 */
function atClock(day, hour, minute, second, utc) {
  const d = new Date(day);
  return utc ? d.setUTCHours(hour, minute, second, 0) : d.setHours(hour, minute, second, 0);
}

/** A duration back from now, as the filter has it. */
const AGO = /^-?(\d+[smhd])( ago)?$/;

/**
 * parseRange parses a range as people type it: 14:03-14:07, 14:03 – 14:07, 10m-5m ago, from 14:03, until 14:07, last 15m. It returns the ends as the
 * filter has them, "" for an open one, or null for anything else.
 * @param {string} typed
 * @param {number} now
 * @param {boolean} utc
 * @returns {[from: string, to: string] | null}
 */
export function parseRange(typed, now, utc) {
  /** @param {string} words */
  const end = (words) => {
    const text = words.trim();
    const ms = parseMoment(text, now, utc);
    return AGO.exec(text)?.[1] ?? (isNaN(ms) ? null : new Date(ms).toISOString().replace(".000Z", "Z"));
  };
  const text = typed.trim().toLowerCase();
  const [, until, open] = /^(?:from|last|since|(until))? ?(.*?)[-–]?$/.exec(text) ?? [];
  const one = end(open ?? "");
  if (one !== null) return until ? ["", one] : [one, ""];
  for (const { index } of text.matchAll(/[-–]/g)) {
    const [from, to] = [end(text.slice(0, index)), end(text.slice(index + 1))];
    if (from !== null && to !== null) return [from, to];
  }
  return null;
}
