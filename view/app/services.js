import { attribute, el, text } from "./dom.js";
import { count, plural, rate, together } from "./text.js";

/** @typedef {import("./wire.js").Worker} Worker */
/** @typedef {{name: string, active: number, quiet: number, failing: boolean, rate: number, errors: number}} Service */

/**
 * servicesOf summarizes workers by service, quiet and failing services first. It leaves out workers that are expected to log no more.
 * @param {Worker[]} workers
 */
export function servicesOf(workers) {
  /** @type {Map<string, Service>} */
  const services = new Map();
  for (const w of workers) {
    if (w.state === "replaced" || w.state === "ended") continue;
    const name = w.service || w.name;
    let s = services.get(name);
    if (!s) services.set(name, (s = { name, active: 0, quiet: 0, failing: false, rate: 0, errors: 0 }));
    if (w.state === "quiet") s.quiet++;
    else s.active++;
    s.failing ||= w.failing;
    s.rate += w.rate;
    s.errors += w.last60.errors;
  }
  return [...services.values()].sort((a, b) => Number(b.quiet > 0) - Number(a.quiet > 0) || Number(b.failing) - Number(a.failing) || a.name.localeCompare(b.name, undefined, { numeric: true }));
}

/** createServiceRow creates the row of one service. */
export function createServiceRow() {
  const name = el("span", { class: "name" });
  const state = el("b");
  const facts = el("p");
  const e = el("li", { class: "worker" }, el("div", {}, el("i"), name, state), facts);
  return {
    el: e,
    /** @param {Service} s @param {string} unknown why the states are unknown; "" if they are known */
    draw(s, unknown) {
      attribute(e, "data-state", unknown ? "unknown" : s.quiet ? "quiet" : "active");
      e.classList.toggle("failing", !unknown && s.failing);
      text(name, s.name);
      text(state, unknown || `${count(s.quiet || s.active)} of ${count(s.active + s.quiet)} ${s.quiet ? "quiet" : "active"}`);
      text(facts, together([rate(s.rate), ...(s.errors ? [`${plural(s.errors, "error")}/h`] : [])]));
    },
  };
}
