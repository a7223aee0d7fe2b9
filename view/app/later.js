import { el } from "./dom.js";

/** What the page needs only once somebody opens it: a file of its own, which more.js loads. */
export { age, detail } from "./detail.js";
export { start } from "./health-drawer.js";
export { bars } from "./health-bars.js";
export { Ticks, Values } from "./side.js";

const sheet = el("link", { rel: "stylesheet", href: import.meta.url.replace(/\.js(=?)(#.*)?$/, ".css$1") });
// Where the host's policy asks for a nonce, the page's own style sheet has it.
sheet.nonce = /** @type {HTMLElement | null} */ (document.querySelector("link[nonce]"))?.nonce ?? "";
await new Promise((done) => {
  sheet.onload = sheet.onerror = done;
  document.head.append(sheet);
});
