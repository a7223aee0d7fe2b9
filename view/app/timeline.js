import { attribute, el, put, text } from "./dom.js";
import { addRecord, barPaths, countOf, countText, HEIGHT, readHistogram, total, WIDTH } from "./histogram.js";
import { GAP, NAMES } from "./levels.js";
import { serverTime } from "./link-state.js";
import { marksOf, merged } from "./marks.js";
import { count, plural } from "./text.js";
import { iso } from "./time.js";
import { bound, moved, rangeOf, rangeText, SPANS, ticks } from "./time-range.js";

/** @typedef {import("./histogram.js").Buckets} Buckets */
/** @typedef {import("./time-range.js").TimeRange} TimeRange */
/** @typedef {{from: number, to: number}} Selection a range that the filter selects */
/** The records of a range by level that match, and all of them, which is null if the filter selects all, each with the number of the newest record that was counted. @typedef {{own: {buckets: Buckets, seq: number}, all: {buckets: Buckets, seq: number} | null}} Count */
/** @typedef {ReturnType<typeof createTimeline>} Timeline */

/**
 * Intervals (ms). NEWEST: the server counts the newest bars this often while the page does not have all records itself. ALL: it
 * counts all bars this often in any case. SETTLED: it counts this long after the reader has stopped typing. A host may log its
 * requests to Elva, so a page with more frequent requests would feed itself.
 */
const NEWEST = 2000;
const ALL = 60_000;
const SETTLED = 250;
/** The pointer rests over a bar when it has not left it for this long (ms). */
const RESTS = 100;
/** An edge of the selection can be dragged within this many pixels. */
const EDGE = 7;
/** A press that moves fewer pixels is a click. */
const CLICK = 4;
/** MARKS: the age (ms) at which the marks are requested again. MARK_WIDTH: the least distance (px) of marks that a finger can hit. */
const MARKS = 30_000;
const MARK_WIDTH = 24;
/** The width (px) of a label of the axis. One that does not fit before the right end is left out. */
const LABEL_WIDTH = 38;
const SVG = "http://www.w3.org/2000/svg";

/**
 * createTimeline draws the matching records over time as bars by level, with all records behind them. The reader can choose a range,
 * which becomes a part of the filter.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 * @param {Window & typeof globalThis} window
 * @param {object} needs
 * @param {import("./record-table.js").RecordTable} needs.table
 * @param {(from: string, to: string) => void} needs.choose sets the filter's range; "" means no bound
 * @param {(ms: number) => void} needs.goToTime
 * @param {() => Promise<import("./wire.js").Status | null>} needs.askHealth
 * @param {(pushes: boolean) => void} needs.write writes the address
 * @param {() => boolean} needs.isLive whether the table shows the stream's records, selected by the current filter
 */
export function createTimeline(state, { timeline }, window, { table, choose, goToTime, askHealth, isLive, write }) {
  const { store, filter } = state;
  /** span returns the span that the reader has chosen. Otherwise it is an hour, and 15 minutes while the memory is younger than that. */
  const span = () => {
    const isYoung = serverTime(state) - (state.status?.history.oldest ?? NaN) < SPANS[0][2];
    return SPANS.find(([, name]) => name === state.span) ?? SPANS[isYoung ? 0 : 1];
  };
  const spanLength = () => span()[2];
  /** @type {TimeRange} */
  let range = rangeOf(spanLength(), serverTime(state), NaN);
  /** @type {Buckets} */
  let matched = new Map();
  /** All records; null while the filter selects all. @type {Buckets | null} */
  let whole = null;
  /** The filter, the step and the epoch of the server for which the buckets were counted. */
  let key = "";
  let countedAll = -Infinity;
  /** The server has counted the matching records and all records up to these numbers. The page counts later ones, from the ordinal next on. */
  let matchedSeq = NaN;
  let wholeSeq = NaN;
  let next = 0;
  /** The number of the newest record in the previous status, which the page should have received by now. */
  let expected = 0;
  let counted = -Infinity;
  /** The status document with the marks. It may have arrived before this file. @type {import("./wire.js").Status | null} */
  let document = null;
  /** @type {import("./marks.js").Mark[]} */
  let marks = [];
  let asked = -Infinity;
  /** @type {AbortController | null} */
  let running = null;
  let timer = 0;
  /** The current drag: the part that it moves, where it began, and the selection before and now. @type {{part: "new" | "from" | "to" | "all", x: number, at: number, was: Selection, now: Selection, moved: boolean} | null} */
  let drag = null;
  /** The bar under the pointer, or NaN. */
  let pointed = NaN;
  let resting = 0;
  /** The counts of the chosen range and of the bar under the pointer. They are counted alone, since old bars are up to a minute old. A second count of the chosen range waits until its rows are here, too. @type {Map<string, Count[]>} */
  const exact = new Map();
  /** The store's end when the chosen range was drawn. */
  let drawn = 0;

  const svg = window.document.createElementNS(SVG, "svg");
  const paths = ["ghost", ...NAMES.slice(0, GAP)].map((name) => {
    const path = window.document.createElementNS(SVG, "path");
    attribute(path, "data-level", name);
    svg.append(path);
    return path;
  });
  for (const [name, value] of [["preserveAspectRatio", "none"], ["aria-hidden", "true"]]) attribute(svg, name, value);
  const brush = el("div", { class: "brush", hidden: true }, el("b"));
  const seen = el("div", { class: "seen", hidden: true });
  const bars = el("div", { class: "bars", role: "slider", tabindex: "0", "aria-label": "Records over time", "aria-valuemin": "0", "aria-valuenow": "0" }, svg, seen, brush);
  const labels = el("div", { class: "times", "aria-hidden": "true" });
  const strip = el("div", { class: "marks", role: "group", "aria-label": "What happened" });
  const spans = el("select", { "aria-label": "Time span", change: () => {
    state.span = spans.value;
    write(true);
    void refresh();
  } }, ...SPANS.map(([words, value]) => el("option", { value }, words)));
  const tip = el("output", { class: "tip", hidden: true });
  [, spans.value] = span();
  put(timeline, bars, el("div", { class: "axis" }, labels, strip), spans, tip);

  /** params returns the filter without its range. */
  const params = () => filter.params().filter(([name]) => name !== "from" && name !== "to" && (name !== "q" || !filter.highlight));

  /** wanted returns the key for which the buckets should be counted. */
  const wanted = () => JSON.stringify([spanLength(), range.step, params(), state.status?.epoch]);

  /** @param {[string, string][]} clauses @param {AbortSignal} [signal] */
  async function ask(clauses, signal) {
    const query = new URLSearchParams([["step", `${range.step / 1000}s`], ...clauses]);
    const answer = await window.fetch(`?histogram&${query}`, { signal, credentials: "same-origin", cache: "no-store" });
    return answer.ok ? readHistogram(await answer.text()) : null;
  }

  /** refresh requests the counts, only of the newest bars if the others are known. @param {boolean} [everything] */
  async function refresh(everything = false) {
    running?.abort();
    if (state.search.error) return; // the bars stay as they are
    const own = (running = new AbortController());
    const now = window.performance.now();
    [, spans.value] = span();
    range = rangeOf(spanLength(), serverTime(state), state.status?.history.oldest ?? NaN);
    const clauses = params();
    const newKey = wanted();
    const isWhole = everything || newKey !== key || now - countedAll > ALL || !spanLength();
    // Late records belong to the bar before the newest one.
    const from = isWhole ? range.from : Math.max(range.from, range.to - 2 * range.step);
    const since = /** @type {[string, string]} */ (["from", iso(from, true)]);
    const { end } = store;
    try {
      const [some, all] = await Promise.all([ask([since, ...clauses], own.signal), clauses.length ? ask([since], own.signal) : null]);
      if (own !== running) return;
      counted = window.performance.now();
      if (!some) return; // the filter is invalid or the search ended early: the bars stay as they are
      matched = isWhole ? some.buckets : joined(matched, some.buckets, from);
      whole = all && (isWhole || !whole ? all.buckets : joined(whole, all.buckets, from));
      [matchedSeq, wholeSeq, next] = [some.seq, all?.seq ?? NaN, end];
      if (isWhole) [key, countedAll] = [newKey, counted];
      draw();
    } catch {
      // The server is unreachable, which the page shows elsewhere, or another request has begun.
    } finally {
      if (own === running) running = null;
    }
  }

  /** nameOf returns the key of a range's exact count. @param {[string, string][]} ends */
  const nameOf = (ends) => JSON.stringify([ends, wanted()]);

  /** chosenEnds returns the chosen range as parameters. @returns {[string, string][]} */
  const chosenEnds = () => filter.params().filter(([name]) => name === "from" || name === "to");

  /** endsOf returns a bar as parameters. @param {number} at @returns {[string, string][]} */
  const endsOf = (at) => [["from", endText(at)], ["to", endText(at + range.step)]];

  /** countExactly requests the counts of what the reader looks at. */
  async function countExactly() {
    if (state.search.error) return;
    const looked = [chosenEnds(), isNaN(pointed) ? [] : endsOf(pointed)].filter((ends) => ends.length);
    const names = looked.map(nameOf);
    for (const name of exact.keys()) if (!names.includes(name)) exact.delete(name);
    const clauses = params();
    await Promise.all(looked.map(async (ends, i) => {
      try {
        const [own, all] = await Promise.all([ask([...clauses, ...ends]), clauses.length ? ask(ends) : null]);
        if (!own) return;
        const isChosen = names[i] === nameOf(chosenEnds());
        exact.set(names[i], [...(isChosen ? exact.get(names[i])?.slice(0, 1) ?? [] : []), { own, all }]);
      } catch {
        // The server is unreachable, which the page shows elsewhere. The bars have the last counts.
      }
    }));
    drawSelection();
  }

  /**
   * countIn returns the matching records between two times by level, and all of them, or null if the filter selects all. If the range
   * was counted alone, the result includes the records that the page has received since.
   * @param {[string, string][]} ends @param {number} from @param {number} to
   * @returns {[own: number[], all: number[] | null]}
   */
  function countIn(ends, from, to) {
    const alone = exact.get(nameOf(ends));
    if (!alone) return [countOf(matched, from, to), whole && countOf(whole, from, to)];
    if (alone[1]?.own.seq <= lastSeq()) alone.shift();
    const [{ own, all }] = alone;
    const sums = [own, all].map((count) => countOf(count?.buckets ?? new Map(), -Infinity, Infinity));
    for (let ord = store.end - 1; ord >= store.first; ord--) {
      const i = ord % store.capacity;
      if (store.seq[i] <= Math.min(own.seq, all?.seq ?? Infinity)) break;
      if (store.level[i] === GAP || !(store.time[i] >= from && store.time[i] < to)) continue;
      if (store.seq[i] > own.seq && (!all || state.shown.has(ord))) sums[0][store.level[i]]++;
      if (all && store.seq[i] > all.seq) sums[1][store.level[i]]++;
    }
    return [sums[0], all && sums[1]];
  }

  /** lastSeq returns the number of the newest record that the page has. */
  function lastSeq() {
    for (let ord = store.end - 1; ord >= store.first; ord--) {
      const seq = store.seq[ord % store.capacity];
      if (!isNaN(seq)) return seq;
    }
    return 0;
  }

  /** add counts the records that have arrived since the server counted. */
  function add() {
    for (next = Math.max(next, store.first); next < store.end; next++) {
      const i = next % store.capacity;
      if (store.level[i] === GAP) continue;
      if (store.seq[i] > matchedSeq && (!whole || state.shown.has(next))) addRecord(matched, store.time[i], range.step, store.level[i]);
      if (whole && store.seq[i] > wholeSeq) addRecord(whole, store.time[i], range.step, store.level[i]);
    }
    const newRange = rangeOf(spanLength(), serverTime(state), state.status?.history.oldest ?? NaN);
    if (newRange.step === range.step) range = newRange;
    draw();
  }

  /** canAdd reports whether the page has all new records and knows which of them match. It does not with a range, which hides records. */
  function canAdd() {
    const isComplete = isLive() && lastSeq() >= expected && store.first <= next;
    return isComplete && !isNaN(matchedSeq) && !state.settings.collapsed && !filter.from && !filter.to && wanted() === key;
  }

  /** joined replaces the buckets from a time on with newer ones. @param {Buckets} old @param {Buckets} fresh @param {number} from */
  const joined = (old, fresh, from) => new Map([...[...old].filter(([at]) => at >= range.from && at < from), ...fresh]);

  /** selection returns the chosen range, or null. @returns {Selection | null} */
  function selection() {
    if (drag && (drag.moved || drag.part !== "new")) return drag.now;
    if (!filter.from && !filter.to) return null;
    const [from, to] = [filter.from, filter.to].map((end) => bound(end, serverTime(state)));
    return { from: isNaN(from) ? range.from : from, to: isNaN(to) ? range.to : to };
  }

  /** percent returns the horizontal position of a time. @param {number} at */
  const percent = (at) => ((Math.min(Math.max(at, range.from), range.to) - range.from) / (range.to - range.from)) * 100;

  /** place puts an element over a range of time. @param {HTMLElement} e @param {number} from @param {number} to */
  function place(e, from, to) {
    e.hidden = to < range.from || from > range.to;
    e.style.left = `${percent(from)}%`;
    e.style.width = `${percent(to) - percent(from)}%`;
  }

  /** countsText returns the numbers of matching and of all records between two times. @param {[string, string][]} ends @param {number} from @param {number} to */
  function countsText(ends, from, to) {
    const [own, all] = countIn(ends, from, to);
    const some = countText(own) || (to <= startOf() ? "before Elva's start" : "no records");
    return all ? `${some}; ${count(total(own))} of ${count(total(all))} match` : some;
  }

  /** startOf returns when the server started. */
  const startOf = () => (state.status ? state.status.at - state.status.uptime * 1000 : 0);

  function draw() {
    const { paths: lines, ghost } = barPaths(range, matched, whole);
    attribute(svg, "viewBox", `0 0 ${((range.to - range.from) / range.step) * WIDTH} ${HEIGHT}`);
    for (const path of paths) attribute(path, "d", path.dataset.level === "ghost" ? ghost : lines[NAMES.indexOf(path.dataset.level ?? "")]);
    const width = bars.getBoundingClientRect().width || Infinity;
    const fits = (/** @type {number} */ at) => width * (1 - percent(at) / 100) > LABEL_WIDTH;
    labels.replaceChildren(...ticks(range, state.utc).filter(([at]) => fits(at)).map(([at, words]) => {
      const label = el("span", {}, words);
      label.style.left = `${percent(at)}%`;
      return label;
    }));
    drawSelection();
    drawMarks();
  }

  function drawSelection() {
    const chosen = selection();
    brush.hidden = !chosen;
    const at = chosen ?? { from: range.to - range.step, to: range.to };
    const ends = drag ? [] : chosenEnds();
    const words = `${rangeText(at.from, at.to, state.utc)}: ${countsText(ends, at.from, at.to)}`;
    if (chosen) {
      place(brush, chosen.from, chosen.to);
      text(/** @type {Element} */ (brush.firstElementChild), `${rangeText(chosen.from, chosen.to, state.utc)} · ${plural(total(countIn(ends, chosen.from, chosen.to)[0]), "record")}`);
      brush.classList.toggle("right", percent(chosen.from) > 70);
    }
    attribute(bars, "aria-valuemax", String(Math.round((range.to - range.from) / range.step) - 1));
    attribute(bars, "aria-valuenow", String(Math.round((Math.min(Math.max(at.from, range.from), range.to - range.step) - range.from) / range.step)));
    attribute(bars, "aria-valuetext", chosen ? words : `nothing chosen; newest ${words}`);
    tip.hidden = isNaN(pointed) || Boolean(drag?.moved);
    if (!tip.hidden) text(tip, `${rangeText(pointed, pointed + range.step, state.utc)}: ${countsText(endsOf(pointed), pointed, pointed + range.step)}`);
  }

  function drawMarks() {
    const width = (bars.getBoundingClientRect().width || 1000) / MARK_WIDTH;
    const shown = merged(marks.filter(({ at }) => at >= range.from && at < range.to), (range.to - range.from) / width);
    if (strip.contains(window.document.activeElement)) return; // a mark keeps its focus
    strip.replaceChildren(...shown.map(({ at, to, kind, text: words }) => {
      const button = el("button", { type: "button", "data-kind": kind, "aria-label": words, title: words, click: () => goToTime(at) });
      place(button, at, Math.max(at, isNaN(to) ? range.to : to));
      return button;
    }));
  }

  /** timeAt returns the start of the bar at a position, which may be outside the timeline. @param {MouseEvent} event */
  function timeAt({ clientX }) {
    const box = bars.getBoundingClientRect();
    return range.from + Math.floor(((clientX - box.left) / box.width) * ((range.to - range.from) / range.step)) * range.step;
  }

  /** partAt returns the part of the selection that a press at a position would drag. @param {MouseEvent} event */
  function partAt({ clientX }) {
    const chosen = selection();
    if (!chosen) return "new";
    const { left, width } = bars.getBoundingClientRect();
    const x = (/** @type {number} */ at) => left + (percent(at) / 100) * width;
    const [from, to] = [x(chosen.from), x(chosen.to)];
    if (Math.abs(clientX - to) < EDGE) return "to";
    if (Math.abs(clientX - from) < EDGE) return "from";
    return clientX > from && clientX < to ? "all" : "new";
  }

  /** apply makes a selection a part of the filter. @param {Selection | null} chosen */
  function apply(chosen) {
    drag = null;
    const ends = chosen ? [chosen.from, chosen.to].map(endText) : ["", ""];
    choose(ends[0], ends[1]);
    drawSelection();
  }

  bars.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const at = timeAt(event);
    const one = { from: at, to: at + range.step };
    const part = partAt(event);
    drag = { part, x: event.clientX, at, was: selection() ?? one, now: selection() ?? one, moved: false };
    if (part === "new") drag.was = drag.now = one;
    bars.setPointerCapture?.(event.pointerId);
  });
  bars.addEventListener("pointermove", (event) => {
    const was = pointed;
    pointed = Math.min(Math.max(timeAt(event), range.from), range.to - range.step);
    if (pointed !== was) {
      clearTimeout(resting);
      resting = setTimeout(() => void countExactly(), RESTS);
    }
    const grip = drag?.part ?? partAt(event);
    bars.dataset.grip = grip;
    if (drag) {
      drag.moved ||= Math.abs(event.clientX - drag.x) >= CLICK;
      const by = Math.round((timeAt(event) - drag.at) / range.step);
      // A new selection grows from its first bar in either direction.
      if (drag.moved) drag.now = drag.part === "new" ? moved(by < 0 ? "from" : "to", drag.was, by, range) : moved(drag.part, drag.was, by, range);
    }
    drawSelection();
  });
  bars.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const at = timeAt(event);
    apply(drag.moved ? drag.now : { from: at, to: at + range.step });
  });
  for (const type of ["pointercancel", "lostpointercapture"]) bars.addEventListener(type, () => {
    drag = null;
    drawSelection();
  });
  bars.addEventListener("pointerleave", () => {
    pointed = NaN;
    clearTimeout(resting);
    drawSelection();
  });
  bars.addEventListener("dblclick", () => apply(null));
  bars.addEventListener("keydown", (event) => {
    const { key: name, shiftKey } = event;
    if (name === "Escape") {
      if (drag) drag = null;
      else if (selection()) apply(null);
      drawSelection();
    } else {
      const by = STEPS.get(name);
      if (!by) return;
      const was = selection();
      const newest = { from: range.to - range.step, to: range.to };
      apply(was ? moved(shiftKey ? "to" : "all", was, by, range) : Math.abs(by) > 1 && by < 0 ? { from: range.from, to: range.from + range.step } : newest);
    }
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    /** tick counts new records. It is called with each status. */
    tick() {
      if (window.document.hidden) return;
      const now = window.performance.now();
      if (!running && now - countedAll < ALL && canAdd()) add();
      else if (!running && now - counted >= NEWEST) void refresh();
      if (!isNaN(pointed) || chosenEnds().length) void countExactly();
      expected = state.status?.history.lastSeq ?? 0;
      if (state.document !== document) {
        ({ document } = state);
        marks = document ? marksOf(document, state.utc) : [];
        drawMarks();
      }
      if (!document || serverTime(state) - document.at < MARKS || now - asked < MARKS) return;
      asked = now;
      void askHealth();
    },
    /** refilter counts again for a changed filter. */
    refilter() {
      [, spans.value] = span();
      range = rangeOf(spanLength(), serverTime(state), state.status?.history.oldest ?? NaN);
      drawSelection();
      clearTimeout(timer);
      if (wanted() === key && !chosenEnds().length) return;
      timer = setTimeout(() => {
        if (wanted() !== key) void refresh();
        void countExactly();
      }, SETTLED);
    },
    draw,
    /** drawSeen marks the visible rows. */
    drawSeen() {
      if (store.end !== drawn && chosenEnds().length) drawSelection();
      drawn = store.end;
      const ords = table.seen();
      const [from, to] = (ords ?? []).map((ord) => store.time[ord % store.capacity]);
      const shape = ords ? `${from} ${to} ${range.from}` : "";
      if (shape === seen.dataset.at) return;
      seen.dataset.at = shape;
      if (ords) place(seen, Math.min(from, to), Math.max(from, to));
      else seen.hidden = true;
    },
  };
}

/** endText returns an end of a range as an address has it. @param {number} at */
const endText = (at) => iso(at, true).replace(".000Z", "Z");

/** The number of bars by which each key moves the selection. */
const STEPS = new Map([["ArrowLeft", -1], ["ArrowDown", -1], ["ArrowRight", 1], ["ArrowUp", 1], ["Home", -10_000], ["End", 10_000]]);
