import { timeOfDay } from "./time.js";

/** @typedef {import("./state.js").State} State */

/** The words for states of the link that differ from the states' names. */
const WORDS = new Map([
  ["stuck", "waiting for a connection"],
  ["polling", "updated every 5 s"],
  ["background", "paused in background"],
  ["down", "Redis unreachable"],
  ["denied", "denied by Redis"],
  ["offline", "server unreachable"],
  ["signed-out", "signed out"],
]);

/** serverTime returns the time by the server's clock. @param {State} state */
export const serverTime = (state) => Date.now() + state.clockOffset;

/** linkState returns the state of the whole path from Redis to this page. @param {State} state */
export const linkState = ({ connection, status }) => (connection === "open" ? status?.redis.state ?? "connecting" : connection);

/**
 * linkWord returns the state in a few words. Redis may deny some sources and deliver the others.
 * @param {State} state
 */
export function linkWord(state) {
  const link = linkState(state);
  const sources = state.status?.redis.sources ?? [];
  const denied = sources.filter((s) => s.denied).length;
  return link === "denied" && denied && denied < sources.length ? `${denied} of ${sources.length} denied` : WORDS.get(link) ?? link;
}

/**
 * linkTrouble describes a problem with the link, and in `when` the part with the times. Both are "" if there is none.
 * @param {State} state
 * @returns {{problem: string, when: string}}
 */
export function linkTrouble(state) {
  const link = linkState(state);
  const redis = state.status?.redis;
  switch (link) {
    case "live":
      return { problem: "", when: "" };
    case "offline":
      return { problem: `Server unreachable since ${timeOfDay(state.offlineSince, state.utc)}.`, when: nextTry(state.retryAt, " Next") };
    case "signed-out":
      return { problem: "You are signed out. Reload the page to sign in again.", when: "" };
    case "polling":
      if (redis && redis.state !== "live") break;
      return { problem: "Other tabs of this browser are live. This one is updated every 5 s.", when: "" };
    case "stuck":
      return { problem: "This browser has no connection left for this page. Close another tab of this site.", when: "" };
  }
  const text = redis?.text ?? "";
  const since = timeOfDay(redis?.since ?? NaN, state.utc);
  const retry = nextTry((redis?.nextTry ?? NaN) - state.clockOffset, ", next") || ".";
  return {
    problem: text && capitalized(text) + (text.endsWith(".") ? "" : "."),
    when: link === "connecting" || !since ? "" : ` Since ${since}${retry}`,
  };
}

/** capitalized returns a text with its first letter in upper case. @param {string} text */
export const capitalized = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

/**
 * @param {number} at by this browser's clock
 * @param {string} next
 */
function nextTry(at, next) {
  const left = Math.ceil((at - Date.now()) / 1000);
  return left > 0 ? `${next} try in ${left} s.` : "";
}

/** isCut reports whether the page has no connection to the server. @param {State} state */
export const isCut = ({ connection }) => connection === "offline" || connection === "signed-out";
