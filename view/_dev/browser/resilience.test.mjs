// What happens to a page among others: the cache of whole pages, two tabs, two pages of one host, a browser without a
// connection left, another build.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, open, until } from "../browser.mjs";
import { Feeder } from "../feeder.mjs";

let browser;
// Playwright turns the cache of whole pages off.
before(async () => (browser = await launch({ ignoreDefaultArgs: ["--disable-back-forward-cache"] })));
after(() => browser.close());

/** Runs a test with a feeder; the body opens its own pages, which must all end without a complaint. */
function on(name, { feeder = {}, expect = [] }, body) {
  test(name, { timeout: 120_000 }, async () => {
    const f = await new Feeder({ history: 300, ...feeder }).listen();
    const pages = [];
    try {
      await body(f, async (url = f.url, context = null) => {
        const page = context ? await context.newPage() : await open(browser, null);
        page.complaints ??= [];
        if (context) page.on("console", (m) => ["error", "warning"].includes(m.type()) && page.complaints.push(m.text()));
        pages.push(page);
        await page.goto(url);
        await until(page, () => document.querySelector("#log.live") !== null);
        return page;
      });
      for (const page of pages) assert.deepEqual(page.complaints.filter((c) => !expect.some((e) => e.test(c))), []);
      assert.deepEqual(f.reports, [], "content security policy reports");
    } finally {
      for (const page of pages) await page.context().close();
      await f.close();
    }
  });
}
const follows = (page, f) => until(page, (last) => [...document.querySelectorAll("#rows .row")].some((r) => Number(r.dataset.seq) === last), f.seq);
const seqs = (page) => page.$$eval("#rows .row", (rows) => rows.map((r) => Number(r.dataset.seq)));
const consecutive = (seen, last) => assert.deepEqual(seen, Array.from({ length: seen.length }, (_, i) => last - seen.length + 1 + i), "no hole, no double");
const settled = async (fn, what) => {
  for (const end = Date.now() + 10_000; Date.now() < end; await new Promise((r) => setTimeout(r, 50))) if (await fn()) return;
  assert.fail(what);
};
const look = (page, hidden) => page.evaluate((h) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => h });
  document.dispatchEvent(new Event("visibilitychange"));
}, hidden);

on("a page in the back-forward cache resumes exactly", {}, async (f, visit) => {
  const page = await visit();
  await follows(page, f);
  await page.fill("input[name=q]", "");
  await page.evaluate(() => {
    window.kept = true;
    addEventListener("pageshow", (event) => (window.persisted = event.persisted));
  });
  const last = f.seq;
  await page.goto(`${f.url}?raw=${f.epoch}-1`);
  await settled(() => f.viewers.size === 0, "the stream is given back");
  for (let i = 0; i < 5; i++) f.publish({ message: `m${i}` });
  // Playwright's own way back waits for a load that never comes.
  await page.evaluate(() => history.back()).catch(() => {});
  await settled(() => page.evaluate(() => window.persisted === true && window.kept).catch(() => false), "it comes from the cache");
  await follows(page, f);
  assert.equal(f.afters.at(-1), `${f.epoch}-${last}`);
  consecutive(await seqs(page), f.seq);
});

on("two tabs show everything, and closing one does not affect the other", {}, async (f, visit) => {
  const one = await visit();
  const two = await visit(f.url, one.context());
  assert.equal(f.viewers.size, 2);
  for (let i = 0; i < 5; i++) f.publish({ message: `m${i}` });
  await follows(one, f);
  await follows(two, f);
  await two.locator("#levels label", { has: two.locator("input[value=error]") }).click({ modifiers: ["Shift"] });
  assert.doesNotMatch(one.url(), /#/);
  await two.close();
  await settled(() => f.viewers.size === 1, "its stream is given back");
  f.publish({ message: "more" });
  await follows(one, f);
  consecutive(await seqs(one), f.seq);
});

on("two pages of one host share neither records, links nor hidden workers", {}, async (f, visit) => {
  const g = new Feeder({ history: 100, seed: 2 });
  const worker = (host) => ({ name: `${host}/shop`, host, service: "shop", channel: "app:log", state: "quiet", firstSeen: "2026-11-25T10:00:00Z", lastSeen: "2026-11-25T10:30:00Z", records: 9, rate: 0, last1: { records: 0, warnings: 0, errors: 0 }, last5: { records: 0, warnings: 0, errors: 0 }, last60: { records: 9, warnings: 0, errors: 0 }, skew: 0 });
  f.more = g.more = { workers: [worker("web-1"), worker("web-2")], errorGroups: [], totals: { workers: 2, quiet: 2, errorGroups: 0, newErrorGroups: 0 } };
  const host = createServer((req, res) => (req.url.startsWith("/one") ? f : g).server.emit("request", req, res));
  await new Promise((done) => host.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${host.address().port}`;
  try {
    const one = await visit(`${url}/one/logs/`);
    const two = await visit(`${url}/two/logs/`, one.context());
    f.publish({ message: "for one" });
    g.publish({ message: "for two" });
    await follows(one, f);
    await follows(two, g);
    assert.equal(await one.locator("#rows .row bdi").last().textContent(), "for one");
    assert.equal(await two.locator("#rows .row bdi").last().textContent(), "for two");
    for (const page of [one, two]) {
      await page.click("#healthButton");
      await page.locator("#health .worker").nth(1).waitFor();
    }
    await one.locator("#health .worker .hide").first().click();
    await settled(async () => (await one.locator("#health .worker:visible").count()) === 1, "it is hidden");
    for (const page of [one, two]) {
      await page.reload();
      await page.click("#healthButton");
      await page.locator("#health .worker").first().waitFor();
    }
    assert.equal(await one.locator("#health .worker:visible").count(), 1);
    assert.equal(await two.locator("#health .worker:visible").count(), 2, "what is hidden in one is shown in the other");
  } finally {
    host.closeAllConnections();
    host.close();
    await g.close();
  }
});

on("a browser without a free connection is explained and resumes", {}, async (f, visit) => {
  const page = await visit();
  await follows(page, f);
  // As after 30 s out of sight, which another test waits for by the clock.
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide")));
  await settled(() => f.viewers.size === 0, "the stream is given back");
  const others = [];
  for (let i = 0; i < 6; i++) {
    const other = await page.context().newPage();
    await other.goto(`${f.url}?raw=${f.epoch}-1`);
    await other.evaluate((url) => void (window.source = new EventSource(url)), `${f.url}?events`);
    others.push(other);
  }
  await settled(() => f.viewers.size === 6, "six streams, as many as a browser has connections");
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await until(page, () => document.querySelector("#link b").textContent === "waiting for a connection");
  assert.match(await page.locator("#summary").textContent(), /no connection left for this page/);
  await page.waitForTimeout(4000);
  assert.equal(await page.locator("#link b").textContent(), "waiting for a connection", "also while it tries again");
  f.publish({ message: "meanwhile" });
  await others[0].close();
  await until(page, () => document.querySelector("#link").dataset.state === "live");
  await follows(page, f);
  consecutive(await seqs(page), f.seq);
});

on("seven tabs of one browser work: some are live, the others say that they are updated every 5 s", {}, async (f, visit) => {
  const first = await visit();
  const pages = [first];
  for (let i = 1; i < 7; i++) pages.push(await visit(f.url, first.context()));
  await settled(() => f.viewers.size <= 4, "no more than four streams");
  f.publish({ message: "to all" });
  await Promise.all(pages.map((page) => follows(page, f)));
  await first.getByText("This one is updated every 5 s").waitFor();
  consecutive(await seqs(first), f.seq);
  const last = pages.pop();
  assert.doesNotMatch(await last.locator("body").textContent(), /updated every 5 s/);
  for (const page of pages.slice(3)) await page.close();
  await first.getByText("This one is updated every 5 s").waitFor({ state: "detached" });
  f.publish({ message: "again" });
  await follows(first, f);
  consecutive(await seqs(first), f.seq);
});

on("a hidden page watches the state and shows it in its title", {}, async (f, visit) => {
  const page = await visit();
  await page.clock.install();
  await look(page, true);
  await page.clock.fastForward(31_000);
  await settled(() => f.viewers.size === 0, "it rests");
  const { asked } = f;
  f.health = { state: "down", text: "All is lost." };
  await page.clock.fastForward(20_000);
  await settled(async () => /^Down · .*Elva/.test(await page.title()), "the title shows the state");
  assert.equal(f.asked, asked + 1);
  assert.match(await page.evaluate(() => document.querySelector("link[rel=icon]").href), /-(error|critical)\.svg$/);
});

on("the stream pauses in the background and reopens once", {}, async (f, visit) => {
  const page = await visit();
  await page.clock.install();
  for (const rests of [false, true]) {
    const opened = f.opened;
    await look(page, true);
    await page.clock.fastForward(rests ? 31_000 : 20_000);
    if (rests) await settled(() => f.viewers.size === 0, "it rests");
    await look(page, false);
    await page.clock.runFor(500);
    f.publish({ message: "m" });
    await follows(page, f);
    assert.equal(f.opened - opened, rests ? 1 : 0);
  }
});

on("the reload button loads another build", { expect: [/Failed to load/] }, async (f, visit) => {
  const page = await visit();
  await page.evaluate(() => (window.old = true));
  f.build = "000000000000";
  await page.locator("#reload").waitFor();
  f.build = undefined;
  await page.click("#reload");
  await settled(() => page.evaluate(() => !window.old && document.querySelector("#log.live") !== null).catch(() => false), "it is loaded again");
  assert.equal(await page.locator("#reload").count(), 0);
});
