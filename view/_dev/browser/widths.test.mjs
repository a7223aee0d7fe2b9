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
