import { attribute } from "./dom.js";
import { RowLayout } from "./row-layout.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./record-list.js").RecordList} RecordList */
/** @typedef {"time" | "millis" | "level" | "worker" | "logger" | "repeats" | "message" | "ids" | "hint" | "source"} Cell a part of a row that is written */
/** @typedef {Record<Cell, Element> & {el: HTMLElement, dot: HTMLElement, pins: HTMLElement[], rest: string, ord: number, y: number}} Row rest is the text after the message */
/** @typedef {{el: HTMLElement, extra: number, n: number}} Detail an open row's detail, how high it is, and the row's number, -1 for none */
/** @typedef {ReturnType<typeof createRecordTable>} RecordTable */

/** Rows kept above and below the visible ones, so that fast scrolling shows no holes. */
const OVERSCAN = 8;
/** The most pixels of an empty zone. Firefox lays out elements higher than 17.9 million pixels with height 0. */
const BLANK = 4_000_000;
/** The most pixels for records that are not loaded. Those that are loaded take up to 2.4 million. */
const ABSENT = 12_000_000;
/** The empty zone is corrected when it is wrong by more rows than this; while the reader scrolls, by far more, since that ends a smooth scroll. */
const SLACK = 10;
const SCROLLING_SLACK = 2000;
/** How long (ms) after a wheel, touch or press a scroll event counts as the reader's own. */
const INTENT = 600;
/** The scrollbar counts as dragged if it is at least this many rows away from the loaded ones: nearer ones are loaded in time. */
const JUMP = 2500;
/** Who scrolls to the end reaches it if it was there up to this long (ms) ago: it moves with each new row. */
const AIM = 300;
/** The most open rows; opening another closes the oldest. */
const MAX_OPEN = 50;

/**
 * createRecordTable shows the revealed records. It keeps only visible rows in the document and never moves a row under the
 * reader.
 * @param {State} state
 * @param {import("./page.js").Page} page
 * @param {(row: Row, ord: number) => void} fill writes a record into a row
 * @param {(ord: number) => HTMLElement | undefined} makeDetail creates the detail of an open row
 * @param {() => void} moved is called when the visible rows may have changed
 */
export function createRecordTable(state, { log: scroller, rows: body, row: template }, fill, makeDetail, moved) {
  const layout = new RowLayout(state);
  /** Rows in the document by ordinal. @type {Map<number, Row>} */
  const rows = new Map();
  /** @type {Row[]} */
  const spare = [];
  let headHeight = 0;
  let scrollTop = 0;
  let total = -1;
  /** Where the last row ends. */
  let bottom = 0;
  let firstSlot = 0;
  let endSlot = 0;
  let intent = -Infinity;
  let dragged = -Infinity;
  /** Recent scroll positions of the newest end. @type {{at: number, end: number}[]} */
  let ends = [];
  let dirty = false;
  /** The reader's position, kept over several changes. @type {{ord: number, offset: number} | null} */
  let kept = null;

  const table = {
    /** Whether new rows are scrolled into view. */
    follow: true,
    /** Whether the table has replaced the rows of the first paint. */
    live: false,
    /** The numbers of older and of newer rows that are not loaded. The scrollbar leaves room for them. */
    older: 0,
    newer: 0,
    /** How far into these rows the reader has dragged the scrollbar, from 0 to 1; negative in the newer ones. */
    jump: 0,
    /** Whether the newest rows are loaded, so that scrolling to the end follows them. */
    attached: true,
    /** The row that keys act on; -1 for none. */
    active: -1,
    /** Open rows by ordinal. @type {Map<number, Detail>} */
    open: new Map(),
    /** The height of the visible rows. */
    height: 0,
    /** Whether a row was written since this was last set to false. */
    changed: false,
    start, measure, render, toggle, leave, newest, activate, reveal, anchor, restore, shift, seen,
    /** refill rewrites all visible rows at the next render. */
    refill: () => void (dirty = true),
    /** rowHeight returns the height of a row without its detail. */
    rowHeight: () => layout.height,
  };

  /** start replaces the rows of the first paint. */
  function start() {
    table.live = true;
    body.replaceChildren();
    scroller.classList.add("live");
    measure();
  }

  /** measure reads the sizes that depend on the style sheet and the window. */
  function measure() {
    const head = scroller.firstElementChild;
    headHeight = head instanceof HTMLElement ? head.offsetHeight : 0;
    table.height = Math.max(0, scroller.clientHeight - headHeight);
    const height = parseFloat(getComputedStyle(scroller).getPropertyValue("--row")) || 24;
    if (height !== layout.height) {
      const place = anchor();
      layout.height = height;
      total = -1;
      restore(place);
    }
    moved();
  }

  /** render updates the document. All writes happen here, once per frame. */
  function render() {
    if (!table.live) return;
    const { shown, newestFirst } = state;
    if (table.follow) layout.origin = origin();
    place(shown);
    const blank = rowsBefore();
    const slack = performance.now() - intent < INTENT ? SCROLLING_SLACK + blank / 10 : SLACK;
    const wrong = firstSlot < 0 || (newestFirst ? firstSlot * layout.height > BLANK : Math.abs(firstSlot - blank) > slack);
    if (!table.follow && wrong) {
      // Invisible: rows and scroll position move by the same number of pixels in one frame.
      const shift = (newestFirst && firstSlot < 0 ? Math.ceil(BLANK / 2 / layout.height) : blank) - firstSlot;
      layout.origin += newestFirst ? shift : -shift;
      place(shown);
      size();
      scroll(scrollTop + shift * layout.height);
    }
    size();
    const end = endTop();
    if (table.follow) scroll(end);
    else {
      const least = newestFirst ? layout.top(firstSlot) : Math.min(layout.top(firstSlot), end);
      const most = Math.max(least, bottom - table.height);
      noteJump(least, most);
      if (scrollTop < least) scroll(least);
      else if (scrollTop > most && bottom < total) scroll(most);
    }
    const now = performance.now();
    ends.push({ at: now, end });
    while (ends.length > 1 && now - ends[0].at > AIM) ends.shift();
    show(shown, Math.max(firstSlot, layout.slotAt(scrollTop) - OVERSCAN), Math.min(endSlot, layout.slotAt(scrollTop + table.height) + 1 + OVERSCAN));
  }

  /** noteJump notes where the reader has dragged the scrollbar, if that is far away from the rows that are here. @param {number} least @param {number} most */
  function noteJump(least, most) {
    if (performance.now() - dragged > INTENT) return;
    const above = (least - scrollTop) / layout.height;
    const below = (scrollTop - most) / layout.height;
    const share = above > JUMP ? above / rowsBefore() : below > JUMP ? -below / rowsAfter() : 0;
    if (share && isFinite(share)) table.jump = Math.min(1, Math.max(-1, state.newestFirst ? -share : share));
  }

  /** endTop returns the scroll position of the newest end. */
  function endTop() {
    if (state.newestFirst) return layout.top(firstSlot);
    return Math.max(layout.top(firstSlot), bottom - table.height, 0);
  }

  /** absent returns how many rows a zone for records has that are not here. @param {number} rows */
  const absent = (rows) => Math.min(rows, Math.floor(ABSENT / layout.height));
  const rowsBefore = () => absent(state.newestFirst ? table.newer : table.older);
  const rowsAfter = () => absent(state.newestFirst ? table.older : table.newer);
  const origin = () => (state.newestFirst ? state.shown.reveal - 1 + rowsBefore() : state.shown.first - rowsBefore());

  /** @param {RecordList} shown */
  function place(shown) {
    /** @type {[number, number][]} */
    const open = [];
    for (const [ord, detail] of table.open) {
      const n = shown.lower(ord);
      detail.n = n < shown.reveal && shown.at(n) === ord ? n : -1;
      if (detail.n >= 0) open.push([n, detail.extra]);
    }
    layout.setOpen(open);
    if (state.newestFirst) {
      firstSlot = layout.origin - (shown.reveal - 1);
      endSlot = layout.origin - shown.first + 1;
    } else {
      firstSlot = shown.first - layout.origin;
      endSlot = Math.max(firstSlot, shown.reveal - layout.origin);
    }
  }

  function size() {
    bottom = layout.top(endSlot);
    const height = bottom + rowsAfter() * layout.height;
    if (height === total) return;
    total = height;
    body.style.height = `${height}px`;
  }

  /** @param {number} top */
  function scroll(top) {
    if (Math.abs(top - scroller.scrollTop) >= 0.5) scroller.scrollTop = top;
    scrollTop = scroller.scrollTop;
  }

  /**
   * @param {RecordList} shown
   * @param {number} from
   * @param {number} to
   */
  function show(shown, from, to) {
    /** @type {Map<number, number>} */
    const wanted = new Map();
    for (let slot = from; slot < to; slot++) wanted.set(shown.at(layout.number(slot)), slot);
    for (const [ord, row] of rows) {
      if (wanted.has(ord)) continue;
      rows.delete(ord);
      row.el.remove();
      table.open.get(ord)?.el.remove();
      spare.push(row);
    }
    // Rows are in document order, for screen readers and for selections over several rows.
    let at = body.firstElementChild;
    for (const [ord, slot] of wanted) {
      const row = rows.get(ord) ?? add(ord);
      if (dirty || isNaN(row.y)) {
        fill(row, ord);
        attribute(row.el, "aria-rowindex", String(layout.number(slot) - shown.lowest + 2));
        attribute(row.el, "aria-expanded", String(table.open.has(ord)));
        attribute(row.el, "aria-selected", String(ord === table.active));
        table.changed = true;
      }
      const y = layout.top(slot);
      const detail = table.open.get(ord);
      if (y !== row.y) {
        row.y = y;
        // A detail has no transform, since sticky elements in it would ignore the transform.
        row.el.style.transform = `translateY(${y}px)`;
        if (detail) detail.el.style.top = `${y + layout.height}px`;
      }
      for (const e of detail ? [row.el, detail.el] : [row.el]) {
        if (e === at) at = at.nextElementSibling;
        else body.insertBefore(e, at);
      }
    }
    dirty = false;
    const active = rows.get(table.active);
    if (active) attribute(scroller, "aria-activedescendant", active.el.id);
    else scroller.removeAttribute("aria-activedescendant");
  }

  /** @param {number} ord */
  function add(ord) {
    const row = spare.pop() ?? make();
    rows.set(ord, row);
    row.ord = ord;
    row.y = NaN;
    row.el.id = `r${ord}`;
    return row;
  }

  /** @returns {Row} */
  function make() {
    const e = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    const cell = (/** @type {string} */ name) => /** @type {HTMLElement} */ (e.querySelector(name));
    const time = cell("time");
    const millis = cell("s");
    const clock = e.ownerDocument.createElement("span");
    time.replaceChildren(clock, millis);
    return {
      el: e, ord: -1, y: NaN, rest: "", pins: [],
      time: clock, millis, level: cell(".level"), dot: cell("i"), worker: cell(".worker span"), logger: cell(".logger"),
      repeats: cell("u"), message: cell("bdi"), ids: cell(".ids"), hint: cell("em"), source: cell(".source"),
    };
  }

  /**
   * toggle opens or closes a row.
   * @param {number} ord
   * @param {boolean} [open]
   */
  function toggle(ord, open = !table.open.has(ord)) {
    if (open === table.open.has(ord)) return;
    if (open) {
      const e = makeDetail(ord);
      if (!e) return;
      leave();
      const [oldest] = table.open.keys();
      if (oldest !== undefined && table.open.size >= MAX_OPEN) toggle(oldest, false);
      table.open.set(ord, { el: e, extra: 0, n: -1 });
      const row = rows.get(ord);
      if (row) {
        row.el.after(e);
        e.style.top = `${row.y + layout.height}px`;
      } else {
        body.append(e);
      }
      reveal(ord);
      if (!row) e.remove();
      sizes.observe(e);
    } else {
      close(ord);
    }
    dirty = true;
    moved();
  }

  /** @param {number} ord */
  function close(ord) {
    const detail = table.open.get(ord);
    if (!detail) return;
    sizes.unobserve(detail.el);
    detail.el.remove();
    if (isAbove(detail)) scroll(scrollTop - detail.extra);
    const slot = layout.slot(detail.n);
    layout.open = layout.open.filter((o) => o.slot !== slot);
    table.open.delete(ord);
  }

  /** leave stops following, because the reader reads. */
  function leave() {
    if (!table.follow) return;
    table.follow = false;
    moved();
  }

  /** newest follows the newest end. */
  function newest() {
    table.follow = true;
    moved();
  }

  /**
   * activate makes a row the one that keys act on and scrolls it into view.
   * @param {number} ord
   * @param {boolean} [scrolls]
   */
  function activate(ord, scrolls = true) {
    table.active = ord;
    kept = null;
    dirty = true;
    if (scrolls) reveal(ord);
    moved();
  }

  /**
   * reveal scrolls as little as possible to show a row and as much of its detail as fits.
   * @param {number} ord
   * @param {boolean} [middle]
   */
  function reveal(ord, middle = false) {
    const { shown } = state;
    const n = shown.lower(ord);
    const detail = table.open.get(ord);
    if (detail?.el.isConnected) detail.extra = detail.el.offsetHeight;
    if (n >= shown.reveal || shown.at(n) !== ord) return;
    place(shown);
    size();
    const y = layout.top(layout.slot(n));
    const low = Math.min(y, y + layout.height + (detail?.extra ?? 0) - table.height);
    if (middle) goTo(y - table.height / 3);
    else if (y < scrollTop) goTo(y);
    else if (low > scrollTop) goTo(low);
  }

  /** @param {number} top */
  function goTo(top) {
    table.follow = false;
    kept = null;
    scroll(Math.max(0, top));
    moved();
  }

  /** visibleSlot returns the slot at a height, or the nearest row. @param {number} y */
  const visibleSlot = (y) => Math.min(Math.max(layout.slotAt(y), firstSlot), endSlot - 1);

  /**
   * anchor returns a visible row and its position: the active row if visible, else the topmost. It stays the same over several
   * changes until the reader moves, since one filter may hide the row and the next show it.
   * @returns {{ord: number, offset: number} | null}
   */
  function anchor() {
    if (!table.live) return null;
    const { shown } = state;
    if (kept || shown.reveal <= shown.first) return kept;
    const seen = rows.get(table.active);
    if (seen && seen.y >= scrollTop && seen.y < scrollTop + table.height) return { ord: seen.ord, offset: seen.y - scrollTop };
    const slot = visibleSlot(scrollTop);
    return { ord: shown.at(layout.number(slot)), offset: layout.top(slot) - scrollTop };
  }

  /**
   * restore scrolls so that the anchor's row, or the next shown one, is where it was.
   * @param {{ord: number, offset: number} | null} anchor
   */
  function restore(anchor) {
    total = -1;
    const { shown } = state;
    layout.origin = origin();
    kept = table.follow ? null : anchor;
    if (anchor && !table.follow && shown.reveal > shown.first) {
      place(shown);
      size();
      const n = Math.min(shown.lower(anchor.ord), shown.reveal - 1);
      scroll(Math.max(0, layout.top(layout.slot(n)) - anchor.offset));
    }
    dirty = true;
  }

  /** shift keeps the rows where they are on the screen after the table's upper edge has moved down. @param {number} by */
  function shift(by) {
    if (!by || !table.live || table.follow) return;
    if (kept) kept = { ord: kept.ord, offset: kept.offset - by };
    scroll(Math.max(0, scrollTop + by));
  }

  /** seen returns the ordinals of the oldest and the newest visible row, null if there is none. @returns {[number, number] | null} */
  function seen() {
    const { shown, newestFirst } = state;
    if (!table.live || shown.reveal <= shown.first) return null;
    const [upper, lower] = [scrollTop, scrollTop + table.height - 1].map((y) => shown.at(layout.number(visibleSlot(y))));
    return newestFirst ? [lower, upper] : [upper, lower];
  }

  /**
   * isAbove reports whether a detail takes up space above the visible rows. It does so until the rows are placed again, even
   * if its record is no longer stored.
   * @param {Detail} detail
   */
  const isAbove = ({ n }) => n >= 0 && !table.follow && layout.top(layout.slot(n)) + layout.height <= scrollTop;

  /** @param {ResizeObserverEntry[]} entries */
  function resized(entries) {
    for (const entry of entries) {
      const detail = [...table.open.values()].find((open) => open.el === entry.target && open.el.isConnected);
      const extra = detail?.el.offsetHeight ?? 0;
      if (!detail || extra === detail.extra) continue;
      const shift = isAbove(detail) ? extra - detail.extra : 0;
      detail.extra = extra;
      if (shift) {
        place(state.shown);
        size();
        scroll(scrollTop + shift);
      }
      moved();
    }
  }

  function scrolled() {
    if (!table.live) return;
    const top = scroller.scrollTop;
    const delta = top - scrollTop;
    scrollTop = top;
    if (Math.abs(delta) < 0.5) return;
    const { newestFirst } = state;
    const towards = newestFirst ? delta < 0 : delta > 0;
    // Without recent input it was the browser, which limits the position to a smaller content.
    const own = performance.now() - intent < INTENT;
    if (own) kept = null;
    if (!towards) {
      if (own) table.follow = false;
    } else if (!table.follow && table.attached) {
      const tops = ends.map((e) => e.end);
      table.follow = newestFirst ? top <= Math.max(...tops) + 2 : top >= Math.min(...tops) - 2;
    }
    moved();
  }

  const sizes = new ResizeObserver(resized);
  new ResizeObserver(measure).observe(scroller);
  const reads = () => (intent = performance.now());
  scroller.addEventListener("scroll", scrolled, { passive: true });
  for (const type of ["wheel", "touchmove"]) scroller.addEventListener(type, reads, { passive: true });
  for (const type of ["pointerdown", "pointermove"]) {
    scroller.addEventListener(type, (event) => /** @type {PointerEvent} */ (event).buttons && (dragged = reads()), { passive: true });
  }

  return table;
}
