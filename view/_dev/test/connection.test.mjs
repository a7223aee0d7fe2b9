import assert from "node:assert/strict";
import { test } from "node:test";
import { createConnection, POLL } from "../../app/connection.js";
import { createStreamShare, MAX_STREAMS } from "../../app/stream-share.js";
import { readStatus } from "../../app/wire.js";
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
  const window = Object.assign(new EventTarget(), { document }, more.window);
  const got = { watched: [], records: [], gaps: [], status: [], states: [] };
  const connection = createConnection({
    records: (records, epoch) => got.records.push(...records.map((r) => `${epoch} ${r.seq}`)),
    gap: (gap, epoch) => got.gaps.push(`${epoch} ${gap.kind}`),
    status: (s) => got.status.push(s.epoch),
    watched: (s) => got.watched.push(s.epoch),
    state: (state) => got.states.push(state),
    ...more.listener,
  }, window, more.askStatus ?? (async () => null));
  connection.open();
  return { connection, document, window, got, source: () => FakeSource.all.at(-1) };
}
const STATUS = '{"epoch":"E","redis":{},"health":{}}';

test("a new connection resumes after the last stored record", (t) => {
  const { connection, got, source } = connect(t);
  assert.equal(source().url, "?events&last=100000");
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
  const { connection, source } = connect(t, { listener: { records() { if (fails) throw new Error("a bug"); } } });
  assert.throws(() => source().say("message", '[{"seq":1}]', "E-1"));
  connection.open();
  assert.equal(source().url, "?events&last=100000");
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

/** The tabs of one browser: what one posts, all others receive at once. */
function channels() {
  const all = [];
  return class extends EventTarget {
    constructor() {
      super();
      all.push(this);
    }
    postMessage(data) {
      for (const other of all) if (other !== this) other.dispatchEvent(Object.assign(new Event("message"), { data: structuredClone(data) }));
    }
  };
}
const settle = () => new Promise((done) => setImmediate(done));

test("stream share: the tabs that were looked at last have the streams", () => {
  const BroadcastChannel = channels();
  let time = 0;
  const changes = [];
  const tabs = Array.from({ length: MAX_STREAMS + 2 }, (_, i) => {
    time = i;
    return createStreamShare({ BroadcastChannel }, () => changes.push(i), () => time);
  });
  for (const tab of tabs) tab.announce();
  const may = () => tabs.map((tab) => tab.mayStream());
  assert.deepEqual(may(), [false, false, true, true, true, true]);
  time = 10;
  tabs[0].looked();
  tabs[0].announce();
  assert.deepEqual(may(), [true, false, false, true, true, true]);
  tabs[5].leave();
  tabs[2].leave();
  assert.deepEqual(may(), [true, true, true, true, true, true]);
  assert.ok(changes.length > 0);
  time = 8000;
  assert.equal(tabs[1].mayStream(), true, "a tab that was closed without a word is forgotten");
  const stranger = new BroadcastChannel();
  for (const data of [null, "x", {}, { id: "a", seen: 1 }, { id: 1 }]) stranger.postMessage(data);
  const h2 = createStreamShare({ BroadcastChannel, performance: { getEntriesByType: () => [{ nextHopProtocol: "h2" }] } }, () => {}, () => -1);
  for (const tab of tabs) tab.announce();
  assert.equal(h2.mayStream(), true, "HTTP/2 has no limit");
  assert.equal(createStreamShare({}, () => {}).mayStream(), true, "nor is there one without a BroadcastChannel");
});

test("a tab without a stream of its own connects for a moment, gets its records, and takes over when it is its turn", (t) => {
  const BroadcastChannel = channels();
  const { got, source, document, window } = connect(t, { window: { BroadcastChannel } });
  source().onopen();
  source().say("message", '[{"seq":1}]', "E-1");
  const others = new BroadcastChannel();
  const later = Date.now() + 1000;
  for (let id = 1; id <= MAX_STREAMS; id++) others.postMessage({ id, seen: later });
  assert.equal(got.states.at(-1), "polling");
  assert.equal(FakeSource.all[0].readyState, 2, "the stream is given up");
  assert.equal(source().url, "?events&after=E-1");
  const before = FakeSource.all.length;
  source().say("status", '{"epoch":"E","redis":{},"health":{},"history":{"lastSeq":3}}');
  assert.equal(source().readyState, 0, "two records are missing");
  source().say("message", '[{"seq":2},{"seq":3}]', "E-3");
  assert.equal(source().readyState, 2);
  t.mock.timers.tick(POLL);
  assert.deepEqual([FakeSource.all.length, source().url], [before + 1, "?events&after=E-3"]);
  source().say("status", '{"epoch":"F","redis":{},"health":{},"history":{"lastSeq":1}}');
  assert.equal(source().readyState, 0, "another epoch's numbers say nothing");
  source().say("status", '{"epoch":"F","redis":{},"health":{},"history":{"lastSeq":1}}');
  assert.equal(source().readyState, 2);
  document.hidden = true;
  others.postMessage({ id: 1, seen: 0 });
  assert.equal(source().readyState, 2, "a hidden tab does not take over");
  document.hidden = false;
  others.postMessage({ id: 2, seen: 0 });
  assert.equal(source().readyState, 0);
  source().onopen();
  assert.equal(got.states.at(-1), "open");
  for (let id = 1; id <= MAX_STREAMS; id++) others.postMessage({ id, seen: later });
  assert.equal(got.states.at(-1), "polling");
  t.mock.method(Date, "now", () => later + 1000);
  window.dispatchEvent(new Event("focus"));
  source().onopen();
  assert.equal(got.states.at(-1), "open", "the reader looks at it");
});

test("a hidden page asks for the status, says if there is no answer, and stops when it is seen again", async (t) => {
  let answer = readStatus(STATUS);
  let asked = 0;
  const { got, document, source } = connect(t, { askStatus: async () => (asked++, answer) });
  source().onopen();
  document.hidden = true;
  document.dispatchEvent(new Event("visibilitychange"));
  t.mock.timers.tick(30_000);
  assert.deepEqual([source().readyState, got.states.at(-1), asked], [2, "background", 0]);
  t.mock.timers.tick(20_000);
  await settle();
  assert.deepEqual([got.watched, got.states.at(-1)], [["E"], "background"]);
  answer = null;
  t.mock.timers.tick(20_000);
  await settle();
  assert.equal(got.states.at(-1), "offline");
  t.mock.timers.tick(19_999);
  assert.equal(asked, 2);
  document.hidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
  t.mock.timers.tick(20_000);
  await settle();
  assert.equal(asked, 2);
  assert.equal(source().readyState, 0);
});
