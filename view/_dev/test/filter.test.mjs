// The reader's filter: what it selects, how clicks change it by the rules of the grammar, and how an address holds it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chipText, createChips } from "../../app/chips.js";
import { edits } from "../../app/filter-edits.js";
import { Filter, isOwn } from "../../app/filter.js";
import { ALL, andWorse, WARNING } from "../../app/levels.js";
import { isShown, setShown } from "../../app/name-tree.js";
import { createQueryFinder, rememberedName } from "../../app/query-finder.js";
import { Store } from "../../app/store.js";
import { Tally } from "../../app/tally.js";
import { parseRange } from "../../app/moment.js";
import { rangeWords } from "../../app/time-range.js";
import { fakeDocument, fakePage } from "./fake-dom.mjs";
import { AT, gap, record } from "./records.mjs";

function filled() {
  const store = new Store(100);
  store.add(record({ seq: 1, level: "info", logger: "a.b", message: "Order 12 accepted", host: "h1", channel: "c" }), "E");
  store.add(record({ seq: 2, level: "error", logger: "a", message: "refused", trace: "Traceback\nValueError: zebra", host: "h2", channel: "c", ids: [{ kind: "request", name: "id", value: "r-7" }] }), "E");
  store.add(record({ seq: 3, level: "debug", logger: "ab", message: "note", fields: { user: "Zoë", n: 7 }, host: "h1", channel: "d" }), "E");
  store.add(record({ seq: 4, message: "no level, no logger" }), "E");
  store.addGap(gap({ kind: "redis", from: "2026-11-22T17:00:00Z", to: "2026-11-22T17:01:00Z" }), "E");
  return store;
}
/** The sequence numbers that a filter selects; a gap is "gap". Its levels are left out. */
function selected(filter, store = filled()) {
  const { passes, finder, error } = createQueryFinder(store, {})(filter, {});
  assert.equal(error, "");
  const ords = Array.from({ length: store.size }, (_, i) => store.first + i);
  return ords.filter((ord) => passes(ord) && (store.gap(ord) || !finder || finder.matches(ord))).map((ord) => (store.gap(ord) ? "gap" : store.seq[ord % store.capacity]));
}
/** A filter that was read from an address. */
function filterOf(search) {
  const filter = new Filter();
  assert.equal(edits(filter).read(search), "");
  return filter;
}
const query = (text, matchCase = false) => Object.assign(new Filter(), { text, matchCase });

for (const [search, want] of [
  ["", [1, 2, 3, 4, "gap"]],
  ["logger=a", [1, 2, "gap"]],
  ["logger=-a.b", [2, 3, 4, "gap"]],
  ["logger=a&logger=-a.b", [2, "gap"]],
  ["host=h1&channel=-d", [1, "gap"]],
  ["worker=h1/a", [1, "gap"]],
  ["worker=-h1/a&worker=-h2/a", [3, 4, "gap"]],
  ["id=R-7", [2, "gap"]],
  ["id=7", [3, "gap"]],
  ["from=2026-11-22T17:04:00Z", [1, 2, 3, 4]],
  ["to=2026-11-22T17:04:00Z", ["gap"]],
  [`from=${AT}`, [1, 2, 3, 4]],
  [`to=${AT}`, ["gap"]],
  ["q=order&q=accepted", [1, "gap"]],
  ["q=-order", [2, 3, 4, "gap"]],
]) test(`an address selects: ${search}`, () => assert.deepEqual(selected(filterOf(search)), want));

for (const [name, text, want] of [
  ["in any case", "ORDER", [1]],
  ["in the traceback", "zebra", [2]],
  ["in the fields, as they are shown", '"user=zoë"', [3]],
  ["in the logger", "a.b", [1]],
  ["in the worker", "h2/a", [2]],
  ["special characters are plain", '"12 ac"', [1]],
  ["in none of a gap", "redis", []],
  ["by level", "level>=error OR level:none", [2, 4]],
  ["by logger", "logger:a", [1, 2]],
  ["by host and not by channel", "host:h1 -channel:d", [1]],
  ["by a field", "user=Zoë", [3]],
  ["by pid", "pid:*", []],
  ["by number", "seq>=3", [3, 4]],
  ["by arrival", "at>=2026-11-22T17:04:28.500564Z -time:*", [1, 2, 3, 4]],
]) test(`a query is found: ${name}`, () => assert.deepEqual(selected(query(text)), [...want, "gap"]));

test("a query that can't be read says why, and an empty one finds nothing to look for", () => {
  const find = createQueryFinder(filled(), {});
  assert.equal(find(query("level:loud"), {}).error, '"loud" is not a level; levels are trace, debug, info, warning, error, critical, none');
  assert.equal(find(query('"" '), {}).finder, null);
});

test("case counts with the switch", () => {
  const { finder } = createQueryFinder(filled(), {})(query("order", true), {});
  assert.equal(finder.matches(0), false);
  assert.deepEqual(finder.ranges("Order order"), [[6, 11]]);
});

test("what a query looks for is highlighted in shown texts, but not what it excludes", () => {
  const find = createQueryFinder(filled(), {});
  assert.deepEqual(find(query('order user:ann "a.b" -note level:info took>5'), {}).finder.ranges("Order by ANN, a.b axb note info 5"), [[0, 5], [9, 12], [14, 17]]);
  assert.deepEqual(find(query("-note"), {}).finder.ranges("note"), []);
});

test("a long text is searched to its end in time proportional to it", () => {
  const store = new Store(10);
  const ord = store.add(record({ message: `${"a".repeat(5_000_000)}b` }), "E");
  const begin = process.cpuUsage();
  const matches = (text) => createQueryFinder(store, {})(query(text), {}).finder.matches(ord);
  assert.equal(matches(`${"a".repeat(999)}c`), false);
  assert.equal(matches(`b${"a".repeat(999)}`), false);
  assert.equal(matches(`${"a".repeat(999)}b`), true);
  assert.ok(process.cpuUsage(begin).user < 3e6);
});

for (const search of [
  "", "level=warning", "level=info,error", "level=warning,", "level=none", "level=error,none", "level=error&logger=a.b&logger=-c&channel=app:log&host=-odd&worker=web-1/shop&id=1%262&from=15m&to=2099-11-29T16:00:00Z&case=1&q=x%3D1%26y+%23%C3%BC",
]) {
  test(`an address is read and written: ${search}`, () => {
    const written = new URLSearchParams(filterOf(search).params());
    assert.deepEqual([...written], [...new URLSearchParams(search)]);
  });
}

test("an address that is wrong says why, and the filter stays", () => {
  const filter = filterOf("logger=a&q=x");
  const { read } = edits(filter);
  assert.match(read("lvl=error"), /there is no parameter "lvl"/);
  assert.match(read("q=level:loud"), /is not a level/);
  assert.match(read("q=%zz"), /can't be read/);
  assert.match(read(`q=${"(".repeat(100_000)}`), /./);
  assert.deepEqual([filter.names.logger, filter.clauses], [["a"], ["x"]]);
  assert.deepEqual(["at", "view", "highlight", "off", "q", "constructor"].map(isOwn), [true, true, true, true, false, false]);
});

test("a level alone is that and worse, whatever it is called", () => {
  assert.equal(filterOf("level=warn").levels, andWorse(WARNING));
  const filter = new Filter();
  filter.levels = ALL & ~1;
  assert.deepEqual(filter.params(), [["level", "trace"]]);
  assert.equal(filterOf("level=trace").levels, ALL & ~1);
});

for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf", "plain"]) {
  test(`a field named ${name} is a field like others`, () => {
    const store = new Store(10);
    store.add(record({ seq: 1, fields: JSON.parse(`{${JSON.stringify(name)}:"x"}`) }), "E");
    store.add(record({ seq: 2, logger: name, host: name, channel: name }), "E");
    const f = new Filter();
    const { choose } = edits(f);
    choose(`fields.${name}`, "x", true);
    assert.deepEqual(selected(f, store), [1]);
    choose(`fields.${name}`, "x", false);
    assert.deepEqual(selected(f, store), [2]);
    for (const column of ["logger", "host", "channel"]) {
      f.clear();
      choose(column, name, true);
      assert.deepEqual(selected(f, store), [2]);
      choose(column, name, false);
      f.names[column].shift();
      assert.deepEqual(selected(f, store), [1]);
    }
    f.clear();
    choose("level", name, false);
    assert.equal(f.levels, ALL & ~1);
  });
}

test("a value that was clicked is looked for at its own path, exactly", () => {
  const store = new Store(100);
  for (const [i, fields] of [{ id: 3 }, { id: 33 }, { id: "3" }, { id: 13, deep: { id: 3 } }, { who: 'a "b" \n ö' }, { who: null, on: true }, undefined, { "-odd key=": "x" }].entries()) store.add(record({ seq: i, fields, message: "id=3", source: `a.py:${i} f`, pid: i }), "E");
  const of = (...choices) => {
    const f = new Filter();
    for (const choice of choices) edits(f).choose(...choice);
    return selected(f, store);
  };
  assert.deepEqual(of(["fields.id", "3", true]), [0, 2]);
  assert.deepEqual(of(["fields.id", "3", false]), [1, 3, 4, 5, 6, 7]);
  assert.deepEqual(of(["fields.deep.id", "3", true]), [3]);
  assert.deepEqual(of(["fields.who", 'a "b" \n ö', true]), [4]);
  assert.deepEqual(of(["fields.who", "null", true]), [5]);
  assert.deepEqual(of(["fields.on", "true", true], ["pid", "5", true]), [5]);
  assert.deepEqual(of(["source", "a.py:4 f", false], ["pid", "6", false]), [0, 1, 2, 3, 5, 7]);
  assert.deepEqual(of(["fields.-odd key=", "x", true]), [7]);
});

test("records without a name, and names that begin with a dash, can be chosen", () => {
  const store = filled();
  store.add(record({ seq: 5, logger: "-x" }), "E");
  const of = (...choice) => {
    const f = new Filter();
    edits(f).choose(...choice);
    return selected(f, store);
  };
  assert.deepEqual(of("logger", "", true), [4, "gap"]);
  assert.deepEqual(of("logger", "", false), [1, 2, 3, "gap", 5]);
  assert.deepEqual(of("logger", "-x", true), ["gap", 5]);
  assert.deepEqual(of("logger", "-x", false), [1, 2, 3, 4, "gap"]);
});

test("times that were clicked are part of the range", () => {
  const f = new Filter();
  const { chooseTime } = edits(f);
  const store = filled();
  chooseTime("from", store.time[0]);
  chooseTime("to", store.time[0]);
  assert.deepEqual(selected(f, store), [1, 2, 3, 4]);
});

test("chips: every active filter, in words", () => {
  for (const [param, words] of [
    [["logger", "-shop.db"], "logger ≠ shop.db"], [["worker", "web-1/shop"], "worker = web-1/shop"], [["id", "-7"], "id = -7"],
    [["q", "fields.trace_id=3b76"], "trace_id = 3b76"], [["q", "-host:a"], "host ≠ a"], [["q", "-x"], "-x"], [["q", "a:1 OR b:2"], "a:1 OR b:2"], [["q", "took>500"], "took>500"], [["q", "user:*"], "user:*"],
    [["level", "error"], "level ≥ error"], [["level", "error,"], "level = error"], [["level", "critical"], "level = critical"], [["level", "none"], "level = none"], [["level", "info,error"], "level = info, error"],
    [["level", "trace,info,warning,error,critical,none"], "level ≠ debug"],
  ]) assert.equal(chipText(param), words);
  const exampleOf = (pattern) => (pattern === "0a1b2c3d" ? " charge failed for order 48266 after three tries " : "");
  assert.equal(chipText(["q", "pattern:0a1b2c3d"], exampleOf), "like “charge failed for order 48266 after thre…”");
  assert.equal(chipText(["q", "-pattern:0a1b2c3d"], exampleOf), "not like “charge failed for order 48266 after thre…”");
  assert.equal(chipText(["q", "-pattern:0a1b2c3d OR level>=error"], exampleOf), "not like “charge failed for order 48266 after thre…” below error");
  assert.equal(chipText(["q", "-pattern:ffffffff"], exampleOf), "pattern ≠ ffffffff");
});

test("levels are one chip, which is switched off and on without being lost", () => {
  for (const text of ["warning", "error,", "none", "info,error", "trace,info,warning,error,critical,none"]) {
    const f = filterOf(`level=${text}&q=x`);
    const { toggle, remove } = edits(f);
    const before = f.levels;
    toggle(["level", text]);
    assert.deepEqual([f.levels, f.off], [ALL, [["level", text]]]);
    toggle(["level", text]);
    assert.deepEqual([f.levels, f.off], [before, []], text);
    remove(["level", text]);
    assert.equal(f.levels, ALL);
  }
});

test("a filter that the server made is added, or its opposite", () => {
  const f = filterOf("q=x&logger=shop&from=1h");
  const { take } = edits(f);
  take("q=pattern%3A0a1b2c3d&worker=web-1%2Fshop", true);
  assert.deepEqual([f.clauses, f.names.worker, f.from], [["x", "pattern:0a1b2c3d"], ["web-1/shop"], "1h"]);
  take("q=pattern%3A0a1b2c3d", false);
  assert.deepEqual(f.clauses, ["x", "-pattern:0a1b2c3d"]);
  take("host=web-2", false);
  take("level=error%2C", false);
  assert.deepEqual([f.names.host, f.levels & (1 << 5)], [["-web-2"], 0]);
  take("level=error%2C", true);
  assert.equal(f.levels, 1 << 5);
});

test("chips: removed, switched off without being lost, and edited", () => {
  const document = fakeDocument();
  const filter = filterOf("logger=-a&q=order+-x&from=15m");
  const page = fakePage();
  let changed = 0;
  const chips = createChips(filter, edits(filter), page, () => (changed++, chips.draw()), () => "", () => ({ now: Date.parse("2026-11-30T15:00:00Z"), utc: true }));
  chips.draw();
  const buttons = (n) => page.chipList.children[n].children;
  const words = () => page.chipList.children.map((chip) => chip.children[0].textContent);
  assert.deepEqual(words(), ["logger ≠ a", "last 15m", "order", "-x"]);
  buttons(0)[0].fire("click", { altKey: true });
  assert.deepEqual([filter.names.logger, filter.off, words()], [[], [["logger", "-a"]], ["last 15m", "order", "-x", "logger ≠ a"]]);
  buttons(3)[0].fire("keydown", { key: " " });
  assert.deepEqual([filter.names.logger, filter.off], [["-a"], []]);
  buttons(1)[1].click();
  assert.equal(filter.from, "");
  buttons(2)[0].fire("click");
  assert.deepEqual([filter.clauses, filter.text, document.activeElement], [["order"], "-x", page.query]);
  buttons(1)[0].fire("keydown", { key: "Delete" });
  assert.deepEqual([filter.clauses, changed], [[], 5]);
  buttons(0)[0].fire("click", { altKey: true });
  buttons(0)[1].click();
  assert.deepEqual([filter.off, words()], [[], []], "one that is off is removed, too");
});

test("a range is one chip: switched off and on, edited in place, removed with both its ends", async () => {
  const document = fakeDocument();
  const filter = filterOf("from=2026-11-30T14:03:00Z&to=2026-11-30T14:07:00Z");
  const page = fakePage();
  const now = Date.parse("2026-11-30T15:00:00Z");
  const chips = createChips(filter, edits(filter), page, () => chips.draw(), () => "", () => ({ now, utc: true }), async (typed) => parseRange(typed, now, true));
  chips.draw();
  const part = (n) => page.chipList.children[0].children[n];
  const ends = () => [filter.from, filter.to];
  assert.deepEqual([page.chipList.children.length, part(0).textContent], [1, "14:03 – 14:07"]);
  part(0).fire("click", { altKey: true });
  assert.deepEqual([ends(), filter.off, part(0).textContent], [["", ""], [["time", "2026-11-30T14:03:00Z/2026-11-30T14:07:00Z"]], "14:03 – 14:07"]);
  part(0).fire("keydown", { key: " " });
  assert.deepEqual([ends(), filter.off], [["2026-11-30T14:03:00Z", "2026-11-30T14:07:00Z"], []]);
  const type = async (text, key = "Enter") => {
    part(0).click();
    assert.equal(document.activeElement, part(0));
    const was = part(0).value;
    part(0).value = text;
    await part(0).fire("keydown", { key });
    await new Promise(setImmediate);
    return was;
  };
  assert.equal(await type("14:05-14:06:30"), "14:03 – 14:07");
  assert.deepEqual([ends(), part(0).textContent], [["2026-11-30T14:05:00Z", "2026-11-30T14:06:30Z"], "14:05 – 14:06:30"]);
  await type("nonsense");
  assert.deepEqual([ends()[0], part(0).getAttribute("aria-invalid")], ["2026-11-30T14:05:00Z", "true"]);
  part(0).fire("keydown", { key: "Escape" });
  assert.equal(part(0).textContent, "14:05 – 14:06:30");
  await type("14:00", "Escape");
  assert.equal(filter.from, "2026-11-30T14:05:00Z");
  await type("last 15m");
  assert.deepEqual([ends(), part(0).textContent], [["15m", ""], "last 15m"]);
  part(1).click();
  assert.deepEqual([ends(), page.chipList.children.length], [["", ""], 0]);
});

test("a range that is chosen takes the place of one that is off", () => {
  const filter = filterOf("from=15m");
  const edit = edits(filter);
  edit.toggle(["time", "15m/"]);
  assert.deepEqual([filter.from, filter.off], ["", [["time", "15m/"]]]);
  edit.add(["time", "2026-11-30T14:03:00Z/"]);
  assert.deepEqual([filter.from, filter.to, filter.off], ["2026-11-30T14:03:00Z", "", []]);
});

test("ranges in words, and typed", () => {
  const now = Date.parse("2026-11-30T15:00:00Z");
  for (const [from, to, words] of [
    ["2026-11-30T14:03:00Z", "2026-11-30T14:07:20Z", "14:03 – 14:07:20"], ["2026-11-30T14:03:00Z", "", "from 14:03"], ["", "2026-11-30T14:03:05Z", "until 14:03:05"],
    ["2026-11-29T14:03:00Z", "2026-11-30T14:07:00Z", "2026-11-29 14:03 – 14:07"], ["15m", "", "last 15m"], ["", "5m", "until 5m"], ["15m", "5m", "15m – 5m ago"],
  ]) {
    assert.equal(rangeWords(from, to, now, true), words);
    assert.deepEqual(parseRange(words, now, true), [from, to], words);
  }
  for (const [typed, want] of [
    ["14:03-14:07", ["2026-11-30T14:03:00Z", "2026-11-30T14:07:00Z"]], ["14:03 -", ["2026-11-30T14:03:00Z", ""]], ["2026-11-29 10:00-2026-11-29 11:00", ["2026-11-29T10:00:00Z", "2026-11-29T11:00:00Z"]],
    ["5m ago", ["5m", ""]], ["1h-30m", ["1h", "30m"]], ["10m ago-14:55", ["10m", "2026-11-30T14:55:00Z"]], ["", null], ["-", null], ["14:03-x", null], ["a-b-c", null], ["99:00-14:00", null],
  ]) assert.deepEqual(parseRange(typed, now, true), want, typed);
});

test("what is typed becomes chips, one for each clause", () => {
  const filter = Object.assign(new Filter(), { text: 'timeout -"b c" x OR y timeout' });
  const { commit } = edits(filter);
  assert.equal(commit(), "");
  assert.deepEqual([filter.clauses, filter.text], [['-"b c"', "x OR y", "timeout"], ""]);
  filter.text = "level:er";
  assert.match(commit(), /not a level/);
  assert.equal(filter.text, "level:er");
});

test("checkboxes of a tree: what is below follows, and an exclusion wins", () => {
  const all = ["shop", "shop.db", "shop.db.pool", "shop.web", "mailer"];
  const shown = (values) => all.filter((name) => isShown(values, name, true));
  let values = setShown([], "shop", false, all, true);
  assert.deepEqual([values, shown(values)], [["-shop"], ["mailer"]]);
  values = setShown(values, "shop.db.pool", true, all, true);
  assert.deepEqual(shown(values), ["shop", "shop.db", "shop.db.pool", "mailer"]);
  assert.deepEqual(values, ["-shop.web"]);
  assert.deepEqual(shown(setShown(["-shop"], "shop.db", true, all, true)), ["shop", "shop.db", "shop.db.pool", "mailer"]);
  assert.deepEqual(shown(setShown(values, "shop.web", true, all, true)), all);
  values = setShown(["shop"], "mailer", true, all, true);
  assert.deepEqual(shown(values), all);
  assert.deepEqual(shown(setShown(values, "shop", false, all, true)), ["mailer"]);
  assert.deepEqual(setShown(["-a.b"], "a.c", false, ["a.b", "a.c"], false), ["-a.b", "-a.c"], "flat names have no parents");
});

test("counts by level follow the store", () => {
  const tally = new Tally(10);
  for (let ord = 0; ord < 25; ord++) {
    tally.trim(Math.max(0, ord - 9));
    if (ord % 2) tally.add(ord, 5);
  }
  assert.equal(tally.counts[5], 5);
  tally.trim(24);
  assert.equal(tally.counts[5], 0);
  tally.trim(1000);
  assert.equal(tally.counts[5], 0);
});

test("results for names are cached until the names change", () => {
  const store = new Store(10_000);
  const add = (logger) => store.add(record({ logger }), "E");
  for (let n = 0; n < 6000; n++) add(`l${n % 4000}`);
  const shows = rememberedName(store.names.logger, (name) => name.startsWith("new"));
  assert.equal(shows(store.logger[0]), false);
  let last = 0;
  for (let n = 0; n < 10_000; n++) last = add(n < 9800 ? "same" : `new${n}`);
  assert.equal(shows(store.logger[last % store.capacity]), true);
});

test("over the limit of names a filter still sees each", () => {
  const store = new Store(100);
  for (let n = 0; n < 1100; n++) store.names.channel.id(`c${n}`);
  store.add(record({ seq: 1, channel: "beyond" }), "E");
  store.add(record({ seq: 2, channel: "further" }), "E");
  assert.deepEqual(selected(filterOf("channel=beyond"), store), [1]);
  assert.deepEqual(selected(filterOf("channel=-beyond"), store), [2]);
});
