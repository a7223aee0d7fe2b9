import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseValue, isMixed, setRule, showOnly } from "../../app/filter-edits.js";
import { columnTest, Filter, remembered, rememberedName } from "../../app/filter.js";
import { ALL, andWorse, WARNING } from "../../app/levels.js";
import { readLink, writeLink } from "../../app/link.js";
import { createQueryFinder } from "../../app/query-finder.js";
import { Rules } from "../../app/rules.js";
import { Store } from "../../app/store.js";
import { AT, gap, record } from "./records.mjs";

function filled() {
  const store = new Store(100);
  store.add(record({ seq: 1, level: "info", logger: "a.b", message: "Order 12 accepted", host: "h1", channel: "c" }), "E");
  store.add(record({ seq: 2, level: "error", logger: "a", message: "refused", trace: "Traceback\nValueError: zebra", host: "h2", channel: "c" }), "E");
  store.add(record({ seq: 3, level: "debug", logger: "ab", message: "note", fields: { user: "Zoë" }, host: "h1", channel: "d" }), "E");
  store.add(record({ seq: 4, message: "no level, no logger" }), "E");
  store.addGap(gap({ kind: "redis" }), "E");
  return store;
}
const ords = (store) => Array.from({ length: store.size }, (_, i) => store.first + i);
const seqs = (store, fits) => ords(store).filter(fits).map((ord) => store.seq[ord]).filter((seq) => !Number.isNaN(seq));
function passing(set, store = filled()) {
  const filter = new Filter();
  set(filter);
  return seqs(store, columnTest(filter, store));
}

for (const [name, set, want] of [
  ["no filter shows all", () => {}, [1, 2, 3, 4]],
  ["a level and worse", (f) => (f.levels = andWorse(WARNING)), [2]],
  ["a logger includes what is below it, not what begins like it", (f) => showOnly(f.loggers, "a"), [1, 2]],
  ["one logger below another is hidden", (f) => setRule(f.loggers, "a.b", false), [2, 3, 4]],
  ["records without a logger are hidden", (f) => setRule(f.loggers, "(none)", false), [1, 2, 3]],
  ["host and channel", (f) => { showOnly(f.hosts, "h1"); setRule(f.channels, "d", false); }, [1]],
]) test(`filter: ${name}`, () => assert.deepEqual(passing(set), want));

for (const [name, text, want] of [
  ["in any case", "ORDER", [1]],
  ["in the traceback", "zebra", [2]],
  ["in the fields, as they are shown", '"user=zoë"', [3]],
  ["in the logger", "a.b", [1]],
  ["special characters are plain", '"12 ac"', [1]],
  ["in none of a gap", "redis", []],
  ["by level", "level>=error OR level:none", [2, 4]],
  ["by logger", "logger:a", [1, 2]],
  ["by host and not by channel", "host:h1 -channel:d", [1]],
  ["by a field", "user=Zoë", [3]],
  ["by pid", "pid:*", []],
  ["by number", "seq>=3", [3, 4]],
  ["by arrival", "at>=2026-11-22T17:04:28.500564Z -time:*", [1, 2, 3, 4]],
]) test(`a query is found: ${name}`, () => {
  const store = filled();
  const { finder } = createQueryFinder(store, {})(text, false, {});
  assert.deepEqual(seqs(store, finder.matches), want);
});

test("a query that can't be read says why, and an empty one finds nothing to look for", () => {
  const find = createQueryFinder(filled(), {});
  assert.deepEqual(find("level:loud", false, {}), { finder: null, error: '"loud" is not a level; levels are trace, debug, info, warning, error, critical, none' });
  assert.deepEqual(find('"" ', false, {}), { finder: null, error: "" });
});

test("case counts with the switch", () => {
  const store = filled();
  const { finder } = createQueryFinder(store, {})("order", true, {});
  assert.deepEqual(seqs(store, finder.matches), []);
  assert.deepEqual(finder.ranges("Order order"), [[6, 11]]);
});

test("what a query looks for is highlighted in shown texts, but not what it excludes", () => {
  const { finder } = createQueryFinder(filled(), {})('order user:ann "a.b" -note level:info took>5', false, {});
  assert.deepEqual(finder.ranges("Order by ANN, a.b axb note info 5"), [[0, 5], [9, 12], [14, 17]]);
  assert.deepEqual(createQueryFinder(filled(), {})("-note", false, {}).finder.ranges("note"), []);
});

test("a long text is searched to its end in time proportional to it", () => {
  const store = new Store(10);
  const ord = store.add(record({ message: `${"a".repeat(5_000_000)}b` }), "E");
  const begin = process.cpuUsage();
  const matches = (text) => createQueryFinder(store, {})(text, false, {}).finder.matches(ord);
  assert.equal(matches(`${"a".repeat(999)}c`), false);
  assert.equal(matches(`b${"a".repeat(999)}`), false);
  assert.equal(matches(`${"a".repeat(999)}b`), true);
  assert.ok(process.cpuUsage(begin).user < 3e6);
});

test("no filter hides a gap", () => {
  const store = filled();
  const filter = new Filter();
  filter.levels = 0;
  showOnly(filter.loggers, "nobody");
  filter.fields = ["a=b"];
  assert.equal(columnTest(filter, store)(4), true);
});

test("field values match exactly, whatever their type", () => {
  const store = new Store(100);
  for (const [i, fields] of [{ id: 3 }, { id: 33 }, { id: "3" }, { id: 13, deep: { id: 3 } }, { who: 'a "b" \n ö' }, { who: null, on: true }, undefined].entries()) store.add(record({ seq: i, fields, source: `a.py:${i} f`, pid: i }), "E");
  const of = (...words) => passing((f) => (f.fields = words), store);
  assert.deepEqual(of("id=3"), [0, 2, 3]);
  assert.deepEqual(of("-id=3"), [1, 4, 5, 6]);
  assert.deepEqual(of('who=a "b" \n ö'), [4]);
  assert.deepEqual(of("who=null"), [5]);
  assert.deepEqual(of("on=true", "pid=5"), [5]);
  assert.deepEqual(of("-id=3", "-source=a.py:4 f", "-pid=6"), [1, 5]);
  assert.deepEqual(of("time>=2026-11-22T17:04:28.500563Z").length, 7);
  assert.deepEqual(of("time<=2026-11-22T17:04:28.500563Z"), []);
});

for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf", "plain"]) {
  test(`a field named ${name} is a field like others`, () => {
    const store = new Store(10);
    store.add(record({ seq: 1, fields: JSON.parse(`{${JSON.stringify(name)}:"x"}`) }), "E");
    store.add(record({ seq: 2, logger: name, host: name, channel: name }), "E");
    const f = new Filter();
    chooseValue(f, name, "x", true);
    assert.deepEqual(f.fields, [`${name}=x`]);
    assert.deepEqual(seqs(store, columnTest(f, store)), [1]);
    chooseValue(f, name, "x", false);
    assert.deepEqual(seqs(store, columnTest(f, store)), [2]);
    for (const column of ["logger", "host", "channel"]) {
      f.clear();
      chooseValue(f, column, name, true);
      assert.deepEqual(seqs(store, columnTest(f, store)), [2]);
    }
    f.clear();
    chooseValue(f, "level", name, false);
    assert.equal(f.levels, ALL & ~1);
  });
}

test("choosing a value replaces the other choices of its name", () => {
  const f = new Filter();
  chooseValue(f, "id", "1", true);
  chooseValue(f, "id", "2", true);
  chooseValue(f, "id", "3", false);
  chooseValue(f, "a", "x=y", false);
  assert.deepEqual(f.fields, ["id=2", "-id=3", "-a=x=y"]);
  chooseValue(f, "a", "x=y", true);
  assert.deepEqual(f.fields, ["id=2", "-id=3", "a=x=y"]);
  chooseValue(f, "-odd=", "1", true);
  assert.equal(f.fields.at(-1), "\\-odd\\==1");
  chooseValue(f, "level", "error", true);
  assert.equal(f.levels, 1 << 5);
  assert.equal(f.open, false);
  f.clear();
  assert.equal(f.open, true);
});

test("results for shared texts are cached until names change", () => {
  let asked = 0;
  const ask = remembered((text) => (asked++, text === "x"));
  for (let i = 0; i < 10; i++) assert.equal(ask("x"), true);
  assert.equal(asked, 1);
  const store = new Store(10_000);
  const add = (logger) => store.add(record({ logger }), "E");
  for (let n = 0; n < 6000; n++) add(`l${n % 4000}`);
  const shows = rememberedName(store.names.logger, (name) => name.startsWith("new"));
  assert.equal(shows(store.logger[0]), false);
  let last = 0;
  for (let n = 0; n < 10_000; n++) last = add(n < 9800 ? "same" : `new${n}`);
  assert.equal(shows(store.logger[last % store.capacity]), true);
});

test("a link keeps the whole filter", () => {
  const f = new Filter();
  f.levels = andWorse(WARNING);
  showOnly(f.loggers, "a.b & c");
  setRule(f.loggers, "a.b & c.d", false);
  setRule(f.hosts, "-odd-", false);
  f.text = "x=1&y #ü";
  f.matchCase = f.exclude = f.highlight = true;
  const g = new Filter();
  f.fields = ["a=1 & 2", "-b=ü"];
  const all = { at: "E-1", newestFirst: true, utc: true, collapsed: true, paused: true, rate: 20, wallboard: true };
  assert.deepEqual(readLink(`#${writeLink(f, all)}`, g), all);
  assert.deepEqual(g, f);
  const none = { at: "", newestFirst: false, utc: false, collapsed: false, paused: false, rate: Infinity, wallboard: false };
  assert.equal(writeLink(new Filter(), none), "");
  assert.deepEqual(readLink("#", g), none);
  assert.equal(readLink("#speed=7", g).rate, Infinity);
  assert.ok(g.open && g.levels === ALL);
});

test("a hostile link is bounded", () => {
  const f = new Filter();
  readLink(`#q=${"(".repeat(100_000)}&${"field=a&".repeat(10_000)}logger=${"a.".repeat(100_000)}&level=${",".repeat(1e6)}`, f);
  assert.equal(f.text.length, 2000);
  assert.equal(f.fields.length, 500);
  assert.ok([...f.loggers.map.keys()][0].length <= 2000);
});

test("rules: the nearest applies, and redundant rules are dropped", () => {
  const r = new Rules(".");
  setRule(r, "a", false);
  setRule(r, "a.b", true);
  assert.deepEqual([r.shows("a"), r.shows("a.c"), r.shows("a.b.c"), r.shows("b")], [false, false, true, true]);
  assert.equal(isMixed(r, "a"), true);
  setRule(r, "a", true);
  assert.ok(r.empty);
  showOnly(r, "x.y");
  assert.deepEqual([r.shows("x"), r.shows("x.y.z"), r.shows("q")], [false, true, false]);
  assert.deepEqual(r.words(), ["-", "x.y"]);
});

test("times of records are compared to the microsecond", () => assert.equal(passing((f) => (f.fields = [`time>=${AT}`])).length, 4));
