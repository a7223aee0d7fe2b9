import { attribute, el, put, text } from "./dom.js";
import { isCut, linkTrouble } from "./link-state.js";
import { timeOfDay } from "./time.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./wire.js").Cause} Cause */
/** A part of the summary. A name has the filter that shows its records. @typedef {{text: string, filter?: string}} Part */

const DAY = 86_400;

/** @param {string} clock */
const seconds = (clock) => clock.split(":").reduce((sum, n) => sum * 60 + Number(n), 0);

/**
 * inZone returns a cause's sentence with its times in the reader's time zone. The server writes them in its own, which the
 * start of the cause reveals.
 * @param {Cause} cause
 * @param {boolean} utc
 */
export function inZone({ text, since }, utc) {
  const written = / since (\d\d:\d\d:\d\d)/.exec(text)?.[1];
  const here = timeOfDay(since, utc);
  if (!written || !here) return text;
  const shift = seconds(here) - seconds(written) + 2 * DAY;
  return text.replace(/(?<=[ (](?:since|expected by) )\d\d:\d\d:\d\d/g, (clock) => new Date(((seconds(clock) + shift) % DAY) * 1000).toISOString().slice(11, 19));
}

/**
 * causeParts splits a cause's sentence into names and the words between them.
 * @param {Cause} cause
 * @param {boolean} utc
 */
function causeParts(cause, utc) {
  const sentence = inZone(cause, utc);
  if (!cause.filter) return [{ text: sentence }];
  const names = [cause.worker, cause.group, cause.service].filter((name) => name && sentence.includes(name));
  // A cause without a name is a link that ends before its figures.
  const name = names[0] ?? sentence.split(/[(:,.]/, 1)[0].trim();
  const at = sentence.indexOf(name);
  return [{ text: sentence.slice(0, at) }, { text: name, filter: cause.filter }, { text: sentence.slice(at + name.length) }];
}

/**
 * summaryParts returns the server's summary, extended by a problem with the link.
 * @param {State} state
 * @param {string} first the summary in the HTML, used until the first status
 * @returns {Part[]}
 */
export function summaryParts(state, first) {
  const { problem, when } = linkTrouble(state);
  if (isCut(state)) return [{ text: problem + when }];
  const { summary, causes } = state.status?.health ?? { summary: first, causes: [] };
  /** @type {Part[]} */
  const parts = [];
  let rest = summary;
  let said = problem === "";
  for (const cause of causes) {
    const at = cause.text ? rest.indexOf(cause.text) : -1;
    if (at < 0) continue;
    parts.push({ text: rest.slice(0, at) });
    rest = rest.slice(at + cause.text.length);
    if (cause.kind === "redis" && problem) {
      // The page says the same, with the time of Elva's next attempt.
      parts.push({ text: problem + when });
      said = true;
    } else parts.push(...causeParts(cause, state.utc));
  }
  // The server says since when in the time zone of its host.
  if (!said && rest.startsWith(problem)) rest = problem + when + rest.slice(problem.length).replace(/^ Since [^.]*\./, "");
  else if (!said && rest.toLowerCase().includes(problem.toLowerCase())) rest += when;
  else if (!said) rest += ` ${problem}${when}`;
  parts.push({ text: rest });
  return parts.filter((part) => part.text);
}

/** The words for the states. */
const LABELS = new Map([["ok", "OK"], ["degraded", "Degraded"], ["down", "Down"]]);

/**
 * createSummary draws the summary in the header: the state and one sentence, in which names are links.
 * @param {State} state
 * @param {import("./page.js").Page} page
 * @param {(filter: string) => void} choose applies the filter of a name
 */
export function createSummary(state, { summary, state: label, sentence }, choose) {
  const first = { text: sentence.textContent ?? "", state: summary.dataset.state ?? "" };
  let drawn = "";

  /** @param {Part} part */
  function node({ text: words, filter }) {
    if (!filter) return words;
    return el("a", { href: `?${filter}`, title: "Show its records", click: (/** @type {MouseEvent} */ event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      choose(filter);
    } }, words);
  }

  return {
    /** draw updates the summary, which may contain a countdown. */
    draw() {
      const now = isCut(state) ? "down" : state.status?.health.state ?? first.state;
      attribute(summary, "data-state", now);
      text(/** @type {Element} */ (label.lastElementChild), LABELS.get(now) ?? "Unknown");
      const parts = summaryParts(state, first.text);
      const shape = JSON.stringify(parts);
      if (shape === drawn || sentence.contains(sentence.ownerDocument.activeElement)) return; // a link keeps its focus
      drawn = shape;
      sentence.replaceChildren();
      put(sentence, ...parts.map(node));
      attribute(sentence, "title", parts.map((part) => part.text).join(""));
    },
  };
}
