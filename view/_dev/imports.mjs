// The imports among the page's modules, and the circles among them. As a command it prints both: node imports.mjs
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const app = join(fileURLToPath(import.meta.url), "../../app");
export const modules = () => readdirSync(app).filter((name) => name.endsWith(".js"));
/** A module's text without its comments. */
export const code = (name) => readFileSync(join(app, name), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");

/** What each module imports, by its name. Types that only comments import are none. */
export const imports = () => new Map(modules().map((name) => [name, [...code(name).matchAll(/\bfrom "\.\/([^"]+)"|^import "\.\/([^"]+)"/gm)].map((m) => m[1] ?? m[2])]));

/** The sets of modules that import each other, directly or by way of others (Tarjan 1972). */
export function circles(graph) {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const found = [];
  function visit(name) {
    index.set(name, index.size);
    low.set(name, index.get(name));
    stack.push(name);
    for (const other of graph.get(name) ?? []) {
      if (!index.has(other)) visit(other);
      if (stack.includes(other)) low.set(name, Math.min(low.get(name), low.get(other)));
    }
    if (low.get(name) !== index.get(name)) return;
    const circle = stack.splice(stack.indexOf(name));
    if (circle.length > 1) found.push(circle.sort());
  }
  for (const name of graph.keys()) if (!index.has(name)) visit(name);
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const graph = imports();
  for (const [name, others] of graph) console.log(`${name}: ${others.join(" ")}`);
  const found = circles(graph);
  for (const circle of found) console.log(`CIRCLE of ${circle.length}: ${circle.join(" ")}`);
  process.exitCode = found.length ? 1 : 0;
}
