// The tables that the server's tests run, too.
import { readFileSync } from "node:fs";
import { match, parseParams, parseQuery, printQuery, QueryError } from "../../app/query.js";
import { parseTime } from "../../app/query-quantity.js";
import { elements, members, printParams, searched } from "../encoding.mjs";

/** readCases reads the tables. Records stay JSON, since JSON.parse loses digits of numbers. */
export function readCases() {
  const list = [];
  for (const name of ["cases", "siblings"]) {
    const file = new URL(`../../../internal/filter/testdata/${name}.jsonl`, import.meta.url);
    for (const line of readFileSync(file, "utf8").split("\n")) {
      if (line) list.push({ ...JSON.parse(line), records: elements(members(line).records ?? "[]") });
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
