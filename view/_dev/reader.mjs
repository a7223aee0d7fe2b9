// What a reader does on the page, in any browser test.
/** Goes to another address of the page, as Back does: the page stays. */
export const goTo = (page, query) => page.evaluate((query) => {
  history.pushState(null, "", location.pathname + query);
  dispatchEvent(new PopStateEvent("popstate"));
}, query);
/** The words of the active filters. */
export const chips = (page) => page.getByRole("region", { name: "Active filters" }).getByRole("listitem").locator("button:first-child").allTextContents();
/** Opens the settings, or closes them. */
export const settings = async (page, open = true) => {
  const panel = page.getByRole("complementary", { name: "Settings" });
  if ((await panel.isVisible()) !== open) await page.getByRole("button", { name: "Settings", exact: true }).click();
  if (open) await panel.getByRole("heading", { name: "Settings" }).waitFor();
  return panel;
};
/** Shows a level and worse, or all. */
export const andWorse = (page, level) => page.locator("#levels label", { has: page.locator(`input[value=${level}]`) }).click({ modifiers: ["Shift"] });
