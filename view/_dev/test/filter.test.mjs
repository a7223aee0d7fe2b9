import assert from "node:assert/strict";
import { test } from "node:test";
import { choose } from "../../app/choose.js";
import { Filter, Scan, Test } from "../../app/filter.js";
import { read, write } from "../../app/fragment.js";
import { ALL, andWorse, WARNING } from "../../app/levels.js";
import { Matches } from "../../app/matches.js";
import { compile, harmless, needed, nested } from "../../app/pattern.js";
import { Rules } from "../../app/rules.js";
import { Store } from "../../app/store.js";

const at = "2026-11-22T17:04:28.500564Z";
function filled() {
  const store = new Store(100);
  store.add({ seq: 1, at, level: "info", logger: "a.b", message: "Order 12 accepted", host: "h1", channel: "c" }, "E");
  store.add({ seq: 2, at, level: "error", logger: "a", message: "refused", trace: "Traceback\nValueError: zebra", host: "h2", channel: "c" }, "E");
  store.add({ seq: 3, at, level: "debug", logger: "ab", message: "note", fields: { user: "Zoë" }, host: "h1", channel: "d" }, "E");
  store.add({ seq: 4, at, message: "no level, no logger" }, "E");
  store.addGap({ kind: "redis" }, "E");
  return store;
}
function shown(set, store = filled()) {
  const filter = new Filter();
  set(filter);
  const into = new Matches(store.capacity);
  new Scan(store, new Test(filter, store), into).step(1000);
  return Array.from({ length: into.size }, (_, n) => store.seq[into.at(n)]).filter((seq) => !Number.isNaN(seq));
}

for (const [name, set, want] of [
  ["no filter shows all", () => {}, [1, 2, 3, 4]],
  ["a level and worse", (f) => (f.levels = andWorse(WARNING)), [2]],
  ["a logger includes what is below it, not what begins like it", (f) => f.loggers.only("a"), [1, 2]],
  ["hide one logger below another", (f) => f.loggers.set("a.b", false), [2, 3, 4]],
  ["records without a logger can be hidden", (f) => f.loggers.set("(none)", false), [1, 2, 3]],
  ["host and channel", (f) => { f.hosts.only("h1"); f.channels.set("d", false); }, [1]],
  ["text, small letters find both cases", (f) => (f.text = "order"), [1]],
  ["text, a capital letter counts", (f) => (f.text = "NOTE"), []],
  ["text in the trace", (f) => (f.text = "zebra"), [2]],
  ["text in the fields", (f) => (f.text = "zoë"), [3]],
  ["text in the logger", (f) => (f.text = "a.b"), [1]],
  ["special characters are plain in text", (f) => (f.text = "12 ac("), []],
  ["a regular expression", (f) => { f.text = "order \\d+|^note$"; f.regex = true; }, [1, 3]],
  ["inverted", (f) => { f.text = "e"; f.invert = true; }, []],
  ["marking hides nothing", (f) => { f.text = "order"; f.mark = true; }, [1, 2, 3, 4]],
  ["a bad expression leaves the rows", (f) => { f.text = "order("; f.regex = true; }, [1, 2, 3, 4]],
]) test(name, () => assert.deepEqual(shown(set), want));

test("no filter hides a gap", () => {
  const store = filled();
  const filter = new Filter();
  filter.levels = 0;
  filter.loggers.only("nobody");
  filter.text = "nothing";
  assert.equal(new Test(filter, store).shows(4), true);
});

test("a scan goes on where it stopped and ends with all", () => {
  const store = new Store(20_000);
  for (let i = 0; i < 20_000; i++) store.add({ seq: i, at, message: `m${i}` }, "E");
  const filter = new Filter();
  filter.text = "9";
  const into = new Matches(20_000);
  let time = 0;
  const scan = new Scan(store, new Test(filter, store), into);
  let steps = 1;
  while (!scan.step(8, () => time++)) steps++;
  assert.ok(steps > 10);
  assert.equal(into.size, Array.from({ length: 20_000 }, (_, i) => String(i)).filter((s) => s.includes("9")).length);
});

test("a pattern that is too slow on a record is given up, and all rows come back", () => {
  const store = filled();
  store.add({ seq: 5, at, message: "x=".repeat(4000) }, "E");
  store.add({ seq: 6, at, message: "after" }, "E");
  for (const mark of [false, true]) {
    const filter = new Filter();
    filter.text = ".*=.*=.*=.*#";
    filter.regex = true;
    filter.mark = mark;
    const t = new Test(filter, store);
    const into = new Matches(100);
    const scan = new Scan(store, t, into);
    const begin = process.cpuUsage();
    while (!scan.step(8));
    assert.ok(process.cpuUsage(begin).user < 2e6);
    assert.match(t.error, /slow/);
    assert.equal(into.size, 7);
  }
});

test("a pattern that is a little slow on many records is given up", () => {
  const store = new Store(2000);
  for (let i = 0; i < 2000; i++) store.add({ seq: i, at, message: "a".repeat(900) }, "E");
  const filter = new Filter();
  filter.text = ".*.*#";
  filter.regex = true;
  const t = new Test(filter, store);
  const scan = new Scan(store, t, new Matches(2000));
  const begin = process.cpuUsage();
  while (!scan.step(8));
  assert.ok(process.cpuUsage(begin).user < 2e6);
  assert.match(t.error, /slow/);
});

test("a pattern is found out wherever in a long text it would take for ever", () => {
  for (const [pattern, part] of [["(\\w\\w?)+#", "a".repeat(60)], ["\\w*\\w*\\w*\\w*#", "a".repeat(900)], ["(\\w{1,9}){1,9}#", "a".repeat(90)]]) {
    for (const before of [0, 300, 5000]) {
      const store = new Store(100);
      store.add({ seq: 1, at, message: `${"- ".repeat(before / 2)}${part}!` }, "E");
      const filter = new Filter();
      filter.text = pattern;
      filter.regex = true;
      const t = new Test(filter, store);
      const begin = process.cpuUsage();
      t.shows(0);
      assert.match(t.error, /slow/);
      assert.ok(process.cpuUsage(begin).user < 2e6, `${pattern} ${before} ${process.cpuUsage(begin).user / 1000} ms`);
    }
  }
});

test("patterns that people write are tried on whole texts", () => {
  const store = new Store(100);
  const text = `${"GET /api/orders/4711?page=2 200 12.5ms from 10.0.0.1 ".repeat(40)}end`;
  store.add({ seq: 1, at, message: text }, "E");
  for (const pattern of ["order.*page=\\d+.*end$", "(\\d{1,3}\\.){3}\\d{1,3}", "[a-z]+/\\d+.*ms.*from\\s+\\d", "(GET|POST) \\S+ \\d+"]) {
    const filter = new Filter();
    filter.text = pattern.replaceAll("\\\\", "\\");
    filter.regex = true;
    const t = new Test(filter, store);
    assert.equal(t.shows(0), true, `${filter.text} ${t.error}`);
  }
});

test("values of fields: exactly this one, whatever its type, with others and against others", () => {
  const store = new Store(100);
  for (const [i, fields] of [{ id: 3 }, { id: 33 }, { id: "3" }, { id: 13, deep: { id: 3 } }, { who: 'a "b" \n ö' }, { who: null, on: true }, undefined].entries()) store.add({ seq: i, at, fields, source: `a.py:${i} f`, pid: i }, "E");
  const of = (...words) => shown((f) => (f.fields = words), store);
  assert.deepEqual(of("id=3"), [0, 2, 3]);
  assert.deepEqual(of("-id=3"), [1, 4, 5, 6]);
  assert.deepEqual(of('who=a "b" \n ö'), [4]);
  assert.deepEqual(of("who=null"), [5]);
  assert.deepEqual(of("on=true", "pid=5"), [5]);
  assert.deepEqual(of("-id=3", "-source=a.py:4 f", "-pid=6"), [1, 5]);
  const f = new Filter();
  choose(f, "id", "1", true);
  choose(f, "id", "2", true);
  choose(f, "id", "3", false);
  choose(f, "a", "x=y", false);
  assert.deepEqual(f.fields, ["id=2", "-id=3", "-a=x=y"]);
  choose(f, "a", "x=y", true);
  assert.deepEqual(f.fields, ["id=2", "-id=3", "a=x=y"]);
  assert.equal(f.open, false);
  f.clear();
  assert.equal(f.open, true);
});

for (const [pattern, want] of [
  ["(a+)+", true], ["(a*)*b", true], ["(\\w+\\s?)*x", true], ["(a|a)*", true], ["(a|ab)+c", true], ["(?:x+y*)+", true], ["((a+)b?)*", true], ["(a{2,})+", true], ["(.*,)*x", true],
  ["a+b+", false], ["(abc)+", false], ["(foo|bar)+", false], ["\\bid=\\d{7}\\b", false], ["(,\\d)*", false], ["[(+]+", false], ["\\(a+\\)+", false], ["(a+)?", false], ["(a+){3}", false],
]) test(`${pattern} is ${want ? "" : "not "}taken for one that could run for ever`, () => assert.equal(nested(pattern), want));

for (const [pattern, want] of [
  ["order.*refused.*id", ["order", "refused", "id"]], ["\\bid=\\d{7}\\b", ["id="]], ["orders?", ["order"]], ["order+ly", ["order", "ly"]], ["(order|token) gone", [" gone"]], ["order|token", []],
  ["a(?!bc)de", ["de"]], ["or[de]er", ["or", "er"]], ["ab{2}cd", ["cd"]], ["\\k<name>(?<name>x)yz", ["yz"]], ["\\u{61}\\x41\\p{Lu}\\.ok", ["ok"]], ["[^]|order]xyz", []], ["(a(b|c)d)+ef", ["ef"]], ["no\\)w|[|]", []],
]) test(`a text with ${pattern} must have ${want.join(", ") || "nothing"}`, () => assert.deepEqual(needed(pattern), want));

for (const [pattern, any] of [
  ["order|tok.n|cach[ae]", true], ["\\bid=\\d{7}\\b", true], ["(?:GET|POST) /api", true], ["colou?r", true], ["really\\?", true],
  ["order.*id", false], ["a{1,9}b", false], ["(a|b){3}", false], ["(a|a)".repeat(30), false], [`${"a?".repeat(30)}${"a".repeat(30)}`, false], ["(a?){30}", false],
]) test(`${pattern} is ${any ? "" : "not "}harmless on a text of any length`, () => assert.equal(harmless(pattern) === Infinity, any));

for (const [pattern, want] of [["(a|a)".repeat(30), /for ever/], ["((a?){9}){9}", /for ever/], [`${"a?".repeat(30)}${"a".repeat(30)}`, /for ever/], ["((GET|POST) /(api|web)/v?\\d\\?){2}", /^$/], ["a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w|x", /^$/]]) {
  test(`${pattern} ${want.source === "^$" ? "may be tried" : "is refused: it has too many alternatives one after another"}`, () => assert.match(compile(pattern, true).error, want));
}

test("a pattern of some ways is found out", () => {
  const store = new Store(100);
  store.add({ seq: 1, at, message: `${"- ".repeat(30)}${"a".repeat(900)}!` }, "E");
  const filter = new Filter();
  filter.text = `${"(a|a)".repeat(19)}#`;
  filter.regex = true;
  const t = new Test(filter, store);
  const begin = process.cpuUsage();
  t.shows(0);
  assert.match(t.error, /slow/);
  assert.ok(process.cpuUsage(begin).user < 2e6);
});

test("what many records share is looked at once, and what is asked again is asked anew when names change", () => {
  const store = new Store(10_000);
  const add = (n, fields, logger) => store.add({ seq: n, at, message: "m", fields, logger }, "E");
  for (let n = 0; n < 6000; n++) add(n, { id: n % 3000 }, `l${n % 4000}`);
  const of = (set) => shown(set, store).length;
  assert.equal(of((f) => (f.text = '"id":7}')), 2);
  assert.equal(of((f) => (f.text = '"id":2999}')), 2);
  assert.equal(of((f) => (f.fields = ["id=2999"])), 2);
  const filter = new Filter();
  filter.text = "new";
  const t = new Test(filter, store);
  assert.equal(t.shows(0), false);
  for (let n = 0; n < 10_000; n++) add(n, undefined, n < 9800 ? "same" : `new${n}`);
  assert.equal(t.shows(store.end - 1), true);
});

test("what is no expression says why", () => {
  assert.match(compile("a(", true).error, /group/i);
  assert.equal(compile("a\\-b{", true).error, "");
  assert.equal(compile("", true).re, null);
});

test("the address keeps the whole filter", () => {
  const f = new Filter();
  f.levels = andWorse(WARNING);
  f.loggers.only("a.b & c");
  f.loggers.set("a.b & c.d", false);
  f.hosts.set("-odd-", false);
  f.text = "x=1&y #ü";
  f.regex = f.invert = f.mark = true;
  const g = new Filter();
  f.fields = ["a=1 & 2", "-b=ü"];
  const all = { at: "E-1", top: true, utc: true, folded: true, paused: true, speed: 20, wall: true };
  assert.deepEqual(read(`#${write(f, all)}`, g), all);
  assert.deepEqual(g.fields, f.fields);
  assert.equal(g.levels, f.levels);
  assert.deepEqual([...g.loggers.map], [...f.loggers.map]);
  assert.deepEqual([...g.hosts.map], [...f.hosts.map]);
  assert.deepEqual([g.text, g.regex, g.invert, g.mark], [f.text, true, true, true]);
  const none = { at: "", top: false, utc: false, folded: false, paused: false, speed: Infinity, wall: false };
  assert.equal(write(new Filter(), none), "");
  assert.deepEqual(read("#", g), none);
  assert.equal(read("#speed=7", g).speed, Infinity);
  assert.ok(g.open && g.levels === ALL);
});

test("rules: the nearest one counts, and a rule that says nothing new is not kept", () => {
  const r = new Rules(".");
  r.set("a", false);
  r.set("a.b", true);
  assert.deepEqual([r.shows("a"), r.shows("a.c"), r.shows("a.b.c"), r.shows("b")], [false, false, true, true]);
  assert.equal(r.mixed("a"), true);
  r.set("a", true);
  assert.ok(r.empty);
  r.only("x.y");
  assert.deepEqual([r.shows("x"), r.shows("x.y.z"), r.shows("q")], [false, true, false]);
});
