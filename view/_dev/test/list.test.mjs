import assert from "node:assert/strict";
import { test } from "node:test";
import { Matches } from "../../app/matches.js";
import { Slots } from "../../app/slots.js";

test("every slot is found again at its place, with rows open", () => {
  for (const newestFirst of [false, true]) {
    const s = new Slots();
    s.newestFirst = newestFirst;
    s.origin = newestFirst ? 1000 : 3;
    s.setOpen([[10, 100], [12, 33], [500, 7]]);
    for (const n of [3, 9, 10, 11, 12, 13, 499, 500, 501, 900]) {
      const slot = s.slot(n);
      assert.equal(s.number(slot), n);
      assert.equal(s.slotAt(s.top(slot)), slot);
      assert.equal(s.slotAt(s.top(slot) + 23), slot);
      assert.equal(s.slotAt(s.top(slot + 1) - 1), slot);
    }
  }
});

test("a row's place doesn't change while rows come at one end and go at the other", () => {
  for (const newestFirst of [false, true]) {
    const s = new Slots();
    s.newestFirst = newestFirst;
    s.origin = 5000;
    s.setOpen([[1000, 50]]);
    const before = s.top(s.slot(2000));
    // Whatever first and end are meanwhile: places depend on the origin and on open rows only.
    s.setOpen([[1000, 50]]);
    assert.equal(s.top(s.slot(2000)), before);
  }
});

test("the cursor follows at once, waits, or goes at its speed", () => {
  const m = new Matches(100);
  for (let i = 0; i < 50; i++) m.push(i);
  m.advance(20, 1000);
  assert.equal(m.reveal, 20);
  m.advance(20, 25);
  assert.equal(m.reveal, 20);
  m.advance(20, 25);
  assert.equal(m.reveal, 21);
  m.advance(0, 10_000);
  assert.equal(m.waiting, 29);
  m.advance(Infinity, 0);
  assert.equal(m.waiting, 0);
});

test("matches that are gone take the cursor with them, never past the end", () => {
  const m = new Matches(100);
  for (let i = 0; i < 50; i++) m.push(i * 2);
  m.trim(31);
  assert.equal(m.at(m.first), 32);
  assert.equal(m.cursor, m.first);
  assert.equal(m.lower(33), m.first + 1);
  assert.equal(m.lower(1000), m.end);
  for (let i = 50; i < 300; i++) m.push(i * 2);
  assert.equal(m.size, 100);
});

test("equal records fold to one row with a count", () => {
  const text = ["a", "a", "a", "b", "a"];
  const m = new Matches(10, (x, y) => text[x] === text[y]);
  text.forEach((_, i) => m.push(i));
  assert.equal(m.size, 3);
  assert.equal(m.repeats.get(0), 3);
  m.trim(1);
  assert.equal(m.repeats.size, 0);
});
