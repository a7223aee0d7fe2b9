// What loads records that the page does not have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createFiltering } from "../../app/filtering.js";
import { Ingest } from "../../app/ingest.js";
import { createPast } from "../../app/past.js";
import { nameOf, readName, readPage, seqOf } from "../../app/record-page.js";
import { createRecordPages } from "../../app/record-pages.js";
import { RecordList } from "../../app/record-list.js";
import { createState } from "../../app/state.js";
import { Store } from "../../app/store.js";
import { Tally } from "../../app/tally.js";
import { readGap, readRecords } from "../../app/wire.js";
import { FakeElement, fakeDocument, fakePage } from "./fake-dom.mjs";
import { gap, record, status } from "./records.mjs";

const read = { readRecords, readGap };

test("readPage: records, gaps and the last line, in their order", () => {
  const page = readPage('{"seq":9,"message":"b"}\n{"gap":{"seq":8,"kind":"redis","from":"2026-11-22T17:00:00Z"}}\n{"seq":7,"message":"{\\"gap\\":"}\n{"page":{"more":true,"first":"E-7","last":"E-9"}}\n', read);
  assert.deepEqual(page.items.map((item) => ("kind" in item ? item.kind : item.message)), ["b", "redis", '{"gap":']);
  assert.deepEqual([page.more, page.first, page.last, page.reason], [true, "E-7", "E-9", ""]);
  assert.throws(() => readPage('{"seq":9}\n', read), /no end/);
  assert.throws(() => readPage("<html>\n", read), /no end/);
  assert.equal(seqOf("E-1-12"), 12);
});

test("names of records: an entry, or number, epoch and time", () => {
  const store = new Store(10);
  store.add(record({ seq: 5, time: "2026-11-22T17:00:00.000001Z" }), "E");
  store.add(record({ seq: 6, entry: "1795368000000-3", channel: "a@b" }), "E");
  assert.deepEqual([nameOf(store, 0), nameOf(store, 1)], ["E-5@2026-11-22T17:00:00.000001Z", "1795368000000-3@a@b"]);
  assert.deepEqual([0, 1].map((ord) => store.find(nameOf(store, ord))), [0, 1]);
  assert.deepEqual([store.find("1795368000000-3@a"), store.find("E-6"), store.find("F-6@2026-11-22T17:00:00Z")], [-1, 1, -1]);
  assert.deepEqual(readName("1795368000000-3@a@b"), { id: "", entry: "1795368000000-3", channel: "a@b", time: 1795368000000 });
  assert.deepEqual(readName("E-5@2026-11-22T17:00:00Z"), { id: "E-5", entry: "", channel: "", time: Date.parse("2026-11-22T17:00:00Z") });
  assert.ok(isNaN(readName("E-5").time));
});

test("store: older records come before the first, and the newest give way", () => {
  const store = new Store(4, undefined, 100);
  for (const seq of [7, 8]) store.add(record({ seq, logger: `l${seq}`, level: "info" }), "E");
  store.prepend(record({ seq: 6, level: "error", logger: "x" }), "E");
  store.prepend(gap({ seq: 5, kind: "redis" }), "E");
  assert.deepEqual([store.first, store.live, store.end, store.size], [98, 100, 102, 4]);
  assert.deepEqual([store.firstId(), store.lastId(), store.gap(98).kind], ["E-5", "E-8", "redis"]);
  store.prepend(record({ seq: 4, level: "debug" }), "E");
  assert.deepEqual([store.end, store.live, store.lastId(), store.levels[3], store.names.logger.names.length], [101, 100, "E-7", 1, 5]);
  store.dropOlder();
  assert.deepEqual([store.first, store.size, store.firstId(), store.levels[7]], [100, 1, "E-7", 0]);
  store.clear();
  assert.deepEqual([store.size, store.chars, store.firstId(), store.find("E-7")], [0, 0, "", -1]);
  assert.ok(store.first > 101, "no ordinal is used twice");
});

test("record list: older members, and the newest cut off", () => {
  const list = new RecordList(4);
  for (const ord of [10, 11]) list.push(ord);
  list.cursor = list.end;
  list.unshift(9);
  list.unshift(8);
  assert.deepEqual([list.first, list.end, list.lowest, list.at(-2), list.lower(9), list.has(8), list.reveal], [-2, 2, -2, 8, -1, true, 2]);
  list.cut(10);
  assert.deepEqual([list.end, list.reveal, list.at(list.end - 1)], [0, 0, 9]);
  const collapsed = new RecordList(4, (a, b) => a % 2 === b % 2);
  for (const ord of [5, 7]) collapsed.push(ord);
  collapsed.unshift(3);
  assert.deepEqual([collapsed.size, collapsed.at(collapsed.first), collapsed.repeats.get(3), collapsed.repeats.has(5)], [1, 3, 3, false]);
});

test("tally: older records count, dropped ones do not", () => {
  const tally = new Tally(4);
  tally.add(10, 5);
  tally.trim(10);
  tally.add(9, 5);
  tally.drop(10);
  assert.equal(tally.counts[5], 1);
  tally.trim(11);
  assert.equal(tally.counts[5], 0);
});

/** A state with some of a server's records, and what loads the others. The server has 1 to 3000. */
function scene(t, has, { filter = "" } = {}) {
  fakeDocument();
  const state = createState(500_000_000);
  state.status = status({ uptime: 60, history: { records: 3000, firstSeq: 1, lastSeq: 3000, complete: true } });
  const ingest = new Ingest(state.store, () => false);
  ingest.epoch = "E";
  for (const seq of has) state.store.add(record({ seq }), "E");
  const table = { follow: true, attached: true, older: 0, newer: 0, jump: 0, height: 240, seen: () => (state.shown.size ? [state.shown.at(state.shown.first), state.shown.at(state.shown.end - 1)] : null), leave: () => (table.follow = false), anchor: () => null, calls: [] };
  for (const name of ["restore", "refill", "activate"]) table[name] = (...args) => table.calls.push([name, ...args]);
  const filtering = createFiltering(state, { search: { module: undefined, load: async () => undefined }, replace: (apply) => apply(), changed() {}, defer() {} });
  filtering.start();
  state.shown.cursor = state.shown.end;
  const asked = [];
  const opened = [];
  const answer = (url) => {
    const own = new URLSearchParams(url.slice(1));
    const limit = Number(own.get("limit"));
    const line = (seq) => `{"seq":${seq},"message":"m${seq}"}\n`;
    const number = (name) => Number(own.get(name)?.split("-")[1]);
    const newest = own.has("newest");
    const from = newest ? Math.max(1, number("before") - limit) : number("after") + 1;
    const to = Math.min(3000, newest ? number("before") - 1 : number("after") + limit);
    const list = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
    if (newest) list.reverse();
    return `${list.map(line).join("")}${JSON.stringify({ page: { more: newest ? from > 1 : to < 3000, first: `E-${from}`, last: `E-${to}` } })}\n`;
  };
  const window = {
    document: globalThis.document, performance: { now: () => 0 }, clearTimeout() {}, setTimeout: (rest) => (window.rest = rest),
    fetch: async (url) => {
      asked.push(url);
      return scene.status ? { ok: false, status: scene.status } : { ok: true, status: 200, text: async () => answer(url) };
    },
  };
  const received = () => {
    filtering.advance();
    state.shown.trim(state.store.first);
  };
  const needs = { table, ingest, filtering, connection: { open: (id) => opened.push(id) }, read, received, notice() {}, goTo() {}, show() {}, edit: async () => {}, askHealth: async () => null, takeStatus() {}, address: { write() {} } };
  return { state, table, ingest, filtering, asked, opened, needs, window, pages: createRecordPages(state, window, needs), seqs: () => Array.from({ length: state.shown.size }, (_, n) => state.store.seq[state.shown.at(state.shown.first + n) % state.store.capacity]) };
}
const settled = () => new Promise((done) => setTimeout(done));

test("pages: older ones until history ends, with the number of rows that are still elsewhere", async (t) => {
  const s = scene(t, [2999, 3000]);
  s.pages.look();
  assert.equal(s.table.older, 2998);
  assert.match(s.asked[0], /before=E-2999/);
  assert.equal(s.pages.text(s.state.shown.at(s.state.shown.first)), "loading older records");
  await settled();
  assert.deepEqual([s.seqs().length, s.seqs()[0], s.state.store.live], [502, 2499, 500_000_000]);
  for (let i = 0; i < 8; i++) {
    s.table.follow = false;
    s.pages.look();
    await settled();
  }
  assert.deepEqual([s.seqs()[0], s.seqs().length, s.asked.length, s.table.older], [1, 3000, 6, 0]);
  assert.match(s.pages.text(s.state.shown.at(s.state.shown.first)), /^nothing older: Elva started at /);
  assert.equal(s.pages.text(s.state.shown.at(s.state.shown.first + 1)), "");
  const end = async (/** @type {object} */ history) => {
    const s = scene(t, [300]);
    Object.assign(s.state.status.history, history);
    s.pages.look();
    await settled();
    return s.pages.text(s.state.shown.at(s.state.shown.first));
  };
  assert.equal(await end({ oldest: 1 }), "Redis has no older record");
  assert.equal(await end({ complete: false }), "older records are no longer in memory");
});

test("pages: where the scrollbar is dragged to", async (t) => {
  const s = scene(t, [2999, 3000]);
  s.table.jump = 0.5;
  s.pages.look();
  s.window.rest();
  await settled();
  assert.equal(s.table.jump, 0);
  assert.deepEqual([s.seqs()[0], s.seqs().at(-1)], [1001, 2000]);
  s.pages.look();
  assert.deepEqual(s.table.calls.at(-1), ["restore", { ord: s.state.store.first + 499, offset: 80 }]);
  await settled();
  s.table.jump = -1;
  s.pages.look();
  s.window.rest();
  await settled();
  assert.equal(s.seqs().at(-1), 3000);
});

test("pages: an error says so and waits", async (t) => {
  const s = scene(t, [2999, 3000]);
  scene.status = 503;
  s.pages.look();
  await settled();
  scene.status = 0;
  assert.equal(s.pages.text(s.state.shown.at(s.state.shown.first)), "older records can't be loaded now");
  s.pages.look();
  assert.equal(s.asked.length, 1);
  s.window.performance.now = () => 4000;
  s.pages.look();
  await settled();
  assert.equal(s.seqs()[0], 2499);
});

test("pages: to a record, on to the newest, and live again", async (t) => {
  const s = scene(t, [2999, 3000]);
  const went = [];
  assert.equal(await s.pages.goTo("E-500", 80, (ord) => went.push(s.state.store.seq[ord % s.state.store.capacity])), true);
  s.pages.look();
  assert.deepEqual([went, s.table.attached, s.table.calls.at(-1)[1].offset, s.seqs()[0], s.seqs().at(-1)], [[500], false, 80, 1, 1000]);
  s.ingest.batch([record({ seq: 3001 })], "E");
  assert.equal(s.ingest.skipped, 1, "the stream's records do not follow on these");
  for (let i = 0; i < 6; i++) {
    s.pages.look();
    await settled();
  }
  assert.deepEqual([s.seqs().at(-1), s.table.attached, s.opened, s.ingest.rejoin, s.ingest.seq], [3000, true, ["E-3000"], null, 3000]);
});

test("pages: a changed filter drops older records, and in the past loads them again", async (t) => {
  const s = scene(t, [2999, 3000]);
  s.pages.look();
  await settled();
  s.pages.refilter();
  s.filtering.start();
  assert.deepEqual(s.seqs(), [2999, 3000]);
  await s.pages.goTo("E-500", 80);
  s.pages.look();
  s.table.anchor = () => ({ ord: s.state.shown.at(s.state.shown.first + 9), offset: 40 });
  s.state.filter.levels = 1;
  s.pages.refilter();
  s.filtering.start();
  s.pages.look();
  assert.match(s.asked.at(-1), /after=E-10&level=none/);
  await settled();
  s.pages.look();
  assert.equal(s.table.calls.at(-1)[1].offset, 40);
});

test("pages: back to the newest, and after a restart of the server", async (t) => {
  const s = scene(t, [2999, 3000]);
  await s.pages.goTo("E-500", 80);
  s.ingest.rejoin();
  assert.deepEqual([s.state.store.size, s.opened, s.table.attached, s.ingest.loading], [0, ["E-0"], true, true]);
  await s.pages.goTo("E-500", 80);
  s.pages.restart();
  assert.deepEqual([s.state.store.size, s.ingest.rejoin, s.table.attached], [0, null, true]);
});

test("past: a record that is gone offers its time", async (t) => {
  const s = scene(t, [2999, 3000]);
  const said = [];
  s.needs.notice = (...args) => said.push(args);
  const page = fakePage();
  page.state.append(new FakeElement("i"), new FakeElement("span"));
  page.link.append(new FakeElement("i"), new FakeElement("b"));
  page.icon.href = "icon.svg";
  const past = createPast(s.state, page, { ...s.window, addEventListener() {}, location: { pathname: "/logs" } }, s.needs);
  await past.goToName("E-9999@2026-11-22T17:00:00Z");
  assert.match(said[0][0], /^Record E-9999 is no longer in memory/);
  assert.match(said[0][2][0], /^Go to 2026-11-2/);
  await past.goToName("E-9999");
  assert.equal(said[1][2], undefined);
});
