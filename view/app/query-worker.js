import { TOO_SLOW } from "./query-answer.js";

/** @typedef {import("./query-answer.js").Request} Request */
/** @typedef {import("./query-answer.js").Answer} Answer */
/** @typedef {{request: Request, resolve: (answer: Answer) => void}} Pending */
/** @typedef {ReturnType<typeof createQueryWorker>} QueryWorker */

/** A request that takes longer than this (ms) is terminated together with the worker. */
const BUDGET = 300;
/** The budget is counted in this many ticks, so that time during which the main thread is blocked does not count. */
const TICKS = 3;
/** How long (ms) loading the worker's file may take. */
const START = 10_000;
/** The number of requests that the worker has at a time, so that the next one waits while it runs one. */
const IN_FLIGHT = 2;

const NO_WORKER = "Regular expressions need a Web Worker, which this page can't start";

/**
 * createQueryWorker runs regular expressions in a Web Worker, since nothing can interrupt one on the main thread. A request
 * over its budget terminates the worker; the next request starts another.
 * @param {() => Worker} start throws if the page may not start a worker
 */
export function createQueryWorker(start) {
  /** @type {Pending[]} */
  let queue = [];
  /** The number of requests that the worker has. */
  let sent = 0;
  /** @type {Worker | null} */
  let worker = null;
  let ready = false;
  let timer = 0;

  function send() {
    if (queue.length === 0) return;
    if (!worker) begin();
    if (!ready) return;
    if (sent === 0) watch(BUDGET, tooSlow);
    while (sent < queue.length && sent < IN_FLIGHT) worker?.postMessage(queue[sent++].request);
  }

  function begin() {
    /** @type {Worker} */
    let own;
    try {
      own = worker = start();
    } catch {
      fail();
      return;
    }
    own.onerror = () => own === worker && fail();
    own.onmessage = ({ data }) => {
      if (own !== worker) return;
      clearTimeout(timer);
      if (ready) {
        sent--;
        queue.shift()?.resolve(data);
        if (sent > 0) watch(BUDGET, tooSlow);
      }
      ready = true;
      send();
    };
    watch(START, fail);
  }

  /**
   * @param {number} ms
   * @param {() => void} expire
   * @param {number} [ticks]
   */
  function watch(ms, expire, ticks = TICKS) {
    clearTimeout(timer);
    timer = setTimeout(() => (ticks > 1 ? watch(ms, expire, ticks - 1) : expire()), ms / TICKS);
  }

  function stop() {
    clearTimeout(timer);
    worker?.terminate();
    worker = null;
    ready = false;
    sent = 0;
  }

  function tooSlow() {
    stop();
    queue.shift()?.resolve({ error: TOO_SLOW });
    send();
  }

  function fail() {
    stop();
    const failed = queue;
    queue = [];
    for (const { resolve } of failed) resolve({ error: NO_WORKER });
  }

  return {
    /**
     * ask resolves to the answer. Answers arrive in the order of the calls.
     * @param {Request} request
     * @returns {Promise<Answer>}
     */
    ask: (request) => new Promise((resolve) => {
      queue.push({ request, resolve });
      send();
    }),
  };
}
