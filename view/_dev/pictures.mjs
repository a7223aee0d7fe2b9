// Pictures of every state of the page, to be looked at: node pictures.mjs DIRECTORY
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, open, until } from "./browser.mjs";
import { Feeder, record, random, rows } from "./feeder.mjs";

const into = process.argv[2] ?? "pictures";
const only = process.argv[3];
mkdirSync(into, { recursive: true });
const browser = await launch();
const desk = { width: 1400, height: 900 };
const phone = { width: 400, height: 860 };

async function take(name, { feeder = {}, before = () => {}, act = async () => {}, hash = "", ...context }) {
  if (only && !name.includes(only)) return;
  const f = await new Feeder({ history: 3000, ...feeder }).listen();
  before(f);
  const page = await open(browser, null, { viewport: desk, ...context });
  await page.goto(f.url + hash);
  if (context.javaScriptEnabled !== false) await until(page, () => document.querySelector("#log.live") !== null);
  await act(page, f);
  await page.waitForTimeout(700);
  await page.screenshot({ path: join(into, `${name}.png`) });
  if (page.complaints.length) console.log(name, page.complaints);
  await page.context().close();
  await f.close();
}
const openTrace = async (page) => {
  await page.locator(".row.traced").nth(-2).click();
  await page.locator(".detail pre.trace").waitFor();
  await page.mouse.move(5, 5);
};
const gapAndGo = (f) => {
  const next = random(7);
  const now = Date.now();
  for (let i = 0; i < 8; i++) f.publish(record(i, next, now - 90_000 + i * 100));
  f.gap({ kind: "redis", from: new Date(now - 70_000).toISOString(), to: new Date(now - 61_000).toISOString() });
  for (let i = 0; i < 8; i++) f.publish(record(i, next, now - 60_000 + i * 100));
  f.publish({ level: "info", message: "a line\nand another\twith a tab and \u001b[31mcolour\u001b[0m </script><b>bold?</b> \u202eabc", logger: "odd" });
};

await take("dark", { before: gapAndGo });
await take("light", { before: gapAndGo, colorScheme: "light" });
await take("dark-trace", { act: openTrace });
await take("light-trace", { act: openTrace, colorScheme: "light" });
await take("side", { act: (page) => page.click("#side") });
await take("only-worse-search", { hash: "#level=warning,error,critical&q=timeout" });
await take("paused", { feeder: { rate: 300 }, act: async (page) => { await page.waitForTimeout(500); await page.click("#pause"); await page.waitForTimeout(1500); } });
await take("reading", { feeder: { rate: 100 }, act: async (page) => { await page.mouse.move(700, 500); await page.mouse.wheel(0, -900); await page.waitForTimeout(1500); } });
await take("down", { before: (f) => { f.redis = { state: "down", text: "Redis at localhost:6379 does not answer: connection refused. Next try in 3 s.", sources: f.redis.sources }; f.health = { state: "trouble", verdict: "Redis has been down for 12 s." }; } });
await take("refused-empty", { feeder: { history: 0 }, before: (f) => { f.redis = { state: "refused", text: "Redis refuses: NOPERM User shop has no permissions to access the channel app:log.", sources: f.redis.sources }; f.health = { state: "trouble", verdict: "Redis refuses to let Elva listen." }; } });
await take("empty", { feeder: { history: 0 } });
await take("empty-light", { feeder: { history: 0 }, colorScheme: "light" });
await take("nothing-matches", { hash: "#q=zebra" });
await take("bad-pattern", { hash: "#re=order(" });
await take("offline", { act: async (page, f) => { f.answer = 502; f.cut(); await page.waitForTimeout(900); } });
await take("signed-out", { act: async (page, f) => { f.answer = 401; f.cut(); await page.waitForTimeout(900); } });
await take("phone", { viewport: phone });
await take("phone-light-trace", { viewport: phone, act: openTrace, colorScheme: "light" });
await take("phone-side", { viewport: phone, act: (page) => page.click("#side") });
await take("still", { feeder: { page: { Rows: rows(100) } }, javaScriptEnabled: false });
await take("sheet", { act: (page) => page.click("#keys") });
await take("forced", { forcedColors: "active", act: openTrace });
await take("top", { hash: "#top" });
// The first paint: the script runs, the stream hasn't said anything yet.
if (!only || "first-paint".includes(only)) {
  const f = await new Feeder({ page: { Rows: rows(100) } }).listen();
  f.frozen = true;
  const page = await open(browser, f.url);
  await page.waitForTimeout(800);
  await page.screenshot({ path: join(into, "first-paint.png") });
  await page.context().close();
  await f.close();
}
await browser.close();
