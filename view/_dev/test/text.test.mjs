import assert from "node:assert/strict";
import { test } from "node:test";
import { attribute, el, put, text } from "../../app/dom.js";
import { gapText } from "../../app/gap-text.js";
import { filled, pieces } from "../../app/message-template.js";
import { file, note, oneLine, plural, rate, short, together, visible } from "../../app/text.js";
import { ago, clock, date, day, iso, parse, span, timeOfDay } from "../../app/time.js";
import { blocks, headline, part } from "../../app/traceback.js";
import { fakeDocument } from "./fake-dom.mjs";
import { gap } from "./records.mjs";

/** Fails where something takes longer than it may, by the CPU's time: others may use the machine too. */
function quick(ms, fn, what) {
  const begin = process.cpuUsage();
  const result = fn();
  const used = process.cpuUsage(begin).user / 1000;
  assert.ok(used < ms, `${what}: ${used} ms`);
  return result;
}

test("parse: times of the stream to the microsecond", () => {
  for (const text of ["2026-11-22T17:04:28.500564Z", "2026-11-22T17:04:28Z", "1999-12-31T23:59:59.999Z", "2026-11-22T17:04:00.000001Z"]) {
    assert.equal(Math.round(parse(text) * 1000), Date.parse(text.replace(/\.\d+/, "")) * 1000 + Number((text.match(/\.(\d+)/)?.[1] ?? "0").padEnd(6, "0")), text);
  }
  assert.equal(parse("2026-11-22T18:04:28.5+01:00"), Date.parse("2026-11-22T17:04:28.5Z"));
  assert.equal(iso(parse("2026-11-22T17:04:28.500564Z"), true), "2026-11-22T17:04:28.500564Z");
  assert.equal(clock(Date.UTC(2026, 1, 1, 3, 4, 5, 6), true), "03:04:05.006");
  assert.equal(timeOfDay(Date.UTC(2026, 1, 1, 3, 4, 5, 6), true), "03:04:05");
  assert.notEqual(day(Date.UTC(2026, 1, 1), true), day(Date.UTC(2026, 1, 2), true));
  assert.match(date(Date.UTC(2026, 10, 22), true), /2026/);
  assert.deepEqual([40, 4200, 70_000, 600_000, 7_200_000, 1e9].map(span), ["40 ms", "4.2 s", "70 s", "10 min", "2 h", "12 days"]);
  assert.deepEqual([-5, 400, 61_000].map(ago), ["1 s ago", "1 s ago", "61 s ago"]);
});

test("parse: hostile times are NaN, and formatting never throws", () => {
  for (const text of ["soon", "", "2026-13-45T99:99:99Z", "2026-11-22T17:04:InfinityZ", "2026-11-22T17:04:1e99Z", "9".repeat(1e6), "+275760-09-13T00:00:00.000Z", "-271820-04-20T00:00:00.000Z", "2026-11-22T17:04:28.5Zzzzzzzzzzzzzzzzzzzzzzzzzzzzz"]) assert.ok(Number.isNaN(parse(text)), text.slice(0, 40));
  for (const text of ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1800-01-01T00:00:00Z"]) {
    const ms = parse(text);
    for (const utc of [true, false]) {
      assert.match(iso(ms, utc), /\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}(Z|[+-]\d\d:\d\d)$/);
      assert.match(clock(ms, utc), /^\d\d:\d\d:\d\d\.\d{3}$/);
      assert.equal(typeof date(ms, utc) + typeof day(ms, utc), "stringnumber");
    }
  }
  for (const ms of [NaN, Infinity, -Infinity, 1e300]) assert.deepEqual([iso(ms, true), clock(ms, false), timeOfDay(ms, true)], ["", "", ""]);
});

const MARKS = "\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308";
test("visible: control, bidirectional and combining characters", () => {
  assert.equal(visible("a\u0000b\u001b[31mc\u007f\u0085d\re\n\tf"), "a\u2400b\u241b[31mc\u2421\ufffdde\n\tf");
  for (const c of "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") assert.equal(visible(`a${c}b`), "a\ufffdb");
  assert.equal(visible(`e${MARKS.repeat(100)}x`), `e${MARKS.slice(0, 6)}\ufffdx`);
  for (const fine of ["é", "e\u0301", "שָׁלוֹם", "ไม้", "க்ஷ", "👩‍👩‍👧", "🇩🇪", "བསྒྲུབས"]) assert.equal(visible(fine), fine);
  quick(200, () => visible(MARKS.repeat(8192)), "nothing but marks");
});

test("dom: all text is made visible", () => {
  fakeDocument();
  const e = el("p", { title: "a\u202e", "aria-label": "b\u0007", value: "c\u202e", hidden: false, disabled: true }, "d\u001b", el("b", {}, "\u2066"));
  put(e, "\u0000");
  assert.deepEqual([e.getAttribute("title"), e.getAttribute("aria-label"), e.textContent], ["a\ufffd", "b\u2407", "d\u241b\ufffd\u2400"]);
  assert.equal(e.getAttribute("value"), "c\u202e", "a key stays as it is");
  assert.deepEqual([e.getAttribute("hidden"), e.getAttribute("disabled")], [null, ""]);
  text(e, "x\u202e");
  attribute(e, "title", "y\u202e");
  assert.deepEqual([e.textContent, e.getAttribute("title")], ["x\ufffd", "y\ufffd"]);
});

test("oneLine and file: short texts", () => {
  assert.equal(oneLine("a  \n  b\tc"), "a ↵ b\tc");
  assert.equal(oneLine("x".repeat(5000)).length, 1001);
  assert.equal(file("/srv/app/mail/queue.py:372 send"), "queue.py:372");
  assert.equal(file("C:\\app\\a.cs:1 A.B"), "a.cs:1");
  assert.equal(file(""), "");
  assert.ok(file("x".repeat(1e6)).length <= 1000);
});

test("note: Elva's own fields, also hostile ones", () => {
  assert.equal(note("elva.empty", { bytes: 1 }), "empty record, 1 byte");
  assert.equal(note("elva.cut", { bytes: 300_000 }), "cut, 300,000 bytes were published");
  assert.equal(note("elva.unreadable", true), "the fields can't be read");
  // A number beyond a double, as JSON.rawJSON has it: comparing it would throw.
  const raw = Object.freeze(Object.assign(Object.create(null), { rawJSON: "12345678901234567890" }));
  for (const [name, value] of [["io", { bytes: raw }], ["elva.empty", { bytes: raw }], ["elva.empty", null], ["elva.cut", "x"], ["bytes", 1]]) assert.equal(note(name, value), "");
});

test("short, rate, plural, together", () => {
  assert.deepEqual([0, 999, 9999, 12_345, 99_999, 123_456, 1_234_567].map(short), ["0", "999", "9,999", "12.3k", "99.9k", "123k", "1.2M"]);
  assert.deepEqual([0, 0.52, 9.96, 12.4, 23_456].map(rate), ["0/s", "0.5/s", "10/s", "12/s", "23.4k/s"]);
  assert.deepEqual([plural(1, "record"), plural(1234, "record")], ["1 record", "1,234 records"]);
  assert.equal(together(["a b", "c"]), "a\u00a0b · c");
});

const python = `Traceback (most recent call last):
  File "/srv/app/a.py", line 1, in f
    g()
    ~^^
  File "/usr/lib/python3.11/json/__init__.py", line 9, in loads
    return x
  File "/venv/lib/python3.11/site-packages/z.py", line 2, in z
    raise ValueError("no")
ValueError: no`;
test("traceback: library frames are separated", () => {
  assert.deepEqual(blocks(python).map((b) => [b.kind, b.frames]), [["head", 0], ["own", 1], ["library", 2], ["head", 0]]);
  assert.equal(blocks(python).map((b) => b.text).join("\n"), python);
});
test("traceback: only library frames are not folded", () => {
  const t = python.replace("/srv/app/a.py", "/usr/lib/python3.11/a.py");
  assert.ok(blocks(t).every((b) => b.kind !== "library"));
});
for (const [name, trace, want] of [
  ["Go", "panic: boom\n\ngoroutine 1 [running]:\nmain.f(0x1)\n\t/srv/main.go:3 +0x1\nruntime.main()\n\t/usr/local/go/src/runtime/proc.go:271 +0x29d", ["head", "own", "library"]],
  ["JavaScript", "TypeError: x\n    at f (/srv/app.js:1:2)\n    at node:internal/process/task_queues:95:5\n    at g (/srv/node_modules/a/b.js:1:1)", ["head", "own", "library"]],
  ["Java", "java.lang.IllegalStateException: no\n\tat com.acme.A.f(A.java:1)\n\tat java.base/java.lang.Thread.run(Thread.java:1)\nCaused by: java.io.IOException: x\n\t... 2 more", ["head", "own", "library", "head", "library"]],
]) test(`traceback: ${name}`, () => {
  assert.deepEqual(blocks(trace).map((b) => b.kind), want);
  assert.equal(blocks(trace).map((b) => b.text).join("\n"), trace);
});
test("traceback: error lines and headline", () => {
  assert.equal(part("ValueError: no"), "error");
  assert.equal(part("requests.exceptions.ReadTimeout: x"), "error");
  assert.equal(part("Caused by: java.io.IOException: x"), "error");
  assert.equal(part("During handling of the above exception, another exception occurred:"), "chained");
  assert.equal(part("Traceback (most recent call last):"), "");
  assert.equal(headline(python), "ValueError: no");
  assert.equal(headline("TypeError: x\n    at f (/srv/app.js:1:2)"), "TypeError: x");
  assert.equal(headline(""), "");
});

for (const [name, line] of [
  ["parentheses", "("], ["a call that does not end", "f("], ["colons", "a:1"], ["dots", "a."], ["words", "A"], ["spaces", " "], ["tabs", "\t"], ["line feeds", "\n"], ["lines of one sign", "(\n"], ["frames", "  at f\n"], ["spaces and line feeds", "  \n"], ["backslashes", "a\\"], ["carriage returns", "\r"], ["frames of two kinds", "  at f (/a.js:1:1)\n  at node:b:1\n"],
]) {
  test(`traceback: ${name} are fast`, () => {
    const hostile = line.repeat(Math.ceil(100_000 / line.length));
    const found = quick(150, () => blocks(hostile), "blocks");
    assert.ok(found.length <= 2002);
    assert.equal(found.map((b) => b.text).join("\n"), hostile.slice(0, 64 * 1024));
    quick(150, () => headline(hostile), "headline");
    quick(150, () => part(hostile), "part");
    quick(150, () => oneLine(hostile), "oneLine");
  });
}

for (const [template, message, want] of [
  ["order %d of %s", "order 4711 of zoë", ["4711", "zoë"]],
  ["%s: %s", "a: b: c", ["a", "b: c"]],
  ["100%% of %(name)s", "100% of all", ["all"]],
  ["{User} bought {@Thing,10:000} for {0}", "zoë bought tea for 3", ["zoë", "tea", "3"]],
  ["a {} b {{}} c", "a x b {} c", ["x"]],
  ["%s%s end", "xy end", ["", "xy"]],
  ["ends with %s", "ends with ", [""]],
  ["order %d", "another message", null],
  ["%s and %s", "only one", null],
  ["no placeholders", "no placeholders", null],
]) test(`template: ${template}`, () => {
  const parts = filled(template, message);
  assert.deepEqual(parts && parts.filter((_, n) => n % 2), want);
  if (parts) assert.equal(parts.join(""), message);
  assert.equal(pieces(template).length % 2, 1);
});

for (const sign of ["%0", "%", "{", "{a", "%(", "%s", "{}", "%00000000", "{:", "%-", `%${"0".repeat(50_000)}`, `{${"a".repeat(50_000)}`]) {
  test(`template: repeated ${sign.slice(0, 10)} (${sign.length}) is fast`, () => {
    for (const length of [900, 50_000]) {
      const template = sign.repeat(Math.ceil(length / sign.length));
      quick(100, () => pieces(template), "pieces");
      quick(100, () => filled(template, "0".repeat(64 * 1024)), "filled");
      quick(100, () => filled(template, template), "filled with itself");
    }
  });
}

test("gapText: what is missing, when and why", () => {
  const from = "2026-11-22T17:04:28Z";
  const to = "2026-11-22T17:04:33Z";
  for (const [g, want] of [
    [{ kind: "redis", from, to }, "Redis unreachable 17:04:28–17:04:33 (5 s): messages in between were not received"],
    [{ kind: "redis", from, to, lost: 3 }, "Redis unreachable 17:04:28–17:04:33 (5 s): 3 records missed"],
    [{ kind: "redis", from }, "Redis unreachable since 17:04:28: messages in between were not received"],
    [{ kind: "evicted", lost: 3471 }, "3,471 older records are no longer in memory"],
    [{ kind: "evicted", lost: 1 }, "1 older record is no longer in memory"],
    [{ kind: "evicted" }, "Older records are no longer in memory"],
    [{ kind: "restart", reason: "the server's own words" }, "Server restarted: messages in between may be missing"],
    [{ kind: "slow", lost: 1 }, "This browser fell behind: 1 record skipped"],
    [{ seq: 1, kind: "a later invention", reason: "x" }, "Some records missing here · x"],
    [{ seq: 1, kind: "constructor", lost: 2, from, to }, "2 records missing here · 17:04:28–17:04:33 (5 s)"],
  ]) assert.equal(gapText(gap(g), true), want);
});
