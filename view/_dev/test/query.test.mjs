import assert from "node:assert/strict";
import { test } from "node:test";
import { automaton } from "../../app/query-automaton.js";
import { QueryError } from "../../app/query-error.js";
import { highlighted } from "../../app/query-highlight.js";
import { isID, isWithin } from "../../app/query-match.js";
import { parsePattern, required } from "../../app/query-pattern.js";
import { parseQuantity } from "../../app/query-quantity.js";
import { levelOf, parse, print, quote } from "../../app/query-terms.js";
import { fold, leaves, orbits } from "../../app/query-text.js";
import { inRange, match, parseParams, parseQuery, printClauses } from "../../app/query.js";
import { elements, members, printParams, searched } from "../encoding.mjs";
import { readCases, run } from "./query-cases.mjs";

for (const c of readCases()) {
  test(`filter case ${c.id}: ${c.note}`, () => {
    const begin = process.cpuUsage();
    const got = run(c);
    assert.ok(process.cpuUsage(begin).user < 1_000_000, "it took more than a second of CPU"); // not of time, which a busy machine takes away
    if (c.error) {
      assert.ok(got.error, `no error, but ${JSON.stringify(got)}`);
      assert.ok(got.error.message.includes(c.error.contains), `${got.error.message}, want ${c.error.contains}`);
      if (c.error.at !== undefined) assert.equal(got.error.at, c.error.at);
      return;
    }
    assert.equal(got.error, undefined);
    if (c.match) assert.deepEqual(got.match, c.match);
    if (c.print !== undefined) assert.equal(got.print, c.print);
    assert.equal(got.again, got.print, "as printed it is read as something else");
  });
}

const NOW = 1_795_968_000_000_000_000n;
const pattern = (text) => parsePattern([...text], 0);

test("an expression is matched in time proportional to the text, whatever it is", () => {
  const begin = process.cpuUsage();
  for (const source of ["(\\w+)+#", "(a|a|b|b)*#", "(.*,)*#", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a?){200}a{200}#", "(?:a|b)*a(?:a|b){150}#"]) {
    assert.equal(automaton(pattern(source), false)("ab".repeat(2000) + "!"), false, source);
  }
  assert.ok(process.cpuUsage(begin).user < 10e6);
});

test("an expression with more states than are kept is still matched", () => {
  const finds = automaton(pattern("(?:a|b)*a(?:a|b){12}c"), false);
  let text = "";
  for (let n = 0; text.length < 50_000; n++) text += n.toString(2).replaceAll("0", "a").replaceAll("1", "b");
  assert.equal(finds(text), false);
  assert.equal(finds(`${text}abbbbbbbbbbbbc`), true);
});

test("what is highlighted is what is found", () => {
  const texts = ["foo", "Foo bar", "x\nfoo", "é", "É-1", "a-b", "", "ſ", "🔥", "{x}", "tab\t1"];
  for (const query of ["/^foo$/", "/\\bfoo\\b/", "/[é-ü]/", "/[^a-z]/", "/\\W\\d/", "/(?:a|b)-/", "/o{2}/", "/🔥/", "/\\{x}/", "/\\t/", "/[^\\d\\D]/"]) {
    for (const matchCase of [false, true]) {
      const filter = parseQuery(query, matchCase);
      const { source, flags } = highlighted(filter);
      const selects = match(filter);
      for (const message of texts) assert.equal(new RegExp(source, flags).test(message), selects({ message }), `${query} in ${JSON.stringify(message)}`);
    }
  }
  assert.equal(highlighted(parseQuery("-a level:info took>5 err:*")), null);
});

test("what every match has is found before an expression is tried", () => {
  for (const [source, want] of [["HTTP 5\\d\\d", "HTTP 5"], ["a|b", ""], ["x(abc)+y", "abc"], ["a?bcd*", "bc"], ["[a]bc", "abc"], ["(?:long)?ab{2}", "a"], ["x{0}", ""]]) assert.equal(required(pattern(source)), want, source);
});

test("a query's clauses and their positions", () => {
  assert.deepEqual(parse("a OR -b:c"), [[
    { negated: false, part: "", op: ":", only: false, ignoreCase: false, key: "", value: "a" },
    { negated: true, part: "field", op: ":", only: false, ignoreCase: false, key: "b", value: "c" },
  ]]);
  assert.throws(() => parse("a level:loud"), (e) => e instanceof QueryError && e.at === 8);
  assert.deepEqual(print(parse('"a b" c OR d')), ['"a b"', "c OR d"]);
  assert.equal(quote("\u202e\u{e0001}\n"), '"\\u202e\\udb40\\udc01\\n"');
  assert.deepEqual([levelOf("WARN"), levelOf("None"), levelOf("loud"), levelOf("constructor")], ["warning", "none", undefined, undefined]);
});

test("a record's JSON is read without losing a digit", () => {
  const json = '{"seq":1,"message":"a \\"b\\" \\u00e9","fields":{"n":12345678901234567890,"a":[{"b":1.50},[null,true]],"\\u0061.c":"}"},"ids":["x"]}';
  const record = searched(json);
  assert.deepEqual([record.seq, record.message, record.ids], ["1", 'a "b" é', '["x"]']);
  assert.deepEqual(leaves(record.fields).map(({ path, kind, text }) => [path, kind, text]), [["n", "number", "12345678901234567890"], ["a.b", "number", "1.50"], ["a", "null", "null"], ["a", "word", "true"], ["a.c", "text", "}"]]);
  assert.deepEqual(elements('[1,{"a":[2,3]},"x,]",[]]'), ["1", '{"a":[2,3]}', '"x,]"', "[]"]);
  assert.deepEqual(members("{}"), {});
  assert.deepEqual([{ kind: "text", path: "" }, { kind: "text", path: ".kind" }, { kind: "number", path: "" }].map(isID), [true, false, false]);
  assert.deepEqual(["a", "a.b", "a::b", "ab"].map((logger) => isWithin(logger, "a")), [true, true, true, false]);
});

test("hostile JSON ends", () => {
  for (const json of ["", "{", '{"', '{"a', '{"a"', '{"a":', '{"a":{', '{"a":[', '{"a":"\\', "[[[[", "}}}}", '{"a":1}}}', ",,,"]) {
    leaves(json);
    members(json);
    elements(json);
  }
});

test("folding", () => {
  assert.equal(fold("ÀΣςſẞİıA"), "àσσsßİıa");
  assert.ok(orbits().length > 1400);
});

test("quantities", () => {
  assert.deepEqual(parseQuantity("1.5s"), { kind: "duration", value: 1_500_000_000n * 1_000_000_000n });
  assert.deepEqual(["", "-", "5", "5 ", "x", "1e5", "2KiB", "2026-11-29T16:00:00Z"].map((text) => parseQuantity(text)?.kind), [undefined, undefined, "number", undefined, undefined, "number", "size", "time"]);
});

test("parameters: what is an endpoint's own, chips, and times", () => {
  const filter = parseParams("?records&q=a+OR+b&q=c&from=15m".slice(1), NOW, ["records"]);
  assert.deepEqual(printClauses(filter), ["a OR b", "c"]);
  assert.equal(printParams(filter), "from=15m&q=a+OR+b+c");
  assert.deepEqual([NOW - 899_000_000_000n, NOW - 901_000_000_000n].map((at) => inRange(filter, at, at)), [true, false]);
  assert.throws(() => parseParams("records", NOW), /there is no parameter "records"/);
});
