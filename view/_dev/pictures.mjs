// Pictures of the page's main states, which are committed in pictures/ and are to be compared by a person after a change of
// the page: npm run pictures. As PNG into another folder, and only some of them: node pictures.mjs FOLDER [PATTERN]
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, open, until } from "./browser.mjs";
import { Feeder } from "./feeder.mjs";
import { fleets } from "./fleets.mjs";
import { fill, SLOW } from "./shop.mjs";

const own = join(dirname(fileURLToPath(import.meta.url)), "pictures");
const [into = own, pattern = ""] = process.argv.slice(2);
const only = new RegExp(pattern);
/** What a picture may weigh together with all others: about 1.2 MB. */
const QUALITY = 25;
const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const HISTORY = 14; // times four minutes

mkdirSync(into, { recursive: true });
const browser = await launch();
const fleet = fleets();
const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();

/** The shop's last hour, in which Redis was unreachable for 4 s a moment ago. */
function shop(f) {
  for (let n = HISTORY; n > 0; n--) fill(f, Date.now() - n * 240_000);
  f.gap({ kind: "redis", from: ago(249), to: ago(245) });
  fill(f);
  f.health = {
    state: "degraded",
    text: `web-3/shop: no logs since ${ago(220).slice(11, 19)} (4 min; normally every 2 s). 13 errors/min (baseline 4), mostly pay-1/payments. 1 new error type.`,
    causes: [
      { kind: "quiet", text: `web-3/shop: no logs since ${ago(220).slice(11, 19)} (4 min; normally every 2 s).`, worker: "web-3/shop", since: ago(220), filter: "q=worker:web-3/shop" },
      { kind: "errors", text: "13 errors/min (baseline 4), mostly pay-1/payments.", worker: "pay-1/payments", since: ago(120), filter: "q=worker:pay-1/payments" },
    ],
  };
}
function down(f) {
  shop(f);
  const text = "No connection to Redis: dial tcp 127.0.0.1:6379: connect: connection refused";
  f.redis = { state: "down", text, since: ago(12), nextTry: ago(-3.5), sources: f.redis.sources };
  f.health = { state: "down", text: `${text}.`, causes: [] };
}
/** What the server has noticed in that hour. */
const marks = () => ({
  uptime: 3000,
  changes: [{ at: ago(1500), state: "degraded", text: "payments: 13 errors/min (baseline 4)" }, { at: ago(1100), state: "ok", text: "" }, { at: ago(220), state: "degraded", text: "web-3/shop: no logs" }],
  gapList: [{ kind: "redis", from: ago(249), to: ago(245) }],
});
const failed = (page) => page.locator(".row.traced", { hasText: "charge failed for order 48266" }).last();
const openTrace = async (page) => {
  await failed(page).click();
  await page.locator(".detail").waitFor();
  await page.mouse.move(5, 5);
};
const scrollUp = async (page) => {
  await page.mouse.move(500, 600);
  await page.mouse.wheel(0, -700);
  await page.waitForTimeout(500);
};

const PICTURES = {
  live: {},
  dark: { colorScheme: "dark" },
  tablet: { viewport: { width: 768, height: 1024 } },
  phone: { viewport: PHONE, colorScheme: "dark" },
  "phone-detail": { viewport: PHONE, act: openTrace },
  detail: { act: openTrace },
  filtered: { query: "?level=error,warning&q=failed%20-logger:shop.main" },
  thread: { query: `?id=${SLOW}` },
  patterns: { query: "?view=patterns" },
  operations: { query: "?view=operations", colorScheme: "dark" },
  fields: { query: "?view=fields", viewport: PHONE },
  paused: { act: async (page, f) => { await page.getByRole("button", { name: "Pause" }).click(); fill(f); await page.waitForTimeout(800); } },
  gap: { act: async (page) => { await page.locator(".row.gap").first().scrollIntoViewIfNeeded().catch(() => {}); await page.keyboard.press("g"); await page.keyboard.press("Escape"); await page.mouse.move(500, 600); await page.mouse.wheel(0, -4300); await page.waitForTimeout(600); } },
  "redis-down": { prepare: down },
  empty: { prepare: () => {} },
  learning: { fleet: "restart", act: (page) => page.getByRole("button", { name: "Health" }).click() },
  health: { fleet: "quiet", act: (page) => page.getByRole("button", { name: "Health" }).click() },
  settings: { colorScheme: "dark", act: (page) => page.getByRole("button", { name: "Settings" }).click() },
  keyboard: { act: (page) => page.getByRole("button", { name: "Keyboard" }).click() },
  "wallboard-light": { fleet: "storm", query: "?view=wallboard", viewport: { width: 1920, height: 1080 } },
  wallboard: { fleet: "quiet", query: "?view=wallboard", viewport: { width: 1920, height: 1080 }, colorScheme: "dark" },
  print: { media: "print", act: openTrace },
  contrast: { forcedColors: "active", act: openTrace },
};

async function take(name, { query = "", prepare = shop, fleet: health, act = async () => {}, media, ...context }) {
  const f = await new Feeder({}).listen();
  prepare(f);
  f.more = () => ({ ...fleet[health]?.(), ...marks() });
  const page = await open(browser, null, { viewport: DESK, colorScheme: "light", timezoneId: "UTC", ...context });
  await page.goto(f.url + query);
  await until(page, () => document.querySelector("#log.live") !== null);
  await page.waitForTimeout(700);
  await act(page, f);
  if (media) await page.emulateMedia({ media });
  if (media === "print") await page.evaluate(() => dispatchEvent(new Event("beforeprint"))); // as the browser does
  await page.waitForTimeout(500);
  if (into === own) {
    // Chromium's own command, since Playwright writes no WebP.
    const session = await page.context().newCDPSession(page);
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
    writeFileSync(join(into, `${name}.webp`), Buffer.from(data, "base64"));
  } else await page.screenshot({ path: join(into, `${name}.png`) });
  if (page.complaints.length) console.log(name, page.complaints);
  await page.context().close();
  await f.close();
}

for (const [name, how] of Object.entries(PICTURES)) if (only.test(name)) await take(name, how);
await browser.close();
