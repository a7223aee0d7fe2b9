import { timeOfDay } from "./time.js";

/** @typedef {import("./state.js").State} State */

/** What a state of the link is called, where its name is not enough. */
const WORDS = new Map([
  ["stuck", "waiting for a connection"],
  ["background", "paused in background"],
  ["down", "Redis unreachable"],
  ["denied", "denied by Redis"],
  ["offline", "server unreachable"],
  ["signed-out", "signed out"],
]);

/** serverTime is the server's clock. @param {State} state */
export const serverTime = (state) => Date.now() + state.clockOffset;

/** linkState is the state of the whole way from Redis to here. @param {State} state */
export const linkState = ({ connection, status }) => (connection === "open" ? status?.redis.state ?? "connecting" : connection);

/**
 * linkWord is the state in a word or two. Redis may deny some names and send the others' records.
 * @param {State} state
 */
export function linkWord(state) {
  const link = linkState(state);
  const sources = state.status?.redis.sources ?? [];
  const denied = sources.filter((s) => s.denied).length;
  return link === "denied" && denied && denied < sources.length ? `${denied} of ${sources.length} denied` : WORDS.get(link) ?? link;
}

/**
 * linkTrouble is what there is to say about the link beyond its word, and the part of it that changes by the second: both
 * are "" when all is well.
 * @param {State} state
 * @returns {{said: string, when: string}}
 */
export function linkTrouble(state) {
  const link = linkState(state);
  const redis = state.status?.redis;
  switch (link) {
    case "live":
      return { said: "", when: "" };
    case "offline":
      return { said: `Server unreachable since ${timeOfDay(state.offlineSince, state.utc)}.`, when: nextTry(state.retryAt, " Next") };
    case "signed-out":
      return { said: "You are signed out. Reload the page to sign in again.", when: "" };
    case "stuck":
      return { said: "This browser has no connection left for this page. Close another tab of this site.", when: "" };
  }
  const text = redis?.text ?? "";
  const since = timeOfDay(redis?.since ?? NaN, state.utc);
  const retry = nextTry((redis?.nextTry ?? NaN) - state.clockOffset, ", next") || ".";
  return {
    said: text && capitalized(text) + (text.endsWith(".") ? "" : "."),
    when: link === "connecting" || !since ? "" : ` Since ${since}${retry}`,
  };
}

/** capitalized begins a sentence with a text. @param {string} text */
export const capitalized = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

/**
 * @param {number} at by this browser's clock
 * @param {string} next
 */
function nextTry(at, next) {
  const left = Math.ceil((at - Date.now()) / 1000);
  return left > 0 ? `${next} try in ${left} s.` : "";
}

/**
 * summaryText is how things are in a sentence: the server's summary, and what the link has to say beyond that.
 * @param {State} state
 * @param {string} summary
 */
export function summaryText(state, summary) {
  const { said, when } = linkTrouble(state);
  if (isCut(state)) return said + when;
  return summary + (summary.toLowerCase().includes(said.toLowerCase()) ? "" : ` ${said}`) + when;
}

/** isCut reports whether nothing is known of the server now. @param {State} state */
export const isCut = ({ connection }) => connection === "offline" || connection === "signed-out";
