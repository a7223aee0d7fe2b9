// Simulated fleets, as the real health package sees them, for the browser checks.
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const view = join(dirname(fileURLToPath(import.meta.url)), "..");

/** By name a function that returns what a feeder's document is to say: calm, quiet, storm, down, restart, forty, none, hostile. */
export function fleets() {
  const all = JSON.parse(execFileSync("go", ["run", "./_dev/fleet"], { cwd: view, encoding: "utf8", maxBuffer: 1 << 26 }));
  return Object.fromEntries(Object.entries(all).map(([name, { redis, rates, counts, health, minutes, errors, totals, workers, errorGroups, uptime, title, at }]) => {
    const text = JSON.stringify({ redis, rates, counts, health, minutes, errors, totals, workers, errorGroups, uptime, title });
    // Whenever it is asked for, it has just happened.
    return [name, () => JSON.parse(text.replace(/"(\d{4}-\d\d-\d\dT[\d:.]+Z)"/g, (_, time) => JSON.stringify(new Date(Date.parse(time) + Date.now() - Date.parse(at)).toISOString())))];
  }));
}
