/** @typedef {ReturnType<typeof createNotify>} Notify */

/** The states that are worth a notification, and what it calls them. */
const WORDS = new Map([["ok", "OK"], ["degraded", "Degraded"], ["down", "Down"]]);

/**
 * createNotify shows a notification of the system when the state of what is logged changes and the reader looks elsewhere, if the
 * reader has asked for it.
 * @param {Window & typeof globalThis} window
 */
export function createNotify(window) {
  const key = `elva-notify ${window.location.pathname}`;
  /** Browsers have it only with HTTPS. @type {typeof Notification | undefined} */
  const Note = window.Notification;
  let wanted = false;
  /** The last state that is worth a notification. */
  let last = "";
  try {
    wanted = window.localStorage.getItem(key) === "1";
  } catch {
    // The browser forbids the storage: the choice lasts as long as the page.
  }

  const on = () => wanted && Note?.permission === "granted";

  return {
    on,
    /** set turns notifications on or off. It must be called from a click, which browsers require to ask the reader. @param {boolean} to */
    async set(to) {
      wanted = to && (await Note?.requestPermission()) === "granted";
      try {
        window.localStorage.setItem(key, wanted ? "1" : "");
      } catch {
        // As above.
      }
    },
    /** take looks at the state in a status. @param {import("./wire.js").Status} s */
    take({ title, health: { state, summary } }) {
      const word = WORDS.get(state);
      if (!word || state === last) return;
      const isFirst = last === "";
      last = state;
      if (isFirst || !Note || !on() || window.document.hasFocus()) return;
      // The tag makes one of what several tabs show.
      new Note(`${word} · ${title || "Elva"}`, { body: summary, tag: key });
    },
  };
}
