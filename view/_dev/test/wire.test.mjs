import assert from "node:assert/strict";
import { test } from "node:test";
import { elements, parseAny, parseExact, stringify } from "../../app/json.js";
import { readGap, readIDs, readRecords, readStatus } from "../../app/wire.js";

const at = "2026-11-22T17:04:28.5Z";
const read = (...records) => readRecords(JSON.stringify(records));

test("readRecords: every member has one type", () => {
  const [r] = read({ seq: 7, at, time: at, level: "error", logger: "a.b", message: "m", source: "a.py:1", trace: "t", traceLines: "o", exception: { type: "E", text: "no", leaves: ["A"] }, host: "h", worker: "h/a", pid: 12, channel: "c", fields: { a: 1 }, ids: [{ kind: "job", name: "jid", value: "7" }], entry: "1795367068500-0", template: "%s", pattern: "9f3c2a1b" });
  assert.deepEqual(r, { seq: 7, at: Date.parse(at), time: Date.parse(at), level: 5, channel: "c", logger: "a.b", message: "m", source: "a.py:1", trace: "t", traceLines: "o", exception: { type: "E", text: "no", cause: "", place: "", leaves: ["A"] }, host: "h", worker: "h/a", pid: "12", fields: '{"a":1}', ids: '[{"kind":"job","name":"jid","value":"7"}]', entry: "1795367068500-0", template: "%s", pattern: "9f3c2a1b" });
  assert.deepEqual(read({})[0], { seq: NaN, at: NaN, time: NaN, level: 0, channel: "", logger: "", message: "", source: "", trace: "", traceLines: "", exception: null, host: "", worker: "", pid: "", fields: "", ids: "", entry: "", template: "", pattern: "" });
});

test("readRecords: the worker is the one that the server names", () => {
  for (const [r, want] of [
    [{ worker: "web-1/shop", host: "web-1", logger: "pay.cart", channel: "c" }, "web-1/shop"], [{ host: "web-1", logger: "shop", channel: "app:log" }, "app:log"], [{ worker: "h".repeat(1e6) }, "h".repeat(300)], [{}, ""],
  ]) assert.equal(read(r)[0].worker, want);
});

test("readRecords: an unreadable record affects no other", () => {
  for (const hostile of [null, 7, "text", true, [], [[{ seq: 2 }]]]) {
    const all = read({ seq: 1, message: "before" }, hostile, { seq: 3, message: "after" });
    assert.deepEqual([all[0].message, all[2].message], ["before", "after"]);
    assert.match(all[1].message, /^Unreadable record: /);
  }
});

test("readRecords: invalid JSON affects only one record", () => {
  const all = readRecords('[{"seq":1,"message":"a \\"],{ "},{"seq":2,oops},{"seq":3,"message":"c"}]');
  assert.deepEqual(all.map((r) => r.message), ['a "],{ ', 'Unreadable record: {"seq":2,oops}', "c"]);
  assert.equal(readRecords('[{"seq":1},{"seq":2')[1].message, 'Unreadable record: {"seq":2');
  assert.equal(readRecords("<html>")[0].message, "Unreadable record: <html>");
  assert.deepEqual(readRecords("[]"), []);
  assert.deepEqual(elements("[[1,2],{}]"), ["[1,2]", "{}"]);
  const cut = readRecords('[null,{"seq":1,"message":"a"},7,{"seq":2,"message":"cut off},{"seq":3,"fields":{"a":[1,{"b":"]"}]},"message":"c"}]');
  assert.deepEqual(cut.map((r) => r.message), ["Unreadable record: null", "a", "Unreadable record: 7", 'Unreadable record: {"seq":2,"message":"cut off}', "c"]);
});

test("readRecords: members of the wrong type become text", () => {
  const [r] = read({ seq: "1", at: 7, time: {}, level: ["error"], logger: 12, message: { a: [1] }, source: true, trace: null, traceLines: 5, exception: { type: 1, leaves: 3 }, ids: [7], entry: {}, host: [], pid: "x", channel: -0.5, fields: "text", template: 1 });
  assert.deepEqual(r, { seq: NaN, at: NaN, time: NaN, level: 0, channel: "-0.5", logger: "12", message: '{"a":[1]}', source: "true", trace: "", traceLines: "5", exception: { type: "1", text: "", cause: "", place: "", leaves: [] }, host: "[]", worker: "-0.5", pid: "x", fields: '{"fields":"text"}', ids: "[7]", entry: "{}", template: "1", pattern: "" });
  assert.deepEqual([readIDs(r.ids), readIDs(""), readIDs("{}"), readIDs('[{"value":7},{}]')], [[], [], [], [{ kind: "", name: "", value: "7" }]]);
  for (const fields of [[1, 2], 7, true]) assert.equal(read({ fields })[0].fields, `{"fields":${JSON.stringify(fields)}}`);
});

test("readRecords: numbers beyond a double keep their digits", () => {
  const before = Object.getOwnPropertyDescriptor(JSON, "rawJSON");
  // Node has none yet: what Chromium and Firefox make of such a number is put in its place.
  const parse = JSON.parse;
  JSON.rawJSON ??= (text) => Object.freeze(Object.assign(Object.create(null), { rawJSON: text, toJSON: () => `raw:${text}` }));
  JSON.parse = (text, reviver) => (reviver ? parse(text, (key, value) => (typeof value === "number" && value > 2 ** 53 ? JSON.rawJSON("9223372036854775807") : value)) : parse(text));
  try {
    const [r, s] = readRecords('[{"seq":1,"pid":9223372036854775807,"fields":{"io":{"bytes":9223372036854775807}}},{"seq":9223372036854775807}]');
    assert.match(r.pid, /9223372036854775807/);
    assert.match(r.fields, /9223372036854775807/);
    assert.equal(s.seq, NaN);
  } finally {
    JSON.parse = parse;
    if (!before) delete JSON.rawJSON;
  }
});

test("parseExact: keeps every digit", () => {
  const text = '{"id":12345678901234567890,"near":0.1,"list":[9007199254740993],"huge":1e400}';
  if ("rawJSON" in JSON) assert.equal(stringify(parseExact(text)), text);
  assert.deepEqual(parseExact('{"a":1}'), { a: 1 });
  assert.deepEqual(parseAny('{"a":1}'), { a: 1 });
  assert.throws(() => parseAny("{"));
});

test("readRecords: deep nesting loses fields, not records", () => {
  const deep = (n) => `${'{"a":'.repeat(n)}1${"}".repeat(n)}`;
  const all = readRecords(`[{"seq":1,"fields":${deep(100_000)},"message":"deep","pid":1234567890123456},{"seq":2,"message":"after"}]`);
  assert.deepEqual(all.map((r) => r.message), ["deep", "after"]);
  assert.equal(all[0].fields, '{"elva.unreadable":true}');
  assert.equal(read({ fields: { a: { b: 1 } } })[0].fields, '{"a":{"b":1}}');
  const circle = {};
  circle.self = circle;
  assert.equal(stringify(circle), "");
  assert.equal(stringify(undefined), "");
});

test("readRecords: fields named like object members", () => {
  const [r] = readRecords('[{"fields":{"__proto__":"z","constructor":"x","toString":"y"},"__proto__":{"message":"no"}}]');
  assert.equal(r.fields, '{"__proto__":"z","constructor":"x","toString":"y"}');
  assert.equal(r.message, "");
});

test("a gap has every member", () => {
  assert.deepEqual(readGap('{"seq":3,"kind":"redis","lost":4,"from":"2026-11-22T17:04:28.5Z","reason":"r"}'), { seq: 3, kind: "redis", lost: 4, from: Date.parse(at), to: NaN, reason: "r", replaces: NaN });
  for (const hostile of ["null", "[]", "oops", '{"kind":{},"lost":"many","from":[],"reason":null}']) {
    const gap = readGap(hostile);
    assert.equal(typeof gap.kind + typeof gap.reason + typeof gap.from, "stringstringnumber");
    assert.ok(Number.isNaN(gap.lost) && Number.isNaN(gap.seq));
  }
});

test("readStatus: missing and wrong members get defaults", () => {
  for (const text of ["", "7", "null", "[]", "{}", '{"redis":{}}']) assert.equal(readStatus(text), null);
  for (const value of [{}, [], "x", 7, true]) {
    const hostile = Object.fromEntries("at epoch build title uptime rates counts viewers history minutes errors totals workers errorGroups".split(" ").map((name) => [name, value]));
    const s = readStatus(JSON.stringify({ ...hostile, redis: { sources: [value, null], state: value, since: value }, health: { state: value, text: value } }));
    assert.deepEqual([s.viewers, s.rate, s.counts.error, s.history.records, s.minutes.levels.length, s.totals.workers].filter((n) => typeof n !== "number"), []);
    assert.equal(s.redis.sources.length, 2);
    for (const list of [s.workers, s.errorGroups]) assert.ok(Array.isArray(list));
  }
});

test("readStatus: the page's words", () => {
  const s = readStatus(JSON.stringify({
    at, epoch: "E", uptime: 60, rates: { info: 1, error: 0.5, constructor: "x" }, counts: { error: 3, critical: 1 },
    redis: { state: "denied", text: "t", since: at, sources: [{ name: "c", kind: "channel", denied: "NOPERM", deniedSince: at }] },
    health: { state: "degraded", text: "v" }, errors: { lastMinute: 2, baseline: 0.5, elevated: true }, totals: { workers: 2, quiet: 1, newErrorGroups: 1 },
    minutes: { from: at, levels: { error: [1, "2"], gap: [5], __proto__: [5], constructor: [1] } },
    workers: [{ name: "w", state: "quiet", expectedInterval: 2, threshold: 20, skew: -3, last1: { errors: 1 }, failing: true }], errorGroups: [{ title: "t", new: true, minutes: [1] }],
  }));
  assert.equal(s.rate, 1.5);
  assert.equal(s.redis.state, "denied");
  assert.deepEqual([s.redis.sources[0].denied, s.redis.sources[0].deniedSince], ["NOPERM", Date.parse(at)]);
  assert.deepEqual(s.health, { state: "degraded", summary: "v", causes: [] });
  assert.deepEqual(s.errors, { lastMinute: 2, baseline: 0.5, elevated: true });
  assert.deepEqual([s.totals.quiet, s.totals.newErrorGroups], [1, 1]);
  assert.deepEqual(s.minutes.levels, [[5, [1, 2]]]);
  const [w] = s.workers;
  assert.deepEqual([w.state, w.expected, w.threshold, w.skew, w.last1.errors, w.last60.errors, w.failing], ["quiet", 2000, 20_000, -3000, 1, 0, true]);
  assert.deepEqual([s.errorGroups[0].isNew, s.errorGroups[0].minutes], [true, [1]]);
});

test("readStatus: bounded", () => {
  const s = readStatus(JSON.stringify({ redis: { sources: new Array(100_000).fill({}) }, health: { text: "v".repeat(1e6) }, viewers: 1e300 }));
  assert.equal(s.redis.sources.length, 5000);
  assert.equal(s.health.summary.length, 2000);
  assert.equal(s.viewers, 1e15);
});

