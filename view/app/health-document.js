import { readStatus } from "./wire.js";

/** The server is asked again before long: a slower answer (ms) is none. */
const PATIENCE = 8000;

/**
 * createHealthDocument returns what asks the server for its whole health document, one request at a time.
 */
export function createHealthDocument() {
  /** @type {Promise<import("./wire.js").Status | null> | null} */
  let asking = null;

  async function request() {
    try {
      const answer = await fetch("?health=document", { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      return readStatus(await answer.text());
    } catch {
      return null;
    } finally {
      asking = null;
    }
  }

  /** ask returns the document, or null where there is no answer. */
  return () => (asking ??= request());
}
