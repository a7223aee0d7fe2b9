// What takes the place of the table: its figures and texts, without a document.
import assert from "node:assert/strict";
import { test } from "node:test";
import { changeParts, createChangesList } from "../../app/changes-list.js";
import { createAsk, readChanges, readFacets, readOperations, readPage, readPatterns } from "../../app/explore-data.js";
import { createExplore } from "../../app/explore.js";
import { createFacetsView, figure } from "../../app/facets-view.js";
import { createKeyedList } from "../../app/keyed-list.js";
import { arranged, linkOf, NamedViews, readColumns } from "../../app/named-views.js";
import { chipsOf, createOperationsView, orderOperations, place, stateOf } from "../../app/operations-view.js";
import { createPatternsView } from "../../app/patterns-view.js";
import { filled, hiddenCount, hide, hidings, noisy, percent, shorten } from "../../app/patterns.js";
import { defaults } from "../../app/settings.js";
import { storage } from "../../app/storage.js";
import { createThreadView } from "../../app/thread-view.js";
import { idText, kindWord, offset, pauseBefore, threadOf, took } from "../../app/thread.js";
import { createViewsMenu } from "../../app/views-menu.js";
import { shape, text } from "../../app/wire-read.js";
import { readIDs } from "../../app/wire.js";
import { FakeElement, fakeDocument } from "./fake-dom.mjs";
import { record, stateWith } from "./records.mjs";

const T0 = Date.parse("2026-11-29T15:57:51.829Z");
const at = (ms) => new Date(T0 + ms).toISOString();
const request = (value) => ({ kind: "request", name: "request_id", value });

test("thread: records of all workers in order, from the first", () => {
  const thread = threadOf([
    record({ seq: 4, time: at(5190), level: "error", worker: "pay-1/payments", ids: [request("r1")] }),
    record({ seq: 2, time: at(12), level: "debug", worker: "web-1/shop", ids: [request("r1"), { kind: "job", name: "job_id", value: "j1" }] }),
    record({ seq: 1, time: at(0), level: "info", worker: "web-1/shop", ids: [{ kind: "trace", name: "trace_id", value: "t1" }, request("r1")] }),
    record({ seq: 3, at: at(183), worker: "pay-1/payments", ids: [request("r1")] }),
  ], "r1", readIDs);
  assert.deepEqual(thread.steps.map(({ record, after, lane }) => [record.seq, after, lane]), [[1, 0, 0], [2, 12, 0], [3, 183, 1], [4, 5190, 1]]);
  assert.deepEqual(thread.lanes, [{ worker: "web-1/shop", first: 0, last: 1 }, { worker: "pay-1/payments", first: 2, last: 3 }]);
  assert.deepEqual([thread.kind, thread.worst, thread.last - thread.first], ["request", 5, 5190]);
  assert.deepEqual(thread.joins.map(({ joins, value }) => `${joins} ${value}`), ["part of t1", "continues in j1"]);
  assert.deepEqual(thread.steps.map((_, n) => pauseBefore(thread.steps, n)), [0, 0, 0, 5007]);
});

test("thread: none, one, and more workers than lanes", () => {
  assert.deepEqual([threadOf([], "x", readIDs).steps, threadOf([], "x", readIDs).kind], [[], ""]);
  const one = threadOf([record({ time: at(0) })], "x", readIDs);
  assert.deepEqual([one.last - one.first, pauseBefore(one.steps, 0)], [0, 0]);
  const many = threadOf(Array.from({ length: 9 }, (_, n) => record({ seq: n, time: at(n), worker: `w-${n}` })), "x", readIDs);
  assert.deepEqual([many.lanes.length, many.workers.length, many.lanes[5]], [6, 9, { worker: "w-5", first: 5, last: 8 }]);
});

test("thread: a regular interval is no pause", () => {
  const steps = threadOf(Array.from({ length: 5 }, (_, n) => record({ seq: n, time: at(n * 2000) })), "x", readIDs).steps;
  assert.deepEqual(steps.map((_, n) => pauseBefore(steps, n)), [0, 0, 0, 0, 0]);
});

test("offset and took", () => {
  for (const [ms, want] of [[0, "0 ms"], [12.4, "+12 ms"], [5190, "+5,190 ms"], [12_340, "+12.3 s"], [125_000, "+2:05"], [3_725_000, "+1:02:05"], [-3, "-3 ms"]]) assert.equal(offset(ms), want);
  for (const [ms, want] of [[180, "180 ms"], [5420, "5.42 s"], [41_020, "41.0 s"], [125_000, "2 min"]]) assert.equal(took(ms), want);
  assert.deepEqual([kindWord("request"), kindWord("other"), idText("job", "7d2e91aabb"), idText("request", "3b76cd6c2c"), idText("other", "x")], ["Request", "ID", "job 7d2e91aa", "3b76cd6c", "x"]);
});

test("operations: what runs is first, then what failed, was slow, and is done", () => {
  const { operations } = readOperations({ operations: [
    { id: "done", state: "done", last: at(1) }, { id: "slow", state: "done", slow: true, last: at(1) }, { id: "failed", state: "failed", slow: true, last: at(1) },
    { id: "young", state: "running", first: at(5) }, { id: "old", state: "running", first: at(0) }, { id: "newer", state: "done", last: at(9) },
  ] });
  assert.deepEqual(orderOperations(operations).map((one) => `${one.id} ${stateOf(one)}`), ["old running", "young running", "failed failed", "slow slow", "newer done", "done done"]);
  assert.deepEqual([chipsOf(operations[2]), chipsOf(operations[0])], [["failed", "slow"], ["done"]]);
  assert.ok(isNaN(operations[0].normal), "an unknown normal duration is none");
  assert.deepEqual([place(0, 1000), place(1000, 1000), place(5000, 1000), place(NaN, 1000)].map((n) => n || 0), [0, 1, 1, 0]);
  assert.ok(place(12, 41_000) > 0.05 && place(12, 41_000) < place(180, 41_000));
});

test("patterns: what is noise, what is hidden", () => {
  const pattern = (pattern, levels, worst = Object.keys(levels)[0]) => ({ pattern, levels, worst, count: Object.values(levels).reduce((a, b) => a + b) });
  const { patterns: [info, flood, mixed, ten, none] } = readPatterns({ patterns: [
    pattern("0000000a", { info: 40 }), pattern("0000000b", { error: 25 }), pattern("0000000c", { info: 12, warning: 2, critical: 1 }, "critical"), pattern("0000000d", { debug: 10 }), pattern("0000000e", { none: 9, warning: 1 }, "warning"),
  ] });
  assert.deepEqual(noisy([info, flood, mixed, ten, none], 100), [info, flood, mixed], "ten of a hundred are not more than 10 %; a flood of errors is noise");
  assert.deepEqual([info, flood, mixed, none].map(hide), ["-pattern:0000000a", "-pattern:0000000b", "-pattern:0000000c OR level>=warning", "-pattern:0000000e OR level>=trace"], "what is worse than most stays");
  const hidden = hidings(["-pattern:0000000a", "pattern:11111111", "timeout", "-pattern:zz", "-pattern:0000000c OR level>=warning", "-pattern:0000000a OR x"]);
  assert.deepEqual(hidden, [{ clause: "-pattern:0000000a", pattern: "0000000a", below: "" }, { clause: "-pattern:0000000c OR level>=warning", pattern: "0000000c", below: "warning" }]);
  assert.deepEqual([hiddenCount(info, ""), hiddenCount(mixed, "warning"), hiddenCount(none, "trace")], [40, 12, 9]);
  assert.deepEqual([percent(6, 100), percent(1, 1000), percent(0, 0)], ["6 %", "< 1 %", "0 %"]);
  assert.deepEqual([shorten("abc", 3), shorten("abcd", 3)], ["abc", "abc…"]);
});

test("patterns: a message fills its pattern", () => {
  for (const [parts, message, want] of [
    [["charged ", null, " EUR for order ", null], "charged 28.10 EUR for order 48266", "charged <28.10> EUR for order <48266>"],
    [[null, " ", null, " in ", null, " ms"], "GET /cart 200 in 12 ms", "<GET> </cart 200> in <12> ms"],
    [["a", null, null, "b"], "a12b", "a<12>b"],
    [["nothing varies"], "nothing varies", "nothing varies"],
    [["other ", null], "message", "other <…>"],
    [["ends ", null, " here"], "ends nowhere", "ends <…> here"],
    [["of ", null, ""], "of 48266", "of <48266>"],
    [[], "x", ""],
  ]) assert.equal(filled(parts, message).map(({ text, varies }) => (varies ? `<${text}>` : text)).join(""), want);
});

test("what changed: the name in a sentence is the link", () => {
  assert.deepEqual(changeParts({ text: "pay-1: 97 % of errors", subject: "pay-1" }), ["", "pay-1", ": 97 % of errors"]);
  assert.deepEqual(changeParts({ text: "no logs from web-3 since", subject: "web-3" }), ["no logs from ", "web-3", " since"]);
  assert.deepEqual(changeParts({ text: "ReadTimeout: 41", subject: "other" }), ["", "ReadTimeout", ": 41"]);
  assert.deepEqual(changeParts({ text: "plain", subject: "" }), ["", "plain", ""]);
});

test("figures of a field", () => {
  assert.deepEqual([0.1234567, 12345.6, NaN, 0].map(figure), ["0.1235", "12,350", "–", "0"]);
});

test("answers: whatever the server sends has its type", () => {
  for (const hostile of [null, 7, "text", [], { patterns: 7, operations: {}, changes: [7], facets: [{ values: 3, number: 4 }], page: 5 }]) {
    assert.ok(Array.isArray(readPatterns(hostile).patterns) && Array.isArray(readOperations(hostile).operations));
    assert.ok(readChanges(hostile).changes.every((one) => one.text === "" && one.filter === ""));
    assert.ok(readFacets(hostile).facets.every((one) => Array.isArray(one.values)));
    assert.deepEqual(readPage(hostile), { more: false, last: "" });
  }
  assert.deepEqual(readPatterns({ patterns: [{ parts: ["a", null, 7] }] }).patterns[0].parts, ["a", null, "7"]);
  assert.equal(readFacets({ facets: [{ field: "x" }] }).facets[0].number, null);
  assert.equal(shape({ a: text })({ a: { b: 1 } }).a, '{"b":1}');
});

test("ask: an answer, what the server says is wrong, and no server", async () => {
  const asked = [];
  const ask = (answer) => createAsk({ AbortSignal: { timeout: () => null }, fetch: async (url) => (asked.push(url), answer()) });
  assert.equal(await ask(() => new Response("body"))("patterns", "level=error"), "body");
  assert.equal(await ask(() => new Response("body"))("facets", ""), "body");
  assert.deepEqual(asked, ["?patterns&level=error", "?facets"]);
  await assert.rejects(ask(() => new Response("elva: wrong\n", { status: 400 }))("patterns", ""), { message: "elva: wrong" });
  await assert.rejects(ask(() => new Response("", { status: 503 }))("patterns", ""), { message: "The server answered 503." });
  await assert.rejects(ask(() => Promise.reject(new TypeError("x")))("patterns", ""), { message: "Server unreachable." });
});

test("named views: kept, replaced, removed; what is not valid is left out", () => {
  const kept = new Map();
  const views = new NamedViews({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) }, "k");
  assert.deepEqual(views.list(), []);
  views.save({ name: " errors ", query: "level=error&from=15m", columns: ["time", "=status"] });
  views.save({ name: "", query: "", columns: [] });
  views.save({ name: "all", query: "", columns: [] });
  views.save({ name: "errors", query: "level=error", columns: ["time", "=http.route"] });
  assert.deepEqual(views.list().map(({ name, query }) => [name, query]), [["all", ""], ["errors", "level=error"]]);
  assert.equal(linkOf(views.list()[1]), "level=error&columns=time,%3Dhttp.route");
  assert.equal(linkOf({ name: "", query: "view=patterns", columns: [] }), "view=patterns");
  views.remove("all");
  assert.equal(views.list().length, 1);
  for (const hostile of ["", "{", "7", "null", '[null,7,{"name":""},{"columns":3}]']) {
    kept.set("k", hostile);
    assert.deepEqual(views.list(), []);
  }
  const full = new NamedViews({ getItem: () => null, setItem() { throw new Error("full"); } }, "k");
  assert.doesNotThrow(() => full.save({ name: "x", query: "", columns: [] }));
  assert.equal(storage({ get localStorage() { throw new Error("denied"); } }).getItem(""), null);
});

test("columns of a link: those in their order, the others hidden", () => {
  const { columns } = defaults();
  const now = arranged(columns, readColumns("message,time,=status"));
  assert.deepEqual(now.filter(({ hidden }) => !hidden).map(({ name }) => name), ["message", "time", "=status"]);
  assert.equal(now.length, columns.length + 1);
  assert.deepEqual(readColumns(""), []);
});

test("keyed list: a member keeps its element, and the rest is left out", () => {
  fakeDocument();
  const list = new FakeElement("ul");
  const draw = createKeyedList(list, String, (member) => ({ el: Object.assign(new FakeElement("li"), { member }) }), 2);
  draw([1, 2, 3], () => {});
  const [, two] = list.children;
  draw([2, 4], (row, member, n) => (row.n = `${member} ${n}`));
  assert.deepEqual([list.children.length, list.children[0] === two, list.children[1].member], [2, true, 4]);
});

test("what changed: nothing stands out only where there is enough to compare with", async () => {
  for (const [seconds, records, want] of [[60, 500, "Nothing stands out."], [12, 500, "Not enough records before 10:00:00 yet."], [60, 40, "Not enough records before 10:00:00 yet."], [60, 0, "No records to compare with."]]) {
    const document = fakeDocument();
    const ten = Date.UTC(2026, 10, 29, 10);
    const iso = (ms) => new Date(ms).toISOString();
    const answer = { complete: true, range: { from: iso(ten), to: iso(ten + 60_000), records: 500 }, base: { from: iso(ten - seconds * 1000), to: iso(ten), records }, changes: [] };
    const list = createChangesList({ state: { ...stateWith(), utc: true, base: "" }, window: { document }, ask: async () => JSON.stringify(answer), query: () => "" });
    await list.refresh();
    assert.equal(list.el.lastElementChild.textContent, want);
    assert.match(list.el.textContent, seconds === 60 && records === 0 ? /^What changed/ : /against/);
  }
});

test("the views are factories", () => {
  for (const create of [createChangesList, createExplore, createFacetsView, createOperationsView, createPatternsView, createThreadView, createViewsMenu]) assert.equal(typeof create, "function");
});
