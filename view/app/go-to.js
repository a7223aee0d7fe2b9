import { attribute, el, put } from "./dom.js";
import { serverTime } from "./link-state.js";
import { parseMoment } from "./moment.js";

/**
 * createGoTo lets the reader type a time to go to.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 * @param {(ms: number) => void} goToTime
 */
export function createGoTo(state, { timeline, log }, goToTime) {
  const input = el("input", { type: "search", "aria-label": "Go to a time", placeholder: "14:03:20, 5m ago", autocomplete: "off", spellcheck: "false", enterkeyhint: "go", maxlength: "40" });
  const form = el("form", { class: "goto", hidden: true, submit: (/** @type {Event} */ event) => {
    event.preventDefault();
    const ms = parseMoment(input.value, serverTime(state), state.utc);
    attribute(input, "aria-invalid", String(isNaN(ms)));
    if (isNaN(ms)) return;
    close();
    goToTime(ms);
  }, keydown: (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  } }, input, el("small", {}, "14:03:20 · 5m ago · 2026-11-30 14:03"));
  const button = el("button", { type: "button", class: "opens", title: "Go to a time (g)", click: open }, "Go to…");
  put(timeline, button, form);

  function open() {
    form.hidden = false;
    input.value = "";
    attribute(input, "aria-invalid", "false");
    input.focus();
  }

  function close() {
    form.hidden = true;
    log.focus();
  }

  return { open };
}
