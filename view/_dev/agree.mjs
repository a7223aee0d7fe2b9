// Reads filter cases from standard input, a line of JSON each, and writes what the page's filter makes of each: the server's
// tests compare it with their own (internal/filter, TestFilter_AgreesWithPage).
import { createInterface } from "node:readline";
import { elements, members } from "./encoding.mjs";
import { run } from "./test/query-cases.mjs";

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(run({ ...JSON.parse(line), records: elements(members(line).records ?? "[]") })));
}
