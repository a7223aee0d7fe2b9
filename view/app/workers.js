import { attribute, el, text } from "./dom.js";
import { count, plural, rate, together } from "./text.js";
import { ago, span, timeOfDay } from "./time.js";

/** @typedef {import("./wire.js").Worker} Worker */

/** The page mentions a clock that is off by more than this (ms); less may be network delay. */
const SKEW = 5000;

/** isOver reports whether a worker is expected to log no more. @param {Worker} w */
const isOver = ({ state }) => state === "replaced" || state === "ended";

/** workerKey returns the identity of a worker, as the server defines it. @param {Worker} w */
export const workerKey = (w) => JSON.stringify([w.host, w.service, w.channel]);

/** The order of magnitude of recent errors, so that a few more do not move rows. @param {Worker} w */
const weight = (w) => Math.floor(Math.log10(w.last5.errors + 1));

/**
 * orderWorkers sorts quiet workers first, in the server's order, then by the order of magnitude of recent errors, then by name.
 * @param {Worker[]} workers
 */
export const orderWorkers = (workers) =>
  [...workers].sort((a, b) => {
    const quiet = Number(b.state === "quiet") - Number(a.state === "quiet");
    if (quiet || a.state === "quiet") return quiet;
    return weight(b) - weight(a) || Number(isOver(a)) - Number(isOver(b)) || a.name.localeCompare(b.name, undefined, { numeric: true });
  });

/**
 * fade returns the opacity of a worker's dot: 1 right after a record, down to 0.3 when its pause reaches its threshold.
 * @param {Worker} w
 * @param {number} now
 */
export const fade = (w, now) => 1 - 0.7 * Math.min(1, Math.max(0, now - w.lastSeen) / (w.threshold || Infinity));

/**
 * workerText describes a worker. Its state is unknown while the server is not subscribed or unreachable.
 * @param {Worker} w
 * @param {number} now
 * @param {boolean} utc
 * @param {string} unknown why the state is unknown; "" if it is known
 * @param {boolean} [brief] leaves out what nobody reads from afar
 */
export function workerText(w, now, utc, unknown, brief = false) {
  const normally = w.expected && !brief ? `normally every ${span(w.expected)}` : "";
  const quietFor = [span(Math.max(1000, now - w.lastSeen)), normally].filter(Boolean).join("; ");
  const isQuiet = w.state === "quiet" && !unknown;
  const [m1, m5, m60] = [w.last1, w.last5, w.last60].map(({ errors }) => count(errors));
  const facts = [
    isQuiet ? "" : [ago(now - w.lastSeen), normally].filter(Boolean).join(", "),
    rate(w.rate),
    brief ? w.last60.errors && `${plural(w.last60.errors, "error")}/h` : w.last60.errors ? `errors: ${m1} (1 m) · ${m5} (5 m) · ${m60} (1 h)` : "no errors",
    Math.abs(w.skew) > SKEW ? `clock ${span(w.skew)} ${w.skew > 0 ? "ahead" : "behind"}` : "",
  ];
  const state = isQuiet ? `no logs since ${timeOfDay(w.lastSeen, utc)} (${quietFor})`
    : w.state === "replaced" ? "replaced by another host"
    : w.failing ? `${w.state}, ${plural(w.last1.errors, "error")}/min`
    : w.state;
  return { state: unknown || state, facts: /** @type {string[]} */ (facts.filter(Boolean)) };
}

/** HiddenWorkers keeps the workers that this browser hides until they log again. */
export class HiddenWorkers {
  #storage;
  #name;

  /** @param {Pick<Storage, "getItem" | "setItem">} storage @param {string} name */
  constructor(storage, name) {
    this.#storage = storage;
    this.#name = name;
    /** When each worker was last seen before it was hidden, by key. @type {Map<string, number>} */
    this.map = new Map();
    try {
      this.map = new Map(JSON.parse(storage.getItem(name) ?? "[]"));
    } catch {
      // The storage is forbidden or invalid: no worker is hidden.
    }
  }

  /** @param {Worker} w */
  has(w) {
    return this.map.get(workerKey(w)) === w.lastSeen;
  }

  /** @param {Worker} w */
  add(w) {
    this.map.set(workerKey(w), w.lastSeen);
    this.#save();
  }

  /** trim drops workers that have logged again or that the server no longer has. @param {Worker[]} workers */
  trim(workers) {
    const left = workers.filter((w) => this.has(w));
    if (left.length === this.map.size) return;
    this.map = new Map(left.map((w) => [workerKey(w), w.lastSeen]));
    this.#save();
  }

  clear() {
    this.map.clear();
    this.#save();
  }

  #save() {
    try {
      this.#storage.setItem(this.#name, JSON.stringify([...this.map]));
    } catch {
      // A private window may store nothing: they stay hidden until the page is closed.
    }
  }
}

/**
 * createWorkerRow creates the row of one worker.
 * @param {{only: (w: Worker) => void, hide: (w: Worker) => void}} actions
 */
export function createWorkerRow(actions) {
  /** @type {Worker} */
  let worker;
  const dot = el("i");
  const name = el("button", { type: "button", click: () => actions.only(worker) });
  const state = el("b");
  const facts = el("p");
  const hide = el("button", { type: "button", class: "hide", title: "Hide until it logs again", click: () => actions.hide(worker) }, "Hide");
  const e = el("li", { class: "worker" }, el("div", {}, dot, name, state, hide), facts);
  return {
    el: e,
    /** @param {Worker} w @param {number} now @param {boolean} utc @param {string} unknown @param {boolean} brief */
    draw(w, now, utc, unknown, brief) {
      worker = w;
      const words = workerText(w, now, utc, unknown, brief);
      e.classList.toggle("failing", !unknown && w.failing);
      attribute(e, "data-state", unknown ? "unknown" : w.state);
      dot.style.opacity = w.state === "quiet" && !unknown ? "" : fade(w, now).toFixed(2);
      text(name, w.name);
      attribute(name, "title", `${w.host ? `Only the host ${w.host}` : `Only the channel ${w.channel}`} · on ${w.channel}`);
      text(state, words.state);
      text(facts, together(words.facts));
      hide.hidden = w.state === "active" || (w.state === "learning" && now - w.lastSeen < 60_000);
      attribute(hide, "aria-label", `Hide ${w.name}`);
    },
  };
}
