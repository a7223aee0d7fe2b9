// The page in windows of every width, and zoomed: a zoom of 200 % halves the window in CSS pixels.
import assert from "node:assert/strict";
import { fill } from "../shop.mjs";
import { on } from "../stage.mjs";

/** How many records are seen whole, and how many characters of a message have room. */
const measured = (page) => page.evaluate(() => {
  const log = document.querySelector("#log").getBoundingClientRect();
  const head = document.querySelector("#log .head").getBoundingClientRect();
  const top = Math.max(log.top, head.bottom);
  const rows = [...document.querySelectorAll("#rows .row")].filter((row) => row.getBoundingClientRect().top >= top - 1 && row.getBoundingClientRect().bottom <= log.bottom + 1);
  const message = rows[0].querySelector(".message");
  const probe = Object.assign(document.createElement("span"), { textContent: "0".repeat(100), style: "position:absolute" });
  message.append(probe);
  const ch = probe.getBoundingClientRect().width / 100;
  probe.remove();
  return { rows: rows.length, chars: Math.floor(message.getBoundingClientRect().width / ch), overflow: document.documentElement.scrollWidth - innerWidth };
});

for (const [width, height, records] of [[1920, 1080, 34], [1440, 900, 28], [1280, 800, 24], [1024, 768, 20], [768, 1024, 20], [390, 844, 9], [720, 450, 6], [360, 225, 4]]) {
  for (const panel of ["", "Health", "Filters", "Settings"]) {
    on(`${width} by ${height}${panel && `, ${panel} open`}: records, messages of 40 characters, nothing to scroll sideways`, { feeder: { history: 0 }, viewport: { width, height }, prepare: (f) => fill(f) }, async (page) => {
      if (panel) {
        await page.getByRole("button", { name: panel, exact: true }).click();
        await page.getByRole("complementary", { name: panel }).waitFor();
      }
      if (panel && width <= 768) return; // the panel is in the table's place
      const { rows, chars, overflow } = await measured(page);
      assert.ok(panel || rows >= records, `${rows} records`);
      assert.ok(chars >= 40, `${chars} characters`);
      assert.ok(overflow <= 0, `${overflow} px too wide`);
    });
  }
}

/** Whether a box covers another one. */
const covers = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** What an element has of the text in it, without the rest of its box. */
const textBox = (locator) => locator.evaluate((e) => {
  const range = document.createRange();
  range.selectNodeContents(e);
  const { x, y, width, height } = range.getBoundingClientRect();
  return { x, y, width, height };
});

for (const [width, height] of [[1440, 900], [1024, 768], [768, 1024]]) {
  on(`${width} by ${height}: the way back to the newest record covers neither a record nor the name of a column`, { feeder: { history: 200 }, viewport: { width, height }, prepare: (f) => fill(f) }, async (page) => {
    await page.getByRole("treegrid").hover();
    await page.mouse.wheel(0, -600);
    const newest = page.getByTitle("Follow (End)");
    await newest.waitFor();
    const button = await newest.boundingBox();
    for (const name of await page.getByRole("columnheader").all()) {
      if (await name.isVisible()) assert.ok(!covers(button, await textBox(name)), await name.textContent());
    }
    const names = await page.getByRole("row").filter({ has: page.getByRole("columnheader") }).boundingBox();
    assert.ok(button.y >= names.y && button.y + button.height <= names.y + names.height, "records are below the names");
  });
}

on("a phone: the search field takes the width of the screen while one types, and Tab reaches the buttons beside it", { viewport: { width: 390, height: 844 } }, async (page) => {
  const field = page.getByRole("searchbox", { name: "Search" });
  await field.click();
  assert.ok((await field.boundingBox()).width >= 250);
  await page.keyboard.press("Shift+Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Filters");
  assert.ok((await page.getByRole("button", { name: "Pause" }).boundingBox()).x > (await field.boundingBox()).x + 100, "the field makes room again");
});
