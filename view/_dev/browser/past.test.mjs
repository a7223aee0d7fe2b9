// Records that the page has not received: scrolling back, filters over all of memory, links to a record.
import assert from "node:assert/strict";
import { until } from "../browser.mjs";
import { chips, goTo } from "../reader.mjs";
import { follows, NETWORK, on, rest, scrollUp, seqs, visible } from "../stage.mjs";

const records = (page) => page.getByRole("treegrid", { name: "Log records" });
const row = (page, seq) => page.locator(`#rows .row[data-seq="${seq}"]`);
const newest = (page) => page.getByRole("button", { name: /Newest|new/ });
/** Scrolls up until a record, or an older one, is there. */
async function scrollTo(page, seq, px = 20_000) {
  await page.mouse.move(600, 500);
  for (let i = 0; !(await seqs(page)).some((n) => n <= seq); i++) {
    assert.ok(i < 400, `record ${seq} did not come`);
    await page.mouse.wheel(0, -px);
    await page.waitForTimeout(20);
  }
  await rest(page);
}
const marks = (page) => page.$$eval("#rows .row[data-mark]", (rows) => rows.map((r) => r.dataset.mark));

on("scrolling up loads older records without a hole, and the place does not move", { feeder: { history: 9000, first: 300 } }, async (page, f) => {
  await follows(page, f);
  await scrollUp(page, 6000);
  await rest(page);
  await until(page, () => document.querySelector("#rows").offsetHeight > 23 * 8000);
  const seen = await visible(page);
  assert.deepEqual(seen, seen.map((_, i) => seen[0] + i));
  const top = () => page.evaluate((seq) => document.querySelector(`#rows .row[data-seq="${seq}"]`)?.getBoundingClientRect().top, seen[5]);
  const before = await top();
  f.publish({ message: "more" });
  await until(page, () => /1 new/.test(document.querySelector("#newest").textContent));
  assert.equal(await top(), before);
  // The bar says how much there is, and where in it the reader is.
  await until(page, () => Math.abs(document.querySelector("#log").scrollHeight / 23 - 9000) < 50);
  const at = await page.evaluate(() => document.querySelector("#log").scrollTop / 23);
  assert.ok(Math.abs(at - seen[0]) < 50, `${at} of ${seen[0]}`);
  await scrollTo(page, 1);
  assert.deepEqual((await seqs(page)).slice(0, 3), [1, 2, 3]);
  assert.match((await marks(page))[0], /^nothing older: Elva started at \d\d:\d\d:\d\d/);
  assert.equal(await page.evaluate(() => document.querySelector("#log").scrollTop < 23 * 3000), true);
  await newest(page).click();
  await follows(page, f);
});

on("dragging the scrollbar far away loads the records there", { feeder: { history: 60_000, first: 300 } }, async (page, f) => {
  await follows(page, f);
  await scrollUp(page, 6000);
  await rest(page);
  await until(page, () => document.querySelector("#log").scrollHeight > 23 * 55_000);
  const drag = (share) => page.evaluate((share) => {
    const log = document.querySelector("#log");
    log.dispatchEvent(new PointerEvent("pointerdown", { buttons: 1, bubbles: true }));
    log.scrollTop = share * log.scrollHeight;
  }, share);
  await drag(0.5);
  await until(page, () => [...document.querySelectorAll("#rows .row")].some((r) => Math.abs(r.dataset.seq - 30_000) < 300));
  const seen = await visible(page);
  assert.deepEqual(seen, seen.map((_, i) => seen[0] + i));
  await until(page, () => Math.abs(document.querySelector("#log").scrollTop / document.querySelector("#log").scrollHeight - 0.5) < 0.02);
  await drag(0.8);
  await until(page, () => [...document.querySelectorAll("#rows .row")].some((r) => Math.abs(r.dataset.seq - 48_000) < 500));
  await newest(page).click();
  await follows(page, f);
});

on("where older records are no longer in memory, the oldest row says so", { feeder: { history: 3000, first: 300, limit: 2000 } }, async (page, f) => {
  await scrollTo(page, f.items[0].seq);
  await until(page, () => [...document.querySelectorAll("#rows .row")].some((r) => /^older records are no longer in memory/.test(r.dataset.mark)));
  const mark = await page.evaluate(() => getComputedStyle(document.querySelector("#rows .row[data-mark]"), "::after").position);
  assert.equal(mark, "static", "what it says has a place of its own and covers nothing");
});

on("gaps are rows among older records, too", { feeder: { history: 500, first: 100 }, prepare(f) {
  f.gap({ kind: "redis", from: new Date(Date.now() - 70_000).toISOString(), to: new Date(Date.now() - 61_000).toISOString() });
  for (let i = 0; i < 2000; i++) f.publish({ message: `after ${i}`, level: "info" });
} }, async (page) => {
  await scrollTo(page, 505, 700);
  await page.locator("#rows .row.gap").first().waitFor();
  assert.match(await page.locator("#rows .row.gap bdi").textContent(), /^Redis unreachable/);
});

on("a filter shows what matches in all of memory, and loads again when it changes", { feeder: { history: 6000, first: 300 }, prepare(f) {
  f.items[99].text = f.items[99].text.replace('"message":"', '"message":"needle in the haystack ');
} }, async (page, f) => {
  await follows(page, f);
  await page.fill("input[name=q]", "haystack");
  await row(page, 100).waitFor();
  assert.deepEqual(await seqs(page), [100]);
  assert.match((await marks(page))[0], /^no older record matches; nothing older/);
  await page.fill("input[name=q]", "zebra");
  await until(page, () => /No record matches/.test(document.querySelector("#empty")?.textContent ?? "") && !document.querySelector("#empty").hidden);
  await page.fill("input[name=q]", "");
  await follows(page, f);
});

on("a filter that changes in the past keeps the place", { feeder: { history: 8000, first: 300 } }, async (page, f) => {
  await scrollTo(page, 3000);
  const [seq] = await visible(page);
  const level = (seq) => JSON.parse(f.items[seq - 1].text).level;
  await page.getByRole("checkbox", { name: "Debug" }).click({ force: true });
  await until(page, () => document.querySelectorAll("#rows .row").length > 10 && document.querySelectorAll('#rows .row[data-level="debug"]').length === 0);
  await rest(page);
  const shown = await visible(page);
  assert.ok(Math.abs(shown[0] - seq) < 60, `${shown[0]}, before ${seq}`);
  const want = [];
  for (let s = shown[0]; s <= shown.at(-1); s++) if (level(s) !== "debug") want.push(s);
  assert.deepEqual(shown, want, "no hole");
  await page.getByRole("checkbox", { name: "Debug" }).click({ force: true });
  await until(page, () => document.querySelectorAll('#rows .row[data-level="debug"]').length > 3);
  const again = await visible(page);
  assert.deepEqual(again, again.map((_, i) => again[0] + i));
});

on("the page keeps no more than it has room for, and finds back to the newest", { feeder: { history: 130_000, limit: 200_000, first: 99_000 } }, async (page, f) => {
  await follows(page, f);
  await page.focus("#log");
  await page.keyboard.press("Home");
  await scrollTo(page, 20_000, 500_000);
  await until(page, () => /Newest/.test(document.querySelector("#newest").textContent));
  f.publish({ message: "while in the past", level: "error" });
  await until(page, () => /1 new/.test(document.querySelector("#newest").textContent));
  // Down again, page by page.
  await newest(page).click();
  await follows(page, f);
  const seen = await visible(page);
  assert.deepEqual(seen, seen.map((_, i) => seen[0] + i));
  f.publish({ message: "live again" });
  await follows(page, f);
});

on("a link to a record that the page does not have loads what is around it", { feeder: { history: 6000, first: 300 } }, async (page, f) => {
  await page.goto(`${f.url}?at=${f.epoch}-1234`);
  await page.reload();
  await page.locator('.row[data-seq="1234"][aria-expanded="true"]').waitFor();
  const seen = await visible(page);
  assert.ok(seen.includes(1230));
  // Down from there to the newest, where the page is live.
  for (let i = 0; (await row(page, 6000).count()) === 0; i++) {
    assert.ok(i < 300);
    await page.mouse.move(600, 500);
    await page.mouse.wheel(0, 20_000);
    await page.waitForTimeout(20);
  }
  f.publish({ message: "live again" });
  await follows(page, f);
});

on("a stream's record is named by its entry, which a restart does not change; a record that is gone offers its time", { feeder: { history: 2000, first: 300 }, prepare(f) {
  f.items[499].text = f.items[499].text.replace(/"seq":500,/, '"seq":500,"entry":"1795968000000-7",');
}, expect: NETWORK, permissions: ["clipboard-read", "clipboard-write"] }, async (page, f) => {
  await follows(page, f);
  await goTo(page, "?at=1795968000000-7@app:log");
  await page.locator('.row[data-seq="500"][aria-expanded="true"]').waitFor();
  await page.getByRole("button", { name: "Link", exact: true }).click();
  await until(page, () => document.querySelector("#notice").textContent === "Copied");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${f.url}?at=1795968000000-7%40app:log`);
  const time = JSON.parse(f.items[999].text).time;
  await goTo(page, `?at=OTHER-77@${time}`);
  const offer = page.getByRole("status").getByRole("button", { name: /^Go to 20/ });
  await offer.click();
  await page.locator('.row[data-seq="999"][aria-selected="true"]').waitFor();
});
