/** @typedef {ReturnType<typeof createStreamShare>} StreamShare */

/**
 * The most streams of all tabs of a browser. Over HTTP/1.1 a browser has six connections to a host, so that two are left: a seventh
 * tab would not even get its HTML.
 */
export const MAX_STREAMS = 4;
/** A tab without an announcement for this long (ms) is gone. A tab with a stream announces itself with each status, every 2 s. */
const GONE = 7000;

/**
 * createStreamShare decides which tabs of a browser have a stream: those that were looked at last. Tabs communicate through a
 * BroadcastChannel, which, unlike Web Locks, works without HTTPS too; and with HTTPS there usually is HTTP/2, which needs none of this.
 * @param {Window & typeof globalThis} window
 * @param {() => void} changed is called when it may have become another tab's turn
 * @param {() => number} [now]
 */
export function createStreamShare(window, changed, now = () => Date.now()) {
  const navigation = /** @type {PerformanceNavigationTiming | undefined} */ (window.performance?.getEntriesByType?.("navigation")[0]);
  const isLimited = !/^h[23]/.test(navigation?.nextHopProtocol ?? "") && typeof window.BroadcastChannel === "function";
  const channel = isLimited ? new window.BroadcastChannel("elva-streams") : null;
  const id = Math.random();
  /** When the reader last looked at this page. */
  let seen = now();
  /** The other tabs with a stream: when their readers last looked, and when they last said so. @type {Map<number, {seen: number, at: number}>} */
  const others = new Map();

  channel?.addEventListener("message", ({ data }) => {
    if (typeof data?.id !== "number" || typeof data.seen !== "number") return;
    if (data.seen) others.set(data.id, { seen: data.seen, at: now() });
    else others.delete(data.id);
    changed();
  });

  return {
    /** looked notes that the reader looks at this page. */
    looked: () => void (seen = now()),
    /** mayStream reports whether this tab may have a stream. */
    mayStream() {
      let newer = 0;
      for (const [other, tab] of others) {
        if (now() - tab.at > GONE) others.delete(other);
        else if (tab.seen > seen || (tab.seen === seen && other > id)) newer++;
      }
      return newer < MAX_STREAMS;
    },
    /** announce notifies the other tabs that this tab has a stream. */
    announce: () => channel?.postMessage({ id, seen }),
    /** leave notifies the other tabs that this tab no longer has a stream. */
    leave: () => channel?.postMessage({ id, seen: 0 }),
  };
}
