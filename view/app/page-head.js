import { attribute, text } from "./dom.js";
import { ERROR, NAMES, WARNING } from "./levels.js";
import { linkState, linkTrouble, linkWord } from "./link-state.js";
import { count, plural, rate, visible } from "./text.js";

/** @typedef {import("./state.js").State} State */

/**
 * createPageHead draws the top of the page: the state of the link, the rate of records, and the tab's title and icon.
 * @param {State} state
 * @param {import("./page.js").Page} page
 * @param {{title: string}} document
 */
export function createPageHead(state, { link, rate: rateElement, icon }, document) {
  const plainIcon = icon.href;
  const firstTitle = document.title;

  function draw() {
    const { status } = state;
    const now = linkState(state);
    // Styles need fewer states than the text has.
    attribute(link, "data-state", now === "stuck" || now === "background" || now === "polling" ? "connecting" : now);
    text(/** @type {Element} */ (link.lastElementChild), linkWord(state));
    attribute(link, "title", (status?.redis.sources ?? []).map((s) => `${s.kind} ${s.name}`).join("\n"));
    if (status) {
      text(rateElement, rate(status.rate));
      attribute(rateElement, "title", `${rate(status.rate)} (10 s average) · ${count(status.viewers)} viewing · ${count(status.history.records)} records on the server`);
    }
    drawTab(now);
  }

  /** @param {string} now */
  function drawTab(now) {
    const { level, n } = state.lastHour?.worst() ?? { level: 0, n: 0 };
    const off = linkTrouble(state).problem !== "" && now !== "connecting" && now !== "polling";
    const health = state.status?.health.state ?? "";
    const trouble = health === "down" ? "Down" : health === "degraded" ? "Degraded" : "";
    const worst = Math.max(level, health === "down" ? ERROR : trouble ? WARNING : 0);
    const file = off ? "-off" : worst ? `-${NAMES[worst]}` : "";
    const href = plainIcon.replace(/\.svg$/, `${file}.svg`);
    if (icon.href !== href) icon.href = href;
    const title = visible((off ? `${linkWord(state)} · ` : (trouble && `${trouble} · `) + (level > WARNING ? `${level === ERROR ? plural(n, "error") : `${count(n)} critical`} · ` : "")) + (state.status?.title || firstTitle));
    if (document.title !== title) document.title = title;
  }

  return { draw };
}
