/** Times are milliseconds since 1970 with a fraction: until the year 2100 a double is precise to half a microsecond. */

/** The range of Date (ECMA-262, 21.4.1.1), less a day for time zones. */
const MAX = 8.64e15 - 86_400_000;

let cachedPrefix = "";
let cachedMinute = 0;

/**
 * parse reads an RFC 3339 time in UTC, as the stream sends it. It returns NaN for anything else, and outside of the range of
 * Date. Date.parse takes ten times as long, and 100,000 records have two times each; most share their minute.
 * @param {string} text
 */
export function parse(text) {
  if (text.length < 20 || text.length > 40) return NaN;
  const prefix = text.slice(0, 16);
  if (prefix !== cachedPrefix) {
    const minute = Date.parse(`${prefix}:00Z`);
    if (isNaN(minute)) return shown(Date.parse(text));
    cachedPrefix = prefix;
    cachedMinute = minute;
  }
  if (text.charCodeAt(text.length - 1) !== 90) return shown(Date.parse(text));
  return shown(cachedMinute + Number(text.slice(17, -1)) * 1000);
}

/** @param {number} ms */
const shown = (ms) => (Math.abs(ms) <= MAX ? ms : NaN);

/** @param {number} n @param {number} [width] */
const pad = (n, width = 2) => String(n).padStart(width, "0");

/**
 * clock formats the time of day with milliseconds; "" for NaN.
 * @param {number} ms
 * @param {boolean} utc
 */
export const clock = (ms, utc) => iso(ms, utc).split("T")[1]?.slice(0, 12) ?? "";

/**
 * timeOfDay formats the time of day in seconds; "" for NaN.
 * @param {number} ms
 * @param {boolean} utc
 */
export const timeOfDay = (ms, utc) => clock(ms, utc).slice(0, 8);

/**
 * day returns a number for the day in one time zone, for comparison.
 * @param {number} ms
 * @param {boolean} utc
 */
export function day(ms, utc) {
  const d = new Date(ms);
  return utc ? Math.floor(ms / 86_400_000) : d.getFullYear() * 10_000 + d.getMonth() * 100 + d.getDate();
}

/**
 * date formats a day.
 * @param {number} ms
 * @param {boolean} utc
 */
export const date = (ms, utc) => new Date(ms).toLocaleDateString(undefined, { dateStyle: "full", timeZone: utc ? "UTC" : undefined });

/**
 * iso formats a time in full, with the microseconds that Date drops; "" for NaN.
 * @param {number} ms
 * @param {boolean} utc
 */
export function iso(ms, utc) {
  if (isNaN(shown(ms))) return "";
  const micros = Math.round(ms * 1000);
  const whole = Math.floor(micros / 1000);
  const d = new Date(whole);
  const rest = micros - whole * 1000;
  const fraction = rest > 0 && rest < 1000 ? pad(rest, 3) : "";
  if (utc) return d.toISOString().slice(0, -1) + fraction + "Z";
  const offset = -Math.round(d.getTimezoneOffset()); // historic local mean times have seconds
  const local = new Date(whole + offset * 60_000).toISOString().slice(0, -1);
  const sign = offset < 0 ? "-" : "+";
  return `${local}${fraction}${sign}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`;
}

/**
 * span formats a duration in two words.
 * @param {number} ms
 */
export function span(ms) {
  const s = Math.abs(ms) / 1000;
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 10) return `${Math.round(s * 10) / 10} s`;
  if (s < 90) return `${Math.round(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  return s < 129_600 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} days`;
}

/**
 * ago formats an age, rounded to whole seconds.
 * @param {number} ms
 */
export const ago = (ms) => `${span(Math.max(1, Math.round(ms / 1000)) * 1000)} ago`;
