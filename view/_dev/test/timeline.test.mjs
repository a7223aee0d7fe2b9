// The timeline: counts, ranges, typed times, and what happened.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createGoTo } from "../../app/go-to.js";
import { barPaths, countOf, countText, readHistogram, total } from "../../app/histogram.js";
import { marksOf, merged } from "../../app/marks.js";
import { parseMoment } from "../../app/moment.js";
import { bound, moved, rangeOf, rangeText, ticks } from "../../app/time-range.js";
import { createTimeline } from "../../app/timeline.js";
import { fakeDocument, fakePage } from "./fake-dom.mjs";
import { record, stateWith, status } from "./records.mjs";

const at = (text) => Date.parse(`2026-11-30T${text}Z`);

test("a histogram: its buckets, null if it was cut, and no harm from hostile ones", () => {
  const text = '{"from":"2026-11-30T11:00:00Z","step":60}\n{"time":"2026-11-30T11:59:00Z","counts":{"error":3,"info":20,"none":1}}\n{"time":"2026-11-30T11:58:00Z","counts":{"__proto__":5,"gap":2,"info":"x","debug":4}}\n';
  const { buckets, seq } = readHistogram(`${text}{"records":28,"seq":9,"complete":true}\n`);
  assert.equal(seq, 9);
  assert.deepEqual([...buckets.keys()], [at("11:59:00"), at("11:58:00")]);
  assert.deepEqual(countOf(buckets, at("11:59:00"), at("12:00:00")), [1, 0, 0, 20, 0, 3, 0]);
  assert.equal(total(countOf(buckets, at("11:58:00"), at("11:59:00"))), 11, "of unknown levels, too");
  assert.equal(readHistogram(text), null);
  assert.equal(readHistogram(`${text}{"records":28,"complete":false,"reason":"x"}\n`), null);
  assert.throws(() => readHistogram("<html>"));
  assert.equal(countText([1, 0, 0, 1200, 3, 1, 2]), "2 critical, 1 error, 3 warnings, 1,200 info, 1 without level");
  assert.equal(countText([0, 0, 0, 0, 0, 0, 0]), "");
});

test("bars: three errors in a thousand are seen, the whole is behind", () => {
  const range = { from: at("11:00:00"), to: at("12:00:00"), step: 60_000 };
  const few = new Map([[at("11:30:00"), [0, 0, 0, 1000, 0, 3, 0]], [at("11:31:00"), [0, 0, 0, 1000, 1, 0, 0]]]);
  const { paths, ghost } = barPaths(range, few, new Map([[at("11:59:00"), [0, 0, 5, 0, 0, 0, 0]]]));
  assert.match(paths[5], /^M120 11\.0h3v-11\.0h-3z$/, "the lane of errors has a scale of its own");
  assert.match(paths[3], /^M120 42\.0h3v-30\.0h-3zM124 42\.0h3v-30\.0/);
  assert.match(paths[4], /^M124 12\.0h3v-2\.5/);
  assert.match(ghost, /^M236 42\.0h3v-30\.0/);
  assert.equal(barPaths(range, few, null).ghost, "");
});

test("ranges begin and end at full bars", () => {
  const now = at("12:00:30");
  assert.deepEqual(rangeOf(3_600_000, now, NaN), { from: at("11:01:00"), to: at("12:01:00"), step: 60_000 });
  assert.deepEqual(rangeOf(900_000, now, NaN), { from: at("11:45:40"), to: at("12:00:40"), step: 20_000 });
  assert.equal(rangeOf(21_600_000, now, NaN).step, 300_000);
  assert.deepEqual(rangeOf(0, now, at("11:50:00")).from <= at("11:50:00"), true);
  assert.deepEqual(rangeOf(0, now, NaN).to, at("12:00:40"));
  const year = rangeOf(0, now, now - 365 * 86_400_000);
  assert.ok((year.to - year.from) / year.step <= 91 && year.step % 86_400_000 === 0 && year.from <= now - 365 * 86_400_000);
});

test("times below the bars, and of a range", () => {
  const range = rangeOf(3_600_000, at("12:00:30"), NaN);
  assert.deepEqual(ticks(range, true).map(([, words]) => words), ["11:10", "11:20", "11:30", "11:40", "11:50", "12:00"]);
  assert.ok(ticks(rangeOf(0, at("12:00:00"), at("12:00:00") - 20 * 86_400_000), true).every(([, words]) => /^\d\d-\d\d$/.test(words)));
  assert.equal(rangeText(at("11:57:00"), at("12:04:00"), true), "11:57 – 12:04");
  assert.equal(rangeText(at("11:57:20"), at("11:57:40"), true), "11:57:20 – 11:57:40");
  assert.equal(rangeText(at("11:57:00"), at("11:57:00") + 2 * 86_400_000, true), "11-30 11:57 – 12-02 11:57");
  assert.deepEqual([bound("15m", 1e6), bound("2026-11-30T11:00:00Z", 0), bound("", 0), bound("1h30m", 0)], [1e6 - 900_000, at("11:00:00"), NaN, NaN]);
});

test("a selection moves by bars, and stays in the range", () => {
  const range = { from: 0, to: 100, step: 10 };
  for (const [part, was, by, want] of [
    ["all", [20, 40], 2, [40, 60]], ["all", [20, 40], 50, [80, 100]], ["all", [20, 40], -50, [0, 20]],
    ["to", [20, 40], 2, [20, 60]], ["to", [20, 40], -3, [10, 20]], ["to", [20, 30], -1, [20, 30]], ["from", [20, 40], -9, [0, 40]], ["from", [20, 40], 3, [40, 50]], ["to", [20, 40], 99, [20, 100]],
  ]) assert.deepEqual(moved(part, { from: was[0], to: was[1] }, by, range), { from: want[0], to: want[1] }, `${part} ${was} ${by}`);
});

test("a typed time", () => {
  const now = at("12:00:30");
  for (const [typed, want] of [
    ["11:57", at("11:57:00")], ["11:57:20", at("11:57:20")], [" 11:57:20.5 ", at("11:57:20")], ["12:01", at("12:01:00")], ["14:03", at("14:03:00") - 86_400_000], ["yesterday 11:57", at("11:57:00") - 86_400_000],
    ["5m ago", now - 300_000], ["5 min ago", now - 300_000], ["90s", now - 90_000], ["1h30m ago", now - 5_400_000], ["-2h", now - 7_200_000], ["1.5 hours ago", now - 5_400_000], ["2 days ago", now - 172_800_000],
    ["2026-11-29 14:03", at("14:03:00") - 86_400_000], ["2026-11-29T14:03:20Z", at("14:03:20") - 86_400_000], ["2026-11-29T14:03:20+02:00", at("12:03:20") - 86_400_000], ["2026-11-29", at("00:00:00") - 86_400_000], ["now", now],
    ["soon", NaN], ["", NaN], ["25:00", NaN], ["11:60", NaN], ["5 parsecs ago", NaN], ["2026-13-40", NaN], ["m".repeat(1e5), NaN],
  ]) assert.deepEqual(parseMoment(typed, now, true), want, typed);
});

const document = (more) => status({ at: "2026-11-30T12:00:00Z", uptime: 3600, ...more });

test("what happened: gaps, states, new error types, restarts and deployments", () => {
  const worker = (name, service, firstSeen) => ({ name, service, firstSeen: `2026-11-30T${firstSeen}Z`, lastSeen: "2026-11-30T12:00:00Z" });
  const s = document({
    gapList: [{ kind: "redis", from: "2026-11-30T11:10:00Z", to: "2026-11-30T11:10:04Z" }],
    changes: [{ at: "2026-11-30T11:00:00Z", state: "ok", text: "Well." }, { at: "2026-11-30T11:20:00Z", state: "degraded", text: "web-3 is quiet." }],
    errorGroups: [{ title: "KeyError", new: true, firstSeen: "2026-11-30T11:30:00Z" }, { title: "Old", firstSeen: "2026-11-30T11:31:00Z" }],
    workers: [worker("web-1/shop", "shop", "11:00:30"), worker("web-5/shop", "shop", "11:40:50"), worker("web-4/shop", "shop", "11:40:00"), worker("pay-2/pay", "pay", "11:50:00")],
  });
  assert.deepEqual(marksOf(s, true).map(({ kind, text }) => `${kind} ${text}`), [
    "gap Redis unreachable 11:10:00–11:10:04 (4 s): messages in between were not received", "state 11:20:00 degraded: web-3 is quiet.", "error 11:30:00 new error type: KeyError",
    "start 11:40:00 shop: 2 new workers", "start 11:50:00 pay-2/pay started",
  ]);
  assert.deepEqual(merged(marksOf(s, true), 700_000).map(({ kind, text }) => [kind, text.split("\n").length]), [["gap", 2], ["error", 2], ["start", 1]]);
  assert.deepEqual(marksOf(document({ gapList: [7], changes: "x", workers: [null], errorGroups: [{ new: true }] }), true), []);
});

test("a typed time goes there; a wrong one stays", () => {
  fakeDocument();
  const page = fakePage();
  const went = [];
  const state = stateWith();
  state.settings.utc = true;
  const goTo = createGoTo(state, page, (ms) => went.push(ms));
  const form = page.timeline.querySelectorAll("form")[0];
  const input = form.querySelectorAll("input")[0];
  goTo.open();
  assert.deepEqual([form.hidden, globalThis.document.activeElement], [false, input]);
  input.value = "soon";
  form.fire("submit");
  assert.deepEqual([went.length, input.getAttribute("aria-invalid"), form.hidden], [0, "true", false]);
  input.value = "2026-11-30 11:00";
  form.fire("submit");
  assert.deepEqual([went, form.hidden, globalThis.document.activeElement], [[at("11:00:00")], true, page.log]);
  goTo.open();
  form.fire("keydown", { key: "Escape" });
  assert.equal(form.hidden, true);
});

/** A timeline of an hour that ends at 12:01, 600 pixels wide: ten for each minute. */
function scene(t) {
  t.mock.timers.enable({ apis: ["Date", "setTimeout"], now: at("12:00:30") });
  fakeDocument();
  const page = fakePage();
  const state = stateWith();
  state.settings.utc = true;
  state.status = status({ at: "2026-11-30T12:00:30Z", uptime: 7200 });
  const chosen = [];
  const asked = [];
  const window = { document: globalThis.document, performance: { now: () => Date.now() }, fetch: async (url) => {
    asked.push(url);
    const n = url.includes("q=") ? 1 : 5;
    return { ok: true, text: async () => `{"time":"2026-11-30T11:30:00Z","counts":{"info":${n}}}\n{"records":${n},"seq":20,"complete":true}\n` };
  } };
  const timeline = createTimeline(state, page, window, {
    isLive: () => true, write: (pushes) => chosen.push(`address ${state.span} ${pushes}`), table: { seen: () => null }, goToTime: (ms) => chosen.push(`go ${ms}`), askHealth: async () => null,
    choose(from, to) {
      Object.assign(state.filter, { from, to });
      chosen.push(from ? `${from.slice(11, 16)}-${to.slice(11, 16)}` : "none");
    },
  });
  const bars = page.timeline.querySelectorAll(".bars")[0];
  const press = (type, x) => bars.fire(type, { button: 0, clientX: x, pointerId: 1 });
  return { state, page, timeline, chosen, asked, bars, press, drag: (from, to) => [["pointerdown", from], ["pointermove", to], ["pointerup", to]].forEach(([type, x]) => press(type, x)) };
}
const settled = () => new Promise((done) => setImmediate(done));

test("the span is 15 minutes while the memory is younger than that, then an hour, unless the reader has chosen one", async (t) => {
  const { state, page, timeline } = scene(t);
  const [select] = page.timeline.querySelectorAll("select");
  const after = async (oldest) => {
    state.status.history.oldest = at(oldest);
    t.mock.timers.tick(2500);
    timeline.tick();
    await settled();
    return select.value;
  };
  assert.deepEqual([select.value, await after("11:50:00"), await after("11:45:00")], ["1h", "15m", "1h"]);
  select.value = "6h";
  select.fire("change");
  assert.deepEqual([state.span, await after("11:59:00")], ["6h", "6h"]);
});

test("pointer: a click takes one bar, drags select, move edges and pan, a double click clears", (t) => {
  const { chosen, press, drag, bars } = scene(t);
  drag(105, 105);
  drag(305, 355);
  drag(360, 401); // its right edge
  drag(300, 281); // its left edge
  drag(335, 235); // the middle
  drag(505, 455); // to the left
  drag(475, 475); // a click inside
  drag(335, 5000);
  bars.fire("dblclick");
  assert.deepEqual(chosen, ["11:11-11:12", "11:31-11:37", "11:31-11:41", "11:29-11:41", "11:19-11:31", "11:46-11:52", "11:48-11:49", "11:34-12:01", "none"]);
  press("pointerdown", 100);
  press("pointermove", 200);
  press("pointercancel", 200);
  press("pointerup", 200);
  assert.equal(chosen.length, 9, "a press that is taken away selects nothing");
});

test("keys: arrows move the selection, with Shift its end, Esc clears", (t) => {
  const { chosen, bars } = scene(t);
  for (const [key, shiftKey] of [["ArrowLeft"], ["ArrowLeft"], ["ArrowRight", true], ["Home"], ["ArrowRight", true], ["Escape"], ["Home"], ["constructor"], ["Escape"], ["Escape"]]) bars.fire("keydown", { key, shiftKey });
  assert.deepEqual(chosen, ["12:00-12:01", "11:59-12:00", "11:59-12:01", "11:01-11:03", "11:01-11:04", "none", "11:01-11:02", "none"]);
});

test("what arrives is counted by the page, each record once; the server counts when the page lacks some, and each minute", async (t) => {
  const { state, timeline, asked, bars, press } = scene(t);
  const arrive = (seq, time, level, isMatch) => {
    const ord = state.store.add(record({ seq, time: `2026-11-30T${time}Z`, level }), "E");
    if (isMatch) state.shown.push(ord);
  };
  const heartbeat = async (lastSeq) => {
    state.status = status({ at: "2026-11-30T12:00:30Z", uptime: 7200, history: { lastSeq } });
    t.mock.timers.tick(2500);
    timeline.tick();
    await settled();
  };
  const tip = () => {
    press("pointermove", 295);
    const words = bars.parent.querySelectorAll(".tip")[0].textContent;
    bars.fire("pointerleave"); // before the bar is counted alone
    return words;
  };
  state.filter.text = "timeout";
  timeline.refilter();
  t.mock.timers.tick(300);
  await settled();
  assert.equal(asked.length, 2);
  assert.equal(tip(), "11:30 – 11:31: 1 info; 1 of 5 match");
  arrive(19, "11:30:01", "error", true); // the server counted it
  arrive(21, "11:30:02", "error", true);
  arrive(22, "11:30:03", "error", false);
  await heartbeat(22);
  await heartbeat(22);
  assert.equal(asked.length, 2, "nothing was asked");
  assert.equal(tip(), "11:30 – 11:31: 1 error, 1 info; 2 of 7 match");
  await heartbeat(25);
  await heartbeat(25); // and 23 to 25 have not come
  assert.equal(asked.length, 4);
  arrive(25, "11:59:00", "info", true);
  await heartbeat(25);
  assert.equal(asked.length, 4);
  t.mock.timers.tick(60_000);
  await heartbeat(25);
  assert.equal(asked.length, 6);
  state.search.error = "no";
  t.mock.timers.tick(60_000);
  await heartbeat(25);
  assert.equal(asked.length, 6, "a wrong filter is not asked for");
});

test("the bar under the pointer is counted alone, and again while the pointer rests there; what arrives since is added", async (t) => {
  const { state, timeline, asked, bars, press } = scene(t);
  const tip = () => bars.parent.querySelectorAll(".tip")[0].textContent;
  timeline.tick();
  await settled();
  assert.equal(asked.length, 1);
  press("pointermove", 195);
  press("pointermove", 295);
  t.mock.timers.tick(50);
  press("pointermove", 298);
  t.mock.timers.tick(60);
  await settled();
  assert.deepEqual(asked.slice(1).map(decodeURIComponent), ["?histogram&step=60s&from=2026-11-30T11:30:00Z&to=2026-11-30T11:31:00Z"], "only where it rests");
  for (const [seq, time, level] of [[20, "11:30:01", "error"], [21, "11:30:02", "warning"], [22, "11:31:00", "error"]]) state.shown.push(state.store.add(record({ seq, time: `2026-11-30T${time}Z`, level }), "E"));
  press("pointermove", 297);
  assert.equal(tip(), "11:30 – 11:31: 1 warning, 5 info");
  // As chosen, the bar has the same count at once, and with each frame what has come since.
  press("pointerdown", 297);
  press("pointerup", 297);
  assert.equal(bars.getAttribute("aria-valuetext"), "11:30 – 11:31: 1 warning, 5 info");
  state.shown.push(state.store.add(record({ seq: 23, time: "2026-11-30T11:30:59Z", level: "critical" }), "E"));
  timeline.drawSeen();
  assert.equal(bars.getAttribute("aria-valuetext"), "11:30 – 11:31: 1 critical, 1 warning, 5 info");
  bars.fire("pointerleave");
  t.mock.timers.tick(2500);
  timeline.tick();
  await settled();
  assert.deepEqual(asked.slice(-1).map(decodeURIComponent), ["?histogram&step=60s&from=2026-11-30T11:30:00Z&to=2026-11-30T11:31:00Z"]);
});

test("what the filter matches is counted without its range, of the whole", async (t) => {
  const { state, timeline, asked, bars, press } = scene(t);
  state.filter.text = "timeout";
  state.filter.from = "2026-11-30T11:30:00Z";
  state.filter.to = "2026-11-30T11:31:00Z";
  timeline.refilter();
  t.mock.timers.tick(300);
  await settled();
  const alone = "from=2026-11-30T11:30:00Z&to=2026-11-30T11:31:00Z";
  assert.deepEqual(asked.map(decodeURIComponent), ["?histogram&step=60s&from=2026-11-30T11:01:00.000Z&q=timeout", "?histogram&step=60s&from=2026-11-30T11:01:00.000Z", `?histogram&step=60s&q=timeout&${alone}`, `?histogram&step=60s&${alone}`]);
  assert.equal(bars.getAttribute("aria-valuetext"), "11:30 – 11:31: 1 info; 1 of 5 match");
  press("pointermove", 15);
  assert.equal(bars.parent.querySelectorAll(".tip")[0].textContent, "11:02 – 11:03: no records; 0 of 0 match");
  // Later the newest bars and the range are counted again.
  bars.fire("pointerleave");
  t.mock.timers.tick(2500);
  timeline.tick();
  await settled();
  assert.deepEqual(asked.slice(4).map(decodeURIComponent).sort(), [`?histogram&step=60s&${alone}`, "?histogram&step=60s&from=2026-11-30T11:59:00.000Z", "?histogram&step=60s&from=2026-11-30T11:59:00.000Z&q=timeout", `?histogram&step=60s&q=timeout&${alone}`]);
  assert.equal(bars.getAttribute("aria-valuetext").slice(0, 30), "11:30 – 11:31: 1 info; 1 of 5 ");
  // A highlighted search hides nothing.
  state.filter.highlight = true;
  timeline.refilter();
  t.mock.timers.tick(300);
  await settled();
  assert.equal(asked.at(-1).includes("timeout"), false);
});
