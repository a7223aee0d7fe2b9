// What the browser tests of the page share: a page of its own for each, with a feeder, and what is on it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open, until } from "./browser.mjs";
import { Feeder } from "./feeder.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Runs a test on a page of its own, which must end without a complaint. */
export function on(name, { feeder = {}, hash = "", prepare = () => {}, expect = [], ...context }, body) {
  test(name, { timeout: 180_000 }, async () => {
    const f = await new Feeder({ history: 300, ...feeder }).listen();
    prepare(f);
    const page = await open(browser, null, context);
    try {
      await page.goto(f.url + hash);
      if (context.javaScriptEnabled !== false) await until(page, () => document.querySelector("#log.live") !== null);
      await body(page, f);
      assert.deepEqual(page.complaints.filter((c) => !expect.some((e) => e.test(c))), []);
      assert.deepEqual(f.reports, [], "content security policy reports");
    } finally {
      await page.context().close();
      await f.close();
    }
  });
}
export const NETWORK = [/Failed to load resource/];
/** What is in the document. */
export const seqs = (page) => page.$$eval("#rows .row", (rows) => rows.map((r) => Number(r.dataset.seq)));
/** What a reader sees in full. */
export const visible = (page) => page.evaluate(() => {
  const log = document.querySelector("#log").getBoundingClientRect();
  return [...document.querySelectorAll("#rows .row")].filter((r) => r.getBoundingClientRect().top >= log.top + 20 && r.getBoundingClientRect().bottom <= log.bottom + 1).map((r) => Number(r.dataset.seq));
});
export const follows = (page, f) => until(page, (last) => [...document.querySelectorAll("#rows .row")].some((r) => Number(r.dataset.seq) === last), f.seq);
export const scrollUp = async (page, px) => {
  await page.mouse.move(600, 500);
  await page.mouse.wheel(0, -px);
  await until(page, () => !document.querySelector("#newest").hidden);
};

/** Chromium scrolls smoothly: waits until it has come to rest. */
export const rest = async (page) => {
  for (let last = NaN; ; ) {
    const top = await page.evaluate(() => document.querySelector("#log").scrollTop);
    if (top === last) return;
    last = top;
    await page.waitForTimeout(150);
  }
};
