// What only tests need: the server's encoding of a record, and the canonical form of a filter's parameters.
import { andWorse, NAMED, printQuery } from "../app/query.js";
import { LEVELS } from "../app/query-terms.js";
import { contents, stringEnd } from "../app/query-text.js";

/** @typedef {import("../app/query.js").Filter} Filter */

/**
 * members reads a JSON object. It unescapes strings and leaves other values as JSON.
 * @param {string} json
 * @returns {Record<string, string>}
 */
export function members(json) {
  /** @type {Record<string, string>} */
  const object = {};
  for (let at = 1; json[at] === '"'; at++) {
    const name = stringEnd(json, at);
    const end = valueEnd(json, name + 1);
    const value = json.slice(name + 1, end);
    object[json.slice(at + 1, name - 1)] = value[0] === '"' ? contents(value) : value;
    at = end;
  }
  return object;
}

/**
 * elements splits a JSON array.
 * @param {string} json
 */
export function elements(json) {
  const list = [];
  for (let at = 1; at < json.length - 1; at++) {
    const end = valueEnd(json, at);
    list.push(json.slice(at, end));
    at = end;
  }
  return list;
}

/**
 * valueEnd returns the end of the JSON value that begins at an index.
 * @param {string} json
 * @param {number} at
 */
function valueEnd(json, at) {
  let depth = 0;
  for (; at < json.length; at++) {
    const c = json[at];
    if (c === '"') at = stringEnd(json, at) - 1;
    else if (c === "{" || c === "[") depth++;
    else if (c === "}" || c === "]" ? --depth < 0 : c === "," && !depth) return at;
  }
  return at;
}

/**
 * searched reads a record in the server's encoding.
 * @param {string} json
 * @returns {import("../app/query-match.js").Searched}
 */
export const searched = (json) => members(json);

/**
 * printParams returns the parameters of the filter in their canonical form, as the query of an address.
 * @param {Filter} filter
 */
export function printParams(filter) {
  /** @type {[string, string][]} */
  const pairs = [["level", printLevels(filter.levels)]];
  for (const name of NAMED) for (const value of filter.names[name]) pairs.push([name, value]);
  for (const id of filter.ids) pairs.push(["id", id]);
  pairs.push(["from", filter.from?.text ?? ""], ["to", filter.to?.text ?? ""], ["case", filter.matchCase ? "1" : ""], ["q", printQuery(filter)]);
  return pairs.filter(([, value]) => value).map(([name, value]) => `${name}=${encode(value)}`).join("&");
}

/** @param {string[] | null} levels */
function printLevels(levels) {
  if (!levels || levels.length === LEVELS.length) return "";
  const list = levels.join(",");
  if (list === "none") return list;
  return list === andWorse(levels[0]).join(",") ? levels[0] : levels.length === 1 ? `${list},` : list;
}

/** @param {string} value */
const encode = (value) =>
  encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`).replace(/%20/g, "+").replace(/%(3A|2F|2C)/g, (c) => decodeURIComponent(c));
