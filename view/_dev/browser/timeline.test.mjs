// The timeline: what the filter matches over time, and a range of it that is chosen.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { until } from "../browser.mjs";
import { record, random } from "../feeder.mjs";
import { chips, goTo } from "../reader.mjs";
import { follows, on, rest, seqs } from "../stage.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const bars = (page) => page.getByRole("slider", { name: "Records over time" });
const counted = (page) => until(page, () => (document.querySelector('#timeline [data-level="info"]')?.getAttribute("d") ?? "").length > 20);
const value = (page) => bars(page).getAttribute("aria-valuetext");
/** Where the middle of a bar is, counted from the newest. */
async function spot(page, back) {
  const box = await bars(page).boundingBox();
  const n = Number(await bars(page).getAttribute("aria-valuemax")) + 1;
  return { x: box.x + ((n - back - 0.5) / n) * box.width, y: box.y + 20 };
}
const click = async (page, back) => page.mouse.click(...Object.values(await spot(page, back)));
async function drag(page, from, to) {
  const [a, b] = [await spot(page, from), await spot(page, to)];
  await page.mouse.move(a.x, a.y);
  await page.mouse.down();
  await page.mouse.move(b.x, b.y, { steps: 5 });
  await page.mouse.up();
}
/** How many records the words of the slider count. */
const sum = (words) => [...words.split(";")[0].split(": ").at(-1).matchAll(/[\d,]+(?= )/g)].reduce((n, [text]) => n + Number(text.replace(",", "")), 0);
/** Scrolls through all that is shown, and returns the numbers of the records. */
async function all(page) {
  const found = new Set();
  await page.focus("#log");
  await page.keyboard.press("Home");
  for (let last = -1, calm = 0; calm < 4; ) {
    for (const seq of await seqs(page)) found.add(seq);
    calm = found.size === last ? calm + 1 : 0;
    last = found.size;
    await page.mouse.move(600, 500);
    await page.mouse.wheel(0, calm % 2 ? -4000 : 900);
    await rest(page);
  }
  return found;
}

const HOUR = { history: 12_000, first: 200, span: 100 };

on("a click on a bar shows as many rows as it counts, also those that the page did not have", { feeder: HOUR }, async (page, f) => {
  await counted(page);
  await click(page, 30);
  await until(page, () => /from=.*to=/.test(location.search) && document.querySelectorAll("#rows .row").length > 20);
  const n = sum(await value(page));
  assert.ok(n > 100, await value(page));
  const [from, to] = ["from", "to"].map((name) => Date.parse(new URLSearchParams(new URL(page.url()).search).get(name)));
  const inside = f.items.filter(({ text }) => Date.parse(JSON.parse(text).time) >= from && Date.parse(JSON.parse(text).time) < to);
  assert.equal(n, inside.length);
  const shown = await all(page);
  assert.deepEqual([...shown].sort((a, b) => a - b), inside.map(({ seq }) => seq));
  const [words, ...others] = await chips(page);
  assert.match(words, /^(\d{4}-\d\d-\d\d )?\d\d:\d\d – (\d{4}-\d\d-\d\d )?\d\d:\d\d$/);
  assert.equal(others.length, 0);
  // New records are not in it, and the way back is a double click.
  f.publish({ message: "now", level: "info" });
  await bars(page).dblclick();
  await until(page, () => !/from=/.test(location.search));
  await page.getByRole("button", { name: /Newest|new/ }).click();
  await follows(page, f);
});

on("a record that comes late counts in the bar of its time, before the click and after it", { feeder: HOUR }, async (page, f) => {
  await counted(page);
  await click(page, 30);
  await until(page, () => /from=.*to=/.test(location.search));
  const [from, to] = ["from", "to"].map((name) => new URLSearchParams(new URL(page.url()).search).get(name));
  const late = () => f.publish({ level: "warning", message: "late", time: from });
  const inside = () => f.items.filter(({ text }) => Date.parse(JSON.parse(text).time) >= Date.parse(from) && Date.parse(JSON.parse(text).time) < Date.parse(to)).length;
  const under = async (n) => until(page, (words) => document.querySelector("#timeline .bars").getAttribute("aria-valuetext").includes(words), `${n} warnings`, 20_000);
  const before = Number(/(\d+) warning/.exec(await value(page))?.[1] ?? 0);
  late();
  late();
  await under(before + 2);
  assert.equal(sum(await value(page)), inside());
  await bars(page).press("Escape");
  await until(page, () => location.search === "");
  late();
  await goTo(page, `?from=${from}&to=${to}`);
  await under(before + 3);
  assert.equal(sum(await value(page)), inside());
  await until(page, (n) => document.querySelector("#matchCount").textContent.startsWith(`${n} of`), inside());
});

on("while records come late, a bar's count is the number of rows that its click shows, and stays so", { feeder: { ...HOUR, history: 1200 }, viewport: { width: 1400, height: 2200 } }, async (page, f) => {
  const next = random(7);
  const late = (from, to) => f.publish({ level: "warning", message: "late", time: new Date(from + next() * (to - from)).toISOString() });
  await counted(page);
  await click(page, 30); // a chosen range hides what comes late in other bars
  for (const back of [45, 12, 50, 4]) {
    await until(page, () => /^[1-9]/.test(document.querySelector("#matchCount").textContent));
    for (let n = 0; n < 200; n++) late(Date.now() - 3_500_000, Date.now());
    const { x, y } = await spot(page, back);
    await page.mouse.move(x, y);
    const bar = await page.evaluate(() => document.querySelector("#timeline .tip").textContent.split(": ")[0]);
    const [from, to] = bar.split(" – ").map((clock) => Date.parse(`${new Date(Date.now() - 3_600_000).toDateString()} ${clock}`));
    const inside = () => f.items.filter(({ text }) => Date.parse(JSON.parse(text).time) >= from && Date.parse(JSON.parse(text).time) < to).length;
    const pointed = () => page.getByText(`${bar}: `).last().textContent();
    while (sum(await pointed()) !== inside()) await page.waitForTimeout(50); // before the next count of all bars, or the test's time is up
    await page.mouse.click(x, y);
    await until(page, (n) => document.querySelector("#matchCount").textContent.startsWith(`${n} of`), inside());
    await page.evaluate(() => {
      window.different = [];
      window.frames = 0;
      requestAnimationFrame(function look() {
        window.frames++;
        const [rows, bar] = [document.querySelectorAll("#rows .row").length, / · (\d+) record/.exec(document.querySelector("#timeline .brush").textContent)?.[1]];
        // The page may draw this frame after this look; what differs twice was painted.
        const differs = rows === Number(bar) ? "" : `${rows} rows, ${bar}`;
        if (differs && window.differed) window.different.push(differs);
        window.differed = differs;
        if (!window.stop) requestAnimationFrame(look);
      });
    });
    for (let n = 0; n < 25; n++) {
      late(from, to);
      await page.waitForTimeout(20);
    }
    await until(page, (n) => document.querySelector("#matchCount").textContent.startsWith(`${n} of`), inside());
    const [frames, different] = await page.evaluate(() => [window.frames, ((window.stop = true), window.different)]);
    await page.evaluate(() => new Promise(requestAnimationFrame).then(() => (window.stop = false)));
    assert.deepEqual([...new Set(different)], [], `bar ${back}, of ${frames} frames`);
  }
});

on("a drag selects, edges and the middle move, keys do the same, Back undoes", { feeder: HOUR }, async (page) => {
  await counted(page);
  await drag(page, 40, 31);
  await until(page, () => /from=/.test(location.search));
  const range = () => page.evaluate(() => ["from", "to"].map((name) => Date.parse(new URLSearchParams(location.search).get(name)) / 60_000));
  const [from, to] = await range();
  assert.equal(to - from, 10);
  await bars(page).focus();
  await page.keyboard.press("ArrowRight");
  await until(page, (to) => Date.parse(new URLSearchParams(location.search).get("to")) / 60_000 === to, to + 1);
  await page.keyboard.press("Shift+ArrowRight");
  await until(page, (to) => Date.parse(new URLSearchParams(location.search).get("to")) / 60_000 === to, to + 2);
  assert.deepEqual(await range(), [from + 1, to + 2]);
  await page.goBack();
  await until(page, (to) => Date.parse(new URLSearchParams(location.search).get("to")) / 60_000 === to, to + 1);
  await until(page, () => /10 min|ecords/.test(document.querySelector("#timeline .brush").textContent));
  await bars(page).focus();
  await page.keyboard.press("Escape");
  await until(page, () => !/from=/.test(location.search));
  assert.equal(await page.locator("#timeline .brush").isVisible(), false);
});

on("the range is a chip that is edited in place, and the address has it and the span", { feeder: HOUR, hash: "?span=15m", timezoneId: "UTC" }, async (page, f) => {
  const span = page.getByRole("combobox", { name: "Time span" });
  await counted(page);
  assert.equal(await span.locator("option:checked").innerText(), "15 min");
  await span.selectOption({ label: "6 h" });
  await until(page, () => location.search === "?span=6h");
  await page.goBack();
  await until(page, () => document.querySelector("#timeline select").value === "15m");
  await counted(page);
  await drag(page, 40, 31);
  await until(page, () => /from=.*to=.*span=15m/.test(location.search));
  const chip = page.getByRole("region", { name: "Active filters" }).getByRole("listitem");
  const words = await chip.locator("button").first().innerText();
  await chip.locator("button").first().click();
  const field = page.getByRole("textbox", { name: "Range of time" });
  assert.equal(await field.inputValue(), words);
  await field.fill("last 5m");
  await page.keyboard.press("Enter");
  await until(page, () => location.search === "?from=5m&span=15m");
  assert.deepEqual(await chips(page), ["last 5m"]);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "last 5m");
  await page.keyboard.press("Space");
  await until(page, () => location.search === "?off=time%3D5m/&span=15m");
  await page.keyboard.press("Space");
  await until(page, () => location.search === "?from=5m&span=15m");
  await chip.getByRole("button", { name: "Remove last 5m" }).click();
  await until(page, () => location.search === "?span=15m");
});

on("it counts what the filter matches, with the whole behind; new records are added", { feeder: { ...HOUR, history: 2000 }, prepare(f) {
  for (const n of [500, 501, 502]) f.items[n].text = f.items[n].text.replace('"message":"', '"message":"needle ');
} }, async (page, f) => {
  await counted(page);
  await page.fill("input[name=q]", "needle");
  await until(page, () => document.querySelector('#timeline [data-level="ghost"]').getAttribute("d").length > 100);
  await page.locator("#timeline select").selectOption("all");
  await until(page, () => [...document.querySelectorAll('#timeline path:not([data-level="ghost"])')].filter((path) => path.getAttribute("d")).length > 0);
  await bars(page).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+End");
  await until(page, () => /; 3 of 2,000 match/.test(document.querySelector("#timeline .bars").ariaValueText));
  assert.equal((await all(page)).size, 3);
  await page.keyboard.press("x");
  await until(page, () => location.search === "?span=all");
  // The newest bar may change its minute meanwhile, and has some of the history's critical records.
  for (let n = 0; n < 40; n++) f.publish({ message: "fresh", level: "critical" });
  await until(page, () => Number(/newest .*?(\d+) critical/.exec(document.querySelector("#timeline .bars").ariaValueText)?.[1]) >= 40);
});

on("g goes to a typed time, the visible rows are marked", { feeder: HOUR }, async (page, f) => {
  await counted(page);
  const seq = 6000;
  const time = JSON.parse(f.items[seq - 1].text).time;
  await page.focus("#log");
  await page.keyboard.press("g");
  const input = page.getByRole("searchbox", { name: "Go to a time" });
  await input.fill("whenever");
  await input.press("Enter");
  assert.equal(await input.getAttribute("aria-invalid"), "true");
  await input.fill(time.slice(0, 19) + "Z");
  await input.press("Enter");
  await page.locator(`#rows .row[aria-selected="true"]`).waitFor();
  const active = Number(await page.locator('#rows .row[aria-selected="true"]').getAttribute("data-seq"));
  assert.ok(Math.abs(active - seq) <= 3, `${active}`);
  const place = () => page.evaluate(() => {
    const [seen, all] = [".seen", ".bars"].map((name) => document.querySelector(`#timeline ${name}`).getBoundingClientRect());
    return (seen.left - all.left) / all.width;
  });
  const minutes = (Date.now() - Date.parse(time)) / 60_000;
  assert.ok(Math.abs(await place() - (1 - minutes / 60)) < 0.05, `${await place()}, ${minutes} min ago`);
  await page.keyboard.press("g");
  await input.fill("1s ago");
  await input.press("Enter");
  await until(page, (seq) => Math.abs(Number(document.querySelector('#rows .row[aria-selected="true"]')?.dataset.seq) - seq) < 10, f.seq);
});

on("what happened is marked, and a click goes there", { feeder: HOUR, prepare(f) {
  const ago = (min) => new Date(Date.now() - min * 60_000).toISOString();
  f.more = () => ({
    gapList: [{ kind: "redis", from: ago(20), to: ago(18) }], changes: [{ at: ago(90), state: "ok", text: "Well." }, { at: ago(30), state: "degraded", text: "13 errors/min <b>" }],
    errorGroups: [{ title: "KeyError", level: "error", new: true, firstSeen: ago(40), lastSeen: ago(1) }], workers: [],
  });
} }, async (page) => {
  await counted(page);
  const marks = page.getByRole("group", { name: "What happened" }).getByRole("button");
  await marks.first().waitFor();
  const names = await marks.evaluateAll((all) => all.map((e) => e.ariaLabel));
  assert.match(names[0], /new error type: KeyError/);
  assert.match(names[1], /degraded: 13 errors\/min <b>/);
  assert.match(names[2], /^Redis unreachable/);
  await marks.first().click();
  await page.locator('#rows .row[aria-selected="true"]').waitFor();
  const time = await page.locator('#rows .row[aria-selected="true"] time').getAttribute("datetime");
  assert.ok(Math.abs((Date.now() - Date.parse(time)) / 60_000 - 40) < 1, time);
});

for (const [name, context] of [["wide, light", { colorScheme: "light" }], ["phone, dark", { viewport: { width: 390, height: 800 } }]]) {
  on(`no violations of accessibility: ${name}`, { feeder: HOUR, ...context, prepare(f) {
    f.more = () => ({ gapList: [{ kind: "redis", from: new Date(Date.now() - 1_200_000).toISOString(), to: new Date(Date.now() - 1_100_000).toISOString() }], workers: [], errorGroups: [] });
  } }, async (page) => {
    await counted(page);
    await drag(page, 40, 31);
    await until(page, () => /from=/.test(location.search) && document.querySelectorAll("#rows .row").length > 5);
    await page.getByRole("button", { name: "Go to…" }).click();
    await page.waitForTimeout(300);
    assert.deepEqual(await page.evaluate(`${axe}; axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((r) => r.violations.map((v) => v.id + " " + v.nodes.map((n) => n.target).join()))`), []);
  });
}
