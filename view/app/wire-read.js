import { stringify } from "./json.js";
import { parse } from "./time.js";

/** Readers of the members of the server's JSON, one for each type. None of them throws. */

/** The most characters of a name or sentence in a status, which is drawn every second. */
const MAX_TEXT = 2000;
/** The most members of a list in a status. */
const MAX_LIST = 5000;
/** The largest count. A larger one is wrong, and adding such counts would lose precision. */
const MAX_COUNT = 1e15;
/** @param {unknown} value */
export const text = (value) => (typeof value === "string" ? value : value === undefined || value === null ? "" : stringify(value));
/** @param {unknown} value */
export const short = (value) => text(value).slice(0, MAX_TEXT);
/** @param {unknown} value */
export const number = (value) => (typeof value === "number" ? value : Number(text(value) || NaN));
/** @param {unknown} value */
export const count = (value) => Math.min(MAX_COUNT, Math.max(0, number(value) || 0));
/** @param {unknown} value */
export const time = (value) => parse(text(value));
/** @param {unknown} value seconds */
export const duration = (value) => number(value) * 1000;
/** @param {unknown} value */
export const yes = (value) => value === true;
/** @param {unknown} value @returns {Record<string, unknown>} */
export const object = (value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? /** @type {Record<string, unknown>} */ (value) : {});

/** @template T @typedef {((value: unknown) => T) & {key?: string}} Reader */

/**
 * as reads a member by its name in the server's JSON.
 * @template T
 * @param {string} key
 * @param {(value: unknown) => T} read
 * @returns {Reader<T>}
 */
export const as = (key, read) => Object.assign((/** @type {unknown} */ value) => read(value), { key });

/**
 * list reads an array.
 * @template T
 * @param {(value: unknown) => T} read
 */
export const list = (read) => (/** @type {unknown} */ value) => (Array.isArray(value) ? value.slice(0, MAX_LIST).map((one) => read(one)) : []);

/**
 * shape reads an object, each member with its reader.
 * @template {Record<string, Reader<any>>} S
 * @param {S} members
 * @returns {(value: unknown) => {[K in keyof S]: ReturnType<S[K]>}}
 */
export const shape = (members) => (value) => {
  const from = object(value);
  return /** @type {any} */ (Object.fromEntries(Object.entries(members).map(([name, read]) => [name, read(from[read.key ?? name])])));
};
