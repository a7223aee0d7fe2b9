import assert from "node:assert/strict";
import { test } from "node:test";
import { heard, ordered, title, words } from "../../app/sources.js";

const now = Date.parse("2026-11-25T12:00:30Z");
const refused = { name: "secret\u202e", kind: "stream", refused: "NOPERM no\u0007 permission", refusedSince: "2026-11-25T12:00:00Z", nextTry: "2026-11-25T12:00:34Z", records: 0 };
const calm = { name: "app", kind: "channel", confirmed: "2026-11-25T11:00:00Z", records: 1234, lastRecord: "2026-11-25T12:00:20Z" };
const plain = (w) => ({ ...w, facts: w.facts.replaceAll("\u00a0", " ") });

test("a refused source says what Redis said, since when, and when it is asked again", () => {
  assert.deepEqual(plain(words(refused, { state: "refused", sources: [refused, calm] }, now, true)), { name: "refused", state: "NOPERM no␇ permission", facts: "since 12:00:00 · next try in 4 s · 0 records" });
  assert.match(plain(words({ ...refused, nextTry: "2026-11-25T12:00:29Z" }, { state: "refused" }, now, true)).facts, /asking again/);
});

test("the others are heard meanwhile, and nobody is while Redis is down", () => {
  const some = { state: "refused", sources: [refused, calm] };
  assert.equal(heard(some), true);
  assert.deepEqual(plain(words(calm, some, now, true)), { name: "heard", state: "", facts: "1,234 records · the last 10 s ago · heard since 11:00:00" });
  assert.equal(heard({ state: "down", sources: [calm] }), false);
  assert.equal(words(calm, { state: "down", sources: [calm] }, now, true).state, "not heard");
  assert.equal(heard({ state: "refused", sources: [refused] }), false);
});

test("what is refused stands first, and is counted", () => {
  assert.deepEqual(ordered([calm, refused]).map((s) => s.kind), ["stream", "channel"]);
  assert.equal(title([calm, refused]), "2 sources, 1 refused");
  assert.equal(title([calm]), "1 source");
});

test("a source of a kind that has no subscription is told by what came", () => {
  assert.deepEqual(plain(words({ name: "past", kind: "list", records: 0 }, { state: "live" }, now, true)), { name: "heard", state: "nothing yet", facts: "0 records" });
});
