// What unit tests make records and states of.
import { createState } from "../../app/state.js";
import { workerOf } from "../answers.mjs";
import { readGap, readRecords, readStatus } from "../../app/wire.js";

export const AT = "2026-11-22T17:04:28.500564Z";
/** A record as the page has it, from one as the server sends it. */
export const record = (r) => readRecords(JSON.stringify([{ seq: 1, at: AT, worker: workerOf(r), ...r }]))[0];
export const gap = (g) => readGap(JSON.stringify(g));
export const status = (s = {}) => readStatus(JSON.stringify({ at: AT, epoch: "E", redis: { state: "live", sources: [] }, health: { state: "ok", text: "Well." }, ...s }));

/** A state whose store has some records, all of them shown. */
export function stateWith(...records) {
  const state = createState();
  for (const [i, r] of records.entries()) state.shown.push(r.kind ? state.store.addGap(gap(r), "E") : state.store.add(record({ seq: i + 1, ...r }), "E"));
  state.shown.cursor = state.shown.end;
  return state;
}
