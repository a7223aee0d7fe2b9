import assert from "node:assert/strict";
import { test } from "node:test";
import { attribute, el, put, text } from "../../app/dom.js";
import { gapText } from "../../app/gap-text.js";
import { file, note, oneLine, plural, rate, short, together, visible } from "../../app/text.js";
import { ago, clock, date, day, iso, parse, span, timeOfDay } from "../../app/time.js";
import { folded, isCode, parts } from "../../app/traceback.js";
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
const kinds = (trace, letters) => parts(trace, letters).map(({ kind, frames, lines }) => `${kind} ${frames} ${lines.length}`);
test("traceback: frames are own or of a library as the server says", () => {
  assert.deepEqual(kinds(python, ".o--l-l-e"), ["text 0 1", "own 1 3", "library 2 4", "error 0 1"]);
  assert.equal(parts(python, ".o--l-l-e").flatMap((part) => part.lines).join("\n"), python);
  assert.deepEqual(kinds("T\n  f\n  g\nE", ".lle"), ["text 0 1", "own 1 1", "own 1 1", "error 0 1"], "only library frames are not folded");
  assert.deepEqual(kinds("a\nb", ""), ["text 0 2"], "without letters all is text");
  assert.deepEqual(kinds("a\nb", "-x"), ["text 0 2"]);
});
test("traceback: a long one has its middle folded", () => {
  const trace = (n) => Array.from({ length: n }, (_, i) => `${i}\n code`).join("\n");
  const short = folded(parts(trace(22), "o-".repeat(22)));
  assert.deepEqual([short.first.length, short.middle.length], [22, 0]);
  const { first, middle, lines, last } = folded(parts(trace(150), "o-".repeat(150)));
  assert.deepEqual([first.length, middle.length, lines, last.length], [10, 133, 266, 7]);
  assert.equal(last.at(-1).lines[0], "149");
  const libraries = folded(parts(`own\n${trace(150)}`, `o${"l-".repeat(150)}`));
  assert.equal(libraries.middle.length, 0, "folded library frames take one line");
  const text = folded(parts("line\n".repeat(300), ""));
  assert.equal(text.lines, 270);
});
test("traceback: code below a frame, and what is none", () => {
  for (const [line, want] of [["    return x", true], ["    ~~^^", false], ["\t/srv/main.go:3 +0x1d", false], ["             at /src/main.rs:4:5", false], ["\t... 23 more", false], ["", true]]) assert.equal(isCode(line), want, line);
});
for (const line of ["(", "f(", "a:1", " ", "\t", "\n", "(\n", "~^", "\r", "\\"]) {
  test(`traceback: repeated ${JSON.stringify(line)} is fast`, () => {
    const hostile = line.repeat(Math.ceil(100_000 / line.length));
    const found = quick(150, () => folded(parts(hostile, "o-l.ec".repeat(300))), "parts");
    assert.ok(found.first.length <= 45 && found.last.length <= 15);
    quick(150, () => isCode(hostile), "isCode");
    quick(150, () => oneLine(hostile), "oneLine");
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
