import { createChips } from "./chips.js";
import { edits } from "./filter-edits.js";
import { serverTime } from "./link-state.js";
import { createAnswer } from "./query-answer.js";
import { createQueryFinder } from "./query-finder.js";
import { createQueryWorker } from "./query-worker.js";
import { oneLine } from "./text.js";

/** @typedef {{createScriptURL: (url: string) => string}} Policy */
/** @typedef {ReturnType<typeof createSearch>} Search */

/**
 * createSearch creates everything that a filter needs in addition to levels: the grammar, the chips and the finder. It is in a separate
 * file, which a page without filters does not load.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 * @param {() => void} changed
 * @param {Window & typeof globalThis & {trustedTypes?: {createPolicy: (name: string, policy: Policy) => Policy}}} window
 * @param {string} url of this file, which is the worker's, too
 * @param {(typed: string) => Promise<[from: string, to: string] | null>} parseRange
 */
export function createSearch(state, page, changed, { Worker, trustedTypes }, url, parseRange) {
  const { store, filter } = state;
  /** @type {Policy | undefined} */
  let policy;
  const worker = createQueryWorker(() => {
    // Trusted Types (W3C) accept the address of a script from a policy only; this one knows no other address.
    const own = { createScriptURL: () => url };
    policy ??= trustedTypes?.createPolicy("elva", own) ?? own;
    return new Worker(policy.createScriptURL(url), { type: "module" });
  });
  const find = createQueryFinder(store, worker);
  const edit = edits(filter);
  /** exampleOf returns the newest message of a pattern. @param {string} pattern */
  function exampleOf(pattern) {
    for (let ord = store.end - 1; ord >= store.first; ord--) if (store.pattern(ord) === pattern) return oneLine(store.message[ord % store.capacity] || store.headline(ord));
    return "";
  }
  const chips = createChips(filter, edit, page, changed, exampleOf, () => ({ now: serverTime(state), utc: state.utc }), parseRange);
  return {
    ...edit,
    /** select returns what the filter selects. @param {import("./filtering.js").Host} host */
    select: (host) => find(filter, host),
    drawChips: chips.draw,
  };
}

// In a worker, this file answers the requests of the page; see query-worker.js.
if ("importScripts" in globalThis) {
  const answer = createAnswer(() => performance.now());
  onmessage = (event) => postMessage(answer(event.data));
  postMessage("ready");
}
