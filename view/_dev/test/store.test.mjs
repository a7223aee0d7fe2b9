import assert from "node:assert/strict";
import { test } from "node:test";
import { ABSENT, Dictionary, OTHER } from "../../app/dictionary.js";
import { exactParse, Store } from "../../app/store.js";

const record = (seq, more = {}) => ({ seq, at: "2026-11-22T17:04:28.500564Z", message: `m${seq}`, ...more });

test("a record comes back as it was sent", () => {
  const store = new Store(10);
  const sent = {
    seq: 7, at: "2026-11-22T17:04:28.500564Z", channel: "app:log", time: "2026-11-22T17:04:27.000001Z", level: "error", logger: "a.b",
    message: "héllo\n", source: "/srv/a.py:34 f", trace: "Traceback\n  x", host: "web-1", pid: 12, fields: { user: "u", n: 1 }, template: "%s",
  };
  assert.deepEqual(store.record(store.add(sent, "E")), sent);
});

test("absent parts stay absent", () => {
  const store = new Store(10);
  assert.deepEqual(store.record(store.add({ seq: 1, at: "2026-11-22T17:04:28Z" }, "E")), { seq: 1, at: "2026-11-22T17:04:28.000Z" });
});

test("the oldest records go when there is no place, and their counts with them", () => {
  const store = new Store(100);
  for (let i = 0; i < 250; i++) store.add(record(i, { level: i < 200 ? "error" : "info", logger: `l${i % 3}` }), "E");
  assert.equal(store.size, 100);
  assert.equal(store.first, 150);
  assert.equal(store.levels[5], 50);
  assert.equal(store.levels[3], 50);
  assert.equal(store.loggers.uses.reduce((a, b) => a + b), 100);
  assert.equal(store.record(150).message, "m150");
});

test("characters are bounded, whatever the records' size", () => {
  const store = new Store(1000, 100_000);
  for (let i = 0; i < 500; i++) store.add(record(i, { message: "x".repeat(i % 7 === 0 ? 30_000 : 10), fields: { a: "y".repeat(i) } }), "E");
  assert.ok(store.chars <= 100_000, `${store.chars}`);
  let chars = 0;
  for (let ord = store.first; ord < store.end; ord++) chars += store.weight[ord % store.capacity];
  assert.equal(store.chars, chars);
});

test("gaps are rows with their words and no level's count", () => {
  const store = new Store(10);
  const ord = store.addGap({ seq: 3, kind: "redis", lost: 4 }, "E");
  assert.deepEqual(store.gap(ord), { seq: 3, kind: "redis", lost: 4 });
  assert.equal(store.levels.slice(0, 7).reduce((a, b) => a + b), 0);
});

test("a record is found by its id, among the epochs it belongs to", () => {
  const store = new Store(10);
  store.add(record(1), "A");
  const b = store.add(record(1), "B");
  assert.equal(store.find("B-1"), b);
  assert.equal(store.find("C-1"), -1);
  assert.equal(store.find("nonsense"), -1);
  assert.equal(store.id(b), "B-1");
});

test("numbers keep every digit", () => {
  const text = '{"id":12345678901234567890,"near":0.1,"list":[9007199254740993]}';
  if ("rawJSON" in JSON) assert.equal(JSON.stringify(exactParse(text)), text);
  assert.deepEqual(exactParse('{"a":1}'), { a: 1 });
});

test("a dictionary gives ids up when their last user is gone, and says so", () => {
  const d = new Dictionary(10);
  const ids = Array.from({ length: 8 }, (_, i) => d.id(`n${i}`));
  assert.equal(d.id("one too many"), OTHER);
  d.release(OTHER);
  for (const id of ids) d.release(id);
  const before = d.generation;
  for (let i = 0; i < 1000; i++) d.release(d.id("again"));
  assert.ok(d.generation > before);
  assert.notEqual(d.id("again"), OTHER);
  assert.equal(d.id(undefined), ABSENT);
  assert.equal(d.id(""), ABSENT);
  assert.equal(d.id("x".repeat(301)), OTHER);
});

test("a name that found no place is still told", () => {
  const store = new Store(10);
  const name = "n".repeat(400);
  const ord = store.add(record(1, { logger: name }), "E");
  assert.equal(store.name("logger", ord), name);
  assert.equal(store.record(ord).logger, name);
});

test("hostile names never break the store", () => {
  const store = new Store(100);
  for (let i = 0; i < 20_000; i++) store.add(record(i, { logger: `hostile.${i}`, host: `h${i}`, source: `s${i}`, channel: `c${i}` }), "E");
  assert.equal(store.size, 100);
  for (let ord = store.first; ord < store.end; ord++) assert.equal(store.name("logger", ord), `hostile.${ord}`);
});
