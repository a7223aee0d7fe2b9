// What hostile input does to the page, in a real Chromium: nothing but what it says.
import assert from "node:assert/strict";
import { until } from "../browser.mjs";
import { chips, goTo } from "../reader.mjs";
import { follows, NETWORK, on } from "../stage.mjs";

const texts = (page) => page.$$eval("#rows .row bdi", (all) => all.map((e) => e.textContent));
const record = (members) => `{"seq":#seq,"at":${JSON.stringify(new Date().toISOString())},"channel":"app:log","level":"info",${members}}`;
const openRow = async (page, message) => {
  await page.locator("#rows .row", { has: page.locator("bdi", { hasText: message }) }).click();
  await page.locator(".detail .facts").waitFor();
};
/** How long (ms) the page's own thread took at most to answer, asked again and again while something happens. */
async function busiest(page, during) {
  let most = 0;
  let done = false;
  const asking = (async () => {
    while (!done) {
      const begin = Date.now();
      await page.evaluate(() => 1);
      most = Math.max(most, Date.now() - begin);
    }
  })();
  await during();
  done = true;
  await asking;
  return most;
}
/** A page that is not stuck answers far sooner, also on a busy machine; what freezes it takes minutes. */
const ALIVE = 3000;

for (const [name, members, shown] of [
  ["a pid beyond a double", '"message":"POISON","pid":9223372036854775807', "9223372036854775807"],
  ["a number of bytes beyond a double", '"message":"POISON","fields":{"io":{"bytes":12345678901234567890}}', "12345678901234567890"],
  ["a number beyond every double", '"message":"POISON","fields":{"n":1e400,"m":[-1e999]}', "1e400"],
  ["Elva's own note with such a number", '"message":"POISON","fields":{"elva.cut":{"bytes":12345678901234567890}}', "12345678901234567890"],
  ["members of the wrong type", '"message":{"text":"POISON"},"logger":7,"host":[],"source":true,"trace":{"a":1},"template":[1],"fields":"text"', "text"],
  ["no members at all", '"message":"POISON"', "info"],
  ["hostile times", '"message":"POISON","time":"9999-99-99T99:99:99Z"', "info"],
]) {
  on(`a hostile record affects no other and opens: ${name}`, { feeder: { history: 0 }, expect: NETWORK }, async (page, f) => {
    f.publish({ message: "before" });
    f.send(record(members));
    for (let i = 0; i < 20; i++) f.publish({ message: `after ${i}` });
    await until(page, () => document.querySelectorAll("#rows .row").length === 22);
    assert.equal(await page.locator(".row.gap").count(), 0);
    await openRow(page, "POISON");
    assert.ok((await page.locator(".detail").textContent()).includes(shown));
    f.cut();
    f.publish({ message: "and on" });
    await follows(page, f);
    assert.equal(f.afters.at(-1), `${f.epoch}-${f.seq - 1}`);
  });
}

on("an unreadable record becomes a row, and the resume ID advances past it", { feeder: { history: 0 }, expect: NETWORK }, async (page, f) => {
  f.publish({ message: "before" });
  const hostile = ["null", "7", '"text"', "[]", '{"seq":#seq,"message":"broken', '{"seq":"x","message":"no number"}', `{"seq":#seq,"message":"deep","fields":${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}}`];
  for (const text of hostile) f.send(text);
  f.publish({ message: "after" });
  await until(page, () => [...document.querySelectorAll("#rows bdi")].some((e) => e.textContent === "after"));
  const shown = await texts(page);
  assert.equal(shown.length, hostile.length + 2);
  assert.deepEqual([shown[0], shown.at(-1), shown.filter((t) => t.startsWith("Unreadable record: ")).length], ["before", "after", 5]);
  assert.ok(shown.includes("no number") && shown.includes("deep"));
  await openRow(page, "deep");
  assert.match(await page.locator(".facts").textContent(), /the fields can't be read/);
  f.cut();
  f.publish({ message: "and on" });
  await follows(page, f);
  assert.equal(f.afters.at(-1), `${f.epoch}-${f.seq - 1}`);
});

on("hostile gaps and statuses do no harm", {}, async (page, f) => {
  for (const g of ['{"kind":{"a":1},"from":[],"to":"9999-99-99T00:00:00Z","lost":-5,"reason":{}}', "null", '{"kind":"constructor","lost":1e999}', '{"kind":"redis","from":"0000-01-01T00:00:00Z","to":"9999-12-31T23:59:59Z"}']) {
    const seq = ++f.seq;
    f.items.push({ seq, gap: true, text: g.startsWith("{") ? `{"seq":${seq},${g.slice(1)}` : g });
  }
  const status = f.status.bind(f);
  for (const more of [null, 7, { redis: null }, { redis: { state: {}, sources: "x" }, health: [] }, { workers: "x", errorGroups: [null], minutes: { from: "x", levels: { error: "x", constructor: [1] } }, counts: [], rates: "x", history: null, errors: "x", viewers: {} }]) {
    f.status = () => (more === null || more === 7 ? more : { ...status(), ...more });
    f.document = () => f.status();
    for (const v of f.viewers) v.res.write(`event: status\ndata: ${JSON.stringify(f.document())}\n\nevent: status\ndata: oops\n\n`);
  }
  f.publish({ message: "alive" });
  await follows(page, f);
  assert.equal(await page.locator(".row.gap").count(), 4);
  await page.click("#healthButton");
  await page.locator("#health").waitFor();
});

for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf", "plain"]) {
  on(`a field named ${name} is shown, filtered by, and kept in the link`, { feeder: { history: 0 } }, async (page, f) => {
    f.send(record(`"message":"has it","fields":{${JSON.stringify(name)}:"x"}`));
    f.publish({ message: "other", logger: name, host: name });
    await follows(page, f);
    await openRow(page, "has it");
    const line = page.locator(".facts > div").filter({ has: page.locator(`dt:text-is("${name}")`) });
    await line.hover();
    await line.getByText("+").click();
    await until(page, () => document.querySelectorAll("#rows .row").length === 1);
    assert.deepEqual(await texts(page), ["has it"]);
    await page.reload();
    await until(page, () => document.querySelector("#log.live") && document.querySelectorAll("#rows .row").length === 1);
    assert.deepEqual(await texts(page), ["has it"]);
    await goTo(page, `?q=-fields.${name}%3Dx`);
    await until(page, () => document.querySelector("#rows bdi")?.textContent.startsWith("other"));
    await goTo(page, `?logger=${name}`);
    await until(page, () => document.querySelectorAll("#rows .row").length === 1);
  });
}

for (const expression of ["(?:\\w{0,9}){9}!", "(?:a{0,9}){9}b", "(a+)+$", "(\\w\\w?)+#", "(.*,)*x", "(a|a)".repeat(30) + "#", "^(([a-z])+.)+[A-Z]([a-z])+$"]) {
  on(`a link with ${expression.slice(0, 30)} does not freeze the tab, and the search says what happened`, { feeder: { history: 300 } }, async (page, f) => {
    f.publish({ message: `user ${"a".repeat(100)} logged in`, level: "info" });
    f.publish({ message: `${"a,".repeat(60)}!`, level: "info" });
    await follows(page, f);
    const most = await busiest(page, async () => {
      await goTo(page, `?q=${encodeURIComponent(`/${expression}/`)}`);
      await until(page, () => !/^$|searching/.test(document.querySelector("#matchCount").textContent));
    });
    assert.ok(most < ALIVE, `${most} ms`);
    await goTo(page, `?q=${encodeURIComponent("/logged.in/")}`);
    await until(page, () => document.querySelector("#matchCount").textContent === "1 of 302 records");
  });
}

on("an expression filters, excludes, highlights and explains rows, also of later records", { feeder: { history: 2000 } }, async (page, f) => {
  f.publish({ message: "plain", trace: "Traceback\n  here is the n33dle\nE: x", level: "info" });
  f.publish({ message: "a n44dle", level: "info" });
  await follows(page, f);
  await page.fill("#query", "/n\\d+dle/");
  await until(page, () => document.querySelector("#matchCount").textContent === "2 of 2,002 records");
  await until(page, () => CSS.highlights.get("match")?.size === 2 && document.querySelector("#rows em").textContent.trim() === "here is the n33dle");
  f.publish({ message: "one more n5dle", level: "info" });
  await until(page, () => [...document.querySelectorAll("#rows bdi")].at(-1).textContent === "one more n5dle");
  await page.fill("#query", "-/n\\d+dle/");
  await until(page, () => document.querySelector("#matchCount").textContent === "2,000 of 2,003 records");
  await page.fill("#query", "/n\\d+dle/");
  await until(page, () => document.querySelector("#matchCount").textContent === "3 of 2,003 records");
  await page.click("#highlight");
  await until(page, () => document.querySelector("#matchCount").textContent === "3 highlighted");
  await page.click("#previous");
  await until(page, () => document.querySelector('#rows [aria-selected="true"] bdi')?.textContent === "one more n5dle");
});

on("a policy without workers: the search says so and all rows are shown", { feeder: { history: 50 }, prepare: (f) => (f.nonce = "bm9uY2U"), expect: [/Content Security Policy/] }, async (page, f) => {
  await goTo(page, `?q=${encodeURIComponent("/order.*id/")}`);
  await until(page, () => /need a Web Worker, which this page can't start/.test(document.querySelector("#matchCount").textContent));
  await until(page, () => document.querySelectorAll("#rows .row").length > 20);
  await goTo(page, "?q=order");
  await until(page, () => /^\d+ of 50 records$/.test(document.querySelector("#matchCount").textContent));
  assert.ok(f.reports.splice(0).length > 0, "the browser reports it to the host");
});

on("a policy without Trusted Types policies: the search says so", { feeder: { history: 50 }, prepare: (f) => (f.policy = "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"), expect: [/policy/] }, async (page, f) => {
  await goTo(page, `?q=${encodeURIComponent("/order.*id/")}`);
  await until(page, () => /need a Web Worker, which this page can't start/.test(document.querySelector("#matchCount").textContent));
  f.reports.splice(0);
});

on("a page without a regular expression starts no worker", { feeder: { history: 50 } }, async (page) => {
  await page.fill("#query", "order");
  await until(page, () => /^\d+ of 50 records$/.test(document.querySelector("#matchCount").textContent));
  assert.equal(page.workers().length, 0);
  await page.fill("#query", "/or.er/");
  await until(page, () => /^\d+ of 50 records$/.test(document.querySelector("#matchCount").textContent));
  for (const end = Date.now() + 5000; page.workers().length !== 1 && Date.now() < end; ) await page.waitForTimeout(50);
  assert.equal(page.workers().length, 1);
});

const MARKS = "\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308".repeat(40);
for (const [name, members] of Object.entries({
  "60 KB of parentheses": { message: "(".repeat(60_000), trace: "(".repeat(60_000) },
  "a template of 50 KB": { message: "%0".repeat(25_000), template: "%0".repeat(25_000) },
  "60,000 lines": { message: "many", trace: "A:\n".repeat(60_000) },
  "deep nesting": { message: "deep", fields: JSON.parse(`${'{"a":['.repeat(1500)}1${"]}".repeat(1500)}`) },
  "5,000 fields": { message: "fields", fields: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`f${i}`, "x".repeat(100)])) },
  "a message of 1 MB": { message: "word ".repeat(200_000), logger: "l".repeat(100_000), source: "/".repeat(100_000), host: "h".repeat(100_000) },
  "stacks of marks": { message: `e${MARKS}x`.repeat(100), logger: `e${MARKS}`, trace: `E${MARKS}: e${MARKS}` },
})) {
  on(`a row opens without freezing: ${name}`, {}, async (page, f) => {
    f.publish({ level: "error", ...members });
    await follows(page, f);
    const most = await busiest(page, async () => {
      await page.locator("#rows .row").last().click();
      await page.locator(".detail .facts").waitFor();
    });
    assert.ok(most < ALIVE, `${most} ms`);
  });
}

on("combining marks are bounded and clipped", { feeder: { history: 20 } }, async (page, f) => {
  f.publish({ level: "error", message: `zalgo ${`e${MARKS}`.repeat(20)}`, logger: `e${MARKS}`, trace: `E${MARKS}: x` });
  await follows(page, f);
  await page.locator("#rows .row").last().click();
  await page.locator(".detail .facts").waitFor();
  const worst = await page.evaluate(() => Math.max(...[...document.querySelectorAll("#rows *")].flatMap((e) => [...e.childNodes].filter((n) => n.nodeType === 3)).map((n) => Math.max(0, ...(n.data.match(/\p{M}+/gu) ?? []).map((m) => m.length)))));
  assert.equal(worst, 6);
  assert.equal(await page.locator(".detail pre").first().evaluate((e) => getComputedStyle(e).overflow), "clip");
});

const HOSTILE = "a\u0000\u0007\u001b[31m\u007f\u0085\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069b";
on("control and bidirectional characters are visible everywhere on the page", { expect: NETWORK, prepare(f) {
  const at = new Date(Date.now() - 60_000).toISOString();
  f.redis = { state: "denied", text: HOSTILE, since: at, sources: [{ name: HOSTILE, kind: HOSTILE, denied: HOSTILE, deniedSince: at }, { name: "app:log", kind: "channel", confirmed: at }] };
  f.health = { state: "degraded", text: HOSTILE };
  f.more = () => ({ workers: [{ name: HOSTILE, host: HOSTILE, channel: HOSTILE, state: HOSTILE }], errorGroups: [{ title: HOSTILE, logger: HOSTILE, level: HOSTILE, count: 1, minutes: [1] }] });
  const status = f.status.bind(f);
  f.status = () => ({ ...status(), title: HOSTILE });
} }, async (page, f) => {
  for (const level of ["error", HOSTILE]) f.publish({ level, message: HOSTILE, logger: HOSTILE, host: HOSTILE, channel: HOSTILE, source: HOSTILE, pid: HOSTILE, trace: `${HOSTILE}\n  File "${HOSTILE}"\nE: ${HOSTILE}`, template: `%s ${HOSTILE}`, fields: { [HOSTILE]: HOSTILE, deep: { [HOSTILE]: [HOSTILE] } } });
  f.gap({ kind: "redis", reason: HOSTILE });
  await follows(page, f);
  for (const row of [-1, -2]) await page.locator("#rows .row:not(.gap)").nth(row).click();
  await page.locator(".detail .facts").nth(1).waitFor();
  for (const name of ["More", "Raw"]) for (const button of await page.getByRole("button", { name, exact: true }).all()) await button.click();
  await page.click("#filtersButton");
  await page.locator("#filters section .tick").first().waitFor();
  await goTo(page, `?logger=${encodeURIComponent(HOSTILE)}&q=${encodeURIComponent(`fields.x="${HOSTILE.replace(/["\\]/g, "")}"`)}`);
  for (const end = Date.now() + 9000; (await chips(page)).length < 2 && Date.now() < end; ) await page.waitForTimeout(50);
  assert.equal((await chips(page)).length, 2);
  await page.click("#healthButton");
  await page.locator("#health .group").waitFor();
  await until(page, () => document.title.includes("\ufffd"));
  const left = await page.evaluate(() => {
    const hostile = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
    const found = [document.title].filter((t) => hostile.test(t));
    for (const e of document.querySelectorAll("*")) {
      for (const n of e.childNodes) if (n.nodeType === 3 && hostile.test(n.data)) found.push(`${e.tagName}.${e.className}: ${JSON.stringify(n.data)}`);
      for (const name of ["title", "aria-label", "aria-valuetext", "data-mark"]) if (hostile.test(e.getAttribute(name) ?? "")) found.push(`${e.tagName}.${e.className} ${name}`);
    }
    return found;
  });
  assert.deepEqual(left, []);
});
