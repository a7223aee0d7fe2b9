import { get, text } from "./dom.js";
import { NAMES, WARNING } from "./levels.js";
import { clock, parse } from "./time.js";
import { count, rate, visible } from "./text.js";

/** @typedef {import("./types.js").Status} Status */

/**
 * What each state of the link is called: beside the light, and where the rows would stand.
 * @type {Record<string, [string, string]>}
 */
const STATES = {
  live: ["live", "Waiting for the first record"],
  connecting: ["connecting", "Connecting"],
  stuck: ["waiting for a connection", "Connecting"],
  resting: ["resting", "Connecting"],
  down: ["Redis down", "Redis does not answer"],
  refused: ["Redis refuses", "Redis refuses"],
  closed: ["closed", "Closed"],
  offline: ["reconnecting", "The server does not answer"],
  "signed-out": ["signed out", "Signed out"],
};

/** Head is the top of the page: the link in words, the verdict, the rate, and the tab's title and icon. */
export class Head {
  #hour;
  #link;
  #verdict;
  #rate;
  #icon;
  #plain;
  #name;
  #first;
  #retryAt;
  #since;
  #offset;

  /** @param {import("./health-hour.js").Hour} hour */
  constructor(hour) {
    this.#hour = hour;
    this.#link = get("link", HTMLElement);
    this.#verdict = get("verdict", HTMLElement);
    this.#rate = get("rate", HTMLElement);
    this.#icon = get("icon", HTMLLinkElement);
    this.#plain = this.#icon.href;
    this.#name = document.title;
    /** What the page came with, until the first status. */
    this.#first = { verdict: this.#verdict.textContent ?? "", state: this.#verdict.dataset.state ?? "" };
    /** What the Stream says of its connection. */
    this.stream = "connecting";
    this.#retryAt = 0;
    this.#since = Date.now();
    /** @type {Status | null} */
    this.status = null;
    /** The server's clock minus this browser's. */
    this.#offset = 0;
  }

  /** The server's time. */
  now() {
    return Date.now() + this.#offset;
  }

  /**
   * connection takes what the stream says of itself.
   * @param {string} link
   * @param {number} [retryAt]
   */
  connection(link, retryAt = 0) {
    if (link !== this.stream && "open" !== link && this.stream === "open") this.#since = Date.now();
    this.stream = link;
    this.#retryAt = retryAt;
    this.draw();
  }

  /** @param {Status} s */
  take(s) {
    this.status = s;
    this.#offset = (parse(s.at) || Date.now()) - Date.now();
    this.#name = s.title || this.#name;
    this.draw();
  }

  /** The state of the whole way from Redis to here. */
  get state() {
    return this.stream === "open" ? this.status?.redis.state ?? "connecting" : this.stream;
  }

  /** The state where rows would stand. */
  get title() {
    return STATES[this.state]?.[1] ?? this.state;
  }

  /** The state in a word or two. Redis may refuse some names and send the others' records. */
  get word() {
    const sources = this.status?.redis.sources ?? [];
    const refused = sources.filter((s) => s.refused).length;
    return this.state === "refused" && refused && refused < sources.length ? `${refused} of ${sources.length} refused` : STATES[this.state]?.[0] ?? this.state;
  }

  /** Since when there is trouble, and how long until the next try. */
  when() {
    const { redis } = this.status ?? {};
    const here = this.state === "offline";
    const since = here ? this.#since : parse(redis?.since);
    const left = Math.ceil(((here ? this.#retryAt : parse(redis?.nextTry) - this.#offset) - Date.now()) / 1000);
    return since && this.state !== "connecting" ? ` Since ${clock(since, false).slice(0, 8)}${left > 0 ? `, next try in ${left} s` : ""}.` : "";
  }

  /** What there is to say about the link beyond its word; "" when all is well. */
  trouble() {
    switch (this.state) {
      case "offline":
        return "The server does not answer.";
      case "signed-out":
        return "You are signed out here: reload the page and sign in again.";
      case "stuck":
        return "This browser may have too many tabs of this site open: close one, and the page goes on.";
    }
    const said = this.state === "live" ? "" : visible(this.status?.redis.text ?? "");
    return said && said[0].toUpperCase() + said.slice(1) + (said.endsWith(".") ? "" : ".");
  }

  draw() {
    const { state, status } = this;
    const health = status?.health ?? this.#first;
    const trouble = this.trouble();
    // For styles and tests there are fewer states than words.
    set(this.#link, state === "stuck" || state === "resting" ? "connecting" : state);
    text(/** @type {Element} */ (this.#link.lastElementChild), this.word);
    this.#link.title = (status?.redis.sources ?? []).map((s) => `${s.kind} ${visible(s.name)}`).join("\n");
    const cut = state === "offline" || state === "signed-out";
    // The verdict says it as a sentence.
    const said = health.verdict.toLowerCase().includes(trouble.toLowerCase());
    const words = (cut ? trouble : health.verdict + (said ? "" : ` ${trouble}`)) + (trouble && state !== "signed-out" ? this.when() : "");
    set(this.#verdict, cut ? "down" : health.state);
    text(this.#verdict, visible(words));
    this.#verdict.title = visible(words);
    if (status) {
      const all = rate(Object.values(status.rates).reduce((a, b) => a + b, 0));
      text(this.#rate, all);
      this.#rate.title = `${all}, mean of 10 s · ${count(status.viewers)} watching · ${count(status.history.records)} records on the server`;
    }
    this.#tab();
  }

  #tab() {
    const { level, n } = this.#hour.worst();
    const off = this.trouble() !== "" && this.state !== "connecting";
    const file = off ? "-off" : level ? `-${NAMES[level]}` : "";
    const href = this.#plain.replace(/\.svg$/, `${file}.svg`);
    if (this.#icon.href !== href) this.#icon.href = href;
    const title = (off ? `${this.word} · ` : level > WARNING ? `${count(n)} ${NAMES[level]} · ` : "") + this.#name;
    if (document.title !== title) document.title = title;
  }
}

/** @param {HTMLElement} e @param {string} state */
function set(e, state) {
  if (e.dataset.state !== state) e.dataset.state = state;
}
