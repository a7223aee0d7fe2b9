// What the views in place of the table cost with a real server, to which a shop logs 2,000 records a second: the time from a click to the
// painted answer, and for each open view the renderer's CPU, its frames and its long tasks. It judges nothing, since times on a shared
// machine mean little.
//
//	node views.mjs [records in memory before it measures] [seconds with each view open]
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, open, until } from "./browser.mjs";

const [records = 100_000, seconds = 20] = process.argv.slice(2).map(Number);
const RATE = 2000;
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const line = (name, ...figures) => console.log(`  ${String(name).padEnd(26)}${figures.map((f) => String(f).padStart(11)).join("")}`);

const dir = mkdtempSync(join(tmpdir(), "elva-views-"));
// The example keeps 32 MiB, which the shop fills with some 370,000 records.
const main = join(root, "example/main.go");
const roomy = readFileSync(main, "utf8").replace("elva.Config{", "elva.Config{HistoryBytes: 128 << 20, ");
writeFileSync(join(dir, "main.go"), roomy);
writeFileSync(join(dir, "overlay.json"), JSON.stringify({ Replace: { [main]: join(dir, "main.go") } }));
execFileSync("go", ["build", "-overlay", join(dir, "overlay.json"), "-o", join(dir, "example"), "./example"], { cwd: root });
const demo = spawn(join(dir, "example"), ["-addr", "localhost:0", "-demo-rate", String(RATE)], { stdio: ["ignore", "pipe", "ignore"] });
const browser = await launch();
try {
  const url = await new Promise((done) => demo.stdout.on("data", (text) => done(/http:\S+/.exec(text)[0])));
  while ((await inMemory(url)) < records) await new Promise((done) => setTimeout(done, 5000));
  await times(url);
  await live(url);
} finally {
  await browser.close();
  demo.kill();
  rmSync(dir, { recursive: true });
}

/** inMemory returns the number of records that the server has. */
async function inMemory(url) {
  return JSON.parse(await (await fetch(`${url}?patterns&limit=1`)).text()).records;
}

/** times prints how long it takes from an act until its answer is painted, five times each. */
async function times(url) {
  const page = await open(browser, url);
  await until(page, () => document.querySelector("#log.live"));
  await page.waitForTimeout(3000);
  console.log(`\nfrom the click to the painted answer (ms, of 5), over ${(await inMemory(url)).toLocaleString("en")} records`);
  line("", "median", "longest", "load");
  async function measure(name, act, painted, undo) {
    const list = [];
    for (let i = 0; i < 5; i++) {
      const begun = performance.now();
      await act();
      await page.waitForFunction(painted, undefined, { polling: "raf", timeout: 30_000 });
      list.push(performance.now() - begun);
      await undo();
      await page.waitForTimeout(300);
    }
    list.sort((a, b) => a - b);
    line(name, list[2].toFixed(0), list[4].toFixed(0), loadavg()[0].toFixed(1));
  }
  const bars = page.getByRole("slider", { name: "Records over time" });
  const log = () => page.goto(url).then(() => until(page, () => document.querySelector("#log.live") && document.querySelector("#timeline .bars")?.ariaValueText !== null)).then(() => page.waitForTimeout(1500));
  const box = await bars.boundingBox();
  await measure("brush", () => page.mouse.click(box.x + box.width - 8, box.y + 20), () => /^[\d,]+ of/.test(document.querySelector("#matchCount").textContent) && document.querySelector("#rows .row"), log);
  await measure("follow an id", () => page.evaluate(() => [...document.querySelectorAll("#rows .ids b")].at(-1).click()), () => document.querySelector("#explore .thread li"), log);
  await measure("patterns", () => page.locator("#log").press("a"), () => document.querySelector("#explore .patterns li"), log);
  await measure("what changed", () => page.locator("#log").press("a"), () => document.querySelector("#explore .changes:not([hidden])"), log);
  await measure("operations", () => page.locator("#log").press("o"), () => document.querySelector("#explore .operations li"), log);
  await page.context().close();
}

/** live prints what the renderer does while a view is open and records arrive. */
async function live(url) {
  const root = await browser.newBrowserCDPSession();
  const cpu = async () => new Map((await root.send("SystemInfo.getProcessInfo")).processInfo.filter((p) => p.type === "renderer").map((p) => [p.id, p.cpuTime]));
  console.log(`\nlive at ${RATE.toLocaleString("en")}/s, ${seconds} s with each view open`);
  line("", "CPU %", "frames/s", "long tasks", "longest ms", "load");
  const { operations } = await (await fetch(`${url}?operations`)).json();
  const thread = `id=${encodeURIComponent(operations[0].id)}`;
  for (const [view, address] of [["log", ""], ["thread", thread], ...["operations", "patterns", "fields", "wallboard"].map((name) => [name, `view=${name}`])]) {
    const page = await open(browser, null, {});
    await page.addInitScript(() => {
      window.tasks = [];
      new PerformanceObserver((l) => l.getEntries().forEach((e) => window.tasks.push(Math.round(e.duration)))).observe({ type: "longtask" });
      window.frames60 = 0;
      const count = () => { window.frames60++; requestAnimationFrame(count); };
      requestAnimationFrame(count);
    });
    await page.goto(`${url}?${address}`);
    await until(page, () => document.querySelector("#log.live"));
    await page.waitForTimeout(3000);
    await page.evaluate(() => (window.tasks.length = window.frames60 = 0));
    const [before, begun] = [await cpu(), performance.now()];
    await page.waitForTimeout(seconds * 1000);
    const [after, took] = [await cpu(), (performance.now() - begun) / 1000];
    const used = Math.max(...[...after].map(([id, time]) => time - (before.get(id) ?? 0)));
    const { tasks, frames } = await page.evaluate(() => ({ tasks: window.tasks, frames: window.frames60 }));
    line(view, ((100 * used) / took).toFixed(0), (frames / took).toFixed(0), tasks.length, Math.max(0, ...tasks), loadavg()[0].toFixed(1));
    await page.context().close();
  }
}
