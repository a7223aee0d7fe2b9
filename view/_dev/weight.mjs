// What every visitor loads, compressed as a web server would (gzip -9): HTML without rows, CSS and JS. Fails above 27,000
// bytes. The other files have limits of their own: what loads near the table (later), with the health drawer (health), with
// what takes the place of the table (explore), with the first filter (query), and once the newest records are shown (past).
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const view = join(fileURLToPath(import.meta.url), "../..");
const asset = (name) => readFileSync(join(view, "static", name));
const { html } = JSON.parse(execFileSync("go", ["run", "./_dev/shell"], { cwd: view, input: '{"Title":"Elva"}', encoding: "utf8" }));
let failed = false;
let all = 0;
for (const [name, limit, parts] of [
  ["every visitor", 27_000, { HTML: html, CSS: asset("elva.css"), JS: asset("elva.js") }],
  ["later", 12_800, { CSS: asset("elva-later.css"), JS: asset("elva-later.js") }],
  ["health", 6700, { CSS: asset("elva-health.css"), JS: asset("elva-health.js") }],
  ["explore", 14_400, { CSS: asset("elva-explore.css"), JS: asset("elva-explore.js") }],
  ["past", 15_500, { CSS: asset("elva-past.css"), JS: asset("elva-past.js") }],
  ["query", 15_900, { JS: asset("elva-query.js") }],
]) {
  let sum = 0;
  for (const [part, body] of Object.entries(parts)) {
    const size = gzipSync(body, { level: 9 }).length;
    sum += size;
    console.log(`  ${part.padEnd(12)}${String(Buffer.byteLength(body)).padStart(7)} bytes, ${String(size).padStart(6)} compressed`);
  }
  console.log(`${name.padEnd(14)}${String(sum).padStart(22)} compressed of ${limit}`);
  all += sum;
  failed ||= sum > limit;
}
console.log(`all${String(all).padStart(33)}`);
process.exitCode = failed ? 1 : 0;
