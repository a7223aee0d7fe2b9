import assert from "node:assert/strict";
import { test } from "node:test";
import { words } from "../../app/gaps.js";
import { Dictionary } from "../../app/dictionary.js";
import { tree } from "../../app/side.js";
import { file, lastLine, oneLine, short, visible } from "../../app/text.js";
import { filled, pieces } from "../../app/template.js";
import { clock, day, iso, parse, span } from "../../app/time.js";
import { blocks, part } from "../../app/trace.js";

test("times are read as the stream writes them, to the microsecond", () => {
  for (const text of ["2026-11-22T17:04:28.500564Z", "2026-11-22T17:04:28Z", "1999-12-31T23:59:59.999Z", "2026-11-22T17:04:00.000001Z"]) {
    assert.equal(Math.round(parse(text) * 1000), Date.parse(text.replace(/\.\d+/, "")) * 1000 + Number((text.match(/\.(\d+)/)?.[1] ?? "0").padEnd(6, "0")), text);
  }
  assert.equal(parse("2026-11-22T18:04:28.5+01:00"), Date.parse("2026-11-22T17:04:28.5Z"));
  assert.ok(Number.isNaN(parse("soon")) && Number.isNaN(parse(undefined)) && Number.isNaN(parse("2026-13-45T99:99:99Z")));
  assert.equal(iso(parse("2026-11-22T17:04:28.500564Z"), true), "2026-11-22T17:04:28.500564Z");
  assert.equal(clock(Date.UTC(2026, 1, 1, 3, 4, 5, 6), true), "03:04:05.006");
  assert.notEqual(day(Date.UTC(2026, 1, 1), true), day(Date.UTC(2026, 1, 2), true));
  assert.deepEqual([40, 4200, 70_000, 600_000, 7_200_000, 1e9].map(span), ["40 ms", "4.2 s", "70 s", "10 min", "2 h", "12 days"]);
});

test("hostile text can only be read", () => {
  assert.equal(visible("a\u0000b\u001b[31mc\u007f\u0085d\re\n\tf"), "a\u2400b\u241b[31mc\u2421\ufffdde\n\tf");
  assert.equal(oneLine("a\r\n  b\tc"), "a ↵ b c");
  assert.equal(oneLine("x".repeat(5000)).length, 1001);
});

test("a source is shown by its file", () => {
  assert.equal(file("/srv/app/mail/queue.py:372 send"), "queue.py:372");
  assert.equal(file("C:\\app\\a.cs:1 A.B"), "a.cs:1");
  assert.equal(file(""), "");
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
test("frames of libraries are told from the program's own", () => {
  assert.deepEqual(blocks(python).map((b) => [b.kind, b.frames]), [["head", 0], ["own", 1], ["library", 2], ["head", 0]]);
  assert.equal(blocks(python).map((b) => b.text).join("\n"), python);
});
test("where all frames are libraries', none is folded", () => {
  const t = python.replace("/srv/app/a.py", "/usr/lib/python3.11/a.py");
  assert.ok(blocks(t).every((b) => b.kind !== "library"));
});
for (const [name, trace, want] of [
  ["Go", "panic: boom\n\ngoroutine 1 [running]:\nmain.f(0x1)\n\t/srv/main.go:3 +0x1\nruntime.main()\n\t/usr/local/go/src/runtime/proc.go:271 +0x29d", ["head", "own", "library"]],
  ["JavaScript", "TypeError: x\n    at f (/srv/app.js:1:2)\n    at node:internal/process/task_queues:95:5\n    at g (/srv/node_modules/a/b.js:1:1)", ["head", "own", "library"]],
  ["Java", "java.lang.IllegalStateException: no\n\tat com.acme.A.f(A.java:1)\n\tat java.base/java.lang.Thread.run(Thread.java:1)\nCaused by: java.io.IOException: x\n\t... 2 more", ["head", "own", "library", "head", "library"]],
]) test(`a trace of ${name} is cut into its parts`, () => {
  assert.deepEqual(blocks(trace).map((b) => b.kind), want);
  assert.equal(blocks(trace).map((b) => b.text).join("\n"), trace);
});
test("an error's own line is known", () => {
  assert.equal(part("ValueError: no"), "error");
  assert.equal(part("requests.exceptions.ReadTimeout: x"), "error");
  assert.equal(part("Caused by: java.io.IOException: x"), "error");
  assert.equal(part("During handling of the above exception, another exception occurred:"), "chained");
  assert.equal(part("Traceback (most recent call last):"), "");
  assert.equal(lastLine(python), "ValueError: no");
  assert.equal(lastLine("TypeError: x\n    at f (/srv/app.js:1:2)"), "TypeError: x");
});

test("a gap says what is missing, when and why", () => {
  assert.equal(words({ kind: "redis", from: "2026-11-22T17:04:28Z", to: "2026-11-22T17:04:33Z" }, true), "Redis was not reachable 17:04:28 to 17:04:33, 5 s: what was published meanwhile is not here");
  assert.match(words({ kind: "evicted", lost: 1234 }, true), /^1,234 records had left/);
  assert.match(words({ kind: "restart" }, true), /started again/);
  assert.doesNotMatch(words({ kind: "restart", reason: "said twice" }, true), /twice/);
  assert.match(words({ kind: "slow", lost: 1 }, true), /1 record passed/);
  assert.match(words({ seq: 1, kind: "later invention", reason: "x\u0007" }, true), /missing here · x\u2407/);
});

test("counts stay narrow", () => assert.deepEqual([0, 999, 9999, 12_345, 99_999, 123_456, 1_234_567].map(short), ["0", "999", "9,999", "12.3k", "99.9k", "123k", "1.2M"]));

test("a tree counts what is below", () => {
  const d = new Dictionary(100);
  for (const name of ["a.b", "a.b.c", "a-b", "a", "", "a.b"]) d.id(name);
  assert.deepEqual(tree(d, ".").map((n) => `${" ".repeat(n.depth)}${n.label} ${n.uses}`), ["(none) 1", "a 4", " b 3", "  c 1", "a-b 1"]);
  assert.deepEqual(tree(d, ".", "B.C").map((n) => n.label), ["a.b.c"]);
  assert.deepEqual(tree(d, "").map((n) => n.name), ["(none)", "a", "a-b", "a.b", "a.b.c"]);
});

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
  ["no holes", "no holes", null],
]) test(`what was filled into ${template}`, () => {
  const parts = filled(template, message);
  assert.deepEqual(parts && parts.filter((_, n) => n % 2), want);
  if (parts) assert.equal(parts.join(""), message);
  assert.equal(pieces(template).length % 2, 1);
});
