// The search: what a worker does with an expression, how it is ended, and how records are searched in slices.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker as Thread } from "node:worker_threads";
import { Filter } from "../../app/filter.js";
import { createFiltering } from "../../app/filtering.js";
import { createQueryWorker } from "../../app/query-worker.js";
import { createAnswer, ranges, TOO_SLOW } from "../../app/query-answer.js";
import { createQueryFinder } from "../../app/query-finder.js";
import { createSearch } from "../../app/search.js";
import { createState } from "../../app/state.js";
import { gap, record } from "./records.mjs";

const answer = createAnswer(() => 0);

test("the worker's answer: what a query selects, where texts match, and why it can't be run", () => {
  const records = [{ message: "xAa" }, { message: "b" }, {}];
  assert.deepEqual([...answer({ query: "/a+/", matchCase: false, records }).selected], [1, 0, 0]);
  assert.deepEqual([...answer({ query: "/a{2}/", matchCase: true, records }).selected], [0, 0, 0], "another query, and the switch");
  const pattern = { source: "a+", flags: "i" };
  assert.deepEqual(answer({ pattern, texts: ["xAa a", "b"] }).ranges, [[[1, 3], [4, 5]], []]);
  assert.match(answer({ pattern: { source: "(", flags: "" }, texts: ["x"] }).error, /./);
  assert.match(answer({ query: "/(/", matchCase: false, records }).error, /missing \)/);
  assert.deepEqual(ranges(/x*/g, "axb"), [[1, 2]], "an empty match is none");
  assert.equal(ranges(/a/g, "a".repeat(100)).length, 20);
});

/** A worker that a test answers for. */
class FakeWorker {
  constructor() {
    this.sent = [];
    this.ended = false;
    FakeWorker.all.push(this);
  }
  postMessage(request) {
    this.sent.push(request);
  }
  terminate() {
    this.ended = true;
  }
  say(data) {
    this.onmessage({ data });
  }
}
const request = (n) => ({ pattern: { source: "a", flags: "" }, texts: [String(n)] });
const settled = () => new Promise((done) => setImmediate(done));

function fakeWorkers(t, start = () => new FakeWorker()) {
  FakeWorker.all = [];
  t.mock.timers.enable({ apis: ["setTimeout"] });
  return createQueryWorker(start);
}

test("worker: requests in order, two at a time", async (t) => {
  const worker = fakeWorkers(t);
  const answers = [1, 2, 3].map((n) => worker.ask(request(n)));
  const [own] = FakeWorker.all;
  assert.equal(own.sent.length, 0, "not before the worker is there");
  own.say("ready");
  assert.equal(own.sent.length, 2);
  own.say({ ms: 1 });
  own.say({ ms: 2 });
  own.say({ ms: 3 });
  assert.deepEqual((await Promise.all(answers)).map((a) => a.ms), [1, 2, 3]);
  assert.equal(FakeWorker.all.length, 1);
});

test("worker: a slow request terminates it, and the next ones get another", async (t) => {
  const worker = fakeWorkers(t);
  const [slow, next] = [1, 2].map((n) => worker.ask(request(n)));
  const [first] = FakeWorker.all;
  first.say("ready");
  for (let i = 0; i < 2; i++) t.mock.timers.tick(100);
  assert.equal(first.ended, false);
  t.mock.timers.tick(100);
  assert.equal(first.ended, true);
  assert.equal((await slow).error, TOO_SLOW);
  first.say({ ms: 9 }); // what an ended worker had sent counts no more
  const second = FakeWorker.all[1];
  second.say("ready");
  second.say({ ms: 7 });
  assert.equal((await next).ms, 7);
  t.mock.timers.tick(10_000);
  assert.equal(second.ended, false, "a worker without a request is not watched");
});

test("worker: new requests do not extend a running budget", async (t) => {
  const worker = fakeWorkers(t);
  const slow = worker.ask(request(1));
  FakeWorker.all[0].say("ready");
  for (let i = 0; i < 3; i++) {
    t.mock.timers.tick(100);
    void worker.ask(request(2));
  }
  assert.equal((await slow).error, TOO_SLOW);
});

for (const [name, start, then] of [
  ["throws", () => { throw new Error("no"); }, () => {}],
  ["is refused later", () => new FakeWorker(), (t) => FakeWorker.all[0].onerror(t)],
  ["never comes", () => new FakeWorker(), (t) => { for (let i = 0; i < 3; i++) t.mock.timers.tick(10_000); }],
]) {
  test(`worker: start ${name}, and each request gets an error`, async (t) => {
    const worker = fakeWorkers(t, start);
    const answers = [worker.ask(request(1)), worker.ask(request(2))];
    then(t);
    for (const a of answers) assert.match((await a).error, /need a Web Worker, which this page can't start/);
  });
}

test("worker: its address passes through a Trusted Types policy", async () => {
  const made = [];
  const window = {
    Worker: class extends FakeWorker {
      constructor(url) {
        super();
        this.url = url;
      }
    },
    trustedTypes: { createPolicy: (name, policy) => (made.push(name), policy) },
  };
  FakeWorker.all = [];
  const state = createState();
  const search = createSearch(state, {}, () => {}, window, "elva-query.js");
  state.store.add(record({ message: "a" }), "E");
  state.filter.text = "/a/";
  for (let i = 0; i < 2; i++) search.select({ show() {}, ended() {} }).finder.advance({ passes: () => true, next: 0, pending: 0 });
  await settled();
  assert.equal(FakeWorker.all[0].url, "elva-query.js");
  assert.deepEqual(made, ["elva"]);
});

/** A filtering over a state with records, its worker on the same thread. */
function filteringOver(records, set, { ask = async (r) => answer(r), load, now } = {}) {
  const state = createState();
  for (const r of records) r.kind ? state.store.addGap(gap(r), "E") : state.store.add(record(r), "E");
  Object.assign(state.filter, new Filter());
  set(state.filter);
  const deferred = [];
  const find = createQueryFinder(state.store, { ask });
  const search = { select: (host) => find(state.filter, host) };
  const filtering = createFiltering(state, {
    search: load ? { module: undefined, load } : { module: search, load: async () => search },
    replace: (apply) => apply(), changed() {}, defer: (next) => deferred.push(next), now,
  });
  const shown = () => Array.from({ length: state.shown.size }, (_, n) => state.store.message[state.shown.at(state.shown.first + n) % state.store.capacity] || "gap");
  return { state, filtering, deferred, shown };
}
/** idle waits for the worker and, on a busy machine, for slices that were put off. */
const idle = async ({ busy }, deferred = []) => {
  for (let i = 0; i < 1000 && busy(); i++) {
    deferred.shift()?.();
    await settled();
  }
  assert.equal(busy(), false);
};
const RECORDS = [{ message: "Order 12" }, { message: "note", logger: "shop.order" }, { kind: "redis" }, { message: "x", trace: "T\norder" }, { message: "y", fields: { order: 1 } }, { message: "none" }];

for (const [name, text, want] of [
  ["plain text", "order", ["Order 12", "note", "gap", "x", "y"]],
  ["an expression", "/ord[e]r\\b/", ["Order 12", "note", "gap", "x", "y"]],
  ["an expression among words", "/^T$/ order -note", ["gap", "x"]],
  ["anchors see each text alone", "/^note$|^order=1$/", ["note", "gap", "y"]],
]) {
  for (const [how, set, expect] of [
    ["filters", () => {}, want],
    ["highlights only", (f) => (f.highlight = true), ["Order 12", "note", "gap", "x", "y", "none"]],
  ]) {
    test(`${name} ${how}`, async () => {
      const { state, filtering, shown } = filteringOver(RECORDS, (f) => { f.text = text; set(f); });
      filtering.start();
      await idle(filtering);
      assert.deepEqual(shown(), expect);
      assert.equal(state.matches?.size ?? null, how === "highlights only" ? want.length - 1 : null);
    });
  }
}

test("records that are received later are searched too, in their order", async () => {
  for (const text of ["order", "/order/"]) {
    const { state, filtering, shown } = filteringOver(RECORDS, (f) => (f.text = text));
    filtering.start();
    await idle(filtering);
    for (const message of ["one order", "other", "two orders"]) {
      state.store.add(record({ message }), "E");
      filtering.advance();
    }
    for (let i = 0; i < 10; i++) await settled();
    assert.deepEqual(shown().slice(-2), ["one order", "two orders"]);
  }
});

test("counts by level follow the other filters", async () => {
  const records = [{ level: "info", message: "a" }, { level: "error", message: "ab" }, { level: "error", message: "c", logger: "x" }, { kind: "redis" }];
  for (const [set, want] of [[() => {}, [1, 2]], [(f) => (f.levels = 1 << 5), [1, 2]], [(f) => (f.text = "a"), [1, 1]], [(f) => (f.text = "/^a/"), [1, 1]], [(f) => Object.assign(f, { text: "a", levels: 1 << 3 }), [1, 1]], [(f) => (f.names.logger = ["x"]), [0, 1]]]) {
    const { filtering } = filteringOver(records, set);
    filtering.start();
    await idle(filtering);
    assert.deepEqual([filtering.counts()[3], filtering.counts()[5]], want);
  }
});

test("a plain scan runs in slices, and a new search cancels it", () => {
  let time = 0;
  const many = Array.from({ length: 20_000 }, (_, i) => ({ message: `m${i}` }));
  const { state, filtering, deferred, shown } = filteringOver(many, (f) => (f.text = "9"), { now: () => (time += 10) });
  filtering.start();
  assert.equal(filtering.busy(), true);
  filtering.advance(); // records that come meanwhile start no second chain
  assert.equal(deferred.length, 1);
  state.filter.text = "77";
  filtering.start();
  let steps = 0;
  while (deferred.length) {
    deferred.shift()();
    steps++;
  }
  assert.ok(steps > 5);
  assert.deepEqual(shown(), many.map((r) => r.message).filter((m) => m.includes("77")));
});

test("a terminated expression shows all rows and an error", async () => {
  for (const mode of [{}, { highlight: true }]) {
    const { state, filtering, shown } = filteringOver(RECORDS, (f) => Object.assign(f, { text: "/order/", ...mode }), { ask: async () => ({ error: TOO_SLOW }) });
    filtering.start();
    await settled();
    await idle(filtering);
    assert.equal(state.search.error, TOO_SLOW);
    assert.equal(state.search.finder, null);
    assert.equal(shown().length, RECORDS.length);
  }
});

test("a search is terminated after three seconds until it has caught up", async () => {
  const many = Array.from({ length: 30_000 }, (_, i) => ({ message: `m${i}` }));
  const slowly = async (r) => ({ ...answer(r), ms: 250 });
  const { state, filtering, deferred } = filteringOver(many, (f) => (f.text = "/m/"), { ask: slowly });
  filtering.start();
  await idle(filtering, deferred);
  assert.equal(state.search.error, TOO_SLOW, "15 slices of 250 ms");
  const live = filteringOver([], (f) => (f.text = "/m/"), { ask: slowly });
  live.filtering.start();
  for (let i = 0; i < 30; i++) {
    live.state.store.add(record({ message: "m" }), "E");
    live.filtering.advance();
    await settled();
  }
  assert.equal(live.state.search.error, "");
  assert.equal(live.shown().length, 30);
});

test("a new search ends the previous one", async () => {
  let asked = 0;
  const many = Array.from({ length: 30_000 }, (_, i) => ({ message: `m${i}` }));
  const { state, filtering, shown } = filteringOver(many, (f) => (f.text = "/m/"), { ask: async (r) => (asked++, answer(r)) });
  filtering.start();
  state.filter.text = "/m7$/";
  filtering.start();
  await idle(filtering);
  for (let i = 0; i < 20; i++) await settled();
  assert.deepEqual(shown(), ["m7"]);
  assert.ok(asked <= 18, `${asked} slices: 15 of the second, at most 2 of the first`);
});

test("while a query is wrong, the last good one counts", async () => {
  const { state, filtering, shown } = filteringOver(RECORDS, (f) => (f.text = "order"));
  filtering.start();
  state.filter.text = "order level:";
  filtering.start();
  assert.deepEqual([state.search.error, shown()], ["", ["gap"]], "a word");
  state.filter.text = "order";
  filtering.start();
  state.filter.text = "order level:e";
  filtering.start();
  state.filter.text = "order level:er";
  filtering.start();
  assert.match(state.search.error, /"er" is not a level/);
  assert.deepEqual(shown(), ["gap"], "of the errors, none");
  state.filter.text = "";
  filtering.start();
  assert.deepEqual([state.search.error, shown().length], ["", RECORDS.length]);
});

test("where the file for searches does not come, that is said, and all rows are shown", async () => {
  const { state, filtering, shown } = filteringOver(RECORDS, (f) => (f.text = "order"), { load: async () => undefined });
  filtering.start();
  assert.equal(filtering.busy(), true);
  await idle(filtering);
  assert.match(state.search.error, /failed to load/);
  assert.equal(shown().length, RECORDS.length);
});

test("ranges: immediate for plain text, later for expressions", async () => {
  const plain = filteringOver(RECORDS, (f) => (f.text = "order"));
  plain.filtering.start();
  assert.deepEqual(plain.state.search.finder.ranges("an order"), [[3, 8]]);
  const { state, filtering } = filteringOver(RECORDS, (f) => (f.text = "/o.d/"));
  filtering.start();
  await idle(filtering);
  assert.equal(state.search.finder.ranges("an order"), null);
  await settled();
  assert.deepEqual(state.search.finder.ranges("an order"), [[3, 6]]);
});

test("a stuck expression is terminated in a real thread", { timeout: 30_000 }, async () => {
  // Node's threads are not the browser's workers, but as hard to interrupt.
  const code = `
    const { parentPort } = require("node:worker_threads");
    import(${JSON.stringify(new URL("../../app/query-answer.js", import.meta.url).href)}).then(({ createAnswer }) => {
      const answer = createAnswer(() => performance.now());
      parentPort.on("message", (data) => parentPort.postMessage(answer(data)));
      parentPort.postMessage("ready");
    });`;
  const threads = [];
  const worker = createQueryWorker(() => {
    const thread = new Thread(code, { eval: true });
    threads.push(thread);
    const own = { postMessage: (data) => thread.postMessage(data), terminate: () => thread.terminate() };
    thread.on("message", (data) => own.onmessage({ data }));
    return own;
  });
  for (const source of ["(?:\\w{0,9}){9}!", "(a+)+$", "(.*,)*x", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a|a)".repeat(30) + "#", "(\\w\\w?)+#"]) {
    const begin = process.cpuUsage(); // of all threads
    const { error } = await worker.ask({ pattern: { source, flags: "i" }, texts: [`${"a".repeat(100)}!!`, `user ${"a".repeat(100)} logged in`, "a,".repeat(50)] });
    if (error) assert.equal(error, TOO_SLOW);
    assert.ok(process.cpuUsage(begin).user < 5_000_000, source);
  }
  assert.deepEqual((await worker.ask({ pattern: { source: "b", flags: "" }, texts: ["abc", "a"] })).ranges, [[[1, 2]], []]);
  const { selected, error } = await worker.ask({ query: "/^(([a-z])+.)+[A-Z]([a-z])+$/ OR /(a|a){30}#/", matchCase: true, records: [{ message: "a".repeat(100) }] });
  assert.deepEqual([...(selected ?? [error])], [0], "a query's own expressions never take long");
  for (const thread of threads) await thread.terminate();
});

