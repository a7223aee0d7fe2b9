// The parts of the page, each with fakes of what it is given.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAbsence } from "../../app/absence.js";
import { createAddress } from "../../app/address.js";
import { newsText, startAnnouncer } from "../../app/announcer.js";
import { createEmptyState, emptyWords } from "../../app/empty-state.js";
import { createFilterBar } from "../../app/filter-bar.js";
import { createFilterPanel } from "../../app/filter-panel.js";
import { createLater } from "../../app/later.js";
import { createLazyFile } from "../../app/lazy-file.js";
import { ALL, andWorse } from "../../app/levels.js";
import { linkState, linkTrouble, linkWord, serverTime } from "../../app/link-state.js";
import { highlight, matchText } from "../../app/matches.js";
import { createFold } from "../../app/json-tree.js";
import { createNavigation } from "../../app/navigation.js";
import { createNotice } from "../../app/notice.js";
import { createPageHead } from "../../app/page-head.js";
import { createShortcuts, find, isPlain, keyOf } from "../../app/page-shortcuts.js";
import { createNewestButton } from "../../app/newest-button.js";
import { createPlayback } from "../../app/playback.js";
import { createRecordActions } from "../../app/record-actions.js";
import { startExport } from "../../app/record-export.js";
import { createDetail, refreshDetails } from "../../app/record-detail.js";
import { gapText } from "../../app/gap-text.js";
import { boundaryText, fillRow, rowTexts } from "../../app/record-row.js";
import { createRecordTable } from "../../app/record-table.js";
import { createSettingsPanel } from "../../app/settings-panel.js";
import { createSettings, readSettings } from "../../app/settings.js";
import { createState } from "../../app/state.js";
import { createSummary, inZone, summaryParts } from "../../app/summary.js";
import { fillHelp, tableShortcuts } from "../../app/table-shortcuts.js";
import { paintWorker } from "../../app/worker-mark.js";
import { HIGHLIGHT_CHARS } from "../../app/finder.js";
import { createQueryFinder } from "../../app/query-finder.js";
import { FakeElement, fakeDocument, fakePage } from "./fake-dom.mjs";
import { record, stateWith, status } from "./records.mjs";

/** A table as other parts see it. */
const fakeTable = (more = {}) => {
  const calls = [];
  const call = (name) => (...args) => void calls.push([name, ...args].join(" "));
  return { calls, active: -1, live: true, follow: true, open: new Map(), height: 240, rowHeight: () => 24, ...Object.fromEntries(["activate", "leave", "newest", "toggle", "refill", "restore"].map((name) => [name, call(name)])), anchor: () => null, ...more };
};

test("absence: records received while hidden are counted", () => {
  const { store } = stateWith({ message: "before" });
  const absence = createAbsence(store);
  const t0 = store.at[0];
  const add = (ms, level) => store.add(record({ at: new Date(t0 + ms).toISOString(), level }), "E");
  absence.begin(t0);
  const first = add(5000, "error");
  add(6000, "info");
  absence.end(t0 + 60_000);
  assert.equal(absence.counting(), true);
  assert.equal(absence.text(0), "");
  assert.equal(absence.text(first), "while you were away: 1 error, 1 info");
  add(7000, "info");
  add(61_000, "info");
  assert.equal(absence.text(first), "while you were away: 1 error, 2 info");
  absence.begin(t0);
  const short = add(100, "error");
  absence.end(t0 + 9000);
  assert.equal(absence.text(short), "", "a short absence is no news");
});

test("address: a deliberate change is an entry of the history, typing is none; the place goes with it", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const state = createState();
  const written = [];
  const location = { origin: "http://h", pathname: "/logs/", search: "?level=error&at=E-1&view=wallboard&off=host%3Da%3Db&q=a%20b&highlight=1" };
  const write = (how) => (place, _, url) => (written.push([how, url, place]), (location.search = url.slice(location.pathname.length)));
  let place = { at: "E-7", offset: 3, open: [] };
  const address = createAddress(state, { location, history: { state: place, pushState: write("push"), replaceState: write("replace") } }, () => place);
  assert.deepEqual(address.read(), { filter: "level=error&q=a%20b", thread: "", highlight: true, view: "wallboard", columns: "", span: "", base: "", off: [["host", "a=b"]], place });
  assert.equal(address.named(), "E-1");
  address.found();
  assert.equal(address.named(), "");
  state.filter.text = "a b";
  state.filter.off = [["host", "a=b"]];
  address.writeLater();
  address.writeLater();
  assert.deepEqual(written, []);
  t.mock.timers.tick(250);
  assert.deepEqual(written, [["replace", "/logs/?q=a+b&off=host%3Da%3Db", place]]);
  place = null;
  state.filter.clear();
  address.write(true);
  address.write(true);
  assert.deepEqual(written.slice(1), [["push", "/logs/", null], ["replace", "/logs/", null]], "the same address is no new entry");
  assert.equal(address.linkTo("E-1 2"), "http://h/logs/?at=E-1+2");
  for (const [search, filter, thread] of [["?id=a%2Bb", "", "a+b"], ["?id=a&at=E-1", "", "a"], ["?id=a&level=error", "id=a&level=error", ""], ["?id=a&id=b", "id=a&id=b", ""], ["?id=", "id=", ""]]) {
    location.search = search;
    const read = address.read();
    assert.deepEqual([read.filter, read.thread], [filter, thread], search);
  }
  Object.assign(state, { view: "patterns", span: "6h" });
  address.write();
  assert.deepEqual([location.search, address.isCurrent(), address.read().span], ["?view=patterns&span=6h", true, "6h"]);
  Object.assign(state, { view: "thread", thread: "a b" });
  state.filter.text = "stays behind the thread";
  assert.equal(address.isCurrent(), false);
  address.write();
  assert.equal(location.search, "?id=a+b");
});

test("announcer: announces new records if enabled", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const state = stateWith();
  const page = fakePage();
  startAnnouncer(state, page);
  state.store.add(record({}), "E");
  state.status = status({ counts: { error: 2, critical: 1 } });
  t.mock.timers.tick(10_000);
  assert.equal(page.notice.textContent, "");
  state.settings.announce = true;
  state.store.add(record({}), "E");
  state.status = status({ counts: { error: 3, critical: 1 } });
  t.mock.timers.tick(10_000);
  assert.equal(page.notice.textContent, "1 new record, 1 error");
  assert.equal(newsText(0, 5), "");
});

test("empty state: messages", () => {
  const state = stateWith();
  state.settings.utc = true;
  const words = () => Object.values(emptyWords(state));
  assert.deepEqual(words(), ["Connecting", "", ""]);
  state.connection = "open";
  state.status = status({ redis: { state: "live", sources: [{ name: "app:log", kind: "channel" }, { name: "s p\u202e", kind: "stream" }] } });
  assert.deepEqual(words(), ["Waiting for the first record", "Connected. No messages on app:log, s p\u202e yet. Check the channel name. To test it: redis-cli publish app:log hello", ""]);
  state.status = status({ redis: { state: "denied", text: "NOPERM", since: "2026-11-22T17:04:28.5Z" } });
  assert.deepEqual(words(), ["Denied by Redis", "NOPERM. Since 17:04:28.", ""]);
  state.connection = "signed-out";
  assert.deepEqual(words(), ["Signed out", "You are signed out. Reload the page to sign in again.", "Reload"]);
  state.store.add(record({}), "E");
  assert.deepEqual(words(), ["No record matches", "1 record hidden by the filters.", "Clear filters"]);
});

test("empty state: shown without records, and its button", () => {
  const state = stateWith({ kind: "redis" });
  const page = fakePage();
  let ready = true;
  const did = [];
  const empty = createEmptyState(state, page, () => ready, () => did.push("clear"), () => did.push("reload"));
  empty.draw();
  assert.equal(page.empty.hidden, false);
  page.emptyButton.click();
  state.connection = "signed-out";
  page.emptyButton.click();
  assert.deepEqual(did, ["clear", "reload"]);
  ready = false;
  empty.draw();
  assert.equal(page.empty.hidden, true);
  ready = true;
  state.shown.push(state.store.add(record({}), "E"));
  empty.draw();
  assert.equal(page.empty.hidden, true);
});

/** A filter bar's levels, as page.templ has them. */
function levels(page) {
  for (const value of ["error", "info", "none"]) {
    const input = new FakeElement("input");
    input.value = value;
    const label = new FakeElement("label");
    label.append(input, new FakeElement("span"), new FakeElement("output"));
    page.levels.append(label);
  }
  return page.levels.children;
}

test("filter bar: levels, search and switches", () => {
  const state = stateWith({ level: "error", message: "a" }, { level: "info", message: "b" }, { kind: "redis" });
  const page = fakePage();
  const [error, , none] = levels(page);
  const input = error.querySelector("input");
  const calls = [];
  let busy = false;
  const bar = createFilterBar(state, page, (typed) => calls.push(`changed ${typed ?? false}`), {
    filtering: { busy: () => busy, counts: () => state.store.levels }, commit: () => calls.push("commit"), clear: () => calls.push("clear"), goToMatch: (direction) => calls.push(`match ${direction}`),
  });
  fakeDocument();
  bar.drawChoice();
  bar.draw(-1);
  assert.deepEqual([error.querySelector("output").textContent, none.hidden, page.chips.hidden], ["1", true, true]);
  const click = (target, more = {}) => {
    const event = Object.assign(new Event("click", { cancelable: true }), { shiftKey: false, ...more });
    Object.defineProperty(event, "target", { value: target });
    error.dispatchEvent(event);
  };
  click(error.querySelector("span"), { shiftKey: true });
  assert.equal(state.filter.levels, andWorse(5));
  click(input, { shiftKey: true });
  assert.equal(state.filter.levels, ALL);
  click(error.querySelector("span"));
  assert.equal(state.filter.levels, ALL, "the click on its input follows");
  click(input);
  assert.equal(state.filter.levels, ALL & ~(1 << 5));
  bar.drawChoice();
  bar.draw(-1);
  assert.deepEqual([page.matchCount.textContent, page.chips.hidden, input.checked], ["1 of 2 records", false, false], "a gap is no record");
  state.filter.levels = ALL;
  page.query.value = "x";
  page.query.fire("input");
  assert.deepEqual([state.filter.text, calls.at(-1)], ["x", "changed true"]);
  page.matchCase.click();
  assert.equal(state.filter.matchCase, true);
  busy = true;
  bar.drawChoice();
  bar.draw(-1);
  assert.deepEqual([page.matchCount.textContent, page.matchCase.getAttribute("aria-pressed"), page.query.getAttribute("aria-invalid")], ["searching…", "true", "false"]);
  busy = false;
  state.search.error = "too slow";
  bar.draw(-1);
  assert.deepEqual([page.matchCount.textContent, page.query.getAttribute("aria-invalid")], ["too slow", "true"]);
  state.search.error = "";
  page.query.setSelectionRange = () => {};
  page.regexp.click();
  assert.equal(state.filter.text, "/x/");
  bar.drawChoice();
  assert.deepEqual([page.query.value, page.regexp.getAttribute("aria-pressed")], ["/x/", "true"]);
  page.regexp.click();
  assert.equal(state.filter.text, "x");
  state.matches = { trim() {}, first: 0, size: 2, has: (ord) => ord === 1, lower: () => 1 };
  bar.draw(1);
  assert.equal(page.matchCount.textContent, "2 of 2");
  bar.draw(0);
  assert.equal(page.matchCount.textContent, "2 highlighted");
  page.query.fire("keydown", { key: "Enter" });
  page.previous.click();
  page.next.click();
  page.clear.click();
  assert.deepEqual(calls.slice(-4), ["commit", "match -1", "match 1", "clear"]);
});

test("filter panel: filled once, when opened", async () => {
  const page = fakePage();
  page.filters.hidden = true;
  let made = 0;
  let drawn = 0;
  let room = 0;
  const file = createLazyFile(async () => ({ createPanelParts: () => (made++, [{ draw: () => drawn++ }]) }), () => {});
  const panel = createFilterPanel(page, file, () => room++);
  panel.draw();
  await Promise.all([panel.toggle(), panel.toggle()]);
  assert.deepEqual([made, drawn, room, panel.isOpen(), page.filtersButton.getAttribute("aria-expanded")], [1, 1, 1, true, "true"]);
  await panel.toggle();
  assert.equal(panel.isOpen(), false);
});

test("lazy file: failures are reported unless quiet, and retried", async () => {
  let failed = 0;
  let fails = 1;
  const tries = [];
  const file = createLazyFile(async (n) => {
    tries.push(n);
    if (fails-- > 0) throw new Error("no");
    return "module";
  }, () => failed++);
  assert.equal(await file.load(true), undefined);
  assert.equal(failed, 0);
  fails = 1;
  assert.equal(await file.load(), undefined);
  assert.equal(failed, 1);
  assert.deepEqual([await file.load(), await file.load(), file.module], ["module", "module", "module"]);
  assert.deepEqual(tries, [0, 1, 2]);
});

test("help: lists the keys once, from the tables that act on them", () => {
  fakeDocument();
  const help = new FakeElement("dialog");
  const shortcuts = [[["ArrowDown", "j"], "next record", () => {}], [["Escape"], "close", () => {}]];
  fillHelp(help, shortcuts);
  fillHelp(help, shortcuts);
  assert.deepEqual(help.querySelectorAll("div").map((line) => line.textContent), ["↓ j next record", "Esc close"]);
});

test("link state: texts", () => {
  const state = createState();
  state.settings.utc = true;
  state.offlineSince = Date.parse("2026-11-22T17:04:28Z");
  state.retryAt = Date.now() + 3500;
  const at = new Date(Date.now() + 100_000).toISOString();
  state.clockOffset = 100_000;
  for (const [connection, redis, link, word, said, when] of [
    ["connecting", null, "connecting", "connecting", "", ""],
    ["stuck", null, "stuck", "waiting for a connection", "This browser has no connection left for this page. Close another tab of this site.", ""],
    ["background", { state: "live" }, "background", "paused in background", "", ""],
    ["offline", null, "offline", "server unreachable", "Server unreachable since 17:04:28.", " Next try in 4 s."],
    ["signed-out", null, "signed-out", "signed out", "You are signed out. Reload the page to sign in again.", ""],
    ["open", { state: "live", text: "Live." }, "live", "live", "", ""],
    ["open", { state: "connecting", text: "connecting to Redis", since: at }, "connecting", "connecting", "Connecting to Redis.", ""],
    ["open", { state: "down", text: "connection refused", since: "2026-11-22T17:04:28Z", nextTry: new Date(Date.now() + 102_500).toISOString() }, "down", "Redis unreachable", "Connection refused.", " Since 17:04:28, next try in 3 s."],
    ["open", { state: "denied", text: "NOPERM.", sources: [{ denied: "x" }, {}] }, "denied", "1 of 2 denied", "NOPERM.", ""],
    ["open", { state: "denied", text: "NOPERM.", sources: [{ denied: "x" }] }, "denied", "denied by Redis", "NOPERM.", ""],
    ["open", { state: "constructor" }, "constructor", "constructor", "", ""],
  ]) {
    Object.assign(state, { connection, status: redis && status({ redis }) });
    assert.deepEqual([linkState(state), linkWord(state), linkTrouble(state)], [link, word, { problem: said, when }]);
  }
  assert.ok(Math.abs(serverTime(state) - Date.now() - 100_000) < 1000);
});

const CAUSES = [
  { kind: "worker", text: "web-3/shop: no logs since 14:03:20 (4 min; normally every 2 s).", worker: "web-3/shop", since: "2026-11-22T13:03:20Z", filter: "worker=web-3/shop" },
  { kind: "errors", text: "15 errors/min in pay since 14:01:00 (baseline 4).", service: "pay", since: "2026-11-22T13:01:00.4Z", filter: "level=error&logger=pay" },
];
const summaryOf = (causes, text, redis = { state: "live" }) => {
  const state = stateWith();
  state.settings.utc = true;
  state.connection = "open";
  state.status = status({ health: { state: "degraded", text, causes }, redis });
  return state;
};

test("summary: names are links to their records, times are the reader's", () => {
  const state = summaryOf(CAUSES, `${CAUSES[0].text} ${CAUSES[1].text} 9 workers active.`);
  const parts = summaryParts(state, "");
  assert.equal(parts.map((part) => part.text).join(""), "web-3/shop: no logs since 13:03:20 (4 min; normally every 2 s). 15 errors/min in pay since 13:01:00 (baseline 4). 9 workers active.");
  assert.deepEqual(parts.filter((part) => part.filter), [{ text: "web-3/shop", filter: "worker=web-3/shop" }, { text: "pay", filter: "level=error&logger=pay" }]);
  const late = { text: "x: no logs since 23:59:00 (expected by 00:05:00, runs at 12:00:00).", since: Date.parse("2026-11-22T22:59:00Z") };
  assert.equal(inZone(late, true), "x: no logs since 22:59:00 (expected by 23:05:00, runs at 12:00:00).");
  assert.equal(inZone({ text: "no time", since: NaN }, true), "no time");
});

test("summary: a cause without a name is a link itself, and one without a filter is none", () => {
  const state = summaryOf([{ text: "Many warnings (9).", filter: "level=warning" }, { text: "The clock is off." }], "Many warnings (9). The clock is off.");
  assert.deepEqual(summaryParts(state, "").filter((part) => part.filter), [{ text: "Many warnings", filter: "level=warning" }]);
});

test("summary: a problem with the link is said once, with the next try", () => {
  const nextTry = new Date(Date.now() + 2500).toISOString();
  const state = summaryOf([{ kind: "redis", text: "Connection refused (since 14:04:28)." }], "Connection refused (since 14:04:28). And 1 more.", { state: "down", text: "connection refused", since: "2026-11-22T17:04:28Z", nextTry });
  assert.equal(summaryParts(state, "").map((part) => part.text).join(""), "Connection refused. Since 17:04:28, next try in 3 s. And 1 more.");
  state.status = status({ redis: { state: "down", text: "refused" } });
  assert.equal(summaryParts(state, "").map((part) => part.text).join(""), "Well. Refused.");
  state.connection = "offline";
  assert.match(summaryParts(state, "").map((part) => part.text).join(""), /^Server unreachable since/);
});

test("summary: drawn with its state; a link applies its filter, unless it opens another tab", () => {
  const doc = fakeDocument();
  const page = fakePage();
  page.state.append(new FakeElement("i"), new FakeElement("span"));
  page.sentence.textContent = "First.";
  page.summary.dataset.state = "unknown";
  const state = summaryOf(CAUSES, CAUSES[0].text);
  const { status: newest } = state;
  state.status = null;
  const chosen = [];
  const summary = createSummary(state, page, (filter) => chosen.push(filter));
  summary.draw();
  assert.deepEqual([page.sentence.textContent, page.state.textContent], ["First.", "Unknown"]);
  state.status = newest;
  summary.draw();
  assert.deepEqual([page.summary.dataset.state, page.state.textContent], ["degraded", "Degraded"]);
  const [link] = page.sentence.querySelectorAll("a");
  assert.equal(link.getAttribute("href"), "?worker=web-3/shop");
  link.fire("click", { ctrlKey: true });
  assert.equal(link.fire("click", {}).defaultPrevented, true);
  assert.deepEqual(chosen, ["worker=web-3/shop"]);
  doc.activeElement = link;
  state.settings.utc = false;
  summary.draw();
  assert.equal(page.sentence.querySelectorAll("a")[0], link, "a link keeps its focus");
  state.connection = "offline";
  doc.activeElement = null;
  summary.draw();
  assert.deepEqual([page.summary.dataset.state, page.state.textContent], ["down", "Down"]);
});

test("a worker's mark is always the same, and not by color alone", () => {
  const marks = new Set(Array.from({ length: 200 }, (_, i) => {
    const dot = new FakeElement("i");
    paintWorker(dot, `web-${i}/shop`);
    return `${dot.dataset.hue} ${dot.dataset.shape}`;
  }));
  assert.equal(marks.size, 24);
  const [a, b] = [new FakeElement(), new FakeElement()];
  for (const dot of [a, b]) paintWorker(dot, "web-1/shop");
  assert.deepEqual(a.dataset, b.dataset);
});

test("page head: link, rate, title and icon", () => {
  const state = stateWith();
  const page = fakePage();
  page.icon.href = "?elva-1.svg";
  page.link.append(new FakeElement("i"), new FakeElement("b"));
  const doc = { title: "Elva" };
  const head = createPageHead(state, page, doc);
  state.connection = "open";
  state.status = status({ title: "Shop\u202e", rates: { info: 12.4 }, viewers: 2, redis: { state: "live", sources: [{ name: "a\u202e", kind: "channel" }] }, history: { records: 5000 } });
  head.draw();
  assert.deepEqual([page.link.dataset.state, page.link.textContent, page.link.getAttribute("title")], ["live", "live", "channel a\ufffd"]);
  assert.deepEqual([page.rate.textContent, page.rate.getAttribute("title")], ["12/s", "12/s (10 s average) · 2 viewing · 5,000 records on the server"]);
  assert.deepEqual([doc.title, page.icon.href], ["Shop\ufffd", "?elva-1.svg"]);
  state.connection = "stuck";
  head.draw();
  assert.deepEqual([page.link.dataset.state, doc.title, page.icon.href], ["connecting", "waiting for a connection · Shop\ufffd", "?elva-1-off.svg"]);
});

test("matches: highlighted, and explained in the row", () => {
  const state = stateWith({ message: "plain", trace: "T\n  a needle here\nx", fields: { n: "needle" } }, { message: "a needle" });
  state.search.finder = createQueryFinder(state.store, {})(Object.assign(state.filter, { text: "needle" }), {}).finder;
  assert.deepEqual([matchText(state, 0), matchText(state, 1)], ["a needle here", ""]);
  assert.deepEqual(state.search.finder.ranges(`${" ".repeat(HIGHLIGHT_CHARS)}needle`), []);
  const made = [];
  const texts = [{ data: "a needle, needles" }, { data: "hay" }];
  const window = {
    CSS: { highlights: { set: (name, h) => made.push([name, h.ranges.map((r) => [r.startOffset, r.endOffset])]) } },
    Highlight: class { constructor(...ranges) { this.ranges = ranges; } },
    StaticRange: class { constructor(range) { Object.assign(this, range); } },
    NodeFilter: { SHOW_TEXT: 4 },
    document: { createTreeWalker: () => ({ at: -1, nextNode() { return ++this.at < texts.length; }, get currentNode() { return texts[this.at]; } }) },
  };
  highlight(state.search.finder, { querySelectorAll: () => [1] }, window);
  highlight(null, { querySelectorAll: () => [1] }, window);
  assert.deepEqual(made, [["match", [[2, 8], [10, 16]]], ["match", []]]);
  highlight(null, null, { CSS: {} }); // a browser without highlights
});

test("navigation: rows, errors, matches and ends", () => {
  const state = stateWith({ level: "error" }, { level: "info" }, { kind: "redis" }, { level: "critical" }, { level: "info" });
  const table = fakeTable({ activate: (ord) => (table.active = ord) });
  let newest = 0;
  const go = createNavigation(state, table, () => newest++);
  go.move(-1);
  assert.equal(table.active, 4, "the newest is the first to be active");
  go.move(-2);
  assert.equal(table.active, 2);
  go.move(99);
  assert.equal(table.active, 4);
  go.error(-1);
  assert.equal(table.active, 3);
  go.error(-1);
  go.error(-1);
  assert.equal(table.active, 0);
  go.match(1);
  assert.equal(table.active, 0, "without a search there is no match");
  state.search.finder = { ranges: () => [] };
  go.match(1);
  go.match(1);
  assert.equal(table.active, 3, "a gap is no match");
  state.matches = { has: (ord) => ord === 4 };
  go.match(1);
  assert.equal(table.active, 4);
  state.matches = null;
  go.end(true);
  assert.equal(table.active, 0);
  go.end(false);
  assert.equal(newest, 1);
  state.settings.newestFirst = true;
  go.move(1);
  assert.equal(table.active, 0);
  go.move(-1);
  assert.equal(table.active, 1);
  assert.equal(go.page(), 8);
});

test("notice: visible for a while", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const e = new FakeElement();
  const notice = createNotice(e);
  notice("Copied\u202e");
  assert.deepEqual([e.textContent, e.classes.has("seen")], ["Copied\ufffd", true]);
  t.mock.timers.tick(1500);
  notice("again", 10_000);
  t.mock.timers.tick(9000);
  assert.equal(e.classes.has("seen"), true);
  t.mock.timers.tick(1000);
  assert.equal(e.classes.has("seen"), false);
});

test("table shortcuts: keys, but not names of object members", () => {
  const calls = [];
  const table = fakeTable({ open: new Map([[3, {}]]) });
  const call = (name) => (...args) => void calls.push([name, ...args].join(" "));
  const navigation = { move: call("move"), page: () => 9, end: call("end"), error: call("error"), match: call("match") };
  const shortcuts = tableShortcuts(table, navigation, { follow: call("follow"), copyJSON: call("json"), pause: call("pause"), toggleFilters: call("filters"), clearFilters: call("clear") });
  const keys = { get: (key) => find(shortcuts, key) };
  for (const key of ["j", "PageUp", "Home", "End", "e", "N", "p", "l", "x"]) keys.get(key)();
  assert.deepEqual(calls, ["move 1", "move -9", "end true", "end false", "error 1", "match -1", "pause", "filters", "clear"]);
  for (const key of ["Enter", "c", "Escape"]) keys.get(key)();
  assert.equal(calls.length, 9, "without an active row nothing happens");
  table.active = 3;
  for (const key of ["Enter", "ArrowRight", "ArrowLeft", "Escape", "f", "c"]) keys.get(key)();
  assert.deepEqual(table.calls, ["toggle 3", "toggle 3 true", "toggle 3 false", "toggle 3 false"]);
  assert.deepEqual(calls.slice(-2), ["follow 3", "json 3"]);
  assert.equal(keys.get("constructor"), undefined);
});

test("page shortcuts: keys, but not while typing", () => {
  const doc = fakeDocument();
  const page = fakePage();
  const state = createState();
  const calls = [];
  page.query.tagName = "INPUT";
  page.query.type = "search";
  page.filters.append(Object.assign(new FakeElement("input"), { type: "checkbox" }));
  const shortcuts = createShortcuts(state, page, doc, { openHelp: () => calls.push("help"), openHealth: (to) => calls.push(`health ${to}`), openSettings: (shown) => calls.push(`settings ${shown}`), closeFilters: () => calls.push("close"), openView: (view) => calls.push(`view ${view}`), openViews: () => calls.push("views") });
  assert.ok(shortcuts.every(([keys, words]) => keys.length && words));
  const press = (key, target, more = {}) => {
    const event = Object.assign(new Event("keydown", { cancelable: true }), { key, ctrlKey: false, metaKey: false, altKey: false, ...more });
    Object.defineProperty(event, "target", { value: target });
    doc.dispatchEvent(event);
  };
  press("/", doc.body);
  assert.equal(doc.activeElement, page.query);
  press("?", page.query);
  press("?", doc.body, { ctrlKey: true });
  assert.deepEqual(calls, []);
  press("?", doc.body);
  press("h", page.log);
  press("h", page.rows); // which is not in the log of this fake page
  state.drawer = "wallboard";
  press("Escape", doc.body);
  state.drawer = "";
  press("Escape", page.filters.children[0]);
  press("w", page.log);
  press(",", doc.body);
  page.settings.append(new FakeElement("button"));
  press("Escape", page.settings.children[0]);
  press("o", doc.body);
  state.view = "patterns";
  press("a", page.log);
  press("Escape", doc.body);
  press("v", doc.body);
  assert.deepEqual(calls, ["help", "health side", "health ", "close", "health wallboard", "settings false", "settings false", "view operations", "view ", "view ", "views"]);
  assert.equal(isPlain({ ctrlKey: false, metaKey: true, altKey: false }), false);
});

test("keys of keyboards for other scripts count by their position", () => {
  for (const [key, code, shiftKey, want] of [
    ["й", "KeyQ", false, "q"], ["Й", "KeyQ", true, "Q"], ["ή", "KeyN", false, "n"], [".", "Slash", false, "/"], [",", "Slash", true, "?"], [".", "Period", false, "."], ["-", "Slash", false, "-"], ["ж", "Semicolon", false, "ж"], ["é", "Digit2", false, "é"], ["Enter", "Enter", false, "Enter"], ["z", "KeyY", false, "z"], ["\u060c", "Comma", false, ","], ["\u061f", "Slash", true, "?"],
  ]) assert.equal(keyOf({ key, code, shiftKey }), want, key);
});

test("playback: pause, rate, buffered records and the jump to the newest", () => {
  const state = stateWith({ level: "info" }, { kind: "redis" }, { level: "error" }, { level: "error" });
  const page = fakePage();
  const table = fakeTable();
  const calls = [];
  const ingest = { skipped: 0, skippedWorst: 0 };
  const playback = createPlayback(state, page, table, ingest, () => calls.push("changed"));
  const button = createNewestButton(state, page, table, ingest);
  const shown = () => (playback.draw(), button.draw(), [page.pause.textContent, page.buffered.textContent, page.newest.hidden || page.newest.textContent]);
  assert.deepEqual(shown(), ["Pause", "", true]);
  page.pause.click();
  state.shown.cursor = 1;
  assert.deepEqual(shown(), ["Resume", "2 buffered", "↓ 3 new · 2 errors"], "a gap is no record");
  assert.equal(page.buffered.dataset.level, "error", "an error is signaled though it is buffered");
  assert.equal(page.newest.dataset.level, "error", "an error is signaled though it is not shown yet");
  state.unread = 1;
  ingest.skipped = 5;
  ingest.skippedWorst = 6;
  assert.equal(shown()[2], "↓ 7 new · critical");
  ingest.skipped = ingest.skippedWorst = 0;
  page.pause.click();
  assert.equal(state.paused, false);
  playback.setRate(10);
  assert.deepEqual(shown(), ["Pause", "2 buffered", "↓ 2 new · 2 errors"]);
  playback.setRate(Infinity);
  page.newest.click();
  assert.deepEqual([state.rate, state.shown.buffered, table.calls.at(-1)], [Infinity, 0, "newest"]);
  assert.equal(calls.length, 5);
  state.shown.cursor = 0;
  page.pause.click();
  table.height = 24;
  page.pause.click();
  assert.equal(table.calls.at(-1), "leave", "what is more than a screenful is not scrolled past the reader");
});

test("record actions: copy with and without the clipboard API, raw", async (t) => {
  const doc = fakeDocument();
  const { store } = stateWith({ message: "m", fields: { id: 1 } });
  const said = [];
  const copied = [];
  const window = { document: doc, navigator: { clipboard: { writeText: async (text) => copied.push(text) } }, fetch: async () => ({ status: 200, ok: true, arrayBuffer: async () => new TextEncoder().encode("published").buffer }) };
  const actions = createRecordActions({ store }, (text) => said.push(text), (id) => `link ${id}`, window);
  const settle = () => new Promise((done) => setImmediate(done));
  actions.copyJSON(0);
  actions.copyLink(0);
  await settle();
  assert.equal(JSON.parse(copied[0]).message, "m");
  assert.deepEqual([copied[1], said], ["link E-1@2026-11-22T17:04:28.500564Z", ["Copied", "Copied"]]);
  window.navigator.clipboard = undefined;
  await actions.copy("x");
  doc.execCommand = () => false;
  await actions.copy("x");
  assert.deepEqual(said.slice(2), ["Copied", "Clipboard access denied"]);
  store.fields[0] = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
  window.navigator.clipboard = { writeText: async (text) => copied.push(text) };
  actions.copyJSON(0);
  await settle();
  assert.match(copied.at(-1), /"message": "m"/, "fields that are nested too deep are copied as text");
  for (const [answer, want] of [[{ status: 404 }, /No longer in the server's memory/], [{ status: 502 }, /answered 502/], [{ status: 200, ok: true, arrayBuffer: async () => new TextEncoder().encode("\ufeffraw é").buffer }, /^\ufeffraw é$/], [{ status: 200, ok: true, arrayBuffer: async () => new Uint8Array([97, 255, 10, 195]).buffer }, /^No UTF-8.*\na\\xff\n\\xc3$/]]) {
    window.fetch = async () => answer;
    assert.match(await actions.raw("E-1"), want);
  }
  window.fetch = async () => { throw new Error("offline"); };
  assert.equal(await actions.raw("E-1"), "Server unreachable.");
});

test("row: texts", () => {
  const state = stateWith(
    { message: "a\nb", logger: "l", level: "error", trace: "T\nValueError: no", exception: { type: "ValueError", text: "no" }, source: "/x/y.py:3 f" }, { trace: "T\nValueError: no", exception: { type: "ValueError", text: "no" } }, { fields: { user: "zoë", n: 3, username: "me" } },
    { message: "m", fields: { a: { b: [1] } } }, { fields: { "elva.empty": { bytes: 0 } } }, { message: "order 3", template: "order %d", fields: { id: 3 } }, { kind: "evicted", lost: 2 }, { fields: { username: "me" }, message: "x" }, { fields: { long: "x".repeat(5000) } },
    { message: "m", fields: { trace_id: "0123456789", n: 1 }, ids: [{ kind: "trace", name: "trace_id", value: "0123456789" }, { kind: "job", name: "j", value: "b" }, { kind: "other", name: "x", value: "c" }] },
  );
  state.gapText = gapText;
  const row = (ord, match = "") => rowTexts(state, ord, match);
  const hint = (ord, match) => row(ord, match).hint.map((part) => (typeof part === "string" ? part : part.join("="))).join(" ");
  assert.deepEqual(row(0), { level: "error", worker: "l", logger: "l", repeats: "", message: "a ↵ b", hint: ["ValueError: no"], source: "y.py:3", ids: [] });
  assert.deepEqual([row(1).message, hint(1)], ["ValueError: no", ""]);
  assert.equal(row(2).message, "user=zoë n=3");
  assert.deepEqual(row(3).hint, [["a", '{"b":[1]}']]);
  assert.equal(hint(3, "found"), "found");
  assert.equal(row(4).message, "empty record, 0 bytes");
  assert.equal(hint(5), "");
  assert.deepEqual([row(6).level, row(6).message], ["gap", "2 older records are no longer in memory"]);
  assert.equal(hint(7), "");
  assert.equal(row(8).message.length, 1001);
  assert.deepEqual([row(9).ids.map((id) => id.value), hint(9)], [["0123456789", "b"], "n=1"], "what is shown as an ID is not said again");
  state.shown.repeats.set(0, 1234);
  assert.equal(row(0).repeats, "×1,234");
});

test("row: dividers for days, pauses and absence", () => {
  const state = stateWith({ at: "2026-11-20T23:58:00Z" }, { at: "2026-11-21T00:10:00Z" }, { at: "2026-11-21T00:10:30Z" });
  state.settings.utc = true;
  assert.equal(boundaryText(state, 0, "nothing older"), "nothing older");
  assert.match(boundaryText(state, 1, "away"), /^away · .*2026.* · no records for 12 min$/);
  assert.equal(boundaryText(state, 2, ""), "");
});

test("row: filled with time, wrong clock and hostile text", () => {
  const state = stateWith({ time: "2026-11-20T23:10:00Z", at: "2026-11-21T00:10:00Z", message: "x\u202e", logger: "\u001b", level: "error", trace: "t" }, { kind: "redis" });
  state.settings.utc = true;
  fakeDocument();
  const row = { el: new FakeElement(), ord: 0, y: 0, rest: "", pins: [], ...Object.fromEntries(["time", "millis", "dot", "level", "worker", "logger", "repeats", "message", "ids", "hint", "source"].map((name) => [name, new FakeElement()])) };
  const whole = new FakeElement("time");
  row.time.parentElement = whole;
  fillRow(state, row, 0, "", "");
  assert.deepEqual([row.time.textContent, row.millis.textContent, row.message.textContent, row.logger.textContent], ["23:10:00", ".000", "x\ufffd", "\u241b"]);
  assert.equal(whole.getAttribute("title"), "2026-11-20T23:10:00.000Z\nreceived +60 min");
  assert.deepEqual([...row.el.classes], ["skew", "traced"]);
  fillRow(state, row, 1, "away", "");
  assert.deepEqual([row.el.dataset.seq, row.el.classes.has("gap"), row.el.dataset.mark], ["", true, "away"]);
  state.store.add(record({ message: "m", fields: { "k\u202e": "v\u202e", n: 1 }, ids: [{ kind: "trace", name: "t", value: "abcdefghij\u202e" }] }), "E");
  fillRow(state, row, 2, "", "");
  assert.deepEqual([row.hint.textContent, row.hint.querySelectorAll("b").map((b) => b.textContent)], [" k\ufffd=v\ufffd n=1", ["k\ufffd=", "n="]]);
  assert.deepEqual([row.ids.textContent, row.ids.querySelectorAll("b")[0].dataset.id], [" abcdefgh", "abcdefghij\u202e"], "a click finds the whole value");
});

/** The detail of a record, and what its buttons have called. */
function detailOf(...records) {
  fakeDocument();
  const state = stateWith(...records);
  state.settings.utc = true;
  const calls = [];
  const call = (name) => (...args) => void calls.push([name, ...args].join(" "));
  const actions = { copyText: call("copy"), chooseSimilar: call("similar"), follow: call("follow"), key: call("key"), copyJSON: call("json"), copyLink: call("link"), showInContext: call("context"), choose: call("choose"), chooseTime: (end) => calls.push(`time ${end}`), raw: async () => "raw\u202e", now: () => Date.parse("2026-11-22T17:05:28.500564Z") };
  return { state, calls, actions, e: createDetail(state, 0, actions) };
}
const fact = (e, name) => e.querySelectorAll("dl")[0].children.find((line) => line.querySelector("dt").textContent === name);

const buttonsOf = (e) => Object.fromEntries(e.querySelectorAll("button").map((b) => [b.textContent, b]));

test("detail: message, traceback, facts and buttons", async () => {
  const { e, calls, state, actions } = detailOf({
    time: "2026-11-22T17:04:27.500564Z", message: "order 4711 failed", template: "order %d failed", trace: 'Traceback\n  File "/srv/a.py", line 1\n    g()\n  File "/usr/lib/python3/x.py", line 1\n    h()\n  File "/usr/lib/python3/y.py", line 1\n    z\nKeyError: 1',
    traceLines: ".o-l-l-e", exception: { type: "KeyError", text: "1" }, ids: [{ kind: "request", name: "id", value: "0123456789" }],
    level: "error", logger: "a", host: "h", pid: 12, pattern: "0a1b2c3d", fields: { id: 3, constructor: "c", "elva.cut": { bytes: 9 } },
  });
  assert.deepEqual([e.querySelector(".text").textContent, e.querySelector(".template").textContent], ["order 4711 failed", "order %d failed"]);
  assert.equal(e.querySelector(".what").textContent, "KeyError: 1");
  assert.deepEqual(e.querySelectorAll(".code").map((c) => c.textContent), ["    g()\n"]);
  const unfold = buttonsOf(e)["▸ 2 library frames"];
  assert.equal(e.querySelector(".library"), null);
  unfold.click();
  assert.match(e.querySelector(".library").textContent, /x\.py[^]*y\.py/);
  assert.deepEqual([unfold.textContent, unfold.getAttribute("aria-expanded")], ["▾ 2 library frames", "true"]);
  unfold.click();
  assert.equal(e.querySelectorAll(".fold")[0].hidden, true);
  assert.match(fact(e, "time").textContent, /^time2026-11-22T17:04:27\.500564Z   61 s ago/);
  assert.match(fact(e, "received").textContent, /^received17:04:28\.500 \(\+1 s\)$/);
  assert.equal(fact(e, "note").textContent, "notecut, 9 bytes were published");
  const [only, exclude] = fact(e, "constructor").querySelectorAll("button");
  only.click();
  exclude.click();
  const buttons = buttonsOf(e);
  for (const name of ["Follow 01234567", "From this time", "Copy", "Copy JSON", "Link", "Similar", "Hide similar", "Show in context"]) buttons[name].click();
  assert.deepEqual(calls, [
    "choose fields,constructor c true", "choose fields,constructor c false", "follow 0", "time from",
    "copy 0", "json 0", "link 0", "similar 0 true", "similar 0 false", "context 0",
  ]);
  assert.equal(e.querySelector(".more").hidden, true);
  buttons.More.click();
  assert.equal(e.querySelector(".more").hidden, false);
  buttons.Raw.click();
  await new Promise((done) => setImmediate(done));
  assert.equal(e.querySelector(".raw").textContent, "raw\ufffd");
  e.fire("keydown", { key: "Escape" });
  assert.equal(calls.at(-1), "key [object Event] 0");
  state.settings.utc = true;
  refreshDetails([[0, { el: e }]], state, actions.now() + 60_000);
  assert.match(fact(e, "time").textContent, /2 min ago/);
});

test("fold: makes its content once", () => {
  fakeDocument();
  let made = 0;
  const { button, content } = createFold("show", "hide", () => (made++, new FakeElement()));
  for (let i = 0; i < 3; i++) button.click();
  assert.deepEqual([made, content.hidden, button.textContent], [1, false, "hide"]);
});

test("detail: fields are a tree with a filter for each leaf", () => {
  const { e, calls } = detailOf({ fields: { a: { b: [{ c: 1 }, "x"], "d.e": null }, empty: {}, long: Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`m${i}`, i])), text: "y".repeat(20_000), lines: "l\n".repeat(30) } });
  const inner = fact(e, "a");
  assert.deepEqual(inner.querySelectorAll("dt").map((dt) => dt.textContent), ["a", "b", "0", "c", "1", "d.e"]);
  for (const button of inner.querySelectorAll("button").filter((b) => b.textContent === "+")) button.click();
  assert.deepEqual(calls, ["choose fields,a,b,c 1 true", "choose fields,a,b x true", "choose fields,a,d.e null true"]);
  assert.match(fact(e, "empty").textContent, /^empty\{\}/);
  const [fold] = fact(e, "long").querySelectorAll("button");
  assert.match(fold.textContent, /^▸ 250 fields, 2,\d+ characters \{"m0":0/);
  fold.click();
  assert.equal(fact(e, "long").querySelectorAll("dt").length, 202);
  assert.match(fact(e, "long").textContent, /50 more\. Copy includes them\.$/);
  const [all] = fact(e, "text").querySelectorAll("button");
  assert.equal(fact(e, "text").textContent, `text${"y".repeat(400)}… 20,000 characters`);
  all.click();
  assert.equal(fact(e, "text").textContent, `text${"y".repeat(20_000)}Show less`);
  assert.equal(fact(e, "lines").textContent, `lines${"l\n".repeat(8).trimEnd()}… 60 characters+−`);
});

test("detail: a JSON message is indented, a long one and a long trace are folded", () => {
  const { e } = detailOf({ message: ' [{"a":12345678901234567890}]' });
  assert.match(e.querySelector(".text").textContent, /^\[\n {2}\{\n {4}"a": 1234567890123456/);
  const { e: long } = detailOf({ message: "m\n".repeat(500), trace: "t\n".repeat(300) });
  assert.match(long.querySelector(".text").textContent, /^(m\n){19}m… 1,000 characters$/);
  const [fold] = long.querySelector(".trace").querySelectorAll("button");
  assert.equal(fold.textContent, "▸ 270 more lines");
  fold.click();
  assert.equal(long.querySelector(".trace").textContent.match(/t\n/g).length, 300);
  const { e: wide } = detailOf({ trace: "x".repeat(9000), message: "{not json" });
  assert.match(wide.querySelector(".trace").textContent, /^x{2000}… 7,000 more characters\n$/);
  assert.equal(wide.querySelector(".text").textContent, "{not json");
});

test("export: what is printed is the shown records as text", () => {
  const document = fakeDocument();
  const state = stateWith({ message: "one", level: "info", at: "2026-11-22T17:04:28Z" }, { kind: "redis", lost: 2 }, { message: "two\u202e" });
  state.shown.cursor = 2;
  const window = Object.assign(new EventTarget(), { document, location: { href: "http://h/logs/?q=x" } });
  startExport(state, fakePage(), window);
  for (let i = 0; i < 2; i++) window.dispatchEvent(new Event("beforeprint"));
  const [sheet, ...more] = document.body.children;
  assert.deepEqual([more.length, sheet.querySelector("pre").textContent], [0, "2026-11-22 17:04:28.000 INFO     one\n--- gap (redis) 2 records lost"]);
  assert.match(sheet.textContent, /\?q=x/);
  window.dispatchEvent(new Event("afterprint"));
  assert.equal(document.body.children.length, 0);
});

test("detail: a gap's times and reason", () => {
  const { e } = detailOf({ kind: "redis", seq: 3, from: "2026-11-22T17:04:28Z", lost: 4, reason: "EOF\u202e" });
  assert.deepEqual(e.querySelectorAll("dl")[0].children.map((line) => line.textContent), ["from2026-11-22T17:04:28.000Z", "records4", "reasonEOF\ufffd"]);
});

test("detail: hostile content is bounded and fast", () => {
  const deep = (n) => JSON.parse(`${'{"a":['.repeat(n)}1${"]}".repeat(n)}`);
  for (const [name, r] of Object.entries({
    "a line of parentheses": { message: "(".repeat(60_000), trace: "(".repeat(60_000) },
    "a template of 50 KB": { message: "%0".repeat(25_000), template: "%0".repeat(25_000) },
    "a template of braces": { message: "x", template: "{a".repeat(25_000) },
    "nesting": { fields: { deep: deep(2000) } },
    "many fields": { fields: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`f${i}`, "x".repeat(40)])) },
    "long fields": { fields: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${"n".repeat(2000)}${i}`, "x".repeat(9000)])) },
    "marks": { message: "e\u0301\u0302\u0303\u0304".repeat(10_000) },
    "lines": { trace: "\n".repeat(60_000), message: "A: \n".repeat(10_000) },
    "numbers": { fields: JSON.parse('{"io":{"bytes":12345678901234567890},"x":1e400}') },
    "members of objects": { fields: JSON.parse('{"constructor":{"a":1},"__proto__":{"b":1},"toString":1,"hasOwnProperty":null}') },
  })) {
    const begin = process.cpuUsage();
    const { e } = detailOf(r);
    const used = process.cpuUsage(begin).user / 1000;
    assert.ok(used < 400, `${name}: ${used} ms`);
    assert.ok(e.textContent.length < 250_000, `${name}: ${e.textContent.length} characters`);
    assert.ok(e.querySelectorAll("dl")[0].children.length <= 210, name);
  }
});

/** A window that remembers settings. */
function settingsWindow(stored = null) {
  const window = Object.assign(new EventTarget(), { document: fakeDocument(), location: { pathname: "/logs" }, stored, localStorage: { getItem: () => window.stored, setItem: (_, value) => (window.stored = value) } });
  window.document.documentElement = new FakeElement("html");
  return window;
}

test("settings: remembered, applied, and the same in all tabs", () => {
  const state = createState();
  const page = fakePage();
  page.log.style.removeProperty = (name) => delete page.log.style[name];
  const window = settingsWindow(JSON.stringify({ theme: "dark", utc: true, columns: [{ name: "message", width: 0 }, { name: "source", hidden: true, width: 200 }, { name: "=user" }] }));
  const before = [];
  const settings = createSettings(state, page, window, (old) => before.push(old.newestFirst));
  const { classes } = window.document.documentElement;
  assert.deepEqual([state.utc, [...classes], page.zone.textContent], [true, ["dark"], "UTC"]);
  assert.deepEqual([page.log.style["--source-order"], page.log.style["--source"], page.log.classes.has("no-source"), page.log.style["--time-order"]], ["1", "200px", true, "3"]);
  settings.set({ newestFirst: true, density: "comfortable" });
  assert.deepEqual([state.newestFirst, classes.has("newest-first"), classes.has("comfortable"), page.log.getAttribute("aria-label")], [true, true, true, "Log records, newest first"]);
  assert.deepEqual(Object.keys(JSON.parse(window.stored)).sort(), ["announce", "collapsed", "columns", "density", "newestFirst", "theme", "utc", "wrap"], "settings only");
  window.dispatchEvent(Object.assign(new Event("storage"), { key: "elva-settings /logs", newValue: '{"collapsed":true}' }));
  assert.deepEqual([state.collapsed, state.newestFirst, before], [true, false, [false, true]]);
  window.dispatchEvent(Object.assign(new Event("storage"), { key: "other", newValue: "{}" }));
  assert.equal(before.length, 2);
});

test("settings: what is stored may be anything", () => {
  const names = (json) => readSettings(json).columns.map((column) => column.name);
  const all = names(null);
  for (const json of ["", "null", "7", "[]", '"x"', "{", '{"columns":7,"utc":"yes","theme":"constructor","density":1}', '{"columns":[null,7,{"name":"constructor"},{"name":"="},{"name":"time"},{"name":"time"}]}']) {
    const settings = readSettings(json);
    assert.deepEqual([settings.utc, settings.theme, settings.density, names(json)], [false, "system", "compact", all], json);
  }
  assert.ok(names(JSON.stringify({ columns: Array.from({ length: 1000 }, (_, i) => ({ name: `=${i}` })) })).length <= 26);
  assert.equal(readSettings('{"columns":[{"name":"time","width":1e9}]}').columns[0].width, 2000);
});

test("settings panel: switches, columns, pinned fields, and the playback rate", () => {
  fakeDocument();
  const state = createState();
  const page = fakePage();
  page.settings.hidden = false;
  const rates = [];
  let closed = 0;
  const panel = createSettingsPanel(state, page, (change) => (Object.assign(state.settings, change), panel.draw()), { setRate: (rate) => (rates.push(rate), (state.rate = rate)) }, () => closed++);
  panel.draw();
  const button = (words) => page.settings.querySelectorAll("button").find((one) => one.textContent === words || one.getAttribute("aria-label") === words);
  button("UTC").click();
  button("Dark").click();
  button("10/s").click();
  button("Close settings").click();
  assert.deepEqual([state.utc, state.settings.theme, rates, closed, button("Dark").getAttribute("aria-pressed"), button("Light").getAttribute("aria-pressed")], [true, "dark", [10], 1, "true", "false"]);
  const rows = () => page.settings.querySelectorAll("li");
  const label = (row) => row.querySelector("span").textContent;
  assert.deepEqual(rows().map(label), ["Time", "Level", "Worker", "Logger", "Message", "Source"]);
  button("Move down Time").click();
  assert.deepEqual(rows().map(label).slice(0, 2), ["Level", "Time"]);
  const shown = rows()[0].querySelectorAll("input")[0];
  shown.checked = false;
  shown.fire("change");
  assert.equal(state.settings.columns[0].hidden, true);
  const [, width] = rows()[0].querySelectorAll("input");
  width.value = "200";
  width.fire("change");
  assert.equal(state.settings.columns[0].width, 200);
  const form = page.settings.querySelector("form");
  const field = form.querySelector("input");
  for (const name of ["user.id", "user.id", " "]) {
    field.value = name;
    form.fire("submit");
  }
  assert.deepEqual(rows().map(label).slice(6), ["user.id"]);
  button("Unpin user.id").click();
  assert.equal(rows().length, 6);
});

test("table: renders visible rows, follows, and stops following", () => {
  fakeDocument();
  globalThis.ResizeObserver = class { observe() {} unobserve() {} };
  globalThis.getComputedStyle = () => ({ getPropertyValue: () => "24px" });
  globalThis.HTMLElement ??= FakeElement;
  const state = stateWith(...Array.from({ length: 1000 }, (_, i) => ({ message: `m${i}` })));
  const page = fakePage();
  const head = new FakeElement();
  head.offsetHeight = 24;
  page.log.append(head);
  page.log.clientHeight = 264;
  page.row.content = { firstElementChild: { cloneNode: () => { const e = new FakeElement(); e.querySelector = () => new FakeElement(); return e; } } };
  let moved = 0;
  const filled = [];
  const table = createRecordTable(state, page, (row, ord) => filled.push(ord), (ord) => (ord === 7 ? undefined : new FakeElement()), () => moved++);
  table.render();
  assert.equal(filled.length, 0, "not before it has started");
  table.start();
  table.render();
  assert.equal(table.height, 240);
  assert.ok(page.rows.children.length <= 30 && filled.includes(999) && !filled.includes(900));
  assert.equal(page.log.scrollTop, 24 * 1000 - 240);
  table.activate(500);
  table.render();
  assert.equal(table.follow, false);
  const active = page.rows.children.find((row) => row.getAttribute("aria-selected") === "true");
  assert.equal(page.log.getAttribute("aria-activedescendant"), active.id);
  table.toggle(500);
  table.toggle(7);
  assert.deepEqual([...table.open.keys()], [500], "a row without a detail does not open");
  table.toggle(500);
  assert.equal(table.open.size, 0);
  const anchor = table.anchor();
  assert.equal(anchor.ord, 500);
  state.settings.newestFirst = true;
  table.restore(anchor);
  table.render();
  assert.ok(filled.length > 30 && moved > 3);
  table.newest();
  table.render();
  assert.ok(table.seen()[0] > 980);
});

test("second file: parts are connected", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const doc = fakeDocument();
  const state = stateWith({ message: "m", fields: { a: "b" }, channel: "app:log" });
  const page = fakePage();
  const table = fakeTable();
  const calls = [];
  const call = (name) => (...args) => void calls.push([name, ...args].join(" "));
  const later = createLater(state, page, Object.assign(new EventTarget(), { document: doc, navigator: {}, CSS: {} }), {
    table, playback: { newest: call("newest"), toggle: call("pause"), setRate: call("rate") }, keys: { openHelp: call("help") }, toggleFilters: call("filters"), closeSettings: call("close"), address: { linkTo: String }, openView: call("view"), ready: () => true,
    notice: call("notice"), refilter: call("refilter"), edit: (change) => change({ choose: call("choose"), chooseTime: call("time") }), settings: { set: call("set") }, clearFilters: call("clear"), show: call("show"),
  });
  fact(later.detail(0), "a").querySelectorAll("button")[0].click();
  assert.equal(calls.at(-1), "choose fields.a b true");
  page.log.fire("keydown", { key: "p" });
  assert.equal(calls.at(-1), "pause");
  later.fillHelp();
  assert.ok(page.help.querySelectorAll("kbd").length > 18);
  const parts = later.createPanelParts();
  for (const part of parts) part.draw();
  const [worker, logger] = page.filters.children;
  assert.deepEqual([worker.querySelectorAll("input").map((input) => input.value), worker.querySelectorAll("small")[0].textContent, logger.hidden], [["app:log"], "1", true]);
  page.find.value = "zzz";
  page.find.fire("input");
  assert.equal(worker.querySelectorAll("input").length, 0);
  later.highlight();
  later.refreshDetails();
});
