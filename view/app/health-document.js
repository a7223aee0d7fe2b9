import { readStatus } from "./wire.js";

/** A response slower than this (ms) counts as no response: the next request follows soon. */
const PATIENCE = 8000;

/**
 * createHealthDocument returns a function that requests the health document, one request at a time.
 * @param {"document" | "status"} form status: without lists, as a stream has it
 */
export function createHealthDocument(form) {
  /** @type {Promise<import("./wire.js").Status | null> | null} */
  let asking = null;

  async function request() {
    try {
      const answer = await fetch(`?health=${form}`, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      return readStatus(await answer.text());
    } catch {
      return null;
    } finally {
      asking = null;
    }
  }

  /** ask returns the document, or null if the server does not respond. */
  return () => (asking ??= request());
}
