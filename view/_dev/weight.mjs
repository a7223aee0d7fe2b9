// What every visitor loads, compressed as a web server would (gzip -9): HTML without rows, CSS and JS. Fails above 25,000
// bytes. What comes when somebody first comes near the table, the filters or the health drawer (elva-later) has a limit of
// its own.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT = 25_000;
const LATER = 12_500;
const view = join(fileURLToPath(import.meta.url), "../..");
const { html } = JSON.parse(execFileSync("go", ["run", "./_dev/shell"], { cwd: view, input: '{"Title":"Elva"}', encoding: "utf8" }));
const parts = { HTML: html, CSS: readFileSync(join(view, "static/elva.css")), JS: readFileSync(join(view, "static/elva.js")) };
let sum = 0;
for (const [name, body] of Object.entries(parts)) {
  const size = gzipSync(body, { level: 9 }).length;
  sum += size;
  console.log(`${name.padEnd(5)}${String(Buffer.byteLength(body)).padStart(7)} bytes, ${String(size).padStart(6)} compressed`);
}
console.log(`all ${String(sum).padStart(31)} of ${LIMIT}`);
const later = ["css", "js"].map((type) => gzipSync(readFileSync(join(view, `static/elva-later.${type}`)), { level: 9 }).length);
const more = later[0] + later[1];
console.log(`later${String(more).padStart(29)} of ${LATER}, when somebody comes near; both ${sum + more}`);
process.exitCode = sum > LIMIT || more > LATER ? 1 : 0;
