import { get, text } from "./dom.js";
import { CRITICAL, GAP, NAMES, WARNING } from "./levels.js";
import { clock, parse, span } from "./time.js";
import { count, rate, visible } from "./text.js";

/** @typedef {import("./types.js").Status} Status */

/** Bars of the strip. */
const BARS = 60;
const BAR_HEIGHT = 22;
const SVG = "http://www.w3.org/2000/svg";

/** Words for the link to Redis, by the server's state. */
const REDIS = /** @type {Record<string, string>} */ ({ live: "live", connecting: "connecting", down: "Redis down", refused: "Redis refuses", closed: "closed" });

/** Head is the top of the page: the connection in words, the verdict, the rate, and the tab's title and icon. */
export class Head {
  /** @param {import("./pulse.js").Pulse} pulse */
  constructor(pulse) {
    this.pulse = pulse;
    this.link = get("link", HTMLElement);
    this.words = /** @type {Element} */ (this.link.querySelector("b"));
    this.verdict = get("verdict", HTMLElement);
    this.rate = get("rate", HTMLElement);
    this.icon = get("icon", HTMLLinkElement);
    this.plain = this.icon.href;
    this.name = document.title;
    this.first = { text: this.verdict.textContent ?? "", state: this.verdict.dataset.state ?? "unknown" };
    this.stream = "connecting";
    this.retryAt = 0;
    this.since = Date.now();
    /** @type {Status | null} */
    this.status = null;
    /** The server's clock minus this browser's. */
    this.offset = 0;
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.id = "pulse";
    this.svg.setAttribute("viewBox", `0 0 ${BARS * 2} ${BAR_HEIGHT}`);
    this.svg.setAttribute("preserveAspectRatio", "none");
    this.svg.setAttribute("role", "img");
    this.paths = NAMES.slice(0, GAP).map((name) => {
      const path = document.createElementNS(SVG, "path");
      path.dataset.level = name;
      this.svg.append(path);
      return path;
    });
    this.rate.before(this.svg);
  }

  /** The server's time. */
  now() {
    return Date.now() + this.offset;
  }

  /**
   * @param {string} link
   * @param {number} [retryAt]
   */
  connection(link, retryAt = 0) {
    if (link === this.stream && retryAt === this.retryAt) return;
    if ((link === "open") !== (this.stream === "open")) this.since = Date.now();
    this.stream = link;
    this.retryAt = retryAt;
    this.draw();
  }

  /** @param {Status} s */
  take(s) {
    this.status = s;
    const at = parse(s.at);
    if (!Number.isNaN(at)) this.offset = at - Date.now();
    this.draw();
  }

  /** The state of the way from Redis to here, as one word for styles and tests. */
  get state() {
    if (this.stream === "open") return this.status?.redis.state ?? "connecting";
    if (this.stream === "offline" || this.stream === "signed-out") return this.stream;
    return "connecting";
  }

  /** What there is to say about the link beyond its word; "" when all is well. */
  trouble() {
    const wait = this.retryAt > Date.now() ? `; next try in ${Math.ceil((this.retryAt - Date.now()) / 1000)} s` : "";
    switch (this.stream) {
      case "offline": return `The server has not answered since ${clock(this.since, false).slice(0, 8)}${wait}. Nothing is lost that it still has.`;
      case "signed-out": return "You are signed out here: reload the page and sign in again.";
      case "stuck": return "Waiting for a connection: this browser may have too many tabs of this site open.";
      case "resting": return "Resting while nobody looks.";
    }
    const redis = this.status?.redis;
    if (!redis || redis.state === "live") return "";
    return visible(redis.text ?? "");
  }

  draw() {
    const { state, status } = this;
    const left = Math.ceil((this.retryAt - Date.now()) / 1000);
    const words = this.stream === "offline" ? (left > 0 ? `retry in ${left} s` : "reconnecting")
      : this.stream === "signed-out" ? "signed out"
      : this.stream === "stuck" ? "waiting for a connection"
      : this.stream === "resting" ? "resting"
      : REDIS[state] ?? state;
    if (this.link.dataset.state !== state) this.link.dataset.state = state;
    text(this.words, words);
    const trouble = this.trouble();
    this.link.title = trouble || (status ? (status.redis.sources ?? []).map((s) => `${s.kind} ${visible(s.name)}`).join("\n") : "");
    const verdict = status?.health.verdict ?? this.first.text;
    const broken = this.stream !== "open" && this.stream !== "connecting" && this.stream !== "resting";
    const said = broken ? trouble : trouble && !verdict.includes(trouble) ? `${verdict} ${trouble}` : verdict;
    text(this.verdict, said);
    this.verdict.title = said;
    const verdictState = broken ? "trouble" : status?.health.state ?? this.first.state;
    if (this.verdict.dataset.state !== verdictState) this.verdict.dataset.state = verdictState;
    if (status) {
      const all = Object.values(status.rates).reduce((a, b) => a + b, 0);
      text(this.rate, rate(all));
      this.rate.title = `${rate(all)}, mean of 10 s · ${count(status.viewers)} watching · ${count(status.history.records)} records on the server`;
      if (status.title) this.name = status.title;
    }
    this.#tab(state);
    this.#bars();
  }

  /** @param {string} state */
  #tab(state) {
    const { level, n } = this.pulse.worst(this.now());
    const off = state !== "live" && state !== "connecting";
    const file = off ? "-off" : level >= WARNING ? `-${NAMES[Math.min(level, CRITICAL)]}` : "";
    const href = file ? this.plain.replace(/\.svg$/, `${file}.svg`) : this.plain;
    if (this.icon.href !== href) this.icon.href = href;
    const title = off ? `${REDIS[state] ?? state.replace("-", " ")} · ${this.name}` : level > WARNING ? `${count(n)} ${NAMES[level]} · ${this.name}` : this.name;
    if (document.title !== title) document.title = title;
  }

  #bars() {
    const { bars, from, step } = this.pulse.bars(BARS, this.now());
    this.from = from;
    this.step = step;
    const highest = Math.max(1, ...bars.map((bar) => bar.reduce((a, b) => a + b, 0)));
    const d = this.paths.map(() => "");
    bars.forEach((bar, x) => {
      let y = BAR_HEIGHT;
      for (let level = 0; level < GAP; level++) {
        if (!bar[level]) continue;
        // Worse levels are never thinner than they can be seen.
        const h = Math.max((bar[level] / highest) * BAR_HEIGHT, level >= WARNING ? 1.5 : 0.5);
        d[level] += `M${x * 2} ${y.toFixed(1)}h1.5v${(-h).toFixed(1)}h-1.5z`;
        y -= h;
      }
    });
    this.paths.forEach((path, level) => path.setAttribute("d", d[level]));
    const worst = this.pulse.worst(this.now());
    this.svg.setAttribute("aria-label", `The last 5 minutes${worst.n ? `: ${count(worst.n)} ${NAMES[worst.level]}` : ""}`);
  }

  /**
   * instant is the time that a place on the strip stands for.
   * @param {MouseEvent} event
   */
  instant(event) {
    const box = this.svg.getBoundingClientRect();
    return (this.from ?? 0) + Math.floor(((event.clientX - box.left) / box.width) * BARS) * (this.step ?? 0);
  }

  /** How long ago the last record came, in words. */
  lastRecord() {
    const last = parse(this.status?.redis.lastRecord);
    return Number.isNaN(last) ? "" : `${span(this.now() - last)} ago`;
  }
}
