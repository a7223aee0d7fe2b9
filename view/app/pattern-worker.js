import { TOO_SLOW } from "./pattern.js";

/** @typedef {import("./pattern.js").Request} Request */
/** @typedef {import("./pattern.js").Answer} Answer */
/** @typedef {{request: Request, resolve: (answer: Answer) => void}} Pending */
/** @typedef {ReturnType<typeof createPatternWorker>} PatternWorker */

/** A request that takes longer (ms) than this is ended with its worker. */
const BUDGET = 300;
/** The clock is read so often in that time: while the page's own thread is busy, no time passes for the worker. */
const TICKS = 3;
/** The worker's file must have come after so long (ms). */
const START = 10_000;
/** While the worker is at one request, the next is on its way. */
const IN_FLIGHT = 2;

const NO_WORKER = "Regular expressions need a Web Worker, which this page can't start";

/**
 * createPatternWorker runs regular expressions in a Web Worker, since nothing can interrupt one on the page's own thread. A
 * request over its budget ends the worker, and the next request starts another.
 * @param {() => Worker} start throws where the page may not start one
 */
export function createPatternWorker(start) {
  /** @type {Pending[]} */
  let queue = [];
  /** How many of them the worker has. */
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
     * ask answers a request, in the order of the calls.
     * @param {Request} request
     * @returns {Promise<Answer>}
     */
    ask: (request) => new Promise((resolve) => {
      queue.push({ request, resolve });
      send();
    }),
  };
}
