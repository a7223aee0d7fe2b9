// What assistive technology reads, by the accessibility tree of the page's states.
import assert from "node:assert/strict";
import { fill } from "../shop.mjs";
import { on } from "../stage.mjs";

const shop = { feeder: { history: 0 }, prepare: (f) => fill(f) };
/** The roles that speak by themselves, with what they say. */
const live = async (page) => [...(await page.locator("body").ariaSnapshot()).matchAll(/^ *- (?:status|alert|log)\b.*/gm)].map(([line]) => line.trim());

on("tree: the words of a row stay apart", shop, async (page) => {
  await page.getByRole("row", { name: "charging 28.10 EUR for order 48266 3b76cd6c" }).waitFor();
  await page.getByRole("row", { name: /GET \/products 200 in \d+ ms [\da-f]{8} status=200 took=\d+ route=\/products/ }).first().waitFor();
});

on("tree: only the connection and notices speak by themselves, in the log, filtered, and with all panels", { ...shop, viewport: { width: 1600, height: 900 }, hash: "?level=error" }, async (page) => {
  for (const panel of ["", "Filters", "Settings", "Pause"]) {
    if (panel) await page.getByRole("button", { name: panel, exact: true }).click();
    if (panel === "Filters") await page.getByRole("checkbox", { name: "web-1/shop" }).waitFor();
    for (const line of await live(page)) assert.match(line, /^- status "channel app:log": (live|paused)|^- status$|^- status: [\d,]+ of [\d,]+ records$/, panel);
  }
});

on("tree: a changed filter announces once how much it shows", shop, async (page, f) => {
  const said = page.locator("#notice");
  await page.getByRole("checkbox", { name: "Info" }).click();
  await page.waitForFunction(() => /^[\d,]+ of [\d,]+ records$/.test(document.querySelector("#notice").textContent));
  const first = await said.textContent();
  fill(f);
  await page.waitForFunction((before) => document.querySelector("#matchCount").textContent !== before, first);
  assert.equal(await said.textContent(), first, "not with each record");
});

on("tree: an open record, an empty table and the keys have names and roles", shop, async (page) => {
  await page.getByRole("row", { name: /charge failed for order 48266/ }).click();
  await page.getByRole("group", { name: "Actions" }).waitFor();
  for (const name of ["Copy", "Link", "Similar", "Only worker pay-1/payments", "Exclude logger payments.main", "▸ 2 library frames"]) assert.equal(await page.getByRole("button", { name, exact: true }).count(), 1, name);
  await page.getByRole("searchbox", { name: "Search" }).fill("zebra");
  await page.getByRole("heading", { name: "No record matches" }).waitFor();
  await page.getByRole("button", { name: "Keyboard" }).click();
  await page.getByRole("dialog", { name: "Keyboard" }).getByText("next error").waitFor();
});

on("a key that a view has handled is not handled again once the file with the other keys is loaded", { ...shop, hash: "?view=patterns" }, async (page) => {
  const rows = page.locator("#explore [data-row]");
  await rows.nth(2).waitFor();
  await page.getByRole("region", { name: /Patterns/ }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await rows.evaluateAll((all) => all.indexOf(document.activeElement)), 0);
});

on("keys of other layouts: by letter on a Latin one, by position on a Cyrillic and a Greek one", shop, async (page) => {
  await page.locator("#log").focus();
  const press = (code, key) => page.evaluate(([code, key]) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { code, key, bubbles: true, cancelable: true })), [code, key]);
  for (const [layout, code, key] of [["QWERTY", "KeyP", "p"], ["Dvorak", "KeyR", "p"], ["Cyrillic", "KeyP", "з"], ["Greek", "KeyP", "π"]]) {
    await press(code, key);
    await page.getByRole("button", { name: "Resume" }).waitFor({ timeout: 5000 }).catch((e) => assert.fail(`${layout}: ${e}`));
    await press(code, key);
    await page.getByRole("button", { name: "Pause" }).waitFor();
  }
  await press("KeyP", "l"); // Dvorak: the letter counts, not the position
  await page.getByRole("complementary", { name: "Filters" }).waitFor();
  await press("Digit7", "/"); // QWERTZ
  assert.equal(await page.evaluate(() => document.activeElement.id), "query");
});

for (const reducedMotion of ["reduce", "no-preference"]) {
  on(`nothing is animated: ${reducedMotion}`, { ...shop, reducedMotion }, async (page) => {
    for (const key of ["", "o", "Escape", "a", "Escape", "h"]) {
      if (key) await page.locator("#log, #explore").filter({ visible: true }).first().press(key);
      await page.waitForTimeout(300);
      const moving = await page.evaluate(() => [...document.querySelectorAll("*")].filter((e) => {
        const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(e);
        return /[1-9]/.test(transitionDuration) || animationName !== "none" || scrollBehavior === "smooth";
      }).map((e) => e.outerHTML.slice(0, 80)));
      assert.deepEqual(moving, []);
      assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
    }
  });
}
