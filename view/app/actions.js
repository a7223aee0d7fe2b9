import { el, get } from "./dom.js";
import { clearFilters, refilter } from "./filters.js";
import { filter, store, view } from "./state.js";
import { list } from "./table.js";
import { head } from "./feed.js";

/** actions are what an open row's buttons do. @type {import("./detail.js").Actions} */
export const actions = {
  utc: () => view.utc,
  now: () => head.now(),
  copy,
  copyJSON: (ord) => copy(JSON.stringify(store.record(ord), null, 2)),
  copyLink: (ord) => copy(`${location.href.split("#")[0]}#at=${encodeURIComponent(store.id(ord))}`),
  context(ord) {
    list.activate(ord);
    clearFilters();
  },
  filter,
  refilter: () => refilter(),
};

/** @param {string} value */
async function copy(value) {
  try {
    await navigator.clipboard.writeText(value);
    say("Copied");
  } catch {
    // Pages without HTTPS have no clipboard of that kind.
    const area = el("textarea", { class: "off" }, value);
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    say(done ? "Copied" : "Copying is not allowed here");
  }
}

let hushed = 0;
/**
 * say tells something in passing, also to a screen reader.
 * @param {string} message
 * @param {number} [ms] for so long it is seen
 */
export function say(message, ms = 2000) {
  const e = get("say", HTMLElement);
  e.textContent = message;
  e.classList.add("seen");
  clearTimeout(hushed);
  hushed = window.setTimeout(() => e.classList.remove("seen"), ms);
}
