import assert from "node:assert/strict";
import { test } from "node:test";
import { createGroupRow, groupSearches, groupText, orderGroups, sparkline } from "../../app/error-groups.js";
import { createHealthDocument } from "../../app/health-document.js";
import { createHealthDrawer } from "../../app/health-drawer.js";
import { LastHour, MINUTES } from "../../app/last-hour.js";
import { servicesOf } from "../../app/services.js";
import { createSourceRow, isSubscribed, orderSources, sourcesTitle, sourceText } from "../../app/sources.js";
import { createWorkerRow, fade, HiddenWorkers, orderWorkers, workerKey, workerText } from "../../app/workers.js";
import { createNotify } from "../../app/notify.js";
import { FakeElement, fakeDocument, fakePage } from "./fake-dom.mjs";
import { stateWith, status as document } from "./records.mjs";

const NOW = Date.UTC(2026, 10, 23, 12, 0, 30);
const time = (seconds) => new Date(NOW - seconds * 1000).toISOString();

/** A status at a time, with the newest minutes of some levels. */
const status = (at, levels, epoch = "E", uptime = 86_400, n = Object.values(levels)[0]?.length ?? 2) => {
  const from = (Math.floor(at / 60_000) - n + 1) * 60_000;
  return document({ at: new Date(at).toISOString(), epoch, uptime, minutes: { from: new Date(from).toISOString(), levels } });
};
const hourOf = (value) => new Array(60).fill(value);
const errors = (h) => h.minutes.map((m) => m[5]);

test("the hour needs the whole document first, then follows the two newest minutes", () => {
  const h = new LastHour();
  assert.equal(h.take(status(NOW, { error: [1, 2] })), false);
  assert.equal(h.take(status(NOW, { error: hourOf(3) })), true);
  assert.deepEqual(errors(h), hourOf(3));
  assert.equal(h.take(status(NOW, { error: [4, 5] })), true);
  assert.deepEqual(errors(h).slice(-3), [3, 4, 5]);
  assert.equal(h.take(status(NOW + 60_000, { error: [6, 7] })), true);
  assert.deepEqual(errors(h).slice(-4), [3, 4, 6, 7]);
  assert.equal(h.minutes.length, MINUTES);
});

test("the whole hour is needed again after minutes that were missed, and after a restart", () => {
  const h = new LastHour();
  h.take(status(NOW, { error: hourOf(1) }));
  assert.equal(h.take(status(NOW + 180_000, { error: [1, 1] })), false);
  assert.equal(h.take(status(NOW + 60_000, { error: [1, 1] }, "other")), false);
  assert.equal(h.take(status(NOW + 60_000, { error: hourOf(0) }, "other")), true);
  assert.deepEqual(errors(h), hourOf(0));
});

test("a late document changes nothing", () => {
  const h = new LastHour();
  h.take(status(NOW, { error: hourOf(1) }));
  h.take(status(NOW + 60_000, { error: [1, 9] }));
  assert.equal(h.take(status(NOW, { error: hourOf(0) })), true);
  assert.equal(errors(h).at(-1), 9);
});

test("a document without records is an empty hour", () => {
  const h = new LastHour();
  assert.equal(h.take(status(NOW, {}, "E", 60, 60)), true);
  assert.equal(h.minutes.flat().reduce((a, b) => a + b), 0);
  assert.deepEqual(h.worst(), { level: 0, n: 0 });
});

test("unknown levels and __proto__ are ignored", () => {
  const h = new LastHour();
  assert.equal(h.take(status(NOW, JSON.parse(`{"gap":${JSON.stringify(hourOf(5))},"__proto__":${JSON.stringify(hourOf(5))},"x":${JSON.stringify(hourOf(5))}}`))), true);
  assert.equal(h.minutes.flat().reduce((a, b) => a + b), 0);
});

test("worst level of the last five minutes", () => {
  const h = new LastHour();
  const column = hourOf(0);
  column[54] = 7;
  column[55] = 2;
  h.take(status(NOW, { critical: column, warning: hourOf(1) }));
  assert.deepEqual(h.worst(), { level: 6, n: 2 });
  h.take(status(NOW + 60_000, { critical: [0, 0], warning: [1, 1] }));
  assert.deepEqual(h.worst(), { level: 4, n: 5 });
});

test("hostile columns do no harm", () => {
  const h = new LastHour();
  h.take(status(NOW, { error: hourOf(1) }));
  assert.equal(h.take(status(NOW, { error: new Array(5000).fill(2), info: [1] })), true);
  assert.equal(h.minutes.length, MINUTES);
  assert.ok(h.minutes.every((m) => m.length === 7));
  assert.equal(h.take(document({ at: "soon", minutes: { from: "ever" } })), true);
});

/** A worker as the server sends it, and as the page reads it. */
const worker = (more = {}) => document({ workers: [{
  name: "web-1/shop", host: "web-1", service: "shop", channel: "app", state: "active", firstSeen: time(3600), lastSeen: time(4), expectedInterval: 2, threshold: 20,
  records: 9, rate: 0.5, last1: tally(0), last5: tally(0), last60: tally(0), skew: 0, ...more,
}] }).workers[0];
const tally = (n) => ({ records: n, warnings: 0, errors: n });
const said = (w, unknown = "") => {
  const { state, facts } = workerText(w, NOW, true, unknown);
  return [state, ...facts].join("; ");
};

test("texts of a worker", () => {
  for (const [w, unknown, want] of [
    [worker(), "", "active; 4 s ago, normally every 2 s; 0.5/s; no errors"],
    [worker({ state: "quiet", lastSeen: time(240) }), "", "no logs since 11:56:30 (4 min; normally every 2 s); 0.5/s; no errors"],
    [worker({ state: "quiet", lastSeen: time(240), expectedInterval: 0 }), "", "no logs since 11:56:30 (4 min); 0.5/s; no errors"],
    [worker({ state: "replaced" }), "", "replaced by another host; 4 s ago, normally every 2 s; 0.5/s; no errors"],
    [worker({ state: "learning", expectedInterval: 0, threshold: 0 }), "", "learning; 4 s ago; 0.5/s; no errors"],
    [worker({ last1: tally(2), last5: tally(3), last60: tally(1234) }), "", "active; 4 s ago, normally every 2 s; 0.5/s; errors: 2 (1 m) · 3 (5 m) · 1,234 (1 h)"],
    [worker({ failing: true, last1: tally(200), last5: tally(300), last60: tally(310) }), "", "active, 200 errors/min; 4 s ago, normally every 2 s; 0.5/s; errors: 200 (1 m) · 300 (5 m) · 310 (1 h)"],
    [worker({ skew: 5 }), "", "active; 4 s ago, normally every 2 s; 0.5/s; no errors"],
    [worker({ skew: -12 }), "", "active; 4 s ago, normally every 2 s; 0.5/s; no errors; clock 12 s behind"],
    [worker({ lastSeen: time(300) }), "unknown: not subscribed", "unknown: not subscribed; 5 min ago, normally every 2 s; 0.5/s; no errors"],
    [worker({ lastSeen: time(-3) }), "", "active; 1 s ago, normally every 2 s; 0.5/s; no errors"],
    [worker({ state: "constructor", failing: "yes" }), "", "constructor; 4 s ago, normally every 2 s; 0.5/s; no errors"],
  ]) assert.equal(said(w, unknown), want);
});

test("a dot fades until the worker's threshold and never vanishes", () => {
  assert.equal(fade(worker({ lastSeen: time(0) }), NOW), 1);
  assert.ok(Math.abs(fade(worker({ lastSeen: time(10) }), NOW) - 0.65) < 1e-9);
  assert.ok(Math.abs(fade(worker({ lastSeen: time(1e6) }), NOW) - 0.3) < 1e-9);
  assert.equal(fade(worker({ lastSeen: time(1e6), threshold: undefined }), NOW), 1, "without a threshold none fades");
});

test("workers are sorted: quiet, many errors, name", () => {
  const list = [worker({ name: "web-10" }), worker({ name: "web-2" }), worker({ name: "gone", state: "quiet" }), worker({ name: "a-first-gone", state: "quiet" }), worker({ name: "web-7", last5: tally(200) }), worker({ name: "old", state: "replaced" }), worker({ name: "job", state: "ended" })];
  assert.deepEqual(orderWorkers(list).map((w) => w.name), ["gone", "a-first-gone", "web-7", "web-2", "web-10", "job", "old"]);
});

test("a hidden worker reappears when it logs again", () => {
  const kept = new Map();
  const storage = { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v) };
  const w = worker();
  const hidden = new HiddenWorkers(storage, "k");
  hidden.add(w);
  assert.equal(hidden.has(w), true);
  assert.equal(new HiddenWorkers(storage, "k").has(w), true);
  assert.equal(hidden.has(worker({ channel: "other" })), false);
  assert.equal(hidden.has(worker({ lastSeen: time(0) })), false);
  hidden.trim([worker({ lastSeen: time(0) })]);
  assert.deepEqual(JSON.parse(kept.get("k")), []);
  assert.notEqual(workerKey(worker({ host: "a", service: "b" })), workerKey(worker({ host: 'a","b', service: "" })));
});

test("forbidden, full or invalid storage hides no worker", () => {
  for (const text of ["[", "null", "7", '"x"', "{}", "[1]"]) assert.equal(new HiddenWorkers({ getItem: () => text, setItem() {} }, "k").has(worker()), false);
  const hidden = new HiddenWorkers({ getItem() { throw new Error("no"); }, setItem() { throw new Error("full"); } }, "k");
  hidden.add(worker());
  assert.equal(hidden.has(worker()), true);
});

const group = (more = {}) => document({ errorGroups: [{ title: "KeyError in a.py f", level: "error", count: 1234, firstSeen: time(90), lastSeen: time(3), lastSeq: 9, workers: 3, minutes: hourOf(0), ...more }] }).errorGroups[0];

test("groups are sorted: new, frequent, young", () => {
  const list = [group({ title: "a" }), group({ title: "b", new: true, firstSeen: time(200) }), group({ title: "c" }), group({ title: "d", new: true, firstSeen: time(10) }), group({ title: "e", firstSeen: time(9000), minutes: hourOf(100) }), group({ title: "f", firstSeen: time(60) })];
  assert.deepEqual(orderGroups(list).map((g) => g.title), ["d", "b", "e", "f", "a", "c"]);
  const one = [group({ title: "a", lastSeen: time(1), firstSeen: time(99) }), group({ title: "b", lastSeen: time(2) })];
  assert.deepEqual(orderGroups(one), orderGroups([...one].reverse()), "the newest record moves no group");
});

test("texts of an error group", () => {
  const { count, facts } = groupText(group(), NOW, true, 7);
  assert.equal(count, "1,234×");
  assert.equal(facts.replaceAll("\u00a0", " "), "on 3 of 7 workers · first 11:59:00 (2 min ago) · last 3 s ago");
});

test("a sparkline has a bar per minute with errors", () => {
  assert.equal(sparkline(hourOf(0)), "");
  const minutes = hourOf(0);
  minutes[0] = 10;
  minutes[59] = 5;
  assert.equal(sparkline(minutes), "M0 14h.8v-14.0h-.8zM59 14h.8v-7.0h-.8z");
});

test("searches for an error group", () => {
  for (const [title, want] of [
    ["KeyError in pay.py charge", ["KeyError in pay.py charge", "KeyError"]],
    ["order # failed for #", ["order # failed for #", "failed for", "order"]],
    ["order %s failed after %d tries", ["order %s failed after %d tries", "failed after", "order", "tries"]],
    ["user %(name)s gone", ["user %(name)s gone", "user", "gone"]],
    ["order {id} failed", ["order {id} failed", "failed", "order"]],
    ["pool exhausted", ["pool exhausted"]],
    ["#", ["#"]],
  ]) {
    const got = groupSearches(title);
    assert.equal(got[0], want[0]);
    assert.deepEqual(got.slice(1, want.length), want.slice(1), title);
  }
  const begin = process.cpuUsage();
  groupSearches("(".repeat(100_000));
  assert.ok(process.cpuUsage(begin).user < 200_000);
});

const denied = { name: "secret\u202e", kind: "stream", denied: "NOPERM no permission", deniedSince: "2026-11-23T12:00:00Z", nextTry: "2026-11-23T12:00:34Z", records: 0 };
const calm = { name: "app", kind: "channel", confirmed: "2026-11-23T11:00:00Z", records: 1234, lastRecord: "2026-11-23T12:00:20Z" };
const redis = (state, ...sources) => document({ redis: { state, sources } }).redis;
const source = (s, r) => {
  const words = sourceText(redis("live", s).sources[0], r, NOW, true);
  return { ...words, facts: words.facts.replaceAll("\u00a0", " ") };
};

test("a denied source shows Redis's error, since when, and the next try", () => {
  assert.deepEqual(source(denied, redis("denied", denied, calm)), { name: "denied", state: "NOPERM no permission", facts: "since 12:00:00 · next try in 4 s · 0 records" });
  assert.match(source({ ...denied, nextTry: "2026-11-23T12:00:29Z" }, redis("denied")).facts, /retrying/);
});

test("other sources stay subscribed, and none is while Redis is down", () => {
  const some = redis("denied", denied, calm);
  assert.equal(isSubscribed(some), true);
  assert.deepEqual(source(calm, some), { name: "subscribed", state: "", facts: "1,234 records · last 10 s ago · subscribed since 11:00:00" });
  assert.equal(isSubscribed(redis("down", calm)), false);
  assert.equal(source(calm, redis("down", calm)).state, "not subscribed");
  assert.equal(isSubscribed(redis("denied", denied)), false);
});

test("denied sources come first and are counted", () => {
  const { sources } = redis("denied", calm, denied);
  assert.deepEqual(orderSources(sources).map((s) => s.kind), ["stream", "channel"]);
  assert.equal(sourcesTitle(sources), "2 sources, 1 denied");
  assert.equal(sourcesTitle(sources.slice(0, 1)), "1 source");
  assert.deepEqual(source({ name: "past", kind: "list", records: 0 }, redis("live")), { name: "subscribed", state: "no messages yet", facts: "0 records" });
});

test("rows of workers, groups and sources show hostile names as text", () => {
  fakeDocument();
  const chosen = [];
  const row = createWorkerRow({ only: (w) => chosen.push(w.name), hide: (w) => chosen.push(`hide ${w.name}`) });
  row.draw(worker({ name: "w\u202eb", state: "quiet", lastSeen: time(300) }), NOW, true, "");
  const [dot, name, state, hide] = row.el.children[0].children;
  assert.equal(name.textContent, "w\ufffdb");
  assert.match(state.textContent, /^no logs since 11:55:30/);
  assert.equal(row.el.dataset.state, "quiet");
  assert.equal(dot.style.opacity, "");
  name.click();
  hide.click();
  assert.deepEqual(chosen, ["w\u202eb", "hide w\u202eb"]);
  row.draw(worker(), NOW, true, "");
  assert.equal(hide.hidden, true);
  const g = createGroupRow(() => {}, globalThis.document);
  g.draw(group({ title: "t\u001b", new: true }), NOW, true, 3);
  assert.match(g.el.textContent, /^NEWt\u241b1,234× error/);
  const s = createSourceRow();
  s.draw(redis("live", denied).sources[0], redis("denied", denied), NOW, true);
  assert.match(s.el.textContent, /^secret\ufffdstreamNOPERM/);
});

test("concurrent callers share one health request; no response is null", async (t) => {
  let asked = 0;
  let body = '{"redis":{},"health":{}}';
  t.mock.method(globalThis, "fetch", async () => (asked++, { text: async () => body }));
  const ask = createHealthDocument();
  const [a, b] = await Promise.all([ask(), ask()]);
  assert.equal(asked, 1);
  assert.equal(a, b);
  body = "<html>";
  assert.equal(await ask(), null);
  globalThis.fetch.mock.mockImplementation(async () => { throw new Error("offline"); });
  assert.equal(await ask(), null);
});

/** The drawer over a state, with what it has called. */
function drawerOver(state, answer) {
  const doc = fakeDocument();
  const page = fakePage();
  const calls = [];
  const window = { document: doc, location: { pathname: "/" }, localStorage: { getItem: () => null, setItem() {} }, setTimeout: () => 0, clearTimeout() {} };
  const drawer = createHealthDrawer(state, page, window, {
    loadNotify: async () => undefined,
    askHealth: async () => answer(), takeStatus: () => calls.push("status"), openHealth: (to) => calls.push(`open ${to}`), 
    filterBy: async (change) => {
      change({ choose: (...args) => calls.push(`choose ${args.join(" ")}`) });
      calls.push("filtered");
    },
    goTo: (ord) => calls.push(`go to ${ord}`), notice: (said) => calls.push(said),
  });
  const panel = page.main.children[0];
  return { drawer, page, panel, calls, open: async (to = "side") => { state.drawer = to; drawer.show(false); await new Promise((done) => setImmediate(done)); } };
}

test("the drawer lists workers, groups and sources, keeps their rows, and says what is unknown", async () => {
  const state = stateWith();
  state.connection = "open";
  let s = document({ redis: { state: "live", sources: [calm] }, workers: [{ name: "b", host: "b" }, { name: "a", host: "a", state: "quiet" }], errorGroups: [{ title: "t" }], totals: { workers: 2, quiet: 1, newErrorGroups: 1, otherErrors: 3, otherRecords: 4 } });
  const { panel, open } = drawerOver(state, () => s);
  await open();
  assert.equal(panel.hidden, false);
  const names = () => panel.querySelectorAll(".worker").map((row) => row.querySelectorAll("button")[0].textContent);
  assert.deepEqual(names(), ["a", "b"]);
  assert.match(panel.textContent, /2 workers, 1 quiet.*4 records came from workers beyond.*1 error type, 1 new.*3 errors of other types\..*1 source/);
  const row = panel.querySelectorAll(".worker")[1];
  s = { ...s, workers: s.workers.slice(0, 1) };
  await open();
  assert.deepEqual(panel.querySelectorAll(".worker"), [row]);
  s = null;
  await open();
  assert.match(panel.textContent, /Server unreachable since/);
  assert.equal(row.dataset.state, "unknown");
});

test("hostile lists in the drawer are bounded, and equal keys share a row", async () => {
  const state = stateWith();
  state.connection = "open";
  const many = Array.from({ length: 300 }, (_, i) => ({ name: `w${i}`, host: `h${i}` }));
  const { panel, open } = drawerOver(state, () => document({ workers: [...many, { name: "twice" }, { name: "twice" }], errorGroups: [{}, {}] }));
  await open();
  assert.equal(panel.querySelectorAll(".worker").length, 199); // 200, two of them one
  assert.equal(panel.querySelectorAll(".group").length, 1);
  assert.match(panel.textContent, /And 102 more\./);
});

test("a group is shown by the most specific text of its newest record", async () => {
  const state = stateWith({ message: "it broke", trace: "KeyError: 'k'", level: "error" });
  state.connection = "open";
  const groups = [{ title: "KeyError in a.py f", lastSeq: 1 }, { title: "order # gone", lastSeq: 99 }, { title: "OR", lastSeq: 99 }];
  const { panel, calls, open } = drawerOver(state, () => document({ errorGroups: groups }));
  await open();
  const [first, second, third] = panel.querySelectorAll(".group").map((row) => row.querySelectorAll("button")[0]);
  const click = async (button) => {
    button.click();
    await new Promise((done) => setImmediate(done));
  };
  await click(first);
  assert.deepEqual(state.filter.clauses, ["KeyError"]);
  assert.deepEqual(calls.slice(-2), ["filtered", "go to 0"]);
  await click(second);
  assert.deepEqual(state.filter.clauses, ["order"]);
  assert.equal(calls.at(-1), "Its newest record is no longer in memory");
  await click(third);
  assert.deepEqual(state.filter.clauses, ['"OR"'], "a title is no operator");
});

test("a worker's buttons filter and hide", async () => {
  const state = stateWith();
  state.connection = "open";
  const { panel, calls, open } = drawerOver(state, () => document({ workers: [{ name: "a", host: "h", channel: "c", state: "quiet", lastSeen: time(9) }, { name: "b", channel: "c2", state: "quiet" }] }));
  await open();
  const buttons = panel.querySelectorAll(".worker").map((row) => row.querySelectorAll("button"));
  buttons[0][0].click();
  await new Promise((done) => setImmediate(done));
  assert.deepEqual(calls.slice(-2), ["choose worker a true", "filtered"]);
  buttons[0][1].click();
  assert.equal(panel.querySelectorAll(".worker").length, 1);
  assert.match(panel.textContent, /1 hidden: show/);
});

test("notifications: asked for by a click, and only for a change of the state while the reader looks elsewhere", async () => {
  const kept = new Map();
  const shown = [];
  let focus = false;
  class Notification {
    static permission = "default";
    static requestPermission = async () => (Notification.permission = "granted");
    constructor(title, { body }) {
      shown.push(`${title}: ${body}`);
    }
  }
  const window = { Notification, document: { hasFocus: () => focus }, location: { pathname: "/logs" }, localStorage: { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v) } };
  const notify = createNotify(window);
  const take = (state) => notify.take(document({ title: "Shop", health: { state, text: `It is ${state}.` } }));
  for (const state of ["ok", "down"]) take(state);
  assert.deepEqual([shown, notify.on()], [[], false]);
  await notify.set(true);
  for (const state of ["down", "unknown", "degraded", "degraded"]) take(state);
  focus = true;
  take("down");
  focus = false;
  take("ok");
  assert.deepEqual(shown, ["Degraded · Shop: It is degraded.", "OK · Shop: It is ok."]);
  assert.equal(createNotify(window).on(), true, "the choice is kept");
  await notify.set(false);
  take("down");
  assert.equal(shown.length, 2);
  Notification.requestPermission = async () => "denied";
  await notify.set(true);
  assert.equal(notify.on(), false);
  const plain = createNotify({ document: window.document, location: window.location, get localStorage() { throw new Error("forbidden"); } });
  await plain.set(true);
  plain.take(document({ health: { state: "ok" } }));
  assert.equal(plain.on(), false);
});

test("services sum up their workers; those that log no more do not count", () => {
  const one = (name, service, state, more = {}) => ({ name, service, state, failing: false, rate: 1, last60: { errors: 0 }, ...more });
  const found = servicesOf([one("a/x", "x", "active"), one("b/x", "x", "quiet"), one("c/x", "x", "replaced"), one("a/y", "y", "active", { failing: true, last60: { errors: 3 } }), one("d", "", "learning")]);
  assert.deepEqual(found.map(({ name, active, quiet, failing, errors }) => [name, active, quiet, failing, errors]), [["x", 1, 1, false, 0], ["y", 1, 0, true, 3], ["d", 1, 0, false, 0]]);
});
