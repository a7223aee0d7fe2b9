import { choose } from "./choose.js";
import { el, text } from "./dom.js";
import { kind, ordered, searches } from "./kinds.js";
import { Forgotten, key, ordered as byTrouble, worker } from "./roster.js";
import { heard, ordered as byRefusal, source, title } from "./sources.js";
import { andWorse, ERROR } from "./levels.js";
import { count, plural, visible } from "./text.js";
import { clock } from "./time.js";

/** @typedef {import("./types.js").Status} Status */
/** @typedef {import("./types.js").Worker} Worker */
/** @typedef {import("./types.js").Kind} Kind */

/** @typedef {import("./health.js").Page} Page */

/** So often (ms) the server is asked while somebody looks. */
const EVERY = 2000;
/** More than that nobody reads; what is wrong stands first. */
const MOST = 200;
/** With more workers than that, the wall tells only of those with trouble what there is to know. */
const CROWD = 12;

/**
 * start makes the drawer, and returns what tells it its place: "side", "wall", or "" when it is closed.
 * @param {Page} page
 */
export function start(page) {
  const forgotten = new Forgotten(localStorageOr(), `elva-forgotten ${location.pathname}`);
  /** @type {Status | null} */
  let last = null;
  let place = "";
  /** When the server last answered, by its own clock; it is not trusted for longer than two rounds. */
  let failed = 0;
  let timer = 0;
  let asking = false;

  const verdict = el("p", { class: "verdict" });
  const stale = el("p", { class: "stale", role: "status" });
  const workersTitle = el("span");
  const kindsTitle = el("span");
  const roster = el("ul", { class: "roster" });
  const kinds = el("ul", { class: "kinds" });
  const sourcesTitle = el("span");
  const sources = el("ul", { class: "sources" });
  const moreSources = el("p", { class: "more" });
  const moreWorkers = el("p", { class: "more" });
  const moreKinds = el("p", { class: "more" });
  const back = el("button", { type: "button", click: () => { forgotten.clear(); draw(); } });
  const close = el("button", { type: "button", id: "close", click: () => page.health("") }, "Close");
  const wall = el("a", { href: "#view=wall", click: (/** @type {Event} */ event) => { event.preventDefault(); page.health(place === "wall" ? "side" : "wall"); } });
  const workersSection = el("section", { "aria-label": "Workers" }, el("h2", {}, workersTitle, back), roster, moreWorkers);
  const sourcesSection = el("section", { "aria-label": "Sources", class: "listens" }, el("h2", {}, sourcesTitle), sources, moreSources);
  const panel = el("aside", { id: "health", "aria-label": "Health", hidden: true },
    el("div", { class: "bar" }, verdict, wall, close), stale,
    workersSection,
    el("section", { "aria-label": "Errors" }, el("h2", {}, kindsTitle), kinds, moreKinds),
    sourcesSection,
  );
  /** @type {Map<string, ReturnType<typeof worker>>} */
  const workerRows = new Map();
  /** @type {Map<string, ReturnType<typeof kind>>} */
  const kindRows = new Map();
  /** @type {Map<string, ReturnType<typeof source>>} */
  const sourceRows = new Map();
  const act = { only: (/** @type {Worker} */ w) => { choose(page.actions.filter, w.host ? "host" : "channel", w.host ?? w.channel, true); page.actions.refilter(); page.uncover(); }, forget: (/** @type {Worker} */ w) => { forgotten.add(w); draw(); close.focus(); } };

  /** So the rows stay the same elements: the focus and a pointer stay where they are. @template T @param {HTMLElement} list @param {Map<string, {el: HTMLElement}>} rows @param {string[]} keys */
  function arrange(list, rows, keys) {
    const wanted = new Set(keys);
    for (const [k, row] of rows) {
      if (wanted.has(k)) continue;
      row.el.remove();
      rows.delete(k);
    }
    keys.forEach((k, i) => {
      const e = /** @type {{el: HTMLElement}} */ (rows.get(k)).el;
      if (list.children[i] !== e) list.insertBefore(e, list.children[i] ?? null);
    });
  }

  function draw() {
    if (!last) return;
    const s = last;
    const now = page.head.now();
    const utc = page.view.utc;
    const why = failed ? "not known: no answer" : heard(s.redis) ? "" : "not known: Redis is not heard";
    text(stale, failed ? `No answer from the server since ${clock(failed, utc).slice(0, 8)}.` : "");
    text(verdict, visible(s.health.verdict));
    verdict.dataset.state = failed ? "unknown" : s.health.state;
    const all = s.workers ?? [];
    const shown = byTrouble(all.filter((w) => !forgotten.has(w)));
    panel.classList.toggle("crowd", shown.length > CROWD);
    const silent = s.summary?.silent ?? 0;
    text(workersTitle, `${plural(s.summary?.workers ?? 0, "worker")}${silent ? `, ${count(silent)} silent` : ""}`);
    back.hidden = shown.length === all.length;
    text(back, `${all.length - shown.length} forgotten: show`);
    for (const w of shown.slice(0, MOST)) {
      const k = key(w);
      if (!workerRows.has(k)) workerRows.set(k, worker(act));
      workerRows.get(k)?.draw(w, now, utc, why);
    }
    arrange(roster, workerRows, shown.slice(0, MOST).map(key));
    const records = s.summary?.otherRecords ?? 0;
    text(moreWorkers, [all.length ? "" : "Nobody was heard yet.", shown.length > MOST ? `And ${plural(shown.length - MOST, "other")}.` : "", records ? `And others, with ${plural(records, "record")}: the roster is full.` : ""].join(" ").trim());

    const from = byRefusal(s.redis.sources ?? []);
    const nameOf = (/** @type {import("./types.js").Source} */ x) => JSON.stringify([x.kind, x.name]);
    text(sourcesTitle, title(from));
    for (const one of from.slice(0, MOST)) {
      if (!sourceRows.has(nameOf(one))) sourceRows.set(nameOf(one), source());
      sourceRows.get(nameOf(one))?.draw(one, s.redis, now, utc);
    }
    arrange(sources, sourceRows, from.slice(0, MOST).map(nameOf));
    text(moreSources, from.length > MOST ? `And ${plural(from.length - MOST, "other")}.` : "");
    // What is refused stands before all else, since it hides workers and errors.
    const first = from[0]?.refused ? workersSection : null;
    if (sourcesSection.nextElementSibling !== first) panel.insertBefore(sourcesSection, first);

    const list = ordered(s.kinds ?? []);
    const fresh = s.summary?.newKinds ?? 0;
    text(kindsTitle, `${plural(list.length, "kind")} of error${fresh ? `, ${count(fresh)} new` : ""}`);
    const id = (/** @type {Kind} */ k) => JSON.stringify([k.title, k.logger, k.firstSeen]);
    for (const k of list.slice(0, MOST)) {
      if (!kindRows.has(id(k))) kindRows.set(id(k), kind((chosen) => showKind(page, chosen, last?.epoch ?? "")));
      kindRows.get(id(k))?.draw(k, now, utc, s.summary?.workers ?? 0);
    }
    arrange(kinds, kindRows, list.slice(0, MOST).map(id));
    const others = s.summary?.otherErrors ?? 0;
    text(moreKinds, [list.length ? "" : "No errors since the start.", list.length > MOST ? `And ${plural(list.length - MOST, "other")}.` : "", others ? `And ${plural(others, "error")} of other kinds.` : ""].join(" ").trim());
  }

  /** ask asks once, draws, and comes again while somebody looks. */
  async function ask() {
    clearTimeout(timer);
    if (asking || place === "" || document.hidden) return;
    asking = true;
    try {
      // Without its stream the page knows that nobody answers, and asking would only fill the console.
      if (["offline", "signed-out"].includes(page.head.stream)) throw new Error("no answer");
      const answer = await fetch("?health=document", { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(4 * EVERY) });
      const s = /** @type {Status} */ (await answer.json());
      if (!s.health || !s.redis) throw new Error("not the document");
      last = s;
      forgotten.trim(s.workers ?? []);
      failed = 0;
      page.told(s);
    } catch {
      failed ||= page.head.now();
      if (!last) text(stale, "The server does not answer.");
    }
    asking = false;
    draw();
    if (place !== "" && !document.hidden) timer = window.setTimeout(ask, EVERY);
  }
  document.addEventListener("visibilitychange", ask);

  document.querySelector("main")?.append(panel);

  /** @param {string} to @param {boolean} quiet */
  return (to, quiet) => {
    const inside = panel.contains(document.activeElement);
    const opens = place === "" && to !== "";
    place = to;
    panel.hidden = to === "";
    text(wall, to === "wall" ? "Table" : "Wall");
    wall.title = to === "wall" ? "Back to the table (Esc)" : "For a screen on a wall";
    if (opens && !quiet) close.focus();
    else if (to === "" && inside) (page.button.offsetParent ? page.button : page.log).focus();
    void ask();
  };
}

/**
 * showKind shows a kind's records and goes to the newest. Its title is not all in each record: what is searched for is
 * the most telling part of it that the newest record has.
 * @param {Page} page
 * @param {Kind} k
 * @param {string} epoch
 */
function showKind({ filter, list, query, refilter, say, scanning, store, uncover, view }, k, epoch) {
  const ord = store.find(`${epoch}-${k.lastSeq}`);
  const texts = searches(k.title);
  filter.clear();
  filter.levels = andWorse(ERROR);
  filter.regex = false;
  // Without a record to try it on, the second is the one without what varies.
  for (filter.text of ord < 0 ? [texts[1] ?? texts[0]] : [...texts, ""]) {
    refilter();
    if (ord < 0 || view.test.shows(ord)) break;
  }
  query.value = filter.text;
  uncover();
  if (ord < 0) {
    say("Its newest record has left memory");
    return;
  }
  const go = () => {
    if (scanning()) {
      requestAnimationFrame(go);
      return;
    }
    list.leave();
    list.activate(ord, false);
    list.into(ord, true);
    list.toggle(ord, true);
  };
  go();
}

/** Where it is forbidden, even naming it throws. */
function localStorageOr() {
  try {
    return localStorage;
  } catch {
    return { getItem: () => null, setItem() {} };
  }
}
