import { count, list, number, object, shape, short, text, time, yes } from "./wire-read.js";

/** This file reads the server's summaries of many records: patterns, operations, changes and facets. */

/** @typedef {ReturnType<typeof readPatterns>} Patterns */
/** @typedef {Patterns["patterns"][number]} Pattern records with the same text and different values; a null part is the place of a value */
/** @typedef {ReturnType<typeof readOperations>} Operations */
/** @typedef {Operations["operations"][number]} Operation the records with one ID; normal is NaN if unknown */
/** @typedef {ReturnType<typeof readChanges>} Changes */
/** @typedef {Changes["changes"][number]} Change one sentence, with the filter that selects its records */
/** @typedef {ReturnType<typeof readFacets>} Facets */
/** @typedef {Facets["facets"][number]} Facet */

/** levels reads the numbers of records by level, the most frequent first. @param {unknown} value */
const levels = (value) => Object.entries(object(value)).map(([name, n]) => /** @type {[string, number]} */ ([name, count(n)])).sort((a, b) => b[1] - a[1]);

/** figure reads an optional number; NaN if it is missing. @param {unknown} value */
const figure = (value) => (value === undefined || value === null ? NaN : number(value));

export const readPatterns = shape({
  from: time, to: time, records: count, complete: yes,
  patterns: list(shape({
    pattern: short, text: short, parts: list((part) => (part === null ? null : short(part))), example: short, count, levels, worst: short,
    workers: list(short), workerCount: count, first: time, last: time, trend: list(count),
  })),
  /** The patterns that are not in the list. */
  others: shape({ patterns: count, records: count }),
});

export const readOperations = shape({
  at: time, complete: yes, counts: shape({ running: count, failed: count, slow: count, done: count }),
  operations: list(shape({
    id: text, kind: short, name: short, title: short, pattern: short, first: time, last: time, duration: count, normal: figure, records: count,
    worst: short, workers: list(short), state: short, slow: yes,
  })),
});

const range = shape({ from: time, to: time, records: count });
export const readChanges = shape({ range, base: range, complete: yes, changes: list(shape({ kind: short, text: short, subject: short, filter: short })) });

export const readFacets = shape({
  records: count, complete: yes,
  facets: list(shape({
    field: short, present: count, distinct: count, others: count,
    /** Whether there are more distinct values than were counted one by one. */
    more: yes,
    values: list(shape({ value: text, count, filter: text })),
    number: (value) => (value ? shape({ min: figure, median: figure, p95: figure, max: figure })(value) : null),
  })),
});

/** readPage reads the last line of a page of records: whether there are more, and the ID after which they continue. */
export const readPage = (/** @type {unknown} */ value) => shape({ more: yes, last: text })(object(value).page);

/** A request is aborted after this time (ms): the server itself ends a search after 5 s. */
const PATIENCE = 10_000;

/**
 * createAsk returns a function that requests an endpoint. If the server refuses the request, the function throws an Error with the server's
 * message.
 * @param {Window & typeof globalThis} window
 */
export const createAsk = ({ fetch, AbortSignal }) => async (/** @type {string} */ endpoint, /** @type {string} */ query) => {
  const answer = await fetch(`?${endpoint}${query && `&${query}`}`, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) }).catch(() => {
    throw new Error("Server unreachable.");
  });
  const body = await answer.text();
  if (!answer.ok) throw new Error(body.trim().slice(0, 300) || `The server answered ${answer.status}.`);
  return body;
};
