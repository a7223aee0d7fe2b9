// Pictures of every state of the page, wide and narrow, light and dark, to be looked at: node pictures.mjs DIRECTORY [PATTERN]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, open, until } from "./browser.mjs";
import { Feeder, record, random, rows } from "./feeder.mjs";

const into = process.argv[2] ?? "pictures";
const only = new RegExp(process.argv[3] ?? "");
mkdirSync(into, { recursive: true });
const browser = await launch();
const SCREENS = { desk: { width: 1400, height: 900 }, phone: { width: 400, height: 860 } };

/** Takes a state's four pictures. stalls: the history does not come to its end. */
async function take(name, { feeder = {}, before = () => {}, act = async () => {}, hash = "", live = true, ...context }) {
  for (const [screen, viewport] of Object.entries(SCREENS)) {
    for (const colorScheme of ["dark", "light"]) {
      const file = `${name}-${screen}-${colorScheme}`;
      if (!only.test(file)) continue;
      const f = await new Feeder({ history: 3000, ...feeder }).listen();
      before(f);
      const page = await open(browser, null, { viewport, colorScheme, ...context });
      await page.goto(f.url + hash);
      if (live) await until(page, () => document.querySelector("#log.live") !== null);
      await act(page, f);
      await page.waitForTimeout(500);
      await page.screenshot({ path: join(into, `${file}.png`) });
      if (page.complaints.length) console.log(file, page.complaints);
      await page.context().close();
      await f.close();
    }
  }
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
const ago = (s) => new Date(Date.now() - s * 1000).toISOString();
const down = (f) => {
  f.redis = { state: "down", text: "No connection to Redis: dial tcp 127.0.0.1:6379: connect: connection refused", since: ago(12), nextTry: ago(-3.5), sources: f.redis.sources };
  f.health = { state: "down", text: `${f.redis.text}.` };
};
const refused = (f) => {
  const said = "NOPERM User shop has no permissions to access the channel app:log";
  f.redis = { state: "denied", text: `Redis denies the channel "app:log": ${said}`, since: ago(75), nextTry: ago(-20), sources: [{ ...f.redis.sources[0], denied: said, deniedSince: ago(75), nextTry: ago(-20) }] };
  f.health = { state: "down", text: `${f.redis.text}.` };
};
const some = (f) => {
  const one = { name: "billing:log", kind: "channel", denied: "NOPERM User shop has no permissions to access the channel billing:log", deniedSince: ago(75), nextTry: ago(-20), records: 0 };
  const two = { name: "audit", kind: "stream", denied: "WRONGTYPE Operation against a key holding the wrong kind of value", deniedSince: ago(75), nextTry: ago(-20), records: 0 };
  f.redis = { state: "denied", text: `Redis denies 2 of 5 subscriptions: the channel "billing:log": ${one.denied}; the stream "audit": ${two.denied}`, since: ago(75), nextTry: ago(-20), sources: [
    { name: "app:log", kind: "channel", confirmed: ago(4000), records: 12_345, lastRecord: ago(2) }, one, { name: "jobs:*", kind: "pattern", confirmed: ago(4000), records: 0 }, two, { name: "backlog", kind: "list", records: 5000, lastRecord: ago(3000) },
  ] };
  f.health = { state: "down", text: `${f.redis.text}.` };
};
const cut = (answer) => async (page, f) => {
  f.answer = answer;
  f.cut();
  await page.waitForTimeout(1500);
};

await take("live", { before: gapAndGo });
await take("trace", { act: openTrace });
await take("filters", { act: (page) => page.click("#filtersButton") });
await take("worse-and-search", { hash: "?level=warning&q=timeout" });
await take("paused", { feeder: { rate: 300 }, act: async (page) => { await page.waitForTimeout(500); await page.click("#pause"); await page.waitForTimeout(1500); } });
await take("reading", { feeder: { rate: 100 }, act: async (page) => { await page.mouse.move(200, 500); await page.mouse.wheel(0, -900); await page.waitForTimeout(1500); } });
await take("empty", { feeder: { history: 0 } });
// Before Redis has answered, and before the server has: the first paint.
await take("waiting", { feeder: { history: 0 }, before: (f) => { f.redis = { state: "connecting", text: "connecting to Redis", since: ago(1), sources: f.redis.sources }; f.health = { state: "unknown", text: "Connecting to Redis." }; } });
await take("first-paint", { feeder: { page: { Rows: rows(100) } }, before: (f) => (f.frozen = true), live: false });
await take("stuck", { feeder: { history: 0 }, before: (f) => (f.mute = true), act: (page) => page.waitForTimeout(5600) });
await take("loading", { feeder: { history: 60_000, page: { Rows: rows(100) } }, before: (f) => (f.stall = 0.6), live: false });
await take("loading-late", { feeder: { history: 60_000 }, before: (f) => (f.stall = 0.6), act: (page) => page.waitForTimeout(800) });
await take("down", { before: down });
await take("down-empty", { feeder: { history: 0 }, before: down });
await take("refused-empty", { feeder: { history: 0 }, before: refused });
await take("some-refused", { before: some });
await take("some-refused-empty", { feeder: { history: 0 }, before: some });
await take("some-refused-drawer", { before: some, act: (page) => page.click("#healthButton") });
await take("drawer", { act: (page) => page.click("#healthButton") });
await take("offline", { act: cut(502) });
await take("offline-empty", { feeder: { history: 0 }, act: cut(502) });
await take("signed-out", { act: cut(401) });
await take("signed-out-empty", { feeder: { history: 0 }, act: cut(401) });
await take("nothing-matches", { hash: "?q=zebra" });
await take("bad-pattern", { hash: "?q=/order(/" });
await take("new-build", { before: (f) => (f.build = "000000000000"), act: (page) => page.waitForTimeout(300) });
await take("still", { feeder: { page: { Rows: rows(100) } }, live: false, javaScriptEnabled: false });
await take("sheet", { act: (page) => page.click("#helpButton") });
await take("forced", { forcedColors: "active", act: openTrace });
await take("settings", { act: (page) => page.click("#settingsButton") });
await browser.close();
