import { createPatternWorker } from "./pattern-worker.js";
import { createRegexFinder } from "./regex-finder.js";

/** @typedef {{createScriptURL: (url: string) => string}} Policy */

/**
 * createRegexSearch returns a function that creates finders of regular expressions. It is a file of its own, which only such a
 * search loads.
 * @param {import("./store.js").Store} store
 * @param {Window & typeof globalThis & {trustedTypes?: {createPolicy: (name: string, policy: Policy) => Policy}}} window
 * @param {string} url of the worker's file
 */
export function createRegexSearch(store, { Worker, trustedTypes }, url) {
  /** @type {Policy | undefined} */
  let policy;
  return createRegexFinder(store, createPatternWorker(() => {
    // Trusted Types (W3C) accept a script's address only from a policy. This policy returns no other address.
    const own = { createScriptURL: () => url };
    policy ??= trustedTypes?.createPolicy("elva", own) ?? own;
    return new Worker(policy.createScriptURL(url));
  }));
}
