import assert from "node:assert/strict";
import { test } from "node:test";
import { createConnection } from "../../app/connection.js";
import { fakeDocument } from "./fake-dom.mjs";

/** The browser's EventSource, whose server is the test. */
class FakeSource extends EventTarget {
  static all = [];
  readyState = 0;
  constructor(url) {
    super();
    this.url = url;
    FakeSource.all.push(this);
  }
  close() {
    this.readyState = 2;
  }
  say(type, data, lastEventId = "") {
    const event = Object.assign(new Event(type), { data, lastEventId });
    if (type === "message") this.onmessage(event);
    else this.dispatchEvent(event);
  }
}

function connect(t, more = {}) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  FakeSource.all = [];
  globalThis.EventSource = FakeSource;
  const document = fakeDocument();
  const window = Object.assign(new EventTarget(), { document });
  const got = { records: [], gaps: [], status: [], states: [] };
  const connection = createConnection({
    records: (records, epoch) => got.records.push(...records.map((r) => `${epoch} ${r.seq}`)),
    gap: (gap, epoch) => got.gaps.push(`${epoch} ${gap.kind}`),
    status: (s) => got.status.push(s.epoch),
    state: (state) => got.states.push(state),
    ...more,
  }, window);
  connection.open();
  return { connection, document, window, got, source: () => FakeSource.all.at(-1) };
}
const STATUS = '{"epoch":"E","redis":{},"health":{}}';

test("a new connection resumes after the last stored record", (t) => {
  const { connection, got, source } = connect(t);
  assert.equal(source().url, "?events");
  source().say("message", '[{"seq":1},{"seq":2}]', "E-2;s=1-0");
  source().say("gap", '{"kind":"slow"}', "");
  source().say("gap", '{"kind":"redis","seq":3}', "E-3");
  connection.open();
  assert.equal(source().url, "?events&after=E-3");
  connection.open("E-1");
  assert.equal(source().url, "?events&after=E-1");
  assert.deepEqual(got.records, ["E 1", "E 2"]);
  assert.deepEqual(got.gaps, [" slow", "E redis"]);
});

test("the resume ID does not advance past records that failed", (t) => {
  let fails = true;
  const { connection, source } = connect(t, { records() { if (fails) throw new Error("a bug"); } });
  assert.throws(() => source().say("message", '[{"seq":1}]', "E-1"));
  connection.open();
  assert.equal(source().url, "?events");
  fails = false;
  source().say("message", '[{"seq":1}]', "E-1");
  connection.open();
  assert.equal(source().url, "?events&after=E-1");
});

test("hostile events never throw", (t) => {
  const { got, source } = connect(t);
  for (const data of ["", "null", "7", "[", "{}", '[null,{"seq":1e99}]', "<html>"]) for (const type of ["message", "gap", "status"]) source().say(type, data, "E-1");
  assert.deepEqual(got.status, []);
  source().say("status", STATUS);
  assert.deepEqual(got.status, ["E"]);
});

test("a connection without a status for seven seconds is opened again", (t) => {
  const { got, source } = connect(t);
  source().onopen();
  assert.deepEqual(got.states, ["connecting", "open"]);
  t.mock.timers.tick(6999);
  assert.equal(FakeSource.all.length, 1);
  source().say("status", STATUS);
  t.mock.timers.tick(6999);
  assert.equal(FakeSource.all.length, 1);
  t.mock.timers.tick(1);
  assert.equal(FakeSource.all.length, 2);
});

test("connecting for five seconds is reported as stuck", (t) => {
  const { got } = connect(t);
  t.mock.timers.tick(5000);
  assert.equal(got.states.at(-1), "stuck");
  t.mock.timers.tick(2000);
  assert.equal(got.states.at(-1), "stuck", "a further try is no news");
});

for (const [name, answer, want] of [
  ["401", { status: 401 }, "signed-out"], ["403", { status: 403 }, "signed-out"], ["a login page", { ok: true, status: 200, headers: new Headers({ "content-type": "text/html" }) }, "signed-out"],
  ["502", { status: 502 }, "offline"], ["nobody", null, "offline"],
]) {
  test(`a response that is not a stream is retried and diagnosed: ${name}`, async (t) => {
    const { got, source } = connect(t);
    t.mock.method(globalThis, "fetch", async () => answer ?? Promise.reject(new Error("offline")));
    source().readyState = 2;
    source().onerror();
    await new Promise((done) => setImmediate(done));
    assert.equal(got.states.at(-1), want);
    t.mock.timers.tick(1250);
    assert.equal(FakeSource.all.length, 2);
  });
}

test("a broken connection is left to the browser", (t) => {
  const { got, source } = connect(t);
  source().onerror();
  assert.equal(got.states.at(-1), "offline");
  assert.equal(FakeSource.all.length, 1);
  const old = source();
  t.mock.timers.tick(7000);
  old.onerror();
  assert.equal(FakeSource.all.length, 2, "an ended one says nothing more");
});

test("a hidden page closes its connection and reopens it when visible", (t) => {
  const { document, window, got, source } = connect(t);
  const look = (hidden) => {
    document.hidden = hidden;
    document.dispatchEvent(new Event("visibilitychange"));
  };
  look(true);
  source().say("status", STATUS);
  t.mock.timers.tick(6000);
  source().say("status", STATUS);
  look(false);
  assert.equal(FakeSource.all.length, 1);
  look(true);
  for (let i = 0; i < 6; i++) {
    t.mock.timers.tick(5000);
    if (source().readyState !== 2) source().say("status", STATUS);
  }
  assert.equal(source().readyState, 2);
  assert.ok(got.states.includes("background"));
  look(false);
  assert.equal(FakeSource.all.length, 2);
  window.dispatchEvent(new Event("pagehide"));
  assert.equal(source().readyState, 2);
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  window.dispatchEvent(new Event("online"));
  assert.equal(FakeSource.all.length, 4);
});
