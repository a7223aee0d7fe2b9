// The tables that the server's tests run, too.
import { readFileSync } from "node:fs";
import { searched, skip } from "../../app/query-match.js";
import { match, parseParams, parseQuery, printParams, printQuery, QueryError } from "../../app/query.js";
import { parseTime } from "../../app/query-quantity.js";

/** elements splits a JSON array without reading its numbers, of which JSON.parse loses digits. */
export function elements(json) {
  const list = [];
  for (let at = 1; at < json.length - 1; ) {
    const end = skip(json, at);
    list.push(json.slice(at, end));
    at = end + 1;
  }
  return list;
}

/** readCases reads the tables; records stay JSON texts. */
export function readCases() {
  const list = [];
  for (const name of ["cases", "siblings"]) {
    const file = new URL(`../../../internal/query/testdata/${name}.jsonl`, import.meta.url);
    for (const line of readFileSync(file, "utf8").split("\n")) {
      if (line) list.push({ ...JSON.parse(line), records: elements(searched(line).records ?? "[]") });
    }
  }
  return list;
}

/** run does what a case asks for, and returns what it gives. */
export function run({ query, params, case: matchCase, now, records }) {
  try {
    const parsed = (text) => (query !== undefined ? parseQuery(text, matchCase) : parseParams(text, parseTime(now ?? "2026-11-29T16:00:00Z") ?? 0n));
    const print = query !== undefined ? printQuery : printParams;
    const filter = parsed(query ?? params);
    const printed = print(filter);
    const selects = match(filter);
    const indexes = records.flatMap((record, i) => (selects(searched(record)) ? [i] : []));
    return { match: indexes, print: printed, again: print(parsed(printed)) };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { error: { message: error.message, at: error.at } };
  }
}
