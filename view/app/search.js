import { createPatternWorker } from "./pattern-worker.js";
import { createQueryFinder } from "./query-finder.js";

/** @typedef {{createScriptURL: (url: string) => string}} Policy */

/**
 * createSearch returns what makes the finder of a query. It is a file of its own, which only a search needs.
 * @param {import("./store.js").Store} store
 * @param {Window & typeof globalThis & {trustedTypes?: {createPolicy: (name: string, policy: Policy) => Policy}}} window
 * @param {string} url of the worker's file
 */
export function createSearch(store, { Worker, trustedTypes }, url) {
  /** @type {Policy | undefined} */
  let policy;
  return createQueryFinder(store, createPatternWorker(() => {
    // Trusted Types (W3C) accept the address of a script from a policy only; this one knows no other address.
    const own = { createScriptURL: () => url };
    policy ??= trustedTypes?.createPolicy("elva", own) ?? own;
    return new Worker(policy.createScriptURL(url));
  }));
}
