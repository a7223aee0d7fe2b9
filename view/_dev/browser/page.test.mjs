// What the page does, in a real Chromium, against a feeder that can do every trouble at a call.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { until } from "../browser.mjs";
import { random, record, rows } from "../feeder.mjs";
import { andWorse, chips, goTo, settings } from "../reader.mjs";
import { follows, NETWORK, on, rest, scrollUp, seqs, visible } from "../stage.mjs";

on("a published record appears last and the page follows", {}, async (page, f) => {
  f.publish({ message: "hello there", level: "info" });
  await follows(page, f);
  const seen = await visible(page);
  assert.equal(seen.at(-1), f.seq);
  assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
});

on("the page is readable without script", { feeder: { page: { Rows: rows(100) } }, javaScriptEnabled: false }, async (page) => {
  assert.equal(await page.locator("#rows .row").count(), 100);
  assert.equal(await page.locator("#rows .row").last().isVisible(), true);
  const last = await page.locator("#rows .row").last().boundingBox();
  assert.ok(last.y > 0 && last.y + last.height <= 900, "the newest row is on the screen");
  assert.match(await page.locator("#summary").textContent(), /workers active/);
  await page.locator(".still summary").last().click();
  assert.equal(await page.locator(".still pre").last().isVisible(), true);
  assert.ok((await page.locator(".still pre").last().textContent()).includes("Traceback"));
  assert.equal(await page.locator("#tools").isVisible(), false);
});

on("the first paint stays until the history is complete", { feeder: { history: 20_000, page: { Rows: rows(100) } } }, async (page, f) => {
  await follows(page, f);
  assert.ok((await page.locator("#rows .row").count()) < 100);
});

on("hostile text is shown as text", {}, async (page, f) => {
  f.publish({ message: "</script><img src=x onerror=alert(1)> \u0000 \u001b[31m \u2028 \u202e", logger: "<b>x</b>", level: "error", trace: "<script>alert(1)</script>\n  x", source: "a<i>.py:1", host: "<h>", fields: { "<k>": "<v>", "__proto__x": 1 }, template: "{<t>}" });
  await follows(page, f);
  await page.locator(".row.traced").last().click();
  await page.locator(".detail").waitFor();
  assert.equal(await page.locator("#rows img, #rows script, #rows b.x").count(), 0);
  assert.ok((await page.locator(".row").last().locator(".message").textContent()).includes("</script><img src=x onerror=alert(1)> ␀ ␛[31m"));
});

on("a traceback opens: error, folded library frames, fields, raw", {}, async (page, f) => {
  f.publish({ ...record(1, random(5)), level: "error", message: "it broke", trace: `Traceback (most recent call last):\n  File "/srv/a.py", line 1, in f\n    g()\n  File "/usr/lib/python3/x.py", line 1, in g\n    h()\n  File "/usr/lib/python3/y.py", line 1, in h\n    z\nKeyError: 'k'`, traceLines: ".o-l-l-e", exception: { type: "KeyError", text: "'k'" }, fields: { id: 1, big: "b" } });
  await follows(page, f);
  await page.locator(".row.traced").last().click();
  const detail = page.locator(".detail");
  assert.equal(await detail.locator(".what").textContent(), "KeyError: 'k'");
  assert.doesNotMatch(await detail.textContent(), /python3/);
  await detail.getByRole("button", { name: "2 library frames" }).click();
  assert.ok((await detail.locator("pre.trace").textContent()).includes('File "/usr/lib/python3/y.py"'));
  assert.ok((await detail.locator(".facts").textContent()).includes("big"));
  await detail.getByRole("button", { name: "More" }).click();
  await detail.getByRole("button", { name: "Raw" }).click();
  await until(page, () => document.querySelector(".raw").textContent.startsWith("published {"));
  await page.locator(".row.traced").last().click();
  await until(page, () => !document.querySelector(".detail"));
});

on("levels: a click toggles one, with Shift it is that and worse", {}, async (page) => {
  await page.click("input[name=level][value=debug]");
  await until(page, () => !document.querySelector('#rows [data-level="debug"]'));
  await andWorse(page, "warning");
  await until(page, () => ![...document.querySelectorAll("#rows .row")].some((r) => ["debug", "info", "trace", "none"].includes(r.dataset.level)));
  assert.match(page.url(), /\?level=warning$/);
  const chip = page.getByRole("button", { name: "level ≥ warning", exact: true });
  await chip.click();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("name")), "level", "levels are edited with their buttons");
  await chip.click({ modifiers: ["Alt"] });
  await until(page, () => document.querySelector('#rows [data-level="debug"]'));
  await chip.press(" ");
  await until(page, () => !document.querySelector('#rows [data-level="debug"]'));
  await page.getByRole("button", { name: "Remove level ≥ warning" }).click();
  await until(page, () => location.search === "" && document.querySelector("#chips").hidden);
  for (const name of ["debug", "info", "warning", "error", "critical"]) await page.click(`input[name=level][value=${name}]`);
  await until(page, () => location.search === "?level=trace,none");
  await page.getByRole("button", { name: "Clear all" }).click();
  await andWorse(page, "warning");
  await page.locator("#chips").getByText("level ≥ warning").waitFor();
  await andWorse(page, "warning");
  await until(page, () => document.querySelector('#rows [data-level="debug"]'));
  assert.doesNotMatch(page.url(), /\?/);
});

on("loggers: a includes a.b; only; counts", {}, async (page) => {
  await page.click("#filtersButton");
  await page.click('input[name=logger][value="shop"]');
  await until(page, () => ![...document.querySelectorAll("#rows .logger")].some((l) => l.textContent.startsWith("shop.")));
  await page.check('input[name=logger][value="shop.db"]');
  await until(page, () => [...document.querySelectorAll("#rows .logger")].some((l) => l.textContent.startsWith("shop.db.")));
  assert.equal(await page.locator('input[name=logger][value="shop"]').evaluate((e) => e.indeterminate), true);
  await page.hover('.tick:has(input[value="mailer"])');
  await page.click('.tick:has(input[value="mailer"]) button');
  await until(page, () => [...document.querySelectorAll("#rows .logger")].every((l) => l.textContent.startsWith("mailer.")));
});

on("search: matches are highlighted, an invalid expression keeps the rows, no match offers to clear", {}, async (page) => {
  await page.fill("input[name=q]", "timeout");
  await until(page, () => CSS.highlights.get("match")?.size > 0);
  await page.fill("input[name=q]", "/time(/");
  await until(page, () => document.querySelector("input[name=q]").getAttribute("aria-invalid") === "true");
  assert.ok((await page.locator("#rows .row").count()) > 10);
  await page.fill("input[name=q]", "zebra");
  await until(page, () => location.search.includes("zebra")); // typing has ended
  await page.locator("#empty button").click();
  await until(page, () => document.querySelectorAll("#rows .row").length > 10 && document.querySelector("input[name=q]").value === "");
});

on("a link reproduces the view", { hash: "?level=error&logger=shop&q=order" }, async (page) => {
  await until(page, () => document.querySelectorAll("#rows .row").length > 0);
  const all = await page.$$eval("#rows .row", (rows) => rows.map((r) => [r.dataset.level, r.querySelector(".logger").textContent]));
  assert.ok(all.every(([level, logger]) => ["error", "critical"].includes(level) && logger.startsWith("shop.")));
  assert.deepEqual(await chips(page), ["level ≥ error", "logger = shop", "order"]);
});

on("a permalink opens its record, or says that it is no longer in memory", { feeder: { history: 5000 } }, async (page, f) => {
  await page.goto(`${f.url}?at=${f.epoch}-1234`);
  await page.reload();
  await page.locator('.row[data-seq="1234"][aria-expanded="true"]').waitFor();
  await goTo(page, `?at=${f.epoch}-999999`);
  await until(page, () => document.querySelector("#notice").textContent.includes("is no longer in memory"));
});

on("a row stays closed while the second file fails to load, and opens afterwards", { expect: [/Failed to load/] }, async (page) => {
  await page.route(/-later\.js/, (route) => route.abort());
  await page.locator("#rows .row.traced").nth(-2).click();
  await until(page, () => /failed to load/.test(document.querySelector("#notice").textContent));
  assert.equal(await page.locator(".detail").count(), 0);
  await page.unrouteAll();
  await page.locator("#rows .row.traced").nth(-4).click();
  await page.locator(".detail .facts").waitFor();
});

const newestFirst = async (page) => {
  await (await settings(page)).getByRole("button", { name: "Newest first" }).click();
  await settings(page, false);
};
for (const [name, hash] of [["newest last", ""], ["newest first", "newestFirst"]]) {
  on(`nothing moves under the reader at 2,000 records/s with a row open while old rows are dropped (${name})`, { feeder: { history: 99_000, limit: 200_000 } }, async (page, f) => {
    if (hash) await newestFirst(page);
    await follows(page, f); // the whole history is there, however busy the machine is
    await page.mouse.move(600, 500);
    await page.mouse.wheel(0, hash ? 3000 : -3000);
    await until(page, () => !document.querySelector("#newest").hidden);
    await rest(page);
    await page.locator("#rows .row.traced").nth(4).click();
    await page.locator(".detail").waitFor();
    await rest(page);
    const place = () => page.evaluate(() => {
      const log = document.querySelector("#log").getBoundingClientRect();
      return Object.fromEntries([...document.querySelectorAll("#rows > *")].filter((r) => r.getBoundingClientRect().bottom > log.top && r.getBoundingClientRect().top < log.bottom).map((r) => [r.dataset.seq ?? "detail", r.getBoundingClientRect().top]));
    });
    const before = await place();
    f.rate = 2000;
    const moved = [];
    for (let i = 0; i < 12; i++) {
      await page.waitForTimeout(250);
      const now = await place();
      for (const [seq, top] of Object.entries(before)) if (now[seq] !== top) moved.push([seq, top, now[seq]]);
    }
    f.rate = 0;
    assert.deepEqual(moved, []);
    assert.match(await page.locator("#newest").textContent(), /new/);
    await page.click("#newest");
    await follows(page, f);
  });
}

on("the oldest rows stay while read; skipped records are requested again", { feeder: { history: 100_000, limit: 300_000 } }, async (page, f) => {
  await follows(page, f); // else what is still to come of the history counts as new
  await page.focus("#log");
  await page.keyboard.press("Home");
  await until(page, () => document.querySelector('#rows .row[data-seq="1"]'));
  for (let i = 0; i < 5000; i++) f.publish({ message: `more ${i}`, level: "info" });
  await until(page, () => /5,000 new/.test(document.querySelector("#newest").textContent));
  assert.equal((await visible(page))[0], 1);
  await page.click("#newest");
  await follows(page, f);
  await until(page, () => document.querySelector("#newest").hidden);
  await page.waitForTimeout(300);
  await page.focus("#log");
  const seen = await seqs(page);
  assert.equal(seen.at(-1), f.seq);
  assert.deepEqual(seen, Array.from({ length: seen.length }, (_, i) => f.seq - seen.length + 1 + i), "no hole, no double");
});

on("pause keeps receiving; resume continues from here", {}, async (page, f) => {
  await page.click("#pause");
  const still = await seqs(page);
  for (let i = 0; i < 20; i++) f.publish({ message: `m${i}`, level: i === 7 ? "critical" : "info" }); // less than a screenful
  await until(page, () => document.querySelector("#newest").textContent === "↓ 20 new · 1 critical");
  assert.deepEqual(await seqs(page), still);
  await page.click("#pause");
  await follows(page, f);
});

on("resuming after a long pause moves nothing; a button jumps to the newest", {}, async (page, f) => {
  await page.click("#pause");
  const still = await visible(page);
  for (let i = 0; i < 300; i++) f.publish({ message: `m${i}` });
  await until(page, () => document.querySelector("#newest").textContent === "↓ 300 new");
  await page.click("#pause");
  await until(page, () => document.querySelector("#pause").textContent === "Pause");
  assert.deepEqual(await visible(page), still);
  await page.click("#newest");
  await follows(page, f);
});

on("the playback rate limits revealed records and counts the others", {}, async (page, f) => {
  await (await settings(page)).getByRole("button", { name: "10/s" }).click();
  await settings(page, false);
  const begin = f.seq;
  for (let i = 0; i < 500; i++) f.publish({ message: `m${i}` });
  await until(page, () => /4\d\d buffered/.test(document.querySelector("#buffered").textContent));
  const t0 = Date.now();
  const a = (await seqs(page)).at(-1);
  await page.waitForTimeout(2000);
  const b = (await seqs(page)).at(-1);
  const rate = (b - a) / ((Date.now() - t0) / 1000);
  assert.ok(a > begin && rate > 6 && rate < 14, `${rate} records a second`);
  await page.keyboard.press("Escape");
  await page.click("#newest");
  await follows(page, f);
});

on("scrolling up stops following; the end, the key End and the button resume", {}, async (page, f) => {
  await scrollUp(page, 800);
  f.publish({ message: "one" });
  await until(page, () => document.querySelector("#newest").textContent.includes("1 new"));
  await page.mouse.wheel(0, 5000);
  await until(page, () => document.querySelector("#newest").hidden);
  f.publish({ message: "two" });
  await follows(page, f);
  await scrollUp(page, 800);
  await page.focus("#log");
  await page.keyboard.press("End");
  await until(page, () => document.querySelector("#newest").hidden);
});

on("selecting text stops following and the selection stays", {}, async (page, f) => {
  await page.evaluate(() => {
    const text = [...document.querySelectorAll("#rows bdi")].at(-5).firstChild;
    getSelection().setBaseAndExtent(text, 0, text, 8);
  });
  await until(page, () => !document.querySelector("#newest").hidden);
  const selected = await page.evaluate(() => String(getSelection()));
  for (let i = 0; i < 20; i++) f.publish({ message: `m${i}`, level: "info" });
  await until(page, () => document.querySelector("#newest").textContent.includes("20 new"));
  assert.equal(await page.evaluate(() => String(getSelection())), selected);
});

on("two tabs show the same, each with its own filter", {}, async (page, f) => {
  const other = await page.context().newPage();
  await other.goto(`${f.url}?level=error`);
  await until(other, () => document.querySelectorAll("#rows .row").length > 0 && [...document.querySelectorAll("#rows .row")].every((r) => ["error", "critical"].includes(r.dataset.level)));
  f.publish({ message: "both", level: "error" });
  await follows(other, f);
  await follows(page, f);
  assert.ok((await page.locator('#rows [data-level="info"]').count()) > 0);
});

on("filter changes keep the active row in place", { feeder: { history: 3000 } }, async (page) => {
  await scrollUp(page, 8000);
  await rest(page);
  await page.locator('#rows .row[data-level="error"]').nth(1).click();
  const row = page.locator('.row[aria-selected="true"]');
  await rest(page);
  const top = (await row.boundingBox()).y;
  await andWorse(page, "error");
  await until(page, () => ![...document.querySelectorAll("#rows .row")].some((r) => r.dataset.level === "info"));
  assert.equal((await row.boundingBox()).y, top);
  await andWorse(page, "error");
  await until(page, () => [...document.querySelectorAll("#rows .row")].some((r) => r.dataset.level === "info"));
  assert.equal((await row.boundingBox()).y, top);
});

on("a gap is a row with an explanation", {}, async (page, f) => {
  f.gap({ kind: "redis", from: "2026-11-22T17:04:28Z", to: "2026-11-22T17:04:33Z" });
  await page.locator(".row.gap").waitFor();
  assert.match(await page.locator(".row.gap .message").textContent(), /Redis unreachable 1\d:04:28–1\d:04:33 \(5 s\): messages in between/);
  await page.click("input[name=level][value=info]");
  await page.locator(".row.gap").waitFor();
});

on("a broken connection resumes exactly where it ended", { expect: NETWORK }, async (page, f) => {
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 20; i++) f.publish({ message: `m${i}` });
    await follows(page, f);
    f.cut();
    for (let i = 0; i < 20; i++) f.publish({ message: `n${i}` });
    await follows(page, f);
  }
  const seen = await seqs(page);
  assert.deepEqual(seen, Array.from({ length: seen.length }, (_, i) => f.seq - seen.length + 1 + i));
  assert.equal(await page.locator(".row.gap").count(), 0);
});

on("a proxy's 502 is retried", { expect: NETWORK }, async (page, f) => {
  f.answer = 502;
  f.cut();
  await until(page, () => document.querySelector("#link").dataset.state === "offline");
  for (let i = 0; i < 20; i++) f.publish({ message: `m${i}` });
  f.answer = 200;
  await follows(page, f);
  await until(page, () => document.querySelector("#link").dataset.state === "live");
  const seen = await seqs(page);
  assert.deepEqual(seen, Array.from({ length: seen.length }, (_, i) => f.seq - seen.length + 1 + i));
});

for (const answer of [401, 403, "login"]) {
  on(`signed out (${answer}) is distinguished from unreachable`, { expect: [...NETWORK, /response has a MIME type/] }, async (page, f) => {
    f.answer = answer;
    f.cut();
    await until(page, () => document.querySelector("#link").dataset.state === "signed-out");
    assert.match(await page.locator("#summary").textContent(), /sign in/);
    f.answer = 200;
    await until(page, () => document.querySelector("#link").dataset.state === "live", null, 60_000);
  });
}

on("a server restart: one gap row and no record twice", { feeder: { history: 50 }, expect: NETWORK }, async (page, f) => {
  const before = await page.$$eval("#rows .row .message bdi", (all) => all.map((e) => e.textContent));
  f.restart(30);
  for (let i = 0; i < 3; i++) f.publish({ message: `after ${i}` });
  await page.locator(".row.gap").waitFor();
  await until(page, () => document.querySelector("#rows .row:last-child bdi").textContent === "after 2");
  const texts = await page.$$eval("#rows .row:not(.gap) .message bdi", (all) => all.map((e) => e.textContent));
  assert.equal(new Set(texts).size, texts.length);
  assert.deepEqual(texts.slice(-3), ["after 0", "after 1", "after 2"]);
  assert.ok(texts.includes(before.at(-1)));
});

on("on a phone the error of an expression is readable", { viewport: { width: 400, height: 860 }, hash: "?q=/order(/" }, async (page) => {
  await until(page, () => document.querySelector("#matchCount").textContent !== "");
  const seen = await page.evaluate(() => {
    const e = document.querySelector("#matchCount").getBoundingClientRect();
    return e.left >= 0 && e.right <= 400 && e.width > 80 && e.bottom <= document.querySelector("#log").getBoundingClientRect().top;
  });
  assert.equal(seen, true, "it is not cut off with the tools");
});

on("an empty page shows unreachable at once, then signed out", { feeder: { history: 0 }, expect: NETWORK }, async (page, f) => {
  f.answer = 502;
  f.cut();
  await until(page, () => document.querySelector("#link").dataset.state === "offline" && /^Server unreachable since \d\d:\d\d:\d\d\./.test(document.querySelector("#empty p").textContent));
  assert.equal(await page.locator("#empty h2").textContent(), "Server unreachable");
  f.answer = 401;
  await until(page, () => document.querySelector("#empty h2").textContent === "Signed out" && document.querySelector("#empty button").textContent === "Reload");
});

on("if a filter leaves only gaps, the page says so and offers to clear", { prepare: (f) => f.gap({ kind: "redis", lost: 3 }) }, async (page) => {
  await page.fill("input[name=q]", "zebra");
  await until(page, () => /300 records hidden/.test(document.querySelector("#empty").textContent));
  assert.equal(await page.locator(".row.gap").isVisible(), true);
  await page.locator("#empty button").click();
  await until(page, () => document.querySelectorAll("#rows .row").length > 10);
});

on("Redis unreachable and denied are explained", { feeder: { history: 0 }, prepare: (f) => (f.redis = { state: "denied", text: "NOPERM no permissions", sources: [] }) }, async (page, f) => {
  await until(page, () => document.querySelector("#link").dataset.state === "denied");
  await until(page, () => /NOPERM/.test(document.querySelector("#empty").textContent));
  assert.match(await page.locator("#summary").textContent(), /NOPERM/);
  assert.equal(await page.title(), "denied by Redis · Elva");
  f.redis = { state: "down", text: "connection refused", since: new Date().toISOString(), nextTry: new Date(Date.now() + 300_000).toISOString(), sources: [] };
  await until(page, () => document.querySelector("#link").dataset.state === "down" && /Connection refused\./.test(document.querySelector("#summary").textContent));
  assert.match(await page.locator("#empty p").textContent(), /^Connection refused\. Since \d\d:\d\d:\d\d, next try in \d+ s\.$/);
  f.redis = { state: "live", sources: [{ name: "app:log", kind: "channel" }] };
  await until(page, () => document.querySelector("#link").dataset.state === "live" && /Connected\. No messages on app:log yet\..*redis-cli publish app:log hello/.test(document.querySelector("#empty").textContent));
  f.publish({ message: "first" });
  await follows(page, f);
  await until(page, () => document.querySelector("#empty").hidden);
});

const some = (f, seconds = 300) => {
  const since = new Date(Date.now() - 90_000).toISOString();
  const nextTry = new Date(Date.now() + seconds * 1000).toISOString();
  const text = 'Redis denies 2 of 4 subscriptions: the channel "secret": NOPERM User viewer has no permissions to access the channel secret; the stream "audit": WRONGTYPE Operation against a key holding the wrong kind of value';
  f.redis = { state: "denied", text, since, nextTry, sources: [
    { name: "app:log", kind: "channel", confirmed: since, records: 300, lastRecord: new Date().toISOString() },
    { name: "secret", kind: "channel", denied: "NOPERM User viewer has no permissions to access the channel secret", deniedSince: since, nextTry, records: 0 },
    { name: "audit", kind: "stream", denied: "WRONGTYPE Operation against a key holding the wrong kind of value", deniedSince: since, nextTry, records: 0 },
    { name: "backlog", kind: "list", records: 5000 },
  ] };
  f.health = { state: "down", text: `${text}.` };
};

on("denied sources are listed with Redis's error, since when, and the next try", { prepare: some }, async (page, f) => {
  await until(page, () => document.querySelector("#link b").textContent === "2 of 4 denied");
  assert.match(await page.locator("#summary").textContent(), /"secret": NOPERM.* Since \d\d:\d\d:\d\d, next try in \d+ s\.$/);
  await page.click("#healthButton");
  const rows = page.locator("#health .source-row");
  await rows.nth(3).waitFor();
  const texts = (await rows.allTextContents()).map((t) => t.replaceAll("\u00a0", " "));
  assert.match(texts[0], /^secretchannelNOPERM User viewer .* secretsince \d\d:\d\d:\d\d · next try in \d+ s · 0 records$/);
  assert.match(texts[1], /^auditstreamWRONGTYPE/);
  assert.match(texts[2], /^app:logchannel300 records · last \d+ s ago · subscribed since/);
  assert.match(texts[3], /^backloglist5,000 records$/);
  assert.equal(await page.locator("#health section").first().getAttribute("aria-label"), "Sources", "before what the denial hides");
  f.publish({ message: "still received" });
  await follows(page, f);
  f.redis = { state: "live", sources: f.redis.sources.map(({ denied, deniedSince, nextTry, ...s }) => ({ ...s, confirmed: new Date().toISOString() })) };
  f.health = { state: "ok", text: "Well." };
  await until(page, () => document.querySelector("#link").dataset.state === "live" && !document.querySelector("[data-state=denied]"));
  await until(page, () => document.querySelector("#health section:not([hidden])").getAttribute("aria-label") === "Workers");
});

/** What a browser does when the tab is left or come back to. */
const look = (page, hidden) => page.evaluate((h) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => h });
  document.dispatchEvent(new Event("visibilitychange"));
}, hidden);

on("a hidden page closes its connection, resumes exactly, and shows a divider", { feeder: { history: 40 } }, async (page, f) => {
  await page.clock.install();
  await look(page, true);
  await page.clock.fastForward(29_000);
  assert.equal(f.viewers.size, 1);
  await page.clock.fastForward(2000);
  for (let i = 0; f.viewers.size && i < 50; i++) await new Promise((done) => setTimeout(done, 50));
  assert.equal(f.viewers.size, 0);
  const last = f.seq;
  for (let i = 0; i < 5; i++) f.publish({ message: `m${i}`, level: i === 2 ? "error" : "info" });
  await look(page, false);
  await page.clock.runFor(1000);
  await follows(page, f);
  assert.equal(f.afters.at(-1), `${f.epoch}-${last}`);
  const seen = await seqs(page);
  assert.deepEqual(seen, Array.from({ length: seen.length }, (_, i) => f.seq - seen.length + 1 + i));
  await page.locator(`.row[data-seq="${last + 1}"][data-mark^="while you were away: 1 error, 4 info"]`).waitFor();
});

on("a dead connection is detected", {}, async (page, f) => {
  await page.clock.install();
  await page.waitForTimeout(2500); // a status sets the watch by the page's new clock
  f.frozen = true;
  const opened = f.opened;
  await page.clock.runFor(8000);
  f.frozen = false;
  f.publish({ message: "after" });
  await follows(page, f);
  assert.ok(f.opened > opened);
});

on("keys work in the table and do nothing while typing", { feeder: { history: 500 } }, async (page) => {
  await page.focus("#log");
  await page.keyboard.press("ArrowUp");
  const first = Number(await page.locator('.row[aria-selected="true"]').getAttribute("data-seq"));
  await page.keyboard.press("k");
  await page.locator(`.row[aria-selected="true"][data-seq="${first - 1}"]`).waitFor();
  assert.equal(await page.locator("#log").getAttribute("aria-activedescendant"), await page.locator('.row[aria-selected="true"]').getAttribute("id"));
  await page.keyboard.press("Enter");
  await page.locator(".detail").waitFor();
  await page.keyboard.press("ArrowLeft");
  await until(page, () => !document.querySelector(".detail"));
  await page.keyboard.press("E");
  await until(page, () => /error|critical/.test(document.querySelector('.row[aria-selected="true"]')?.dataset.level));
  await page.keyboard.press("/");
  await page.keyboard.type("pxlknj?");
  assert.equal(await page.inputValue("input[name=q]"), "pxlknj?");
  assert.equal(await page.locator("#help").isVisible(), false);
  assert.equal(await page.locator("#pause").textContent(), "Pause");
  await page.fill("input[name=q]", "");
  await page.focus("#log");
  await page.keyboard.press("?");
  assert.equal(await page.locator("#help").isVisible(), true);
  await until(page, () => getComputedStyle(document.querySelector("#help dl")).display === "grid"); // its style is in the second file
});

on("collapse duplicates shows a count", { feeder: { history: 0 } }, async (page, f) => {
  for (let i = 0; i < 12; i++) f.publish({ message: "the same", logger: "a", level: "info" });
  f.publish({ message: "another", logger: "a", level: "info" });
  await until(page, () => document.querySelectorAll("#rows .row").length === 13);
  await (await settings(page)).getByRole("switch", { name: "Collapse duplicates" }).click();
  await settings(page, false);
  await until(page, () => document.querySelectorAll("#rows .row").length === 2);
  assert.equal(await page.locator("#rows .row u").first().textContent(), "×12");
});

on("a new build offers a reload", {}, async (page, f) => {
  f.build = "000000000000";
  await page.locator("#reload").waitFor();
});

on("the tab shows the worst level of five minutes", {}, async (page, f) => {
  await until(page, () => /critical · Elva/.test(document.title));
  assert.match(await page.locator("#icon").getAttribute("href"), /-critical\.svg$/);
  assert.ok(f.url);
});

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** By the debugger's protocol: the page's own policy would block a script element. */
async function violations(cdp) {
  await cdp.send("Runtime.evaluate", { expression: axe });
  const expression = `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target + " " + n.failureSummary).slice(0, 3).join(" | ")))`;
  return (await cdp.send("Runtime.evaluate", { awaitPromise: true, returnByValue: true, expression })).result.value;
}
const phone = { viewport: { width: 400, height: 860 } };
for (const [name, context] of [
  ["dark, desk", {}],
  ["light, desk", { colorScheme: "light" }],
  ["dark, phone", phone],
  ["light, phone", { ...phone, colorScheme: "light" }],
  ["forced colors, desk", { forcedColors: "active" }],
  ["forced colors, phone", { ...phone, forcedColors: "active", colorScheme: "light" }],
]) {
  on(`axe finds nothing: ${name}`, { ...context, prepare: (f) => f.gap({ kind: "redis", lost: 3 }), expect: NETWORK }, async (page, f) => {
    const cdp = await page.context().newCDPSession(page);
    const clean = async (state) => assert.deepEqual(await violations(cdp), [], state);
    await clean("plain");
    await page.locator("#rows .row.traced").nth(-2).click();
    await page.locator(".detail .facts").waitFor();
    await page.click("#filtersButton");
    await page.locator("#filters section .tick").first().waitFor();
    await clean("a row and the filters open");
    await page.click("#filtersButton");
    await settings(page);
    await clean("the settings");
    await settings(page, false);
    await page.click("#helpButton");
    await page.locator("#help kbd").first().waitFor();
    await clean("the keys");
    await page.locator("#help button").click();
    some(f);
    await page.click("#healthButton");
    await page.locator('#health .source-row[data-state="denied"]').first().waitFor();
    await clean("the drawer, with denied names");
    await page.click("#healthClose");
    await page.fill("input[name=q]", "zebra");
    await page.locator("#empty button").waitFor();
    await clean("nothing matches");
    await page.locator("#empty button").click();
    await page.click("#pause");
    await page.focus("input[name=q]"); // on a phone the search's buttons are seen only then
    await page.click("#matchCase");
    await page.fill("input[name=q]", "/zebra(/");
    await page.locator("[aria-invalid=true]").waitFor();
    await clean("paused, and a bad pattern");
    f.answer = 502;
    f.cut();
    await until(page, () => document.querySelector("#link").dataset.state === "offline");
    await clean("disconnected");
    f.answer = 401;
    await until(page, () => document.querySelector("#link").dataset.state === "signed-out");
    await clean("signed out");
  });
  on(`axe finds nothing on an empty page: ${name}`, { ...context, feeder: { history: 0 } }, async (page) => {
    const cdp = await page.context().newCDPSession(page);
    assert.deepEqual(await violations(cdp), []);
  });
}

for (const width of [1400, 1200, 900, 750]) {
  on(`a search can be read beside its buttons, ${width} px wide`, { viewport: { width, height: 800 }, feeder: { history: 20_000 }, hash: "?q=order" }, async (page) => {
    const box = await page.locator("input[name=q]").boundingBox();
    assert.ok(box.width >= 12 * 13, `${box.width} px`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
  });
}

on("growing counts and new levels never change the number of tool lines", {}, async (page) => {
  const heights = () => page.evaluate(() => ["1", "123", "99.9k"].flatMap((n) => [true, false].map((hidden) => {
    for (const e of document.querySelectorAll("#levels output")) e.textContent = n;
    for (const e of document.querySelectorAll('#levels :is([data-level="trace"], [data-level="none"])')) e.hidden = hidden;
    return document.querySelector("#tools").offsetHeight;
  })));
  for (let width = 1800; width >= 1000; width -= 20) {
    await page.setViewportSize({ width, height: 800 });
    const seen = await heights();
    assert.equal(new Set(seen).size, 1, `${width}: ${seen}`);
    if (width >= 1700) assert.ok(seen[0] < 50, `${width}: ${seen}`);
  }
});

on("on a phone a gap is shown in full", { viewport: { width: 400, height: 860 }, prepare: (f) => f.gap({ kind: "redis", from: "2026-11-26T02:01:21Z", to: "2026-11-26T02:01:30Z", reason: "No connection to Redis: EOF" }) }, async (page) => {
  // The background of the words is a little higher than they are.
  const [text, cell, row] = await page.evaluate(() => [".row.gap bdi", ".row.gap .message", ".row.gap"].map((s) => document.querySelector(s).getBoundingClientRect().toJSON()));
  const within = (a, b) => a.left >= b.left && a.right <= b.right && a.top >= b.top - 2 && a.bottom <= b.bottom + 2;
  assert.ok(within(text, cell) && within(cell, row), JSON.stringify([text, cell, row]));
});

on("in forced colors the link's light is visible", { forcedColors: "active", expect: NETWORK }, async (page, f) => {
  const seen = () => page.evaluate(() => { const i = getComputedStyle(document.querySelector("#link i")); return i.backgroundColor !== getComputedStyle(document.body).backgroundColor; });
  assert.ok(await seen());
  f.answer = 502;
  f.cut();
  await page.locator('#link[data-state="offline"]').waitFor();
  assert.ok(await seen());
});

for (const order of ["Newest first", "Newest last"]) {
  on(`the button to the newest covers neither a record nor the name of a column (${order})`, {}, async (page) => {
    await (await settings(page)).getByRole("button", { name: order }).click();
    await settings(page, false);
    await page.mouse.move(600, 500);
    await page.mouse.wheel(0, order === "Newest first" ? 600 : -600);
    await page.locator("#newest").waitFor();
    const [button, names, source] = await Promise.all([page.locator("#newest"), page.locator("#log .head"), page.getByRole("columnheader", { name: "Source" })].map((at) => at.boundingBox()));
    assert.ok(button.y >= names.y && button.y + button.height <= names.y + names.height, `${button.y} + ${button.height}, names of columns ${names.y} + ${names.height}`);
    assert.ok(button.x + button.width <= source.x, "the name of the last column is legible");
  });
}

on("on a phone the button to the newest is below the table", { viewport: { width: 390, height: 844 } }, async (page) => {
  await page.mouse.move(200, 500);
  await page.mouse.wheel(0, -600);
  await page.getByRole("button", { name: /Newest|new/ }).waitFor();
  const [button, table] = await page.evaluate(() => ["#newest", "#log"].map((id) => document.querySelector(id).getBoundingClientRect().toJSON()));
  assert.ok(button.top >= table.bottom && button.bottom <= 844, `${button.top} to ${button.bottom}, table to ${table.bottom}`);
});

on("zoomed to 400 %: the header is one line, the search field has the row while one types, Tab reaches the buttons", { prepare: (f) => (f.health = { state: "degraded", text: "No logs.", causes: [] }), viewport: { width: 320, height: 844 } }, async (page) => {
  const field = page.getByRole("searchbox", { name: "Search" });
  await field.focus();
  assert.ok((await field.boundingBox()).width >= 200);
  for (const name of ["Match case", "Regular expression", "Highlight only", "Pause"]) {
    await page.keyboard.press("Tab");
    await until(page, (name) => [document.activeElement.ariaLabel, document.activeElement.textContent].includes(name), name);
  }
  assert.ok((await page.getByRole("button", { name: "Pause" }).boundingBox()).x > 0);
  const [title, help] = await Promise.all([page.getByRole("heading", { level: 1 }), page.getByRole("button", { name: "Keyboard" })].map((at) => at.boundingBox()));
  assert.ok(Math.abs(title.y + title.height / 2 - help.y - help.height / 2) < 3, "the header is one line");
});

on("on a phone the table keeps two thirds of the screen", { viewport: { width: 400, height: 860 } }, async (page) => {
  const box = await page.locator("#log").boundingBox();
  assert.ok(box.height >= (860 * 2) / 3, `${box.height}`);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400);
});
