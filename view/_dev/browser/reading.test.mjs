// What a reader does with the table: open rows, filter by what is in them, go back and forth, pause, send a link.
import assert from "node:assert/strict";
import { until } from "../browser.mjs";
import { chips, goTo, settings } from "../reader.mjs";
import { follows, on, rest, scrollUp, seqs, visible } from "../stage.mjs";

const last = (page) => page.locator("#rows .row").last();
const texts = (page) => page.$$eval("#rows .row bdi", (all) => all.map((e) => e.textContent));
/** Where a row of the document is, from the top of the window. */
const top = (page, seq) => page.evaluate((seq) => document.querySelector(`#rows .row[data-seq="${seq}"]`)?.getBoundingClientRect().top, seq);
/** Opens a row, unless it is open: a row stays open when the page is loaded again. */
const openRow = async (page, row) => {
  if ((await row.getAttribute("aria-expanded")) !== "true") await row.click();
  await page.locator(".detail .facts").waitFor();
};
/** The line of an open row's table with a name. */
const fact = (page, name) => page.locator(".facts > div", { has: page.locator("dt", { hasText: new RegExp(`^${name}$`) }) });

on("a row opened at the lower edge scrolls its detail into view and stays visible", { viewport: { width: 1400, height: 700 } }, async (page, f) => {
  await scrollUp(page, 900);
  await rest(page);
  const seq = (await visible(page)).at(-1);
  await openRow(page, page.locator(`.row[data-seq="${seq}"]`));
  await until(page, () => document.querySelector(".detail").getBoundingClientRect().bottom <= document.querySelector("#log").getBoundingClientRect().bottom);
  assert.ok((await visible(page)).includes(seq));
  // A trace that is higher than the screen: its row is at the top.
  f.publish({ level: "error", message: "long", trace: Array.from({ length: 200 }, (_, i) => `line ${i}`).join("\n") });
  await page.click("#newest");
  await follows(page, f);
  await openRow(page, last(page));
  await until(page, (seq) => Math.abs(document.querySelector(`.row[data-seq="${seq}"]`).getBoundingClientRect().top - document.querySelector(".head").getBoundingClientRect().bottom) < 3, f.seq);
  f.publish({ message: "more" });
  await until(page, () => /1 new/.test(document.querySelector("#newest").textContent));
});

on("nothing moves under the reader when an open row above is dropped", { feeder: { history: 100_000, limit: 300_000 } }, async (page, f) => {
  await follows(page, f);
  await page.focus("#log");
  await page.keyboard.press("Home");
  await page.locator('.row[data-seq="1"]').waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".detail .facts").waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await until(page, () => document.querySelectorAll(".detail .facts").length === 2);
  await page.mouse.move(600, 500);
  await page.mouse.wheel(0, 24 * 700);
  await rest(page);
  const seen = await visible(page);
  const before = await top(page, seen[3]);
  const moved = new Set();
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 40; i++) f.publish({ message: `more ${round} ${i}`, level: "info" });
    await page.waitForTimeout(150);
    moved.add(await top(page, seen[3]));
  }
  await until(page, () => /400 new/.test(document.querySelector("#newest").textContent));
  moved.add(await top(page, seen[3]));
  assert.deepEqual([...moved], [before]);
});

on("an open row's age is updated and its times follow the time zone", { timezoneId: "Asia/Kolkata" }, async (page, f) => {
  const now = Date.now();
  f.publish({ message: "old", level: "info", time: new Date(now - 20_000).toISOString(), at: new Date(now - 3000).toISOString() });
  await follows(page, f);
  await openRow(page, last(page));
  const age = async () => Number(/(\d+)(?:\.\d+)? s ago/.exec(await fact(page, "time").textContent())[1]);
  const first = await age();
  assert.ok(first >= 20 && first < 30, `${first}`);
  assert.match(await fact(page, "received").textContent(), /\(\+17 s\)/);
  await until(page, (first) => Number(/(\d+)(?:\.\d+)? s ago/.exec(document.querySelector(".facts").textContent)[1]) > first, first);
  assert.match(await fact(page, "time").textContent(), /\+05:30/);
  await (await settings(page)).getByRole("button", { name: "UTC" }).click();
  await until(page, () => /\dZ /.test(document.querySelector(".facts").textContent));
});

on("a wrong clock is marked; days have dividers in the chosen time zone", { timezoneId: "Asia/Kolkata", feeder: { history: 0 } }, async (page, f) => {
  const at = (text) => ({ at: text, time: text });
  f.publish({ message: "1", ...at("2026-11-20T18:20:00.000000Z") });
  f.publish({ message: "2", ...at("2026-11-20T18:31:00.123000Z") }); // another day in India
  f.publish({ message: "3", at: "2026-11-21T00:10:00.000000Z", time: "2026-11-20T23:10:00Z" }); // another day in UTC
  await follows(page, f);
  const marks = () => page.$$eval("#rows .row", (rows) => rows.map((r) => r.dataset.mark ?? ""));
  assert.match((await marks())[1], /Sat.*Nov.* 21.*2026|Sat.*21.*Nov.*2026/);
  assert.doesNotMatch((await marks())[2], /2026/);
  assert.equal(await page.locator(".row.skew").count(), 1);
  assert.match(await page.locator(".row.skew time").getAttribute("title"), /received \+60 min/);
  assert.match(await page.locator(".row time").nth(1).getAttribute("title"), /^2026-11-21T00:01:00\.123\+05:30/);
  assert.equal(await page.locator(".row time").nth(1).textContent(), "00:01:00.123");
  await (await settings(page)).getByRole("button", { name: "UTC" }).click();
  await until(page, () => document.querySelectorAll("#rows time")[1].textContent === "18:31:00.123");
  assert.doesNotMatch((await marks())[1], /2026/);
  assert.match((await marks())[2], /2026/);
});

on("a message is shown with the template that it was made from", {}, async (page, f) => {
  f.publish({ message: "order 4711 of Zoë failed: 100% lost", template: "order %d of %(name)s failed: 100%% lost", level: "error" });
  await follows(page, f);
  await openRow(page, last(page));
  assert.equal(await page.locator(".detail pre.text").textContent(), "order 4711 of Zoë failed: 100% lost");
  assert.equal(await page.locator(".detail .template").textContent(), "order %d of %(name)s failed: 100%% lost");
});

on("an empty record says so", {}, async (page, f) => {
  f.publish({ fields: { "elva.empty": { bytes: 0 } } });
  f.publish({ message: "long", fields: { "elva.cut": { bytes: 300_000 } } });
  f.publish({ fields: { user: "zoë", n: 3 } });
  await follows(page, f);
  assert.deepEqual((await texts(page)).slice(-3), ["empty record, 0 bytes", "long", "user=zoë n=3"]);
  assert.equal(await page.locator("#rows .row em").nth(-2).textContent(), " cut, 300,000 bytes were published");
  await openRow(page, page.locator("#rows .row").nth(-3));
  assert.match(await fact(page, "note").textContent(), /empty record, 0 bytes/);
});

const wares = (f) => {
  for (let i = 0; i < 60; i++) {
    f.publish({
      message: `sold ${i}`, level: i % 10 === 3 ? "error" : "info", logger: i % 2 ? "shop.a" : "shop.b", host: `web-${i % 3}`, pid: 100 + (i % 4), channel: i % 5 ? "app:log" : "other",
      source: `/srv/a.py:${i % 6} f`, fields: { id: i % 7, of: 10 + (i % 7), who: i % 2 ? "Zoë \"Z\"" : "Zoë", "-a=b": i % 3, a: "b=2", tags: ["a", { b: i % 3 }] },
    });
  }
};
for (const [name, word] of [
  ["level", null], ["logger", "logger = shop.a"], ["host", "host = web-0"], ["worker", "worker = web-0/shop"], ["channel", "channel = app:log"], ["source", 'source = "/srv/a.py:3 f"'], ["pid", 'pid = "103"'],
  ["id", "id = 3"], ["who", 'who = "Zoë \\"Z\\""'], ["b", "tags.b = 0"], ["-a=b", '"fields.-a=b"=2'],
]) {
  on(`filter for or against a value: ${name}`, { feeder: { history: 0 }, prepare: wares }, async (page, f) => {
    await follows(page, f);
    const has = (i) => ({ level: i % 10 === 3, logger: i % 2 === 1, host: i % 3 === 0, worker: i % 3 === 0, channel: i % 5 !== 0, source: i % 6 === 3, pid: i % 4 === 3, id: i % 7 === 3, who: i % 2 === 1, "-a=b": i % 3 === 2, b: i % 3 === 0 })[name];
    const are = async (want) => {
      const expected = Array.from({ length: 60 }, (_, i) => i).filter(want).map((i) => `sold ${i}`);
      await until(page, (n) => document.querySelector("#matchCount").textContent.startsWith(`${n} of`), expected.length);
      await page.waitForTimeout(60);
      assert.deepEqual((await texts(page)).filter((t) => !expected.includes(t)), []);
    };
    // The search that is there stays: it takes nothing away here.
    await page.fill("input[name=q]", "sold");
    await are(() => true);
    const one = Array.from({ length: 60 }, (_, i) => i).findLast(has);
    const row = page.locator("#rows .row", { has: page.locator("bdi", { hasText: new RegExp(`^sold ${one}$`) }) });
    const line = page.locator(".facts div:not(:has(div))").filter({ has: page.locator(`button[aria-label^="Only ${name} "]`) });
    await openRow(page, row);
    await line.hover();
    await line.getByText("+").click();
    await are(has);
    if (word) assert.ok((await chips(page)).includes(word), `${await chips(page)}`);
    await page.reload();
    await until(page, () => document.querySelector("#log.live") && document.querySelectorAll("#rows .row").length > 0);
    await are(has);
    await page.focus("#log");
    await page.keyboard.press("x");
    await page.fill("input[name=q]", "sold");
    await are(() => true);
    await openRow(page, row);
    await line.hover();
    await line.getByText("−").click();
    await are((i) => !has(i));
    assert.equal(await page.inputValue("input[name=q]"), "sold");
  });
}

on("a time range: from one record until another, in the link, and removed", { feeder: { history: 0 } }, async (page, f) => {
  const begin = Date.now() - 60_000;
  for (let i = 0; i < 60; i++) f.publish({ message: `tick ${i}`, level: "info", time: new Date(begin + i * 1000).toISOString().replace("Z", `${String(i).padStart(3, "0")}Z`) });
  await follows(page, f);
  const row = (i) => page.locator("#rows .row", { has: page.locator("bdi", { hasText: new RegExp(`^tick ${i}$`) }) });
  for (const [i, words, left] of [[49, "Until this time", 50], [30, "From this time", 20]]) {
    await openRow(page, row(i));
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("button", { name: words }).click();
    await until(page, (n) => document.querySelector("#matchCount").textContent === `${n} of 60 records`, left);
    await row(i).click();
  }
  const want = Array.from({ length: 20 }, (_, i) => `tick ${30 + i}`);
  await until(page, () => document.querySelectorAll("#rows .row").length === 20);
  assert.deepEqual(await texts(page), want);
  await page.reload();
  await until(page, () => document.querySelector("#log.live") && document.querySelectorAll("#rows .row").length === 20);
  assert.deepEqual(await texts(page), want);
  assert.match((await chips(page)).join(), /^(\S+ )?\d\d:\d\d(:\d\d)? – (\S+ )?\d\d:\d\d(:\d\d)?$/);
  await page.getByRole("button", { name: /^Remove/ }).click();
  await until(page, () => document.querySelectorAll("#chipList li").length === 0);
  await until(page, () => document.querySelector("#matchCount").textContent === "");
});

on("several values are combined; their chips are switched off, edited and removed", { feeder: { history: 0 }, prepare: wares, hash: "?q=fields.id%3D3+-pid:103" }, async (page) => {
  const want = Array.from({ length: 60 }, (_, i) => i).filter((i) => i % 7 === 3 && i % 4 !== 3).map((i) => `sold ${i}`);
  await until(page, (n) => document.querySelectorAll("#rows .row").length === n, want.length);
  assert.deepEqual(await texts(page), want);
  assert.deepEqual(await chips(page), ["id = 3", "pid ≠ 103"]);
  const chip = (name) => page.getByRole("button", { name, exact: true });
  await chip("id = 3").click({ modifiers: ["Alt"] });
  await until(page, () => document.querySelector("#matchCount").textContent === "45 of 60 records");
  assert.deepEqual([await chip("id = 3").getAttribute("aria-pressed"), await chips(page)], ["false", ["pid ≠ 103", "id = 3"]]);
  await page.reload();
  await until(page, () => document.querySelector("#matchCount").textContent === "45 of 60 records");
  await chip("id = 3").press(" ");
  await until(page, (n) => document.querySelectorAll("#rows .row").length === n, want.length);
  await chip("pid ≠ 103").click();
  assert.equal(await page.inputValue("input[name=q]"), "-pid:103");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("-pid:101");
  await page.keyboard.press("Enter");
  await until(page, () => [...document.querySelectorAll("#chipList li")].some((e) => e.textContent.startsWith("pid ≠ 101")));
  await page.getByRole("button", { name: "Remove id = 3" }).click();
  await until(page, () => document.querySelector("#matchCount").textContent === "45 of 60 records");
  await page.getByRole("button", { name: "Clear all" }).click();
  await until(page, () => document.querySelector("#matchCount").textContent === "" && location.search === "");
});

on("Back undoes what was changed on purpose, but not each key; reload keeps filters, place and the open record", { feeder: { history: 3000 } }, async (page) => {
  await page.locator("#levels label", { hasText: "debug" }).or(page.locator("#levels label", { hasText: "Debug" })).first().click();
  await until(page, () => location.search.startsWith("?level="));
  await page.locator("input[name=q]").pressSequentially("order");
  await page.keyboard.press("Enter");
  await until(page, () => /q=order/.test(location.search) && document.querySelectorAll("#chipList li").length === 2);
  await scrollUp(page, 3000);
  await rest(page);
  const row = page.locator("#rows .row").nth(20);
  const seq = await row.getAttribute("data-seq");
  await openRow(page, row);
  await rest(page);
  const before = await top(page, seq);
  await page.waitForTimeout(400); // the place is written when scrolling has settled
  await page.reload();
  await page.locator(`.row[data-seq="${seq}"][aria-expanded="true"]`).waitFor();
  await rest(page);
  assert.ok(Math.abs((await top(page, seq)) - before) < 2, `${before} ${await top(page, seq)}`);
  assert.deepEqual(await chips(page), ["level ≠ debug", "order"]);
  await page.goBack();
  await until(page, () => location.search.startsWith("?level=") && document.querySelectorAll("#chipList li").length === 1);
  await page.goBack();
  await until(page, () => location.search === "" && document.querySelector("input[value=debug]").checked);
  await page.goForward();
  await until(page, () => !document.querySelector("input[value=debug]").checked);
});

for (const pause of [0, 40, 120, 240, 260, 400]) {
  on(`a search that is cleared ${pause} ms after the last key is gone`, {}, async (page) => {
    await page.locator("input[name=q]").pressSequentially("timeout", { delay: 5 });
    await page.waitForTimeout(pause);
    await page.focus("#log");
    await page.keyboard.press("x");
    await until(page, () => document.querySelector("#matchCount").textContent === "");
    await page.waitForTimeout(500); // longer than what follows a key
    assert.deepEqual([await page.inputValue("input[name=q]"), await page.evaluate(() => location.search)], ["", ""]);
  });
}

on("show in context: filters are cleared, the row stays open and in place", { feeder: { history: 3000 }, hash: "?level=error&q=order" }, async (page) => {
  await until(page, () => document.querySelectorAll("#rows .row").length > 5);
  const row = page.locator("#rows .row").nth(-4);
  const seq = await row.getAttribute("data-seq");
  await openRow(page, row);
  await rest(page);
  const before = await top(page, seq);
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByText("Show in context").click();
  await until(page, () => [...document.querySelectorAll("#rows .row")].some((r) => r.dataset.level === "debug"));
  assert.equal(await top(page, seq), before);
  assert.equal(await page.locator(".detail").count(), 1);
  assert.ok((await seqs(page)).includes(Number(seq) - 1));
  assert.doesNotMatch(page.url(), /\?/);
});

on("clearing a filter that hid the reader's row restores its position", { feeder: { history: 3000 } }, async (page) => {
  await scrollUp(page, 9000);
  await rest(page);
  const seen = await page.evaluate(() => {
    const log = document.querySelector("#log").getBoundingClientRect();
    const rows = [...document.querySelectorAll("#rows .row")].filter((r) => r.getBoundingClientRect().top >= log.top + 20);
    return [Number(rows[0].dataset.seq), rows[0].getBoundingClientRect().top];
  });
  await page.waitForTimeout(700); // so that nothing here counts as the reader's scrolling
  for (const words of [["zebrafish"], ["t", "timeout", "timeout ex"]]) {
    for (const word of words) {
      await page.fill("input[name=q]", word);
      await until(page, () => /of/.test(document.querySelector("#matchCount").textContent));
      await page.waitForTimeout(200);
    }
    await page.fill("input[name=q]", "");
    await until(page, () => document.querySelector("#matchCount").textContent === "" && document.querySelectorAll("#rows .row").length > 20);
    await page.waitForTimeout(100);
    assert.equal(await top(page, seen[0]), seen[1]);
  }
});

on("settings are remembered and the same in all tabs; they are not in the address", {}, async (page, f) => {
  const other = await page.context().newPage();
  await other.goto(f.url);
  await until(other, () => document.querySelector("#log.live"));
  const panel = await settings(page);
  for (const name of ["UTC", "Newest first", "Dark", "Comfortable"]) await panel.getByRole("button", { name, exact: true }).click();
  await panel.getByRole("checkbox", { name: "Source" }).uncheck();
  await panel.getByRole("button", { name: "Move up Message" }).click();
  await panel.getByLabel("Pin a field as a column").fill("username");
  await panel.getByRole("button", { name: "Pin", exact: true }).click();
  // By key, too: the focus stays where it was, although the list of columns is drawn again.
  const width = panel.getByRole("slider", { name: "Width of Worker" });
  await width.focus();
  const before = Number(await width.inputValue());
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
  assert.equal(Number(await width.inputValue()), before + 24);
  await panel.getByRole("checkbox", { name: "Logger" }).focus();
  for (const is of [false, true]) {
    await page.keyboard.press("Space");
    assert.equal(await page.getByRole("columnheader", { name: "Logger" }).isVisible(), is);
  }
  await panel.getByRole("button", { name: "Move up Level" }).press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.closest("li")?.textContent.startsWith("Level")), true, "the first column keeps the focus, though it can't move up");
  await panel.getByRole("button", { name: "Move down Level" }).press("Enter");
  for (const one of [page, other]) {
    await until(one, () => document.querySelector("#zone").textContent === "UTC" && document.querySelectorAll(".head [role=columnheader]").length === 7);
    assert.equal(await one.getByRole("columnheader", { name: "Source" }).isVisible(), false);
    await one.getByRole("columnheader", { name: "username" }).waitFor();
    await until(one, () => document.querySelector("#rows .row .pin")?.textContent === "shop");
    const [message, logger] = await one.evaluate(() => ["message", "logger"].map((name) => document.querySelector(`.head .${name}`).getBoundingClientRect().left));
    assert.ok(message < logger);
  }
  assert.doesNotMatch(page.url(), /[?#]/);
  await other.reload();
  await until(other, () => document.querySelector("#log.live") && getComputedStyle(document.documentElement).colorScheme === "dark");
  assert.equal(await other.getByRole("treegrid").getAttribute("aria-label"), "Log records, newest first");
});

on("an error is signaled at once even at a slow playback rate", {}, async (page, f) => {
  await (await settings(page)).getByRole("button", { name: "1/s", exact: true }).click();
  for (let i = 0; i < 20; i++) f.publish({ message: `m${i}`, level: "info" });
  await until(page, () => /new/.test(document.querySelector("#newest").textContent));
  f.publish({ message: "broken", level: "error" });
  const begin = Date.now();
  await until(page, () => /1 error/.test(document.querySelector("#newest").textContent));
  assert.ok(Date.now() - begin < 1500, "though its row comes in twenty seconds");
  assert.ok(!(await texts(page)).includes("broken"));
});

on("duplicates collapse into one row with a count, only if enabled", { feeder: { history: 0 } }, async (page, f) => {
  for (let i = 0; i < 1500; i++) f.publish({ message: "again", level: "info", logger: "a" });
  f.publish({ message: "another", level: "info", logger: "a" });
  for (let i = 0; i < 3; i++) f.publish({ message: "again", level: "info", logger: "a" });
  await follows(page, f);
  assert.ok((await page.locator("#rows .row").count()) > 20);
  const collapse = (await settings(page)).getByRole("switch", { name: "Collapse duplicates" });
  await collapse.click();
  await until(page, () => document.querySelectorAll("#rows .row").length === 3);
  assert.deepEqual(await page.$$eval("#rows .row", (all) => all.map((r) => `${r.querySelector("u").textContent} ${r.querySelector("bdi").textContent}`)), ["×1,500 again", " another", "×3 again"]);
  f.publish({ message: "again", level: "info", logger: "a" });
  await until(page, () => [...document.querySelectorAll("#rows u")].at(-1).textContent === "×4");
  await collapse.click();
  await until(page, () => document.querySelectorAll("#rows .row").length > 20);
});

on("a permalink waits for a long history and overrides the link's filter", { feeder: { history: 300 } }, async (page, f) => {
  const info = JSON.parse(f.items.find((item) => JSON.parse(item.text).level === "info").text).seq;
  await goTo(page, `?level=error&at=${f.epoch}-${info}`);
  await page.locator(`.row[data-seq="${info}"][aria-expanded="true"]`).waitFor();
  // The history is long under way: the page shows what it has, and looks for the record when the rest is there.
  const send = f.items;
  f.items = send.slice(0, 100);
  const trickle = setInterval(() => (f.items = send.slice(0, f.items.length + 5)), 200);
  const status = f.status.bind(f);
  f.status = () => ({ ...status(), history: { ...status().history, firstSeq: 1, lastSeq: 300 } });
  await page.goto(`${f.url}?at=${f.epoch}-250`);
  await until(page, () => document.querySelector("#log.live"));
  assert.equal(await page.locator("#notice").textContent(), "");
  await page.locator('.row[data-seq="250"][aria-expanded="true"]').waitFor();
  clearInterval(trickle);
});

on("next and previous match, also in highlight mode; open rows are highlighted", {}, async (page, f) => {
  for (let i = 0; i < 40; i++) f.publish({ message: i % 8 === 3 ? `a needle ${i}` : `hay ${i}`, level: "info", fields: { straw: `needle ${i % 8 === 3}` === "needle true" ? "needle" : "x" } });
  await follows(page, f);
  await page.fill("input[name=q]", "needle");
  await until(page, () => /^5 of/.test(document.querySelector("#matchCount").textContent));
  await page.click("#highlight");
  await until(page, () => document.querySelector("#matchCount").textContent === "5 highlighted" && [...document.querySelectorAll("#rows bdi")].some((e) => e.textContent === "hay 39"));
  const active = (text) => until(page, (text) => document.querySelector('.row[aria-selected="true"] bdi')?.textContent === text, text);
  await page.click("#previous");
  await active("a needle 35");
  await until(page, () => document.querySelector("#matchCount").textContent === "5 of 5");
  await page.focus("#log");
  await page.keyboard.press("N");
  await active("a needle 27");
  await until(page, () => document.querySelector("#matchCount").textContent === "4 of 5");
  f.publish({ message: "one more needle", level: "info" });
  await until(page, () => document.querySelector("#matchCount").textContent === "4 of 6");
  await page.keyboard.press("n");
  await active("a needle 35");
  await page.keyboard.press("Enter");
  await page.locator(".detail .facts").waitFor();
  await until(page, () => [...CSS.highlights.get("match")].filter((r) => r.startContainer.parentElement.closest(".detail")).length === 2);
});

for (const [name, hash] of [["hiding", ""], ["highlighting", "&highlight=1"]]) {
  on(`a slow expression leaves the page responsive (${name})`, { feeder: { history: 500 } }, async (page, f) => {
    f.publish({ message: "x=".repeat(4000), level: "info" });
    f.publish({ message: `${"a".repeat(60)}!`, level: "info" });
    await follows(page, f);
    for (const pattern of [".*=.*=.*=.*=.*#", "(\\w\\w?)+$", "(\\w{1,9}){1,9}#", "\\w*\\w*\\w*\\w*\\w*#", "(a+)+$"]) {
      await goTo(page, ""); // the count of the last pattern must be gone
      await until(page, () => document.querySelector("#matchCount").textContent === "");
      const begin = Date.now();
      await goTo(page, `?q=${encodeURIComponent(`/${pattern}/`)}${hash}`);
      await until(page, () => !/^$|searching/.test(document.querySelector("#matchCount").textContent), null, 8000);
      await page.evaluate(() => new Promise(requestAnimationFrame));
      assert.ok(Date.now() - begin < 5000, `${pattern}: ${Date.now() - begin} ms`);
    }
  });
}

on("an open record: actions and single keys, Escape returns to the row", { feeder: { history: 40 }, permissions: ["clipboard-read", "clipboard-write"] }, async (page, f) => {
  f.publish({ level: "error", host: "web-1", logger: "shop.pay", message: "order 4711 failed after 3 tries", fields: { order: 4711, http: { status: 502 } } });
  f.publish({ message: "after" });
  await follows(page, f);
  const row = page.locator("#rows .row", { has: page.locator("bdi", { hasText: "order 4711" }) });
  await openRow(page, row);
  const actions = page.getByRole("group", { name: "Actions", exact: true });
  await actions.getByRole("button", { name: "Copy", exact: true }).click();
  await page.getByText("Copied").waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^\d{4}-\d\d-\d\d [\d:.]+ ERROR {4}web-1: shop\.pay: order 4711 failed after 3 tries http=\{"status":502\} order=4711$/);
  await page.keyboard.press("p");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await page.keyboard.press("p");
  await actions.getByRole("button", { name: "Link" }).focus();
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement.id), "log");
  assert.equal(await page.locator(".detail").count(), 1);
  await page.keyboard.press("Escape");
  await until(page, () => !document.querySelector('.detail, .row[aria-expanded="true"]'));
  await openRow(page, row);
  await actions.getByRole("button", { name: "Similar", exact: true }).click();
  await until(page, () => document.querySelectorAll("#rows .row").length === 1);
  assert.match(await page.locator("body").textContent(), /order 4711/);
});

on("a 20 KB field, a message of 500 lines and a trace of 300 never make a wall; actions stay visible", { feeder: { history: 5 } }, async (page, f) => {
  const trace = Array.from({ length: 150 }, (_, i) => `  File "/srv/a${i}.py", line ${i}, in f\n    g(${i})`).join("\n");
  f.publish({ level: "error", message: "line\n".repeat(500), trace: `${trace}\nValueError: no`, traceLines: `${"o-".repeat(150)}e`, exception: { type: "ValueError", text: "no" }, fields: { big: "x".repeat(20_000), deep: { a: Array.from({ length: 300 }, (_, n) => ({ n })) } } });
  await follows(page, f);
  await openRow(page, last(page));
  const height = () => page.locator(".detail").evaluate((e) => e.offsetHeight);
  assert.ok((await height()) < 1400, `${await height()} px`);
  for (const name of [/3,?\d* characters|2,500 characters/, /more lines/, /20,000 characters/, /1 field, /]) await page.locator(".detail").getByRole("button", { name }).click();
  assert.ok((await height()) > 8000);
  await page.mouse.move(300, 600);
  await page.mouse.wheel(0, 3000);
  await rest(page);
  assert.ok(await page.getByRole("button", { name: "Similar", exact: true }).evaluate((e) => { const box = e.getBoundingClientRect(); return document.elementFromPoint(box.x + 5, box.y + 5) === e; }), "the actions are where they can be clicked");
});

on("copying several rows gives a line for each record; a part of one row is copied as it is", { feeder: { history: 0 }, permissions: ["clipboard-read", "clipboard-write"] }, async (page, f) => {
  for (const n of [1, 2, 3]) f.publish({ level: "info", logger: "shop", message: `sold ${n}`, fields: { id: n } });
  await follows(page, f);
  await page.hover("#log");
  const select = (from, to, chars) => page.evaluate(([from, to, chars]) => {
    const text = (n) => document.querySelectorAll("#rows .row bdi")[n].firstChild;
    getSelection().setBaseAndExtent(text(from), 0, text(to), chars);
  }, [from, to, chars]);
  const copied = async () => {
    await page.keyboard.press("ControlOrMeta+c");
    return page.evaluate(() => navigator.clipboard.readText());
  };
  await openRow(page, page.locator("#rows .row").nth(0)); // the file that copies is there
  await page.locator("#rows .row").nth(0).click();
  await select(0, 2, 3);
  assert.match(await copied(), /^[-\d]+ [\d:.]+ INFO {5}shop: sold 1 id=1\n[-\d]+ [\d:.]+ INFO {5}shop: sold 2 id=2\n[-\d]+ [\d:.]+ INFO {5}shop: sold 3 id=3\n$/);
  await select(1, 1, 4);
  assert.equal(await copied(), "sold");
});

on("print gives the records to one who has touched nothing", { feeder: { history: 12 } }, async (page) => {
  await page.getByRole("button", { name: "Go to…" }).waitFor(); // the newest records are shown
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({ media: "print" });
  await page.locator("pre", { hasText: "id=1000000" }).waitFor();
  assert.equal(await page.getByRole("treegrid").isVisible(), false);
  assert.equal(await page.locator("link[href*=later]").count(), 0);
});

on("print gives the records", { feeder: { history: 120 } }, async (page) => {
  await page.hover("#log");
  await openRow(page, last(page));
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({ media: "print" });
  const printed = page.locator("pre", { hasText: "id=1000000" });
  for (const own of ["Records over time", "Search"]) assert.equal(await page.getByLabel(own, { exact: true }).first().isVisible(), false, own);
  assert.equal((await printed.innerText()).match(/^\d{4}-/gm).length, 120);
  assert.equal(await page.getByRole("treegrid").isVisible(), false);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "screen" });
  assert.equal(await page.getByRole("treegrid").isVisible(), true);
});
