import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ABSENT, Dictionary, OTHER } from "../../app/dictionary.js";
import { publicRecord } from "../../app/record-actions.js";
import { recordText } from "../../app/record-text.js";
import { parseExact, stringify } from "../../app/json.js";
import { readGap, readRecords } from "../../app/wire.js";
import { RecordList } from "../../app/record-list.js";
import { RowLayout } from "../../app/row-layout.js";
import { Store } from "../../app/store.js";
import { treeNodes } from "../../app/name-tree.js";
import { gap, record } from "./records.mjs";

const sent = {
  seq: 7, at: "2026-11-22T17:04:28.500564Z", channel: "app:log", time: "2026-11-22T17:04:27.000001Z", level: "error", logger: "a.b",
  message: "héllo\n", source: "/srv/a.py:34 f", trace: "Traceback\n  x", traceLines: ".-", exception: { type: "E", text: "no", leaves: ["A"] }, host: "web-1", pid: 12, fields: { user: "u", n: 1 }, ids: [{ kind: "job", name: "jid", value: "7" }], template: "%s",
};

test("publicRecord returns the record as sent", () => {
  const store = new Store(10);
  assert.deepEqual(publicRecord(store, store.add(record(sent), "E")), sent);
});

test("recordText is what ?tail prints", () => {
  const cases = parseExact(readFileSync(new URL("../../../internal/wire/testdata/text.json", import.meta.url), "utf8"));
  assert.ok(cases.length >= 5);
  for (const { record: r, gap: g, text } of cases) {
    const store = new Store(10);
    const ord = g ? store.addGap(readGap(stringify(g)), "E") : store.add(readRecords(`[${stringify(r)}]`)[0], "E");
    assert.equal(`${recordText(store, ord)}\n`, text);
  }
});

test("publicRecord omits absent members and keeps a hostile pid as text", () => {
  const store = new Store(10);
  assert.deepEqual(publicRecord(store, store.add(record({ at: "2026-11-22T17:04:28Z" }), "E")), { seq: 1, at: "2026-11-22T17:04:28.000Z" });
  for (const pid of ["007", "1e5", "{}", "-"]) assert.equal(publicRecord(store, store.add(record({ pid }), "E")).pid, pid);
  assert.equal(publicRecord(store, store.add(record({ pid: -3 }), "E")).pid, -3);
});

test("the oldest records are dropped with their counts", () => {
  const store = new Store(100);
  for (let i = 0; i < 250; i++) store.add(record({ seq: i, message: `m${i}`, level: i < 200 ? "error" : "info", logger: `l${i % 3}` }), "E");
  assert.equal(store.size, 100);
  assert.equal(store.first, 150);
  assert.equal(store.levels[5], 50);
  assert.equal(store.levels[3], 50);
  assert.equal(store.names.logger.uses.reduce((a, b) => a + b), 100);
  assert.equal(publicRecord(store, 150).message, "m150");
});

test("characters are bounded", () => {
  const store = new Store(1000, 100_000);
  for (let i = 0; i < 500; i++) store.add(record({ seq: i, message: "x".repeat(i % 7 === 0 ? 30_000 : 10), fields: { a: "y".repeat(i) }, logger: "n".repeat(i * 2) }), "E");
  assert.ok(store.chars <= 100_000, `${store.chars}`);
  let chars = 0;
  for (let ord = store.first; ord < store.end; ord++) chars += store.weight[ord % store.capacity];
  assert.equal(store.chars, chars);
  store.add(record({ message: "x".repeat(1e6) }), "E");
  assert.equal(store.size, 1);
});

test("a gap has no level count", () => {
  const store = new Store(10);
  const ord = store.addGap(gap({ seq: 3, kind: "redis", lost: 4 }), "E");
  assert.deepEqual([store.gap(ord).kind, store.gap(ord).lost], ["redis", 4]);
  assert.equal(store.levels.slice(0, 7).reduce((a, b) => a + b), 0);
});

test("a record without times gets the previous one's", () => {
  const store = new Store(10);
  const first = store.add(record({ at: "soon" }), "E");
  assert.ok(Date.now() - store.at[first] < 10_000);
  const second = store.add(record({}), "E");
  const third = store.add(record({ at: 7, time: [] }), "E");
  assert.deepEqual([store.at[third], store.time[third], store.timed[third]], [store.at[second], store.at[second], 0]);
  assert.equal(store.at[store.addGap(gap({ from: {} }), "E")], store.at[second]);
});

test("find: by ID within an epoch", () => {
  const store = new Store(10);
  store.add(record({}), "A");
  const b = store.add(record({}), "B");
  assert.equal(store.find("B-1"), b);
  assert.equal(store.find("C-1"), -1);
  assert.equal(store.find("nonsense"), -1);
  assert.equal(store.id(b), "B-1");
  store.add(record({ seq: "x" }), "B");
  store.addGap(gap({ kind: "slow" }), "B");
  assert.equal(store.lastId(), "B-1");
  assert.equal(new Store(2).lastId(), "");
});

test("dictionary: reuses IDs and changes its generation", () => {
  const d = new Dictionary(10);
  const ids = Array.from({ length: 8 }, (_, i) => d.id(`n${i}`));
  assert.equal(d.id("one too many"), OTHER);
  d.release(OTHER);
  for (const id of ids) d.release(id);
  const before = d.generation;
  for (let i = 0; i < 1000; i++) d.release(d.id("again"));
  assert.ok(d.generation > before);
  assert.notEqual(d.id("again"), OTHER);
  assert.equal(d.id(""), ABSENT);
  assert.equal(d.id("x".repeat(301)), OTHER);
});

test("a name that does not fit its dictionary is kept", () => {
  const store = new Store(10);
  const name = "n".repeat(400);
  const ord = store.add(record({ logger: name, pid: "9".repeat(400) }), "E");
  assert.equal(store.name("logger", ord), name);
  assert.equal(publicRecord(store, ord).logger, name);
});

test("hostile names do no harm to the store", () => {
  const store = new Store(100);
  const names = ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"];
  for (let i = 0; i < 20_000; i++) {
    const name = names[i] ?? `hostile.${i}`;
    store.add(record({ logger: name, host: name, source: name, channel: name, pid: name }), "E");
  }
  assert.equal(store.size, 100);
  for (let ord = store.first; ord < store.end; ord++) assert.equal(store.name("logger", ord), `hostile.${ord}`);
  for (const name of names) assert.equal(store.name("host", store.add(record({ host: name }), "E")), name);
});

test("name tree: counts below", () => {
  const d = new Dictionary(100);
  for (const name of ["a.b", "a.b.c", "a-b", "a", "", "a.b"]) d.id(name);
  assert.deepEqual(treeNodes(d, true).map((n) => `${" ".repeat(n.depth)}${n.label} ${n.uses}`), ["a 4", " b 3", "  c 1", "a-b 1"]);
  assert.deepEqual(treeNodes(d, true, "B.C").map((n) => n.label), ["a.b.c"]);
  assert.deepEqual(treeNodes(d, false).map((n) => n.name), ["a", "a-b", "a.b", "a.b.c"]);
});

test("name tree: a hostile name has few levels", () => {
  const d = new Dictionary(5000);
  for (let i = 0; i < 1000; i++) d.id(`${"a.".repeat(140)}${i}`);
  const begin = process.cpuUsage();
  assert.ok(treeNodes(d, true).length < 1100);
  assert.ok(process.cpuUsage(begin).user < 500_000);
});

for (const newestFirst of [false, true]) {
  test(`layout: slots and positions with open rows (newest ${newestFirst ? "first" : "last"})`, () => {
    const layout = new RowLayout({ newestFirst });
    layout.origin = newestFirst ? 1000 : 3;
    layout.setOpen([[10, 100], [12, 33], [500, 7]]);
    for (const n of [3, 9, 10, 11, 12, 13, 499, 500, 501, 900]) {
      const slot = layout.slot(n);
      assert.equal(layout.number(slot), n);
      assert.equal(layout.slotAt(layout.top(slot)), slot);
      assert.equal(layout.slotAt(layout.top(slot) + 23), slot);
      assert.equal(layout.slotAt(layout.top(slot + 1) - 1), slot);
    }
  });
}

test("record list: the cursor follows, pauses, or moves at a rate", () => {
  const list = new RecordList(100);
  for (let i = 0; i < 50; i++) list.push(i);
  list.advance(20, 1000);
  assert.equal(list.reveal, 20);
  list.advance(20, 25);
  assert.equal(list.reveal, 20);
  list.advance(20, 25);
  assert.equal(list.reveal, 21);
  list.advance(0, 10_000);
  assert.equal(list.buffered, 29);
  list.advance(Infinity, 0);
  assert.equal(list.buffered, 0);
});

test("record list: trim moves the cursor", () => {
  const list = new RecordList(100);
  for (let i = 0; i < 50; i++) list.push(i * 2);
  list.trim(31);
  assert.equal(list.at(list.first), 32);
  assert.equal(list.cursor, list.first);
  assert.equal(list.lower(33), list.first + 1);
  assert.equal(list.lower(1000), list.end);
  assert.deepEqual([list.has(32), list.has(33), list.has(30)], [true, false, false]);
  for (let i = 50; i < 300; i++) list.push(i * 2);
  assert.equal(list.size, 100);
});

test("record list: duplicates become one member with a count", () => {
  const text = ["a", "a", "a", "b", "a"];
  const list = new RecordList(10, (x, y) => text[x] === text[y]);
  text.forEach((_, i) => list.push(i));
  assert.equal(list.size, 3);
  assert.equal(list.repeats.get(0), 3);
  list.trim(1);
  assert.equal(list.repeats.size, 0);
  const store = new Store(10);
  const [a, b, c] = [{ message: "x" }, { message: "x", pid: 2 }, { message: "x", level: "error" }].map((r) => store.add(record(r), "E"));
  assert.deepEqual([store.same(a, b), store.same(a, c)], [true, false]);
});

test("a pattern keeps its digits, and no number of patterns costs an object per record", () => {
  const store = new Store(30_000);
  for (let i = 1; i <= 30_000; i++) store.add(record({ message: "m", pattern: i.toString(16).padStart(8, "0") }), "E");
  assert.equal(store.pattern(0), "00000001");
  assert.equal(store.pattern(29_999), "00007530");
  assert.equal(store.extra.size, 0);
  assert.equal(store.pattern(store.add(record({ message: "m", pattern: "ffffffff" }), "E")), "ffffffff");
  assert.equal(store.pattern(store.add(record({ message: "m" }), "E")), "");
});

test("records that repeat a trace share it, unless what is said of it differs", () => {
  const store = new Store(10);
  const traced = (text) => store.add(record({ message: "m", trace: "Traceback\n  x", traceLines: ".-", exception: { type: "E", text } }), "E");
  const [a, b, c] = [traced("no"), traced("no"), traced("other")];
  assert.equal(store.exception(a), store.exception(b));
  assert.equal(store.exception(c).text, "other");
  assert.equal(store.exception(a).text, "no");
});
