import { createChangesList } from "./changes-list.js";
import { attribute, el, text } from "./dom.js";
import { sparkline } from "./error-groups.js";
import { readPatterns } from "./explore-data.js";
import { createKeyedList } from "./keyed-list.js";
import { level as levelOf } from "./levels.js";
import { count, oneLine, plural } from "./text.js";
import { filled, hiddenCount, hide, hidings, noisy, percent, shorten } from "./patterns.js";
import { timeOfDay } from "./time.js";

/** @typedef {import("./explore-data.js").Pattern} Pattern */

const INTERVAL = 5000;
/** The most patterns that are requested. Nobody reads through the rest, which are rare. */
const MAX_PATTERNS = 300;
/** MAX_WORKERS: the most workers that are named. NAME_CHARS: the most characters of a hidden pattern's name. */
const MAX_WORKERS = 3;
const NAME_CHARS = 40;
/** The most characters of a value in a pattern. */
const VALUE_CHARS = 24;

/** levelText returns the word for a level. @param {string} name */
const levelText = (name) => (name === "none" || !name ? "no level" : name);

/**
 * createPatternsView lists the patterns of the records that the filter selects, and above them what has changed.
 * @param {import("./explore.js").Desk} desk
 */
export function createPatternsView(desk) {
  const { state, ask } = desk;
  const { document } = desk.window;
  /** @type {import("./explore-data.js").Patterns} */
  let answer = readPatterns({});
  /** What is hidden, the worst level first. @type {{clause: string, level: string, name: string, count: number}[]} */
  let hidden = [];
  const changes = createChangesList(desk);

  const find = el("input", { type: "search", "aria-label": "Filter patterns", placeholder: "Filter patterns", maxlength: "200", autocomplete: "off", spellcheck: "false", input: draw });
  const denoise = el("button", { type: "button", class: "push", title: "Hide each pattern that makes more than 10 % of the records, but not its records that are worse than most of them", click: toggleNoise }, "Denoise");
  const listed = el("span");
  const names = el("p", { class: "hidden-names", role: "status" }, "Hidden: ", listed);
  const drawNames = createKeyedList(listed, (/** @type {typeof hidden[number]} */ one) => `${one.clause} ${one.level}`, makeName, MAX_PATTERNS);
  const head = el("div", { class: "pattern head", "aria-hidden": "true" }, ...["Trend", "Count", "Level", "Pattern", "Workers", "Share"].map((word) => el("span", { class: word === "Pattern" ? "text" : word.toLowerCase() }, word)));
  const list = el("ol", { class: "patterns", "aria-label": "Patterns" });
  const rows = createKeyedList(list, (/** @type {Pattern} */ one) => one.pattern, makeRow, MAX_PATTERNS);

  /** @param {Pattern} pattern */
  function makeRow({ pattern, parts, text: words, example }) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS(svg.namespaceURI, "path");
    for (const [name, value] of [["viewBox", "0 0 30 14"], ["preserveAspectRatio", "none"], ["aria-hidden", "true"]]) attribute(svg, name, value);
    svg.append(path);
    const [number, level, worse, fresh, workers, share, fill] = [el("span", { class: "count" }), el("span", { class: "level" }), el("b", { class: "worse" }), el("b", { class: "new" }, "new"), el("span", { class: "workers" }), el("span", { class: "share" }), el("i")];
    share.append(fill);
    const only = () => void desk.choose((search) => search.add(["q", `pattern:${pattern}`]), true);
    const name = el("a", { href: `?${desk.query([`pattern:${pattern}`])}`, "data-row": true, title: example, click: desk.follows(only) }, ...(parts.length ? filled(parts, example).map(({ text, varies }) => (varies ? el("mark", {}, shorten(oneLine(text), VALUE_CHARS)) : oneLine(text))) : [oneLine(words)]));
    const row = el("li", { class: "pattern" }, el("span", { class: "trend" }, svg), number, level,
      el("span", { class: "text" }, name, worse, fresh, el("span", { class: "acts" },
        el("button", { type: "button", click: only, title: "Show its records" }, "Similar"),
        el("button", { type: "button", click: () => void desk.choose((search) => search.add(["q", `-pattern:${pattern}`])), title: "Hide all its records" }, "Hide"))),
      workers, share);
    return { el: row, path, number, level, worse, fresh, workers, share, fill };
  }

  /** @param {typeof hidden[number]} one */
  function makeName({ clause, level, name }) {
    const share = el("span");
    return { share, el: el("button", { type: "button", title: "Show it again", click: () => {
      denoise.focus();
      void desk.choose((search) => search.remove(["q", clause]));
    } }, el("b", { "data-level": level }, levelText(level)), ` “${name}” `, share) };
  }

  function draw() {
    const all = hidden.reduce((sum, one) => sum + one.count, answer.records);
    const words = find.value.trim().toLowerCase();
    const shown = answer.patterns.filter((one) => !words || `${one.text} ${one.example} ${one.workers.join(" ")}`.toLowerCase().includes(words));
    const fresh = changes.fresh();
    rows(shown, (row, one) => {
      const most = one.levels[0]?.[0] ?? one.worst;
      attribute(row.el, "data-level", most || "none");
      row.worse.hidden = one.worst === most;
      attribute(row.worse, "data-level", one.worst);
      const worse = one.levels.find(([name]) => name === one.worst)?.[1] ?? 0;
      text(row.worse, one.worst === "critical" ? `${count(worse)} critical` : plural(worse, one.worst));
      attribute(row.path, "d", sparkline(one.trend));
      text(row.number, count(one.count));
      attribute(row.number, "title", `first ${timeOfDay(one.first, state.utc)}, last ${timeOfDay(one.last, state.utc)}`);
      text(row.level, levelText(most));
      row.fresh.hidden = !fresh.has(one.pattern);
      const more = Math.max(one.workerCount, one.workers.length) - MAX_WORKERS;
      text(row.workers, [...one.workers.slice(0, MAX_WORKERS), ...(more > 0 ? [`+${count(more)}`] : [])].join(" "));
      attribute(row.share, "title", percent(one.count, all));
      attribute(row.share, "aria-label", percent(one.count, all));
      attribute(row.share, "role", "img");
      row.fill.style.width = `${(100 * one.count) / Math.max(1, all)}%`;
    });
    attribute(denoise, "aria-pressed", String(hidden.length > 0));
    text(denoise, hidden.length ? `Denoise: ${plural(hidden.length, "pattern")} hidden (${percent(all - answer.records, all)})` : "Denoise");
    names.hidden = !hidden.length;
    drawNames(hidden, (row, one) => text(row.share, percent(one.count, all)));
    const { others } = answer;
    desk.say(!answer.patterns.length ? "No records match." : [`${plural(answer.records, "record")}${answer.complete ? "" : " so far: the search was cut"}.`, others.patterns ? `${plural(others.patterns, "more pattern")} with ${plural(others.records, "record")} are not listed.` : ""].join(" "));
  }

  /** toggleNoise hides the noisy patterns. If patterns are hidden, it shows them all again. */
  function toggleNoise() {
    const noise = hidden.length ? [] : noisy(answer.patterns, answer.records);
    if (!hidden.length && !noise.length) {
      desk.notice("No pattern makes more than 10 %");
      return;
    }
    void desk.choose((search) => {
      for (const { clause } of hidings(state.filter.clauses)) search.remove(["q", clause]);
      for (const one of noise) search.add(["q", hide(one)]);
    });
  }

  return {
    name: "Patterns", label: "Patterns", every: INTERVAL, bar: [find, denoise], body: [names, changes.el, head, list], find,
    async refresh() {
      const out = hidings(state.filter.clauses);
      const [all, none] = await Promise.all([
        ask("patterns", `limit=${MAX_PATTERNS}&${desk.query()}`),
        // The hidden patterns are counted with the same filter, without the clauses that hide them.
        out.length ? ask("patterns", desk.query([out.map(({ pattern }) => `pattern:${pattern}`).join(" OR ")], (clause) => !hidings([clause]).length)) : null,
        changes.refresh(),
      ]);
      answer = readPatterns(JSON.parse(all));
      const counted = none ? readPatterns(JSON.parse(none)).patterns : [];
      hidden = counted.flatMap((one) => {
        const { clause, below } = out.find(({ pattern }) => pattern === one.pattern) ?? { clause: "", below: "" };
        return clause ? [{ clause, level: one.levels[0]?.[0] ?? "", name: shorten(oneLine(one.text), NAME_CHARS), count: hiddenCount(one, below) }] : [];
      }).sort((a, b) => levelOf(b.level) - levelOf(a.level) || b.count - a.count);
      draw();
    },
  };
}
