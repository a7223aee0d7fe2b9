import { say } from "./actions.js";

/** @typedef {typeof import("./later.js")} Later */

/** @type {Promise<Later | void> | null} */
let file = null;
/** The second file, once it is there. @type {Later | undefined} */
export let later;

let tries = 0;

/**
 * more loads the page's second file, once: what is not seen before somebody opens it. Its name has the hash of this one,
 * so the two are always of one build. When it does not come, that is told, and there is nothing.
 * @param {boolean} [quiet] nobody has asked for it yet: the next who does is told
 * @returns {Promise<Later | void>}
 */
export async function more(quiet) {
  // Some browsers remember a failed module by its whole address; the part after # is not sent.
  file ??= import(import.meta.url.replace(/\.js(=?)$/, `-later.js$1${tries++ ? `#${tries}` : ""}`)).then(
    (module) => (later = module),
    () => void (file = null),
  );
  const module = await file;
  if (!module && !quiet) say("A part of the page did not load: reload it");
  return module;
}
