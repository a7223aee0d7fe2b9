// The views that take the place of the table, in a real Chromium: found by their roles and words, counted against ?records.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { until } from "../browser.mjs";
import { chips, goTo } from "../reader.mjs";
import { fill, ids, JOB, SLOW } from "../shop.mjs";
import { follows, on, rest, scrollUp, visible } from "../stage.mjs";

const shop = { feeder: { history: 0 }, prepare: fill };
/** flood fills the shop and adds an error that makes a third of the records, and a pattern that has a few warnings. */
const flood = (f) => {
  fill(f);
  for (let i = 0; i < 160; i++) f.publish({ at: new Date().toISOString(), level: i < 98 ? "error" : i < 158 ? "info" : "warning", worker: "web-1/shop", message: i < 98 ? `upstream ${i} reset` : `lease of shard ${i} renewed` });
};
const region = (page, name) => page.getByRole("region", { name });
const thread = (page, kind = "Request", id = SLOW) => region(page, `${kind} ${id}`);
const rowsOf = (list) => list.getByRole("listitem").filter({ has: list.page().getByRole("link") });
const query = (page) => page.evaluate(() => location.search);
/** How many records ?records gives for a filter. */
const records = async (f, params) => (await (await fetch(`${f.url}?records&${params}`)).text()).split("\n").filter((line) => line && !line.startsWith('{"page"')).length;
const number = (text) => Number(text.replace(/\D/g, ""));

on("a click on an id opens its thread, over all workers, and Back returns to the exact place", { feeder: { history: 4000 }, prepare: fill }, async (page, f) => {
  await follows(page, f);
  await scrollUp(page, 120);
  const chip = page.locator(".row .ids b", { hasText: SLOW.slice(0, 8) }).first();
  await chip.hover(); // which may scroll to it
  await rest(page);
  const before = await visible(page);
  await chip.click();
  const list = thread(page).getByRole("list", { name: "Records" });
  await list.getByText("queued apology").waitFor();
  assert.equal(await query(page), `?id=${SLOW}`);
  assert.equal(await rowsOf(list).count(), 8);
  const words = (await rowsOf(list).allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
  assert.equal(words[0], "0 ms web-1/shop info GET /checkout");
  assert.equal(words[4], "5.00 s without records +5,190 ms pay-1/payments error charge failed for order 48266 requests.exceptions.ReadTimeout: read timed out after 5 s");
  const facts = (await thread(page).getByRole("list", { name: "Summary" }).innerText()).replace(/\s+/g, " ");
  assert.match(facts, /^5\.42 s, normally 180 ms 8 records worst error 4 workers started \d\d:\d\d:\d\d\.\d\d\d continues in job 7d2e91aa →$/);
  assert.equal(await page.locator("#log").isVisible(), false);
  await thread(page).getByRole("button", { name: "← Back" }).click();
  await page.locator("#log").waitFor();
  assert.equal(await query(page), "");
  assert.deepEqual(await visible(page), before);
  await page.goForward();
  await thread(page).waitFor();
  await page.goBack();
  await page.locator("#log").waitFor();
  assert.deepEqual(await visible(page), before);
});

on("?id=VALUE opens the thread; it grows live, and another id leads on", { ...shop, hash: `?id=${JOB}` }, async (page, f) => {
  const job = thread(page, "Job", JOB);
  await job.getByText("nightly report begins").waitFor();
  const facts = job.getByRole("list", { name: "Summary" });
  await until(page, () => / so far/.test(document.querySelector("#explore").innerText));
  f.publish({ at: new Date().toISOString(), level: "info", worker: "mail-1/mailer", message: "sent 13 of 40 mails", ids: ids(["job", JOB]) });
  await job.getByText("sent 13 of 40").waitFor({ timeout: 2500 }); // before the next regular request
  assert.match(await facts.innerText(), /4 records/);
  await facts.getByRole("link", { name: /3b76cd6c/ }).click();
  await thread(page).getByText("GET /checkout").waitFor();
  await thread(page).getByRole("button", { name: "← Back" }).click();
  await job.getByText("nightly report begins").waitFor();
  await job.getByRole("button", { name: "← Back" }).click();
  await page.locator("#log").waitFor();
  assert.equal(await query(page), "");
});

on("an id beside other filters is a filter; an id that nothing has says so", { ...shop, hash: `?id=${SLOW}&level=error` }, async (page) => {
  await until(page, () => document.querySelectorAll("#rows .row").length === 1);
  assert.deepEqual(await chips(page), ["level ≥ error", `id = ${SLOW}`]);
  await goTo(page, "?id=nobody");
  await page.getByText("No record in memory has this ID.").waitFor();
});

on("a row of a thread opens in the log, and a thread is copied as text", { ...shop, hash: `?id=${SLOW}`, permissions: ["clipboard-read", "clipboard-write"] }, async (page, f) => {
  await thread(page).getByText("queued apology").waitFor();
  await thread(page).getByRole("button", { name: "Copy as text" }).click();
  await until(page, () => document.querySelector("#notice").textContent === "Copied");
  const lines = (await page.evaluate(() => navigator.clipboard.readText())).split("\n").filter((line) => !line.startsWith(" "));
  assert.equal(lines.length, 8);
  assert.match(lines[0], /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} INFO     web-1: shop\.main: GET \/checkout/);
  await thread(page).getByRole("button", { name: "Copy link" }).click();
  await until(page, (url) => navigator.clipboard.readText().then((text) => text === url), `${f.url}?id=${SLOW}`);
  await thread(page).getByRole("link", { name: /charge failed/ }).click();
  await page.locator('.row[aria-expanded="true"]', { hasText: "charge failed for order 48266" }).waitFor();
  await page.goBack();
  await thread(page).getByText("queued apology").waitFor();
});

on("threads by keyboard: f follows the active record's id, arrows go through, Esc returns", shop, async (page, f) => {
  await follows(page, f);
  await page.locator("#log").focus();
  await page.keyboard.press("ArrowUp");
  await page.locator('.row[aria-selected="true"]').waitFor();
  await page.keyboard.press("f");
  await thread(page, "Job", JOB).getByText("nightly report begins").waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /nightly report begins/);
  await page.keyboard.press("Escape");
  await page.locator("#log").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "log");
  await page.keyboard.press("o");
  await region(page, "Operations").getByRole("list", { name: "Operations" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("apology");
  await until(page, () => document.querySelectorAll(".operations li").length === 1);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await thread(page, "Job", JOB).getByText("nightly report begins").waitFor();
});

on("operations: what runs and failed is first, chips hide, a click opens the thread and Back returns to the list", { ...shop, hash: "?view=operations" }, async (page, f) => {
  const view = region(page, "Operations");
  const rows = view.getByRole("list", { name: "Operations" }).getByRole("link");
  await rows.first().waitFor();
  assert.match((await rows.first().innerText()).replace(/\s+/g, " "), /^job 7d2e91aa .* running$/);
  assert.match((await rows.nth(1).innerText()).replace(/\s+/g, " "), /^3b76cd6c GET \/checkout 5\.42 s failed$/);
  const failed = view.getByRole("button", { name: /^Failed/ });
  const states = (await rows.locator(".state").allTextContents()).filter((word) => word === "failed").length;
  assert.equal(number(await failed.innerText()), states);
  for (const name of [/^Done/, /^Slow/, /^Running/]) await view.getByRole("button", { name }).click();
  await until(page, () => [...document.querySelectorAll(".operations .state")].every((e) => e.textContent === "failed"));
  await view.getByRole("link", { name: /GET \/checkout/ }).click();
  await thread(page).getByText("queued apology").waitFor();
  const before = f.questions.filter((one) => one.startsWith("operations&") && !one.includes("id=")).length;
  await page.goBack();
  await rows.first().waitFor();
  await until(page, () => document.querySelector("#explore").getAttribute("aria-label") === "Operations");
  assert.ok(f.questions.filter((one) => one.startsWith("operations")).length > before);
  await view.getByRole("button", { name: "← Log" }).click();
  await page.locator("#log").waitFor();
});

on("patterns: each count is what ?records gives; Similar goes to its records; Hide is a chip", { ...shop, hash: "?view=patterns&level=info" }, async (page, f) => {
  const view = region(page, "Patterns");
  const rows = view.getByRole("list", { name: "Patterns" }).getByRole("listitem");
  await rows.first().waitFor();
  for (const row of await rows.all()) {
    const href = await row.getByRole("link").getAttribute("href");
    assert.match(href, /^\?level=info&q=pattern%3A[\da-f]{8}$/);
    assert.equal(number(await row.locator(".count").innerText()), await records(f, href.slice(1)));
  }
  assert.equal(number(await view.getByRole("status").last().innerText()), await records(f, "level=info"));
  const charged = rows.filter({ hasText: "charged" });
  assert.match((await charged.innerText()).replace(/\s+/g, " "), /charged \d+\.10 EUR for order \d+/);
  await charged.getByRole("button", { name: "Hide" }).click();
  await until(page, () => !/charged/.test(document.querySelector(".patterns").textContent));
  assert.match((await chips(page)).join(), /^level ≥ info,not like “charged \d+\.10 EUR for order \d+”$/);
  await view.getByRole("status").filter({ hasText: /Hidden: info “charged … EUR for order …” \d+ %/ }).waitFor();
  await rows.filter({ hasText: "GET" }).first().getByRole("button", { name: "Similar", exact: true }).click();
  await page.locator("#log").waitFor();
  await until(page, () => [...document.querySelectorAll("#rows .row bdi")].every((e) => e.textContent.startsWith("GET")));
  assert.equal((await chips(page)).length, 3);
});

on("patterns: Denoise hides what drowns the rest, a flood of errors too, and names it; what is worse than most of a pattern stays", { ...shop, prepare: flood, hash: "?view=patterns" }, async (page, f) => {
  const view = region(page, "Patterns");
  const list = view.getByRole("list", { name: "Patterns" });
  const hidden = view.getByRole("status").filter({ hasText: /^Hidden/ });
  await list.getByRole("listitem").first().waitFor();
  const all = await list.getByRole("listitem").count();
  const total = await records(f, "");
  await view.getByRole("button", { name: "Denoise" }).click();
  await view.getByRole("button", { name: /^Denoise: 5 patterns hidden \(\d\d %\)$/, pressed: true }).waitFor();
  const out = await chips(page);
  assert.deepEqual(out.map((chip) => chip.replace(/\d+/g, "N")).sort(), ["not like “GET /cart N in N ms”", "not like “GET /products N in N ms”", "not like “N of N connections in use”", "not like “lease of shard N renewed” below warning", "not like “upstream N reset”"]);
  assert.match(await hidden.innerText(), /^Hidden: ?error “upstream … reset” \d+ %/, "the worst is named first");
  assert.equal(await list.getByRole("listitem").count(), all - 4);
  const left = await records(f, (await query(page)).slice(1).replace("view=patterns", ""));
  assert.equal(number(await view.getByRole("status").last().innerText()), left);
  assert.equal(number((await hidden.innerText()).match(/lease.*?” (\d+)/)[1]), Math.round(100 * 60 / total));
  const lease = list.getByRole("listitem").filter({ hasText: "lease of shard" });
  assert.deepEqual([await lease.locator(".level").innerText(), await lease.locator(".count").innerText()], ["warning", "2"]);
  await list.getByText("charge failed").waitFor();
  await hidden.getByRole("button", { name: /upstream/ }).click();
  await list.getByText(/upstream \d+ reset/).waitFor();
  await view.getByRole("button", { name: /^Denoise: 4 patterns hidden/ }).waitFor();
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^Denoise/);
  await view.getByRole("button", { name: /^Denoise/ }).click();
  await view.getByRole("button", { name: "Denoise", exact: true, pressed: false }).waitFor();
  await until(page, (all) => document.querySelectorAll(".patterns > li").length === all, all);
  assert.deepEqual(await chips(page), []);
  await view.getByRole("searchbox", { name: "Filter patterns" }).fill("checkout");
  await until(page, () => document.querySelectorAll(".patterns > li").length === 2);
});

on("what changed: each name is a link to its records", { ...shop, prepare: (f) => (f.publish({ at: "2020-01-01T00:00:00Z", time: "2020-01-01T00:00:00Z", level: "info", message: "GET /cart 200 in 5 ms", logger: "shop.main" }), fill(f)), hash: "?view=patterns&from=10m" }, async (page, f) => {
  const changes = region(page, "What changed");
  await changes.getByRole("heading", { name: /^What changed, \d\d:\d\d – now, against \d\d:\d\d – \d\d:\d\d$/ }).waitFor();
  const link = changes.getByRole("link").last();
  const words = await link.innerText();
  const [, n] = /: (\d+) in the range/.exec(await link.locator("xpath=..").innerText());
  assert.equal(Number(n), await records(f, (await link.getAttribute("href")).slice(1)));
  await link.click();
  await page.locator("#log").waitFor();
  await until(page, () => /^\?from=10m&q=pattern:/.test(location.search));
  assert.equal(words.startsWith("“"), true);
  assert.match(await page.locator("#matchCount").innerText(), new RegExp(`^${n} of`));
});

on("what changed: compared with a range that is typed, in the address", { ...shop, hash: "?view=patterns&from=2m" }, async (page, f) => {
  const changes = region(page, "What changed");
  const field = changes.getByRole("searchbox", { name: "Compare with" });
  await field.fill("nonsense");
  await page.keyboard.press("Enter");
  await until(page, () => document.querySelector(".changes input").ariaInvalid === "true");
  await field.fill("5m-3m");
  await page.keyboard.press("Enter");
  await until(page, () => location.search === "?from=2m&view=patterns&base=5m/3m");
  await until(page, () => /against/.test(document.querySelector(".changes h2").textContent));
  assert.ok(f.questions.some((one) => one.startsWith("changes&base-from=5m&base-to=3m&from=2m")));
  await page.reload();
  await changes.getByRole("heading").waitFor();
  assert.equal(await field.inputValue(), "5m – 3m ago");
  await field.fill("");
  await page.keyboard.press("Enter");
  await until(page, () => location.search === "?from=2m&view=patterns");
});

on("fields: shares, numbers, filter for and out, and a field that is asked for", { ...shop, hash: "?view=fields" }, async (page, f) => {
  const view = region(page, "Fields");
  const took = view.getByRole("region", { name: "took" });
  await took.waitFor();
  assert.match((await took.innerText()).replace(/\s+/g, " "), /min 5 median \d+ 95 % \d+ max 1\d\d/);
  const level = view.getByRole("region", { name: "level" });
  for (const row of await level.getByRole("listitem").all()) {
    const name = await row.getByRole("button").first().innerText();
    assert.equal(number(await row.locator(".count").innerText()), await records(f, `level=${name},`));
  }
  const route = view.getByRole("region", { name: "route" });
  await route.getByRole("button", { name: "/cart", exact: true }).click();
  await until(page, () => document.querySelectorAll('[aria-label="route"] li').length === 1);
  assert.equal(number(await view.getByRole("status").innerText()), await records(f, (await query(page)).slice(1).replace("view=fields", "")));
  await goTo(page, "?view=fields");
  await until(page, () => document.querySelectorAll('[aria-label="route"] li').length === 2);
  await route.getByRole("button", { name: "Not /cart" }).click();
  await until(page, () => document.querySelectorAll('[aria-label="route"] li').length === 1);
  assert.match(await route.innerText(), /\/products/);
  await view.getByRole("searchbox").fill("host");
  await page.keyboard.press("Enter");
  await view.getByRole("region", { name: "host" }).waitFor();
});

on("views: the menu by keyboard, a named view with its columns, and its link in another browser", { ...shop, permissions: ["clipboard-read", "clipboard-write"], hash: "?level=error" }, async (page, f) => {
  await page.locator("#log").focus();
  await page.keyboard.press("v");
  const menu = page.getByRole("dialog", { name: "Views" });
  await menu.getByRole("link", { name: "Patterns" }).waitFor();
  await menu.getByRole("textbox", { name: "Name of this view" }).fill("errors");
  await page.keyboard.press("Enter");
  await menu.getByRole("link", { name: "errors" }).waitFor();
  await menu.getByRole("button", { name: "Copy a link to errors" }).click();
  const link = await page.waitForFunction(() => navigator.clipboard.readText()).then((text) => text.jsonValue());
  assert.equal(link, `${f.url}?level=error&columns=time,level,worker,logger,message,source`);
  await page.keyboard.press("Escape");
  await page.goto(f.url);
  await page.getByRole("button", { name: "Views" }).click();
  await menu.getByRole("link", { name: "errors" }).click();
  await until(page, () => location.search === "?level=error");
  await until(page, () => [...document.querySelectorAll("#rows .row")].every((row) => row.dataset.level === "error"));
  await page.goto(`${f.url}?level=error&columns=time,message,%3Droute`);
  await page.getByRole("columnheader", { name: "route" }).waitFor();
  await until(page, () => getComputedStyle(document.querySelector(".head .logger")).display === "none");
  await page.getByRole("button", { name: "Views" }).click();
  await menu.getByRole("button", { name: "Remove errors" }).click();
  await menu.getByText("None yet.").waitFor();
  await menu.getByRole("link", { name: "Wallboard" }).click();
  await until(page, () => location.search === "?level=error&view=wallboard");
});

on("a view says what is wrong, keeps what it has, and works again afterwards", { ...shop, hash: "?view=operations", expect: [/Failed to load/] }, async (page, f) => {
  const view = region(page, "Operations");
  const rows = view.getByRole("list", { name: "Operations" }).getByRole("link");
  await rows.first().waitFor();
  const n = await rows.count();
  await page.route(/\?operations/, (route) => route.fulfill({ status: 503, body: "elva: too many searches\n" }));
  await view.getByText("elva: too many searches").waitFor();
  assert.equal(await rows.count(), n);
  await page.unrouteAll();
  await view.getByText("elva: too many searches").waitFor({ state: "hidden" });
});

on("nothing is asked while the page is hidden", { ...shop, hash: "?view=operations" }, async (page, f) => {
  await region(page, "Operations").getByRole("link").first().waitFor();
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  const n = f.questions.length;
  await page.waitForTimeout(4000);
  assert.ok(f.questions.length <= n + 1);
  await page.evaluate(() => {
    delete document.hidden;
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await until(page, () => true);
  for (const end = Date.now() + 5000; f.questions.length <= n + 1 && Date.now() < end; ) await page.waitForTimeout(50);
  assert.ok(f.questions.length > n);
});

on("hostile texts are shown as texts in every view", { feeder: { history: 0 }, prepare: (f) => {
  const hostile = "<img src=x onerror=alert(1)>\u202e\u0000";
  f.publish({ at: new Date().toISOString(), level: "error", worker: hostile, host: hostile, logger: hostile, message: `${hostile} 1`, trace: hostile, ids: [{ kind: hostile, name: hostile, value: hostile }], fields: { [hostile]: hostile } });
} }, async (page) => {
  const all = page.locator("#explore");
  for (const view of ["?view=patterns", "?view=operations", "?view=fields", `?id=${encodeURIComponent("<img src=x onerror=alert(1)>\u202e\u0000")}`]) {
    await goTo(page, view);
    await all.getByText("<img src=x onerror=alert(1)>").first().waitFor();
    assert.equal(await all.locator("img").count(), 0);
    assert.doesNotMatch(await all.innerText(), /\u202e/);
  }
});

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
for (const [name, context] of [["dark, desk", {}], ["light, desk", { colorScheme: "light" }], ["dark, phone", { viewport: { width: 390, height: 844 } }], ["light, phone", { viewport: { width: 390, height: 844 }, colorScheme: "light" }], ["forced colors", { forcedColors: "active" }]]) {
  on(`axe finds nothing in the views: ${name}`, { ...shop, ...context, bypassCSP: true }, async (page) => {
    for (const [view, word] of [[`?id=${SLOW}`, "queued apology"], ["?view=operations", "running"], ["?view=patterns&from=10m", "What changed"], ["?view=fields", "median"]]) {
      await goTo(page, view);
      await page.locator("#explore").getByText(word).first().waitFor();
      const found = await page.evaluate(`${axe}; axe.run({ runOnly: ${JSON.stringify(rules)} }).then((r) => r.violations.map((v) => v.id + " " + v.nodes.map((n) => n.target + " " + n.failureSummary).slice(0, 3).join()))`);
      assert.deepEqual(found, [], view);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= page.viewportSize().width, `${view} is as wide as the screen`);
    }
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("dialog", { name: "Views" }).waitFor();
    assert.deepEqual(await page.evaluate(`axe.run({ runOnly: ${JSON.stringify(rules)} }).then((r) => r.violations.map((v) => v.id + " " + v.nodes.map((n) => n.target).join()))`), []);
  });
}
