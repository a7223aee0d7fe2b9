import assert from "node:assert/strict";
import { test } from "node:test";
import { Ingest } from "../../app/ingest.js";
import { hash, overlap } from "../../app/overlap.js";
import { Store } from "../../app/store.js";
import { readGap, readRecords, readStatus } from "../../app/wire.js";

const at = (n) => new Date(Date.UTC(2026, 10, 22) + n * 1000).toISOString();
const record = (seq, n = seq, more = {}) => ({ seq, at: at(n), time: at(n), channel: "c", message: `m${n}`, ...more });
const status = (epoch, records, lastSeq = records, firstSeq = 1, sources = []) => readStatus(JSON.stringify({ epoch, history: { records, firstSeq, lastSeq }, redis: { sources }, health: {} }));
/** An Ingest that takes what the server sends, in the server's own shapes. */
function ingest(capacity = 1000, held = () => false) {
  const store = new Store(capacity);
  const i = new Ingest(store, held);
  return {
    store, ingest: i,
    status: (...s) => i.status(status(...s)),
    batch: (records, epoch) => i.batch(readRecords(JSON.stringify(records)), epoch),
    gap: (gap, epoch) => i.gap(readGap(JSON.stringify(gap)), epoch),
  };
}
const messages = (store) => Array.from({ length: store.size }, (_, i) => (store.gap(store.first + i) ? "gap" : store.message[(store.first + i) % store.capacity]));

for (const [name, held, fresh, want, unbroken, gaps] of [
  ["nothing in common", [1, 2, 3], [4, 5], 0],
  ["the end is the start", [1, 2, 3, 4], [3, 4, 5], 2],
  ["all is there already", [1, 2, 3], [2, 3], 2],
  ["the new history is longer at both ends", [3, 4], [1, 2, 3, 4, 5], 4],
  ["only the very same order counts", [1, 2, 3], [3, 2, 1], 1],
  ["repeats", [7, 7, 7], [7, 7, 7, 7], 3],
  ["a part in the middle is no overlap", [1, 2, 3, 9], [2, 3, 4], 0],
  ["nothing held", [], [1], 0],
  ["nothing new", [1], [], 0],
  ["a record that the new history lacks", [1, 2, 3, 4], [1, 3, 4, 5], 3, undefined, new Set([1])],
  ["a record that was missed here", [1, 3, 4], [1, 2, 3, 4, 5], 4, 2],
  ["each lacks another", [1, 2, 4, 5, 6], [1, 2, 3, 4, 6, 7], 5, 3, new Set([4])],
  ["behind a gap the longest run counts", [7, 8, 7], [7, 8, 7, 9, 7], 3, 1],
  ["no run reaches the gap", [1, 2, 3, 9], [2, 3, 4, 9, 5], 0, 3, new Set([1])],
]) test(`overlap: ${name}`, () => assert.equal(overlap(held, fresh, unbroken, gaps), want));

test("hashes distinguish records and their parts", () => {
  assert.notEqual(hash("a", "b"), hash("ab", ""));
  assert.equal(hash("a", "b"), hash("a", "b"));
  const seen = new Set();
  for (let i = 0; i < 200_000; i++) seen.add(hash("c", String(i), "logger", `message ${i % 1000}`));
  assert.equal(seen.size, 200_000);
});

test("a record that is received twice is shown once", () => {
  const { store, ingest: state, ...i } = ingest();
  i.status("A", 0);
  i.batch([record(1), record(2)], "A");
  i.batch([record(2), record(3)], "A");
  assert.deepEqual(messages(store), ["m1", "m2", "m3"]);
});

test("a gap that grows takes the place of its row, unless a record came between", () => {
  const { store, ingest: state, ...i } = ingest();
  i.status("A", 0);
  i.batch([record(1)], "A");
  i.gap({ seq: 2, kind: "redis", from: at(2), to: at(3) }, "A");
  assert.equal(i.gap({ seq: 3, kind: "redis", from: at(2), to: at(9), replaces: 2 }, "A"), -1);
  assert.deepEqual(messages(store), ["m1", "gap"]);
  assert.equal(store.gap(store.end - 1).to, Date.parse(at(9)));
  i.batch([record(4)], "A");
  i.gap({ seq: 5, kind: "redis", from: at(20), to: at(21), replaces: 3 }, "A");
  assert.deepEqual(messages(store), ["m1", "gap", "m4", "gap"]);
});

test("a gap that replaces one that is not here is a row of its own", () => {
  const { store, ingest: state, ...i } = ingest();
  i.status("A", 0);
  i.gap({ seq: 7, kind: "redis", replaces: 6 }, "A");
  i.gap({ seq: 8, kind: "redis", replaces: 6 }, "A");
  assert.deepEqual(messages(store), ["gap", "gap"]);
});

test("after a restart with an empty history, new records follow the gap", () => {
  const { store, ingest: state, ...i } = ingest();
  i.status("A", 0);
  i.batch([record(1), record(2)], "A");
  i.status("B", 0);
  i.gap({ kind: "restart" }, "");
  i.batch([record(1, 3)], "B");
  assert.deepEqual(messages(store), ["m1", "m2", "gap", "m3"]);
});

test("after a restart with part of the old history, only what is new is added", () => {
  const { store, ingest: state, ...i } = ingest();
  i.status("A", 0);
  i.batch([record(1), record(2), record(3)], "A");
  i.status("B", 4);
  i.gap({ kind: "restart" }, "");
  i.batch([record(1, 2), record(2, 3), record(3, 4)], "B");
  assert.deepEqual(messages(store), ["m1", "m2", "m3", "gap"], "kept back until the whole of it is there");
  assert.equal(state.loading, true);
  i.batch([record(4, 5)], "B");
  assert.deepEqual(messages(store), ["m1", "m2", "m3", "gap", "m4", "m5"]);
  i.batch([record(5, 6)], "B");
  assert.equal(messages(store).at(-1), "m6");
});

test("overlap: another instance received the same records later", () => {
  const { store, ingest: state, ...i } = ingest();
  i.status("A", 0);
  i.batch([record(1), record(2)], "A");
  i.status("B", 3);
  i.gap({ kind: "restart" }, "");
  i.batch([1, 2, 3].map((n) => record(n, n, { at: at(n + 7) })), "B");
  assert.deepEqual(messages(store), ["m1", "m2", "gap", "m3"]);
});

test("a gap in the new history keeps its place", () => {
  const { store, ingest: state, ...i } = ingest();
  i.status("A", 0);
  i.batch([record(1)], "A");
  i.status("B", 3);
  i.gap({ kind: "restart" }, "");
  i.batch([record(1, 1)], "B");
  i.gap({ seq: 2, kind: "redis" }, "B");
  i.batch([record(3, 2)], "B");
  assert.deepEqual(messages(store), ["m1", "gap", "gap", "m2"]);
});

test("instances that missed different records: nothing is doubled, and what one has missed stays missing", () => {
  const { store, ingest: state, ...i } = ingest();
  i.status("A", 0);
  i.batch([1, 2, 3, 4, 5].map((n) => record(n)), "A");
  for (const [epoch, last] of [["B", 6], ["A2", 7], ["B2", 8]]) { // B has missed 3, the other one 5
    i.status(epoch, last + 1);
    i.gap({ kind: "restart" }, "");
    const missed = epoch[0] === "B" ? 3 : 5;
    for (let n = 1; n <= last; n++) {
      if (n === missed) i.gap({ seq: n, kind: "redis" }, epoch);
      else i.batch([record(n)], epoch);
    }
    i.batch([record(last + 1)], epoch);
  }
  assert.deepEqual(messages(store), ["m1", "m2", "m3", "m4", "m5", "gap", "m6", "m7", "gap", "m8", "gap", "m9"]);
});

test("two restarts during a history lose nothing", () => {
  const { store, ingest: state, ...i } = ingest();
  i.status("A", 0);
  i.batch([record(1)], "A");
  i.status("B", 10);
  i.gap({ kind: "restart" }, "");
  i.batch([record(1, 1), record(2, 2)], "B");
  i.status("C", 3);
  i.gap({ kind: "restart" }, "");
  i.batch([record(1, 1), record(2, 2), record(3, 3)], "C");
  assert.deepEqual(messages(store), ["m1", "gap", "m2", "gap", "m3"]);
});

test("another instance continues exactly, unless it reports a restart", () => {
  const { store, ingest: state, ...i } = ingest();
  const untimed = (seq, message) => ({ seq, at: at(seq), channel: "s", message });
  i.status("A", 0);
  i.batch([untimed(1, "tick"), untimed(2, "tick")], "A");
  i.status("B", 9);
  i.batch([untimed(8, "tick"), untimed(9, "tick")], "B"); // new ones, though they look the same
  assert.deepEqual(messages(store), ["tick", "tick", "tick", "tick"]);
});

test("after a restart records of channels are compared, those of streams are new", () => {
  const { store, ingest: state, ...i } = ingest();
  const of = (channel, seq, n) => record(seq, n, { channel });
  const sources = [{ name: "c", kind: "channel" }, { name: "s", kind: "stream" }];
  i.status("A", 0, 0, 1, sources);
  i.batch([of("c", 1, 1), of("s", 2, 2), of("c", 3, 3), of("s", 4, 4)], "A");
  i.status("B", 5, 5, 1, sources);
  i.gap({ kind: "restart" }, "");
  i.batch([of("c", 1, 1), of("c", 2, 3), of("s", 4, 4), of("c", 5, 5)], "B");
  assert.deepEqual(messages(store), ["m1", "m2", "m3", "m4", "gap", "m4", "m5"]);
});

test("skipped records are counted and requested again", () => {
  let held = false;
  const { store, ingest: state, ...i } = ingest(3, () => held);
  i.status("A", 0);
  i.batch([1, 2, 3].map((n) => record(n)), "A");
  held = true;
  i.batch([record(4), record(5, 5, { level: "error" })], "A");
  assert.deepEqual(messages(store), ["m1", "m2", "m3"]);
  assert.equal(state.skipped, 2);
  assert.equal(state.skippedWorst, 5);
  held = false;
  assert.equal(state.unskip(), "A-3");
  i.batch([record(4), record(5), record(6)], "A");
  assert.deepEqual(messages(store), ["m4", "m5", "m6"]);
});

test("an incomplete history is shown", () => {
  const { store, ingest: state, ...i } = ingest();
  i.status("A", 0);
  i.batch([record(1)], "A");
  i.status("B", 9);
  i.gap({ kind: "restart" }, "");
  i.batch([record(1, 1), record(2, 2)], "B");
  i.status("B", 9);
  assert.deepEqual(messages(store), ["m1", "gap"]);
  i.status("B", 9);
  assert.deepEqual(messages(store), ["m1", "gap", "m2"]);
  assert.equal(state.loading, false);
});

test("the progress of a long history goes from 0 to 1", () => {
  const { ingest: state, ...i } = ingest();
  i.status("A", 100, 200, 101);
  assert.equal(state.loading, true);
  i.batch([record(150)], "A");
  assert.ok(state.progress > 0.4 && state.progress < 0.6);
  i.batch([record(200)], "A");
  assert.equal(state.loading, false);
  assert.equal(state.progress, 1);
});

test("records without a number do not change the sequence", () => {
  const { store, ingest: state, ...i } = ingest();
  i.status("A", 0);
  i.batch([record(1), record(2), { message: "no number" }, "no record"], "A");
  assert.equal(store.size, 4);
  assert.equal(state.seq, 2);
  i.batch([record(2), record(3)], "A");
  assert.equal(store.size, 5);
});

test("skipped records are requested after the last ID, even after a gap", () => {
  let held = false;
  const { ingest: state, ...i } = ingest(10, () => held);
  i.status("A", 0);
  i.batch([record(1), record(2)], "A");
  i.gap({ kind: "slow" }, "");
  held = true;
  i.batch([record(3)], "A");
  assert.equal(state.unskip(), "A-2");
});
