// The health strip, the drawer and the wall, in a real Chromium, with fleets that the real health package has judged.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch, open, until } from "../browser.mjs";
import { Feeder } from "../feeder.mjs";
import { fleets } from "../fleets.mjs";
import { chips, goTo } from "../reader.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const all = fleets();
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Runs a test on a page of its own with one of the fleets. The console stays clean, also in trouble. */
function on(name, fleet, { hash = "", history = 300, prepare = () => {}, expect = [], ...context }, body) {
  test(name, { timeout: 120_000 }, async () => {
    const f = await new Feeder({ history }).listen();
    f.more = all[fleet] ?? {};
    prepare(f);
    const page = await open(browser, f.url + hash, context);
    try {
      await until(page, () => document.querySelector("#log.live") !== null);
      await body(page, f);
      assert.deepEqual(page.complaints.filter((c) => !expect.some((e) => e.test(c))), []);
      assert.deepEqual(f.reports, [], "content security policy reports");
    } finally {
      await page.context().close();
      await f.close();
    }
  });
}
const drawer = (page) => page.locator("#health");
/** Polls a function of this side until it is true. */
const settled = async (fn, what) => {
  for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((r) => setTimeout(r, 50))) if (await fn()) return;
  assert.fail(what);
};
const violations = (page) => page.evaluate(`${axe}; axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((r) => r.violations.map((v) => v.id + " " + v.nodes.map((n) => n.target).join()))`);

on("drawer: the button and the key h open it, Esc and both close it and restore the focus", "calm", {}, async (page) => {
  await page.click("#healthButton");
  await drawer(page).waitFor();
  assert.equal(await page.getAttribute("#healthButton", "aria-expanded"), "true");
  assert.equal(await page.evaluate(() => document.activeElement.id), "healthClose");
  await page.keyboard.press("Escape");
  await drawer(page).waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement.id), "healthButton");
  await page.locator("#log").focus();
  await page.keyboard.press("h");
  await drawer(page).waitFor();
  await page.keyboard.press("h");
  await drawer(page).waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement.id), "log", "where the next key works");
  await page.fill("input[name=q]", "");
  await page.type("input[name=q]", "h");
  assert.equal(await drawer(page).isVisible(), false, "an h that is typed is an h");
});

on("a quiet worker comes first in the drawer and is named in the strip", "quiet", {}, async (page) => {
  assert.match(await page.locator("#summary").textContent(), /Degraded\s+web-3\/shop: no logs since \d\d:\d\d:\d\d \(4 min; normally every 2 s\)/);
  assert.equal(await page.locator("#summary").getByRole("link", { name: "web-3/shop" }).getAttribute("href"), "?worker=web-3/shop");
  await page.click("#healthButton");
  const first = drawer(page).locator(".worker").first();
  await first.waitFor();
  assert.equal(await first.getAttribute("data-state"), "quiet");
  assert.ok((await first.boundingBox()).width > 380, "it has the panel's width, not the column's");
  assert.match(await first.textContent(), /^web-3\/shopno logs since \d\d:\d\d:\d\d \(4 min; normally every [\d.]+ s\)Hide/);
  assert.match(await drawer(page).textContent(), /8 workers, 1 quiet/);
  assert.match((await drawer(page).locator(".worker").last().textContent()).replaceAll("\u00a0", " "), /web-8\/shop.*clock 12 s ahead/);
  assert.match((await drawer(page).locator(".group").first().textContent()).replaceAll("\u00a0", " "), /^NEWIndexError in payment.py charge4× erroron 1 of 8 workers · first /);
});

on("a click on a worker filters to it", null, { prepare: (f) => (f.more = () => ({ ...all.calm(), workers: [{ ...all.calm().workers[0], host: "web-2", name: "web-2/shop" }] })) }, async (page) => {
  await page.click("#healthButton");
  await drawer(page).locator(".worker button").first().click();
  await until(page, () => location.search === "?worker=web-2/shop");
  await until(page, () => /^\d{2} of 300 records$/.test(document.querySelector("#matchCount").textContent));
  assert.equal(await drawer(page).isVisible(), true, "on a desk it stays open beside the table");
});

for (const [title, fields, text] of [
  ["KeyError in a.py f", { message: "it broke", trace: `Traceback (most recent call last):\n  File "/srv/a.py", line 1, in f\n    g()\nKeyError: 'k'` }, "KeyError"],
  ["order # failed", { message: "order 4711 failed" }, "failed"],
  ["pool exhausted", { message: "pool exhausted" }, '"pool exhausted"'],
  ["<b>%s</b> of another template", { message: "nothing of it" }, ""],
]) {
  let seq;
  on(`a click on the error group ${title} filters to it and opens its newest record`, null, {
    prepare(f) {
      f.publish({ level: "error", logger: "shop.a", ...fields });
      seq = f.publish({ level: "error", logger: "shop.a", ...fields });
      for (let i = 0; i < 200; i++) f.publish({ level: "info", message: "later" });
      f.more = () => ({ ...all.calm(), errorGroups: [{ title, level: "error", count: 2, firstSeen: new Date().toISOString(), lastSeen: new Date().toISOString(), lastSeq: seq, workers: 1, new: true, minutes: new Array(60).fill(0) }] });
    },
  }, async (page) => {
    await page.click("#healthButton");
    await drawer(page).locator(".group button").click();
    await page.locator(".detail").waitFor();
    assert.deepEqual(await chips(page), ["level ≥ error", ...(text ? [text] : [])]);
    assert.equal(await page.locator(`.row[data-seq="${seq}"]`).getAttribute("aria-selected"), "true");
    assert.equal(await page.locator('#rows .row[data-level="info"]').count(), 0);
  });
}

on("an error group whose newest record is no longer in memory says so", "storm", {}, async (page) => {
  await page.click("#healthButton");
  await drawer(page).locator(".group button").filter({ hasText: "PaymentRefused" }).click();
  await until(page, () => document.querySelector("#notice").textContent === "Its newest record is no longer in memory");
  assert.deepEqual(await chips(page), ["level ≥ error", "PaymentRefused"]);
});

on("a hidden worker stays hidden after a reload until it logs again", null, {
  prepare(f) {
    const { workers, ...rest } = all.quiet();
    f.more = () => ({ ...rest, workers });
    f.speak = () => (f.more = () => ({ ...rest, workers: workers.map((w) => ({ ...w, lastSeen: new Date().toISOString() })) }));
  },
}, async (page, f) => {
  const names = () => drawer(page).locator(".worker:visible").count();
  await page.click("#healthButton");
  await drawer(page).locator(".hide:visible").click();
  await settled(async () => (await names()) === 7, "seven are left");
  assert.match(await drawer(page).textContent(), /1 hidden: show/);
  await page.reload();
  await until(page, () => document.querySelector("#log.live") !== null);
  await page.click("#healthButton");
  await settled(async () => (await names()) === 7, "still seven");
  f.speak();
  await settled(async () => (await names()) === 8, "it has logged");
});

on("the drawer requests the document every 2 s, but not while closed or hidden", "calm", {}, async (page, f) => {
  const hide = (hidden) => page.evaluate((h) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => h });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await settled(() => f.asked === 1, "the hour was asked for");
  await page.waitForTimeout(4500);
  assert.equal(f.asked, 1, "closed");
  await page.click("#healthButton");
  await settled(() => f.asked >= 4, "open");
  await hide(true);
  await page.waitForTimeout(300);
  let asked = f.asked;
  await page.waitForTimeout(4500);
  assert.equal(f.asked, asked, "hidden");
  await hide(false);
  await settled(() => f.asked > asked, "seen again, asked at once");
  await page.click("#healthClose");
  await page.waitForTimeout(300);
  asked = f.asked;
  await page.waitForTimeout(4500);
  assert.equal(f.asked, asked, "closed again");
});

on("without a response the drawer says so and all workers are unknown", "calm", { expect: [/Failed to load/, /JSON/] }, async (page, f) => {
  await page.click("#healthButton");
  await drawer(page).locator(".worker").first().waitFor();
  f.answer = 502;
  await until(page, () => /Server unreachable since/.test(document.querySelector("#health .stale").textContent));
  assert.equal(await drawer(page).locator('.worker[data-state="unknown"]').count(), 7);
  f.answer = 200;
  await until(page, () => document.querySelector("#health .stale").textContent === "");
  assert.equal(await drawer(page).locator('.worker[data-state="active"]').count(), 7);
});

on("while Redis is down all workers are unknown, and the time is shown once", "down", {}, async (page) => {
  await page.click("#healthButton");
  await drawer(page).locator(".worker").first().waitFor();
  assert.equal(await drawer(page).locator('.worker[data-state="unknown"]').count(), 7);
  const summary = await page.locator("#summary").textContent();
  assert.match(summary, /No connection to Redis at localhost:6379: connection refused; trying again\. Since \d\d:\d\d:\d\d\.$/);
});

on("wallboard: link, Esc and address switch to it and back; the table continues", "quiet", { hash: "?view=wallboard&level=error" }, async (page, f) => {
  await drawer(page).getByText("web-1/shop").waitFor();
  assert.equal(await page.locator("#log").isVisible(), false);
  assert.equal(await page.locator("#tools").isVisible(), false);
  assert.ok(await page.locator("#summary").getByText("web-3/shop").isVisible(), "the summary has its names");
  assert.ok(parseFloat(await page.evaluate(() => getComputedStyle(document.querySelector("#summary")).fontSize)) >= 20);
  await page.keyboard.press("Escape");
  await page.locator("#log").waitFor();
  assert.match(page.url(), /\?level=error$/, "the filter stays");
  const seq = f.publish({ level: "error", message: "after the wall" });
  await until(page, (s) => document.querySelector(`#rows .row[data-seq="${s}"]`) !== null, seq);
  await page.click("#healthButton");
  await drawer(page).getByText("Wallboard").click();
  await page.locator("#log").waitFor({ state: "hidden" });
  assert.match(page.url(), /view=wallboard/);
  await drawer(page).getByText("Table").click();
  await page.locator("#log").waitFor();
  await goTo(page, "?view=wallboard");
  await page.locator("#log").waitFor({ state: "hidden" });
});

on("the wallboard has a line for each service and error type, marks incidents, and has no controls", "quiet", { hash: "?view=wallboard", viewport: { width: 1920, height: 1080 }, prepare: (f) => {
  const { more } = f;
  const ago = (s) => new Date(Date.now() - s * 1000).toISOString();
  const firstSeen = ago(300);
  f.more = () => {
    const d = more();
    const mail = { ...d.workers.find((w) => w.state === "active"), name: "mail-1/mailer", host: "mail-1", service: "mailer" };
    const failed = { ...d.errorGroups[0], title: "requests.exceptions.ReadTimeout in gateway.py post: the card gateway did not answer within the time that an order may take", new: true, firstSeen };
    return { ...d, workers: [...d.workers, mail], errorGroups: [...d.errorGroups, failed], gapList: [{ kind: "redis", from: ago(300), to: ago(296) }] };
  };
} }, async (page) => {
  await drawer(page).getByText("2 services").waitFor();
  const lines = await drawer(page).getByRole("region", { name: "Services" }).getByRole("listitem").allTextContents();
  assert.match(lines[0], /^shop1 of 8 quiet/);
  assert.match(lines[1], /^mailer1 of 1 active/);
  const errors = drawer(page).getByRole("region", { name: "Errors" }).getByRole("listitem");
  assert.match(await errors.first().textContent(), /^NEWrequests.*order may take\d+× error\d+ (s|min) ago$/);
  for (const row of await errors.all()) {
    const { height } = await row.boundingBox();
    assert.ok(height < 70, `${await row.textContent()} is ${height}px high`);
    for (const part of [row.locator("div > b").last(), row.locator("p")]) assert.ok(await part.evaluate((e) => e.scrollWidth <= e.clientWidth + 1 || getComputedStyle(e).display === "inline"));
  }
  await page.getByRole("button", { name: /Redis unreachable/ }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Go to…" }).count(), 0);
  assert.equal(await page.getByRole("combobox").count(), 0);
  assert.equal(await page.getByRole("search").count(), 0);
  for (const e of await drawer(page).locator("li, h2").all()) {
    if (!(await e.isVisible())) continue;
    const size = await e.evaluate((one) => parseFloat(getComputedStyle(one).fontSize));
    assert.ok(size >= 20, `${await e.textContent()} is ${size}px`);
  }
});

on("forty workers fit the wallboard", "forty", { hash: "?view=wallboard", viewport: { width: 1920, height: 1080 } }, async (page) => {
  await drawer(page).locator(".worker").nth(39).waitFor();
  const last = await drawer(page).locator(".worker").last().boundingBox();
  assert.ok(last.y + last.height <= 1080, `the last ends at ${last.y + last.height}`);
});

on("lazily loaded files work under a policy with nonces", "calm", { prepare: (f) => (f.nonce = "bm9uY2U") }, async (page) => {
  await page.click("#healthButton");
  await drawer(page).locator(".worker").first().waitFor();
  assert.equal(await drawer(page).evaluate((e) => getComputedStyle(e).width), "440px", "its style sheet has come");
});

on("a lazily loaded file that fails is reported, and the page continues", "calm", { expect: [/Failed to load/, /dynamically imported/] }, async (page, f) => {
  await page.route(/-(later|health)\.js/, (route) => route.abort());
  for (const id of ["#healthButton", "#filtersButton"]) {
    await page.evaluate(() => (document.querySelector("#notice").textContent = ""));
    await page.click(id);
    await until(page, () => /failed to load\. Reload it/.test(document.querySelector("#notice").textContent));
    assert.equal(await page.getAttribute(id, "aria-expanded"), "false");
  }
  const seq = f.publish({ level: "info", message: "still here" });
  await until(page, (s) => document.querySelector(`#rows .row[data-seq="${s}"]`) !== null, seq);
});

on("repeated clicks while loading create one panel and one drawer", "calm", { viewport: { width: 1600, height: 900 } }, async (page) => {
  await page.evaluate(() => {
    for (const id of ["filtersButton", "filtersButton", "healthButton", "healthButton", "healthButton"]) document.getElementById(id).click();
  });
  await drawer(page).locator(".worker").first().waitFor();
  await page.locator("#filters section h2").first().waitFor();
  assert.equal(await page.locator("#filters section h2", { hasText: "Logger" }).count(), 1);
  assert.equal(await page.locator("aside#health").count(), 1);
});

on("hostile names in the drawer are shown as text", "hostile", {}, async (page) => {
  await page.click("#healthButton");
  await drawer(page).locator(".group").first().waitFor();
  assert.equal(await page.locator("#health img, #health script, #health svg[onload]").count(), 0);
  assert.match(await drawer(page).textContent(), /<img src=x onerror=alert\(1\)>/);
  assert.match(await page.locator("#summary").textContent(), /<svg onload=alert> \ufffd .?\[# failed, 5 times, on /, "nothing turns the sentence's direction");
});

on("on a phone the table keeps two thirds", "quiet", { viewport: { width: 390, height: 844 } }, async (page) => {
  const share = async () => (await page.locator("#log").boundingBox()).height / 844;
  assert.ok((await share()) >= 2 / 3, `${await share()}`);
  assert.equal(await page.locator("#timeline").isVisible(), true);
  await page.click("#healthButton");
  await drawer(page).locator(".worker button").first().click();
  await drawer(page).waitFor({ state: "hidden" });
});

for (const colorScheme of ["dark", "light"]) {
  for (const [name, hash, width, height] of [["drawer", "", 1400, 900], ["drawer on a phone", "", 390, 844], ["wall", "?view=wallboard", 1920, 1080], ["wall on a phone", "?view=wallboard", 390, 844]]) {
    on(`axe finds nothing: ${name}, ${colorScheme}`, name.startsWith("wall") ? "storm" : "quiet", { hash, viewport: { width, height }, colorScheme, bypassCSP: true }, async (page) => {
      if (!hash) await page.click("#healthButton");
      await drawer(page).locator(".group").first().waitFor();
      assert.deepEqual(await violations(page), []);
    });
  }
}
