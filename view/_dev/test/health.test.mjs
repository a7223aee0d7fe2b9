import assert from "node:assert/strict";
import { test } from "node:test";
import { Hour, MINUTES } from "../../app/health-hour.js";
import { words as figures } from "../../app/health-words.js";
import { ordered as newFirst, searches, spark, words as kindWords } from "../../app/kinds.js";
import { fade, Forgotten, key, ordered, words } from "../../app/roster.js";

const NOW = Date.UTC(2026, 10, 23, 12, 0, 30);
const time = (seconds) => new Date(NOW - seconds * 1000).toISOString();

/** A status at a time, with the newest minutes of some levels. */
const status = (at, levels, epoch = "E", uptime = 86_400) => {
  const n = Object.values(levels)[0]?.length ?? 2;
  const from = (Math.floor(at / 60_000) - n + 1) * 60_000;
  return { at: new Date(at).toISOString(), epoch, uptime, minutes: { from: new Date(from).toISOString(), levels } };
};
const hourOf = (value) => new Array(60).fill(value);
const errors = (h) => h.minutes.map((m) => m[5]);

test("the hour needs the whole document first, then follows the two newest minutes", () => {
  const h = new Hour();
  assert.equal(h.take(status(NOW, { error: [1, 2] })), false);
  assert.equal(h.take(status(NOW, { error: hourOf(3) })), true);
  assert.deepEqual(errors(h), hourOf(3));
  assert.equal(h.take(status(NOW, { error: [4, 5] })), true);
  assert.deepEqual(errors(h).slice(-3), [3, 4, 5]);
  assert.equal(h.take(status(NOW + 60_000, { error: [6, 7] })), true);
  assert.deepEqual(errors(h).slice(-4), [3, 4, 6, 7]);
  assert.equal(h.minutes.length, MINUTES);
});

test("the hour is asked for anew after minutes that nobody told of, and after a restart", () => {
  const h = new Hour();
  h.take(status(NOW, { error: hourOf(1) }));
  assert.equal(h.take(status(NOW + 180_000, { error: [1, 1] })), false);
  assert.equal(h.take(status(NOW + 60_000, { error: [1, 1] }, "other")), false);
  assert.equal(h.take(status(NOW + 60_000, { error: hourOf(0) }, "other")), true);
  assert.deepEqual(errors(h), hourOf(0));
});

test("an answer that was overtaken changes nothing", () => {
  const h = new Hour();
  h.take(status(NOW, { error: hourOf(1) }));
  h.take(status(NOW + 60_000, { error: [1, 9] }));
  assert.equal(h.take(status(NOW, { error: hourOf(0) })), true);
  assert.equal(errors(h).at(-1), 9);
});

test("a server that heard nothing has no column, and that is an hour of nothing", () => {
  const h = new Hour();
  const s = status(NOW, {});
  s.minutes.from = new Date((Math.floor(NOW / 60_000) - 59) * 60_000).toISOString();
  assert.equal(h.take(s), true);
  assert.equal(h.minutes.flat().reduce((a, b) => a + b), 0);
  assert.deepEqual(h.paths(26).join(""), "");
  assert.deepEqual(h.worst(), { level: 0, n: 0 });
});

test("names that the page doesn't know, and __proto__, are no levels", () => {
  const h = new Hour();
  assert.equal(h.take(status(NOW, JSON.parse(`{"gap":${JSON.stringify(hourOf(5))},"__proto__":${JSON.stringify(hourOf(5))},"x":${JSON.stringify(hourOf(5))}}`))), true);
  assert.equal(h.minutes.flat().reduce((a, b) => a + b), 0);
});

test("the worst of five minutes is what the tab tells of", () => {
  const h = new Hour();
  const column = hourOf(0);
  column[54] = 7;
  column[55] = 2;
  h.take(status(NOW, { critical: column, warning: hourOf(1) }));
  assert.deepEqual(h.worst(), { level: 6, n: 2 });
  h.take(status(NOW + 60_000, { critical: [0, 0], warning: [1, 1] }));
  assert.deepEqual(h.worst(), { level: 4, n: 5 });
});

test("a minute's figures in words, the worst first", () => {
  const h = new Hour();
  const one = hourOf(0);
  one[58] = 1;
  const many = hourOf(0);
  many[58] = 1200;
  h.take(status(NOW, { info: many, error: one, warning: one.map((n) => n * 3), critical: one, none: one }, "E", 30 * 60));
  assert.equal(figures(h, 58, true), "11:59, 1 min ago: 1 critical, 1 error, 3 warnings, 1,200 info, 1 without level");
  assert.equal(figures(h, 59, true), "12:00, this minute: no records");
  assert.match(figures(h, 10, true), /: before Elva's start$/);
  assert.match(figures(h, 40, true), /: no records$/);
});

test("bars are stacked to the height of the highest, and no error is too small to see", () => {
  const h = new Hour();
  h.take(status(NOW, { info: hourOf(1000), error: hourOf(0).fill(1, 59) }));
  const d = h.paths(26);
  assert.equal(d[3].match(/M/g).length, 60);
  assert.match(d[5], /^M236 [\d.]+h3v-2\.0h-3z$/);
  assert.equal(d[4], "");
});

const worker = (more = {}) => ({
  name: "web-1/shop", host: "web-1", service: "shop", channel: "app", state: "active", firstSeen: time(3600), lastSeen: time(4), usual: 2, threshold: 20,
  records: 9, rate: 0.5, last1: { records: 1, warnings: 0, errors: 0 }, last5: { records: 1, warnings: 0, errors: 0 }, last60: { records: 1, warnings: 0, errors: 0 }, skew: 0, ...more,
});
const tally = (n) => ({ records: n, warnings: 0, errors: n });
const said = (w, why = "") => {
  const { state, facts } = words(w, NOW, true, why);
  return [state, ...facts].join("; ");
};

test("a worker in words", () => {
  for (const [w, why, want] of [
    [worker(), "", "active; 4 s ago, usually every 2 s; 0.5/s; no errors"],
    [worker({ state: "quiet", lastSeen: time(240) }), "", "silent for 4 min, since 11:56:30; usually every 2 s; 0.5/s; no errors"],
    [worker({ state: "replaced" }), "", "replaced by another host; 4 s ago, usually every 2 s; 0.5/s; no errors"],
    [worker({ state: "learning", usual: 0, threshold: 0 }), "", "new, too early to judge; 4 s ago; 0.5/s; no errors"],
    [worker({ last1: tally(2), last5: tally(3), last60: tally(1234) }), "", "active; 4 s ago, usually every 2 s; 0.5/s; errors in 1, 5, 60 min: 2, 3, 1,234"],
    [worker({ last1: tally(200), last5: tally(300), last60: tally(310) }), "", "active, 200 errors in 1 min; 4 s ago, usually every 2 s; 0.5/s; errors in 1, 5, 60 min: 200, 300, 310"],
    [worker({ firstSeen: time(300), last1: tally(30), last5: tally(30), last60: tally(30) }), "", "active; 4 s ago, usually every 2 s; 0.5/s; errors in 1, 5, 60 min: 30, 30, 30"],
    [worker({ firstSeen: time(300), last1: tally(31), last5: tally(31), last60: tally(31) }), "", "active, 31 errors in 1 min; 4 s ago, usually every 2 s; 0.5/s; errors in 1, 5, 60 min: 31, 31, 31"],
    [worker({ skew: 5 }), "", "active; 4 s ago, usually every 2 s; 0.5/s; no errors"],
    [worker({ skew: -12 }), "", "active; 4 s ago, usually every 2 s; 0.5/s; no errors; clock 12 s behind"],
    [worker({ lastSeen: time(300) }), "not known: Redis is not heard", "not known: Redis is not heard; 5 min ago, usually every 2 s; 0.5/s; no errors"],
    [worker({ lastSeen: time(-3) }), "", "active; 1 s ago, usually every 2 s; 0.5/s; no errors"],
  ]) assert.equal(said(w, why), want);
});

test("a dot fades in the worker's own rhythm and is never gone", () => {
  assert.equal(fade(worker({ lastSeen: time(0) }), NOW), 1);
  assert.ok(Math.abs(fade(worker({ lastSeen: time(10) }), NOW) - 0.65) < 1e-9);
  assert.ok(Math.abs(fade(worker({ lastSeen: time(1e6) }), NOW) - 0.3) < 1e-9);
  assert.equal(fade(worker({ lastSeen: time(1e6), threshold: undefined }), NOW), 1, "nobody whose rhythm is unknown fades");
});

test("the silent stand first, then who fails much, then the rest by name as people count", () => {
  const list = [worker({ name: "web-10" }), worker({ name: "web-2" }), worker({ name: "gone", state: "quiet" }), worker({ name: "a-first-gone", state: "quiet" }), worker({ name: "web-7", last5: tally(200) }), worker({ name: "old", state: "replaced" })];
  assert.deepEqual(ordered(list).map((w) => w.name), ["gone", "a-first-gone", "web-7", "web-2", "web-10", "old"]);
});

test("a forgotten worker comes back when it speaks, and is kept over a reload", () => {
  const kept = new Map();
  const storage = { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v) };
  const w = worker();
  const f = new Forgotten(storage, "k");
  f.add(w);
  assert.equal(f.has(w), true);
  assert.equal(new Forgotten(storage, "k").has(w), true);
  assert.equal(f.has(worker({ channel: "other" })), false);
  assert.equal(f.has(worker({ lastSeen: time(0) })), false);
  f.trim([worker({ lastSeen: time(0) })]);
  assert.deepEqual(JSON.parse(kept.get("k")), {});
  assert.notEqual(key(worker({ host: "a", service: "b" })), key(worker({ host: "a\",\"b", service: "" })));
});

test("storage that is forbidden, full or not ours forgets nobody and breaks nothing", () => {
  for (const text of ["[", "null", "7", '"x"']) assert.equal(new Forgotten({ getItem: () => text, setItem() {} }, "k").has(worker()), false);
  const f = new Forgotten({ getItem() { throw new Error("no"); }, setItem() { throw new Error("full"); } }, "k");
  f.add(worker());
  assert.equal(f.has(worker()), true);
});

const kind = (more = {}) => ({ title: "KeyError in a.py f", level: "error", count: 1234, firstSeen: time(90), lastSeen: time(3), lastSeq: 9, workers: 3, minutes: hourOf(0), ...more });

test("new kinds stand first, the newest of them at the top, then those that come often, then the youngest", () => {
  const list = [kind({ title: "a" }), kind({ title: "b", new: true, firstSeen: time(200) }), kind({ title: "c" }), kind({ title: "d", new: true, firstSeen: time(10) }), kind({ title: "e", firstSeen: time(9000), minutes: hourOf(100) }), kind({ title: "f", firstSeen: time(60) })];
  assert.deepEqual(newFirst(list).map((k) => k.title), ["d", "b", "e", "f", "a", "c"]);
  const one = [kind({ title: "a", lastSeen: time(1), firstSeen: time(99) }), kind({ title: "b", lastSeen: time(2) })];
  assert.deepEqual(newFirst(one), newFirst([...one].reverse()), "who spoke last moves nobody");
});

test("a kind in words", () => {
  const { count, facts } = kindWords(kind(), NOW, true, 7);
  assert.equal(count, "1,234×");
  assert.equal(facts.replaceAll("\u00a0", " "), "on 3 of 7 workers · first 11:59:00 (2 min ago) · last 3 s ago");
});

test("a sparkline has a bar for each minute with any, as high as its part of the highest", () => {
  assert.equal(spark(hourOf(0)), "");
  const minutes = hourOf(0);
  minutes[0] = 10;
  minutes[59] = 5;
  assert.equal(spark(minutes), "M0 14h.8v-14.0h-.8zM59 14h.8v-7.0h-.8z");
});

test("what to search for a kind: what its records have in common", () => {
  for (const [title, want] of [
    ["KeyError in pay.py charge", ["KeyError in pay.py charge", "KeyError"]],
    ["order # failed for #", ["order # failed for #", "failed for", "order"]],
    ["order %s failed after %d tries", ["order %s failed after %d tries", "failed after", "order", "tries"]],
    ["user %(name)s gone", ["user %(name)s gone", "user", "gone"]],
    ["order {id} failed", ["order {id} failed", "failed", "order"]],
    ["pool exhausted", ["pool exhausted"]],
    ["#", ["#"]],
  ]) {
    const got = searches(title);
    assert.equal(got[0], want[0]);
    assert.deepEqual(got.slice(1, want.length), want.slice(1), title);
  }
});
