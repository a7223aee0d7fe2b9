// The main behaviours once more in a real Firefox: its own layout, its own EventSource, its own module loader.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Feeder } from "../feeder.mjs";
import { launch, open, until } from "../firefox.mjs";
import { goTo } from "../reader.mjs";

const shiftClick = (page, selector) => page.evaluate((selector) => document.querySelector(selector).dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true, cancelable: true })), selector);

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Runs a test on a page of its own, which must end without a complaint. */
function on(name, { feeder = {}, hash = "", prepare = () => {}, expect = [], ...size }, body) {
  test(`Firefox: ${name}`, { timeout: 180_000 }, async () => {
    const f = await new Feeder({ history: 300, ...feeder }).listen();
    prepare(f);
    const page = await open(browser, null, size);
    try {
      await page.goto(f.url + hash);
      await until(page, () => document.querySelector("#log.live") !== null);
      await body(page, f);
      assert.deepEqual(page.complaints.filter((c) => !expect.some((e) => e.test(c))), []);
      assert.deepEqual(f.reports, [], "content security policy reports");
    } finally {
      await page.browserContext().close();
      await f.close();
    }
  });
}
const follows = (page, f) => until(page, (last) => [...document.querySelectorAll("#rows .row")].some((r) => Number(r.dataset.seq) === last), f.seq);
const seqs = (page) => page.evaluate(() => [...document.querySelectorAll("#rows .row")].map((r) => Number(r.dataset.seq)));
const text = (page, selector) => page.evaluate((s) => document.querySelector(s)?.textContent, selector);
const state = (page, name) => until(page, (s) => document.querySelector("#link").dataset.state === s, name);
const consecutive = (seen, last) => assert.deepEqual(seen, Array.from({ length: seen.length }, (_, i) => last - seen.length + 1 + i), "no hole, no double");

on("rows come, the page follows, scrolling up leaves, End resumes", {}, async (page, f) => {
  f.publish({ message: "hello there", level: "info" });
  await follows(page, f);
  await page.mouse.move(600, 500);
  await page.mouse.wheel({ deltaY: -900 });
  await until(page, () => !document.querySelector("#newest").hidden);
  f.publish({ message: "one", level: "error" });
  await until(page, () => document.querySelector("#newest").textContent === "↓ 1 new · 1 error");
  await page.focus("#log");
  await page.keyboard.press("End");
  await follows(page, f);
  await until(page, () => document.querySelector("#newest").hidden);
});

on("nothing moves under the reader at 2,000 records/s with a row open while old rows are dropped", { feeder: { history: 99_500, limit: 200_000 } }, async (page, f) => {
  await follows(page, f);
  await page.mouse.move(600, 500);
  await page.mouse.wheel({ deltaY: -3000 });
  await until(page, () => !document.querySelector("#newest").hidden);
  await page.evaluate(() => [...document.querySelectorAll("#rows .row.traced")].at(-2).click());
  await until(page, () => document.querySelector(".detail .facts"));
  await new Promise((done) => setTimeout(done, 500));
  const place = () => page.evaluate(() => {
    const log = document.querySelector("#log").getBoundingClientRect();
    return Object.fromEntries([...document.querySelectorAll("#rows > *")].filter((r) => r.getBoundingClientRect().bottom > log.top && r.getBoundingClientRect().top < log.bottom).map((r) => [r.dataset.seq ?? "detail", r.getBoundingClientRect().top]));
  });
  const before = await place();
  assert.ok(Object.keys(before).length > 3); // the open row is brought into view, and takes most of it
  f.rate = 2000;
  const moved = [];
  for (let i = 0; i < 12; i++) {
    await new Promise((done) => setTimeout(done, 250));
    const now = await place();
    // Firefox has positions as 32-bit floats: at two million pixels they are exact to a quarter of one.
    for (const [seq, top] of Object.entries(before)) if (!(Math.abs(now[seq] - top) < 1)) moved.push([seq, top, now[seq]]);
  }
  f.rate = 0;
  assert.deepEqual(moved, []);
});

on("100,000 rows are laid out: the newest, the oldest, and any between", { feeder: { history: 100_000, limit: 130_000 } }, async (page, f) => {
  await follows(page, f);
  const covered = () => page.evaluate(() => {
    const log = document.querySelector("#log").getBoundingClientRect();
    const e = (y) => document.elementFromPoint(600, y)?.closest(".row")?.dataset.seq;
    return { height: document.querySelector("#rows").offsetHeight, top: e(log.top + 40), bottom: e(log.bottom - 20), nodes: document.querySelectorAll("*").length };
  });
  let seen = await covered();
  assert.equal(seen.height, 23 * 100_000);
  assert.equal(Number(seen.bottom), f.seq);
  await page.focus("#log");
  await page.keyboard.press("Home");
  await until(page, () => document.querySelector('#rows .row[data-seq="1"]'));
  await page.evaluate(() => document.querySelector("#log").scrollTo(0, 23 * 50_000));
  await until(page, () => [...document.querySelectorAll("#rows .row")].some((r) => Number(r.dataset.seq) === 50_010));
  seen = await covered();
  assert.ok(seen.top && seen.bottom, "rows from edge to edge");
  assert.ok(seen.nodes < 1500, `${seen.nodes} elements`);
});

on("filters: levels, text, an invalid expression, clearing", {}, async (page) => {
  await shiftClick(page, "#levels input[value=error]");
  await until(page, () => [...document.querySelectorAll("#rows .row")].every((r) => ["error", "critical"].includes(r.dataset.level)));
  assert.match(page.url(), /\?level=error$/);
  await shiftClick(page, "#levels input[value=error]");
  await page.type("input[name=q]", "timeout");
  await until(page, () => /^\d+ of 300 records$/.test(document.querySelector("#matchCount").textContent) && [...document.querySelectorAll("#rows .message")].every((m) => m.textContent.includes("timeout")));
  await page.type("input[name=q]", " /(/");
  await until(page, () => document.querySelector("input[name=q]").getAttribute("aria-invalid") === "true");
  await page.click("#filtersButton");
  await until(page, () => document.querySelector("#filters .tick"));
  await page.focus("#log");
  await page.keyboard.press("x");
  await until(page, () => document.querySelector("#matchCount").textContent === "");
});

on("a broken connection resumes exactly", { expect: [/interrupted|can.t establish a connection/i] }, async (page, f) => {
  await follows(page, f);
  const last = f.seq;
  f.cut();
  for (let i = 0; i < 5; i++) f.publish({ message: `m${i}` });
  await follows(page, f);
  assert.equal(f.afters.at(-1), `${f.epoch}-${last}`);
  consecutive(await seqs(page), f.seq);
});

on("a 502 is retried, and signed out is distinguished from unreachable", { expect: [/interrupted|can.t establish a connection/i] }, async (page, f) => {
  f.answer = 502;
  f.cut();
  await state(page, "offline");
  await until(page, () => /^Down\s*Server unreachable since [\d:]+\. Next try in/.test(document.querySelector("#summary").textContent));
  f.answer = 401;
  await state(page, "signed-out");
  assert.match(await text(page, "#summary"), /Reload the page to sign in again/);
  f.answer = 200;
  f.publish({ message: "back" });
  await follows(page, f);
  await state(page, "live");
  consecutive(await seqs(page), f.seq);
});

on("a server restart is one gap, and no record appears twice", { expect: [/interrupted|can.t establish a connection/i] }, async (page, f) => {
  f.restart(30);
  for (let i = 0; i < 3; i++) f.publish({ message: `after ${i}` });
  await until(page, () => document.querySelector("#rows .row:last-child bdi")?.textContent === "after 2");
  assert.equal(await page.evaluate(() => document.querySelectorAll(".row.gap").length), 1);
  const messages = await page.evaluate(() => [...document.querySelectorAll("#rows .row:not(.gap) bdi")].map((e) => e.textContent));
  assert.equal(new Set(messages).size, messages.length);
});

on("keys work in the table and do nothing while typing", { feeder: { history: 500 } }, async (page) => {
  await page.focus("#log");
  await page.keyboard.press("ArrowUp");
  const chosen = () => page.evaluate(() => Number(document.querySelector('.row[aria-selected="true"]')?.dataset.seq));
  await until(page, () => document.querySelector('.row[aria-selected="true"]'));
  const first = await chosen();
  await page.keyboard.press("k");
  await until(page, (s) => Number(document.querySelector('.row[aria-selected="true"]').dataset.seq) === s, first - 1);
  await page.keyboard.press("Enter");
  await until(page, () => document.querySelector(".detail .facts"));
  await page.keyboard.press("ArrowLeft");
  await until(page, () => !document.querySelector(".detail"));
  await page.keyboard.press("/");
  await page.keyboard.type("pxlknj?");
  assert.equal(await page.evaluate(() => document.querySelector("input[name=q]").value), "pxlknj?");
  assert.equal(await page.evaluate(() => document.querySelector("#help").open), false);
  await page.focus("#log");
  await page.keyboard.press("?");
  assert.equal(await page.evaluate(() => document.querySelector("#help").open), true);
});

on("the page closes its stream when left and resumes exactly on return", {}, async (page, f) => {
  await follows(page, f);
  await page.evaluate(() => (window.kept = true));
  const last = f.seq;
  await page.goto(`${f.url}?raw=${f.epoch}-1`);
  for (const end = Date.now() + 5000; f.viewers.size && Date.now() < end; ) await new Promise((done) => setTimeout(done, 50));
  assert.equal(f.viewers.size, 0);
  for (let i = 0; i < 5; i++) f.publish({ message: `m${i}` });
  await page.goBack();
  await follows(page, f);
  if (await page.evaluate(() => window.kept)) assert.equal(f.afters.at(-1), `${f.epoch}-${last}`, "from the cache of whole pages: after what it has");
  consecutive(await seqs(page), f.seq);
});

on("on a phone the table keeps two thirds of the screen", { width: 450, height: 860 }, async (page) => {
  const height = await page.evaluate(() => document.querySelector("#log").getBoundingClientRect().height);
  assert.ok(height >= (860 * 2) / 3, `${height}`);
});

on("expressions are searched in a worker, and one that takes too long freezes nothing", { feeder: { history: 2000 } }, async (page, f) => {
  f.publish({ message: `user ${"a".repeat(100)} logged in`, level: "info" });
  await follows(page, f);
  await goTo(page, `?q=${encodeURIComponent("/logged.in$/")}`);
  await until(page, () => document.querySelector("#matchCount").textContent === "1 of 2,001 records");
  for (const expression of ["(?:\\w{0,9}){9}!", "(\\w\\w?)+#", "(a|a)".repeat(30) + "#"]) {
    await goTo(page, `?q=${encodeURIComponent(`/${expression}/`)}`);
    let most = 0;
    for (const end = Date.now() + 2000; Date.now() < end; ) {
      const begin = Date.now();
      await page.evaluate(() => 1);
      most = Math.max(most, Date.now() - begin);
    }
    assert.ok(most < 3000, `${expression}: ${most} ms`);
    await until(page, () => !/^$|searching/.test(document.querySelector("#matchCount").textContent));
  }
  await goTo(page, `?q=${encodeURIComponent("/logged.in$/")}`);
  await until(page, () => document.querySelector("#matchCount").textContent === "1 of 2,001 records");
});

on("a policy without workers: the search says so", { feeder: { history: 50 }, prepare: (f) => (f.nonce = "bm9uY2U"), expect: [/Content.Security.Policy/i] }, async (page, f) => {
  await goTo(page, `?q=${encodeURIComponent("/order.*id/")}`);
  await until(page, () => /need a Web Worker, which this page can't start/.test(document.querySelector("#matchCount").textContent));
  await until(page, () => document.querySelectorAll("#rows .row").length > 20);
  f.reports.splice(0);
});

on("a record with numbers beyond a double affects no other and opens", { feeder: { history: 0 } }, async (page, f) => {
  f.publish({ message: "before" });
  f.send(`{"seq":#seq,"at":${JSON.stringify(new Date().toISOString())},"level":"info","message":"POISON","pid":9223372036854775807,"fields":{"io":{"bytes":12345678901234567890},"n":1e999,"constructor":"x"}}`);
  f.send("null");
  f.send(`{"seq":#seq,"message":"deep","fields":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)},"pid":1234567890123456789}`);
  for (let i = 0; i < 20; i++) f.publish({ message: `after ${i}` });
  await until(page, () => document.querySelectorAll("#rows .row").length === 24);
  await page.evaluate(() => [...document.querySelectorAll("#rows .row")].find((row) => row.textContent.includes("POISON")).click());
  await until(page, () => /constructor/.test(document.querySelector(".detail .facts")?.textContent ?? ""));
  assert.match(await text(page, ".detail .facts"), /9223372036854775807.*12345678901234567890/s);
});
