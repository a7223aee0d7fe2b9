// Simulated fleets, as the real health package sees them, for the browser checks.
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const view = join(dirname(fileURLToPath(import.meta.url)), "..");

/** By name what a feeder's document is to say: calm, silent, storm, down, restart, forty, none, hostile. */
export function fleets() {
  const all = JSON.parse(execFileSync("go", ["run", "./_dev/fleet"], { cwd: view, encoding: "utf8", maxBuffer: 1 << 26 }));
  return Object.fromEntries(Object.entries(all).map(([name, { redis, rates, counts, health, minutes, errors, summary, workers, kinds, uptime, title }]) => [name, { redis, rates, counts, health, minutes, errors, summary, workers, kinds, uptime, title }]));
}
