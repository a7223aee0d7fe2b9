// Firefox for the checks, over WebDriver BiDi: Debian's, or the one that FIREFOX names.
import puppeteer from "puppeteer-core";

export const launch = () => puppeteer.launch({ browser: "firefox", executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr", headless: true });

/** A page that remembers what it complained about: console errors, exceptions, refused contents. */
export async function open(browser, url, { width = 1400, height = 900 } = {}) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width, height });
  page.complaints = [];
  page.on("console", (m) => ["error", "warn"].includes(m.type()) && page.complaints.push(m.text()));
  page.on("pageerror", (e) => page.complaints.push(String(e.stack ?? e)));
  if (url) await page.goto(url);
  return page;
}

/** Polls until a function of the page is true. */
export async function until(page, fn, arg, timeout = 30_000) {
  for (const end = Date.now() + timeout; ; await new Promise((done) => setTimeout(done, 50))) {
    const found = await page.evaluateHandle(fn, arg);
    if (found.asElement() || (await found.jsonValue())) return;
    if (Date.now() > end) throw new Error(`still not: ${fn}`);
  }
}
