// What holds for all of the page's modules.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { app, circles, code, imports, modules } from "../imports.mjs";

const here = dirname(fileURLToPath(import.meta.url));
/** The files that the page loads: they act when they are loaded. */
const ENTRIES = ["main.js", "query-worker.js"];

test("imports have no circles", () => {
  assert.deepEqual(circles(imports()), []);
  assert.deepEqual(circles(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["a", "d"]], ["d", []]])), [["a", "b", "c"]]);
});

test("imports end at the entries and at the files that are loaded later: each other module is imported", () => {
  const imported = new Set([...imports().values()].flat());
  const bundle = readFileSync(join(app, "../_dev/bundle/main.go"), "utf8");
  assert.deepEqual(modules().filter((name) => !imported.has(name) && !bundle.includes(`"${name}"`)), ["page.js"]); // types only
  assert.ok(!imported.has("main.js"));
});

/** The types that a module's comments import. */
const types = (name) => [...readFileSync(join(app, name), "utf8").matchAll(/import\("[^"]+"\)\.(\w+)/g)].map((m) => m[1]).join(" ");

test("every export is used by another module or by a test", () => {
  const tests = [...readdirSync(here), "../encoding.mjs"].filter((name) => name.endsWith(".mjs")).map((name) => readFileSync(join(here, name), "utf8")).join();
  const words = (text) => new Set(text.match(/\w+/g));
  const users = new Map(modules().map((name) => [name, words(code(name) + types(name))]));
  users.set("tests", words(tests));
  const unused = [];
  for (const name of modules().filter((name) => name !== "levels.js")) { // all levels have a name
    for (const [, exported] of code(name).matchAll(/^export (?:async )?(?:function\*?|const|class|let) (\w+)/gm)) {
      if (![...users].some(([user, known]) => user !== name && known.has(exported))) unused.push(exported);
    }
  }
  assert.deepEqual(unused, []);
});

test("modules can be imported without a document", async () => {
  for (const name of modules()) if (!ENTRIES.includes(name)) await import(join(app, name));
});

test("every module has a unit test", () => {
  const tests = readdirSync(here).filter((name) => name.endsWith(".mjs")).map((name) => readFileSync(join(here, name), "utf8")).join();
  const types = ["page.js"];
  assert.deepEqual(modules().filter((name) => !ENTRIES.includes(name) && !types.includes(name) && !tests.includes(`app/${name}"`)), []);
});

test("only main.js looks up elements of the page", () => {
  const finders = modules().filter((name) => /\bdocument\.(querySelector|getElement|body|head)|getElementById/.test(code(name)));
  assert.deepEqual(finders.filter((name) => !["main.js", "record-actions.js", "record-export.js", "page-shortcuts.js"].includes(name)), []);
});

test("all text is set through dom.js", () => {
  const writers = modules().filter((name) => name !== "dom.js" && /\.(textContent|innerText|innerHTML|outerHTML|title|ariaLabel) = (?!=)|insertAdjacent|setAttribute\("(title|aria-(?!expanded))/.test(code(name)));
  // The tab's title is of the page's own words, or has gone through visible.
  assert.deepEqual(writers, ["page-head.js"]);
});

test("page.js lists elements of the templates", () => {
  const templates = ["page.templ", "health.templ"].map((name) => readFileSync(join(app, "..", name), "utf8")).join();
  const ids = new Set([...templates.matchAll(/\bid="(\w+)"/g)].map((m) => m[1]));
  const known = [...readFileSync(join(app, "page.js"), "utf8").matchAll(/@property \{\w+\} (\w+)/g)].map((m) => m[1]);
  assert.ok(known.length > 30);
  assert.deepEqual(known.filter((id) => !ids.has(id)), []);
});

test("the chips of ids are legible on every row: 4.5 to 1", () => {
  const css = readFileSync(join(app, "page.css"), "utf8");
  const rgb = (hex) => [1, 2, 3].map((n) => parseInt(hex.length === 4 ? hex[n] + hex[n] : hex.slice(2 * n - 1, 2 * n + 1), 16));
  const luminance = (color) => color.map((v) => (v / 255 <= 0.04 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4)).reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const pairs = (name) => [...css.matchAll(new RegExp(`--${name}: light-dark\\((#\\w+), (#\\w+)\\)`, "g"))].map((m) => [rgb(m[1]), rgb(m[2])]);
  const below = ["bg", "hover", "chosen", "wash"].flatMap(pairs);
  const hues = pairs("hue");
  assert.deepEqual([hues.length, below.length], [6, 6]);
  for (const hue of hues) {
    for (const row of below) {
      for (const scheme of [0, 1]) {
        const chip = row[scheme].map((v, n) => 0.1 * hue[scheme][n] + 0.9 * v);
        const [dark, light] = [luminance(chip), luminance(hue[scheme])].sort((a, b) => a - b);
        assert.ok((light + 0.05) / (dark + 0.05) >= 4.5, `${hue[scheme]} on ${row[scheme]}`);
      }
    }
  }
});
