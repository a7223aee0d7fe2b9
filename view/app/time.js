/** Times are milliseconds since 1970 with a fraction: a double keeps half a microsecond until the year 2100. */

let cachedPrefix = "";
let cachedMinute = 0;

/**
 * parse reads an RFC 3339 time in UTC, as the stream writes them, and NaN for anything else. Date.parse would do, but
 * costs ten times as much, and there are two times in each of 100,000 records; most share their minute.
 * @param {string | undefined} text
 */
export function parse(text) {
  if (!text || text.length < 20) return NaN;
  const prefix = text.slice(0, 16);
  if (prefix !== cachedPrefix) {
    const minute = Date.parse(`${prefix}:00Z`);
    if (isNaN(minute)) return Date.parse(text);
    cachedPrefix = prefix;
    cachedMinute = minute;
  }
  if (text.charCodeAt(text.length - 1) !== 90) return Date.parse(text);
  const seconds = Number(text.slice(17, -1));
  return cachedMinute + seconds * 1000;
}

/** @param {number} n @param {number} [width] */
const pad = (n, width = 2) => String(n).padStart(width, "0");

/**
 * clock is the time of day with milliseconds.
 * @param {number} ms
 * @param {boolean} utc
 */
export const clock = (ms, utc) => iso(ms, utc).slice(11, 23);

/**
 * day numbers the days of one zone, so that two can be compared.
 * @param {number} ms
 * @param {boolean} utc
 */
export function day(ms, utc) {
  const d = new Date(ms);
  return utc ? Math.floor(ms / 86_400_000) : d.getFullYear() * 10_000 + d.getMonth() * 100 + d.getDate();
}

/**
 * date names a day for a reader.
 * @param {number} ms
 * @param {boolean} utc
 */
export const date = (ms, utc) =>
  new Date(ms).toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: utc ? "UTC" : undefined });

/**
 * iso is the instant in full, with the microseconds that Date drops.
 * @param {number} ms
 * @param {boolean} utc
 */
export function iso(ms, utc) {
  const micros = Math.round(ms * 1000);
  const whole = Math.floor(micros / 1000);
  const d = new Date(whole);
  const rest = micros - whole * 1000;
  const fraction = rest ? pad(rest, 3) : "";
  if (utc) return d.toISOString().slice(0, -1) + fraction + "Z";
  const offset = -d.getTimezoneOffset();
  const local = new Date(whole + offset * 60_000).toISOString().slice(0, -1);
  const sign = offset < 0 ? "-" : "+";
  return `${local}${fraction}${sign}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`;
}

/**
 * span is a length of time in the two words a reader needs.
 * @param {number} ms
 */
export function span(ms) {
  const s = Math.abs(ms) / 1000;
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 10) return `${Math.round(s * 10) / 10} s`;
  const [unit, name] = s < 90 ? [1, "s"] : s < 5400 ? [60, "min"] : s < 129_600 ? [3600, "h"] : [86_400, "days"];
  return `${Math.round(s / Number(unit))} ${name}`;
}
