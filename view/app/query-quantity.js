/**
 * Values that <, <=, > and >= can compare. The comparison is exact, and only between values of the same kind.
 *
 * @typedef {object} Decimal ±0.d₁d₂d₃… × 10^exponent, digit for digit
 * @property {number} sign -1, 0, 1
 * @property {string} digits from the first one that is not 0 to the last one
 * @property {number} exponent
 *
 * @typedef {{kind: "number", value: Decimal} | {kind: "duration" | "size" | "time", value: bigint}} Quantity
 */

/**
 * parseNumber parses a number of JSON. The exponent may have at most four digits.
 * @param {string} text
 * @returns {Decimal | null}
 */
export function parseNumber(text) {
  const m = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text);
  if (!m) return null;
  const [, minus, whole, fraction = "", exponent = "0"] = m;
  const all = whole + fraction;
  const digits = all.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (!significant) return { sign: 0, digits: "", exponent: 0 };
  return { sign: minus ? -1 : 1, digits: significant, exponent: whole.length - (all.length - digits.length) + Number(exponent) };
}

/**
 * compareNumbers returns -1, 0 or 1.
 * @param {Decimal} a
 * @param {Decimal} b
 */
export function compareNumbers(a, b) {
  if (a.sign !== b.sign) return order(a.sign, b.sign);
  return a.sign * (order(a.exponent, b.exponent) || order(a.digits, b.digits));
}

/**
 * @template {number | string | bigint} T
 * @param {T} a
 * @param {T} b
 */
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

const BILLION = 1_000_000_000n;
/** In nanoseconds. @type {Record<string, bigint>} */
const DURATIONS = {
  ns: 1n, us: 1000n, µs: 1000n, μs: 1000n, ms: 1_000_000n, s: BILLION, m: 60n * BILLION, h: 3600n * BILLION, d: 86_400n * BILLION, w: 604_800n * BILLION,
};
/** In bytes. @type {Record<string, bigint>} */
const SIZES = { b: 1n, kb: 1000n, mb: 10n ** 6n, gb: 10n ** 9n, tb: 10n ** 12n, kib: 1n << 10n, mib: 1n << 20n, gib: 1n << 30n, tib: 1n << 40n };

/**
 * parseDuration parses a duration such as 500ms or 1h30m. It returns billionths of a nanosecond.
 * @param {string} text
 * @returns {bigint | null}
 */
export function parseDuration(text) {
  const part = /(\d{1,15})(?:\.(\d{1,9}))? ?(ns|[uµμ]s|ms|[smhdw])/y;
  let sum = 0n;
  part.lastIndex = text.startsWith("-") ? 1 : 0;
  while (part.lastIndex < text.length || text.length <= 1) {
    const m = part.exec(text);
    if (!m) return null;
    sum += billionths(m[1], m[2]) * DURATIONS[m[3]];
  }
  return text.startsWith("-") ? -sum : sum;
}

/** @param {string} text */
function parseSize(text) {
  const m = /^(\d{1,15})(?:\.(\d{1,9}))? ?(b|[kmgt]i?b)$/i.exec(text);
  return m ? billionths(m[1], m[2]) * SIZES[m[3].toLowerCase()] : null;
}

/**
 * @param {string} whole
 * @param {string} [fraction]
 */
const billionths = (whole, fraction = "") => BigInt(whole) * BILLION + BigInt(fraction.padEnd(9, "0"));

/**
 * parseTime parses a time of RFC 3339 to nanoseconds since 1970. T and Z must be upper case, and leap seconds are not allowed.
 * @param {string} text
 * @returns {bigint | null}
 */
export function parseTime(text) {
  const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/.exec(text);
  if (!m) return null;
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number);
  const [hours, minutes] = [Number(m[9] ?? 0), Number(m[10] ?? 0)];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC takes the years 0 to 99 for 1900 to 1999
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  if (hour > 23 || minute > 59 || second > 59 || hours > 23 || minutes > 59) return null;
  const offset = (hours * 3600 + minutes * 60) * (m[8] === "-" ? -1 : 1);
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset;
  return BigInt(seconds) * BILLION + BigInt((m[7] ?? "").padEnd(9, "0"));
}

/**
 * parseQuantity parses a text that is a number, a duration, a size or a time as a whole.
 * @param {string} text
 * @returns {Quantity | null}
 */
export function parseQuantity(text) {
  if (!/^-?\d/.test(text)) return null;
  const number = parseNumber(text);
  if (number) return { kind: "number", value: number };
  for (const [kind, parse] of /** @type {const} */ ([["duration", parseDuration], ["size", parseSize], ["time", parseTime]])) {
    const value = parse(text);
    if (value !== null) return { kind, value };
  }
  return null;
}

/**
 * compareQuantities compares two quantities of the same kind and returns -1, 0 or 1.
 * @param {Quantity} a
 * @param {Quantity} b
 */
export function compareQuantities(a, b) {
  if (a.kind === "number" || b.kind === "number") {
    return compareNumbers(/** @type {Decimal} */ (a.value), /** @type {Decimal} */ (b.value));
  }
  return order(a.value, b.value);
}
