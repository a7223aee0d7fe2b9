// Pictures of the health strip, drawer and wall with simulated fleets, to be looked at: node health-pictures.mjs DIRECTORY [NAME]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, open, until } from "./browser.mjs";
import { Feeder } from "./feeder.mjs";
import { fleets } from "./fleets.mjs";

const [into = "pictures", only = ""] = process.argv.slice(2);
mkdirSync(into, { recursive: true });
const browser = await launch();
const views = {
  desk: [{ viewport: { width: 1400, height: 900 } }],
  light: [{ viewport: { width: 1400, height: 900 }, colorScheme: "light" }],
  phone: [{ viewport: { width: 390, height: 844 } }],
  wall: [{ viewport: { width: 1920, height: 1080 } }, "#view=wall"],
  "wall-light": [{ viewport: { width: 1920, height: 1080 }, colorScheme: "light" }, "#view=wall"],
  "wall-phone": [{ viewport: { width: 390, height: 844 } }, "#view=wall"],
  forced: [{ viewport: { width: 1400, height: 900 }, forcedColors: "active" }],
};
for (const [fleet, more] of Object.entries(fleets())) {
  const f = await new Feeder({ history: fleet === "none" ? 0 : 2000 }).listen();
  f.more = more;
  for (const [name, [context, hash = ""]] of Object.entries(views)) {
    const take = async (suffix, act) => {
      const file = `${fleet}-${name}${suffix}`;
      if (only && !new RegExp(only).test(file)) return;
      const page = await open(browser, f.url + hash, context);
      await until(page, () => document.querySelector("#log.live") !== null);
      await act(page);
      await page.waitForTimeout(500);
      await page.screenshot({ path: join(into, `${file}.png`) });
      if (page.complaints.length) console.log(file, page.complaints);
      await page.context().close();
    };
    await take("", () => {});
    if (!hash) await take("-open", (page) => page.click("#healthButton"));
    if (name === "phone") await take("-strip", (page) => page.click("#unfold"));
    if (name === "desk") await take("-minute", (page) => page.hover("#lastHour", { position: { x: 250, y: 20 } }));
  }
  await f.close();
}
await browser.close();
