import { Slots } from "./slots.js";

/** @typedef {import("./matches.js").Matches} Matches */
/** @typedef {{el: HTMLElement, time: HTMLTimeElement, level: Element, logger: Element, repeats: Element, text: Element, hint: Element, source: Element, ord: number, y: number}} Row */

/**
 * @typedef {object} Host
 * @property {() => Matches} matches
 * @property {(row: Row, ord: number) => void} fill
 * @property {(ord: number) => HTMLElement} detail
 * @property {() => void} moved the reader took or left the newest end, or another row
 */

/** Rows kept ready above and below the visible ones, so that a fast wheel finds no hole. */
const OVERSCAN = 8;
/** Firefox lays out an element higher than 17.9 million pixels as height 0; the empty zone is kept far below. */
const BLANK = 4_000_000;
/** A scroll event counts as the reader's own for so long after a wheel, a touch or a press. */
const INTENT = 600;
/** The reader aimed at the end as it was on the screen a moment ago. */
const AIM = 300;
/** More open rows than that are closed, the first opened first. */
const MAX_OPEN = 50;

/** List shows the revealed matches as rows, only those that can be seen, and never moves one under the reader. */
export class List {
  #body;
  #template;
  #host;
  #head;
  #top;
  #total;
  #firstSlot;
  #endSlot;
  #intent;
  /** @type {{at: number, end: number}[]} */
  #ends;
  #dirty;
  #sizes;
  /** @type {{ord: number, offset: number} | null} */
  #kept;
  /** @type {Row[]} */
  #spare;

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} body
   * @param {HTMLTemplateElement} template
   * @param {Host} host
   */
  constructor(scroller, body, template, host) {
    this.scroller = scroller;
    this.#body = body;
    this.#template = template;
    this.#host = host;
    this.slots = new Slots();
    this.follow = true;
    this.live = false;
    /** The row that keys act on; -1 for none. */
    this.active = -1;
    /** @type {Map<number, {el: HTMLElement, extra: number, n: number}>} open rows by ordinal, with how high each detail is and its match's number, -1 for none */
    this.open = new Map();
    /** @type {Map<number, Row>} rows in the document by ordinal */
    this.rows = new Map();
    this.#spare = [];
    this.view = 0;
    this.#head = 0;
    this.#top = 0;
    this.#total = -1;
    this.#firstSlot = 0;
    this.#endSlot = 0;
    this.#intent = -Infinity;
    /** @type {{at: number, end: number}[]} where the end was lately */
    this.#ends = [];
    this.#dirty = false;
    this.#kept = null;
    /** Whether a row was written since this was last set to false. */
    this.changed = false;
    this.#sizes = new ResizeObserver((entries) => this.#resized(entries));
    new ResizeObserver(() => this.measure()).observe(scroller);
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    for (const type of ["wheel", "touchmove", "pointerdown"]) {
      scroller.addEventListener(type, () => (this.#intent = performance.now()), { passive: true });
    }
    scroller.addEventListener("pointermove", (event) => event.buttons && (this.#intent = performance.now()), { passive: true });
  }

  /** start takes the place of the rows that came with the page. */
  start() {
    this.live = true;
    this.#body.replaceChildren();
    this.scroller.classList.add("live");
    this.measure();
  }

  /** measure reads the sizes that style sheets and windows decide. */
  measure() {
    const head = this.scroller.firstElementChild;
    this.#head = head instanceof HTMLElement ? head.offsetHeight : 0;
    this.view = Math.max(0, this.scroller.clientHeight - this.#head);
    const height = parseFloat(getComputedStyle(this.scroller).getPropertyValue("--row")) || 24;
    if (height !== this.slots.height) {
      const anchor = this.anchor();
      this.slots.height = height;
      this.#total = -1;
      this.restore(anchor);
    }
    this.#host.moved();
  }

  /** render brings the document up to date. All writes are here, once a frame. */
  render() {
    if (!this.live) return;
    const { slots } = this;
    const m = this.#host.matches();
    const newest = m.reveal - 1;
    if (this.follow) slots.origin = slots.newestFirst ? newest : m.first;
    this.#place(m);
    if (!this.follow && (this.#firstSlot < 0 || this.#firstSlot * slots.height > BLANK)) {
      // Nobody sees this: rows and view move by the same number of pixels in one frame.
      const shift = this.#firstSlot < 0 ? Math.ceil(BLANK / 2 / slots.height) : -this.#firstSlot;
      slots.origin += slots.newestFirst ? shift : -shift;
      this.#place(m);
      this.#size();
      this.#scroll(this.#top + shift * slots.height);
    }
    this.#size();
    const end = this.#end();
    if (this.follow) this.#scroll(end);
    else {
      const least = Math.min(slots.top(this.#firstSlot), end);
      if (this.#top < least && !slots.newestFirst) this.#scroll(least);
      if (slots.newestFirst && this.#top < slots.top(this.#firstSlot)) this.#scroll(slots.top(this.#firstSlot));
    }
    const now = performance.now();
    this.#ends.push({ at: now, end });
    while (this.#ends.length > 1 && now - this.#ends[0].at > AIM) this.#ends.shift();
    const from = Math.max(this.#firstSlot, slots.slotAt(this.#top) - OVERSCAN);
    const to = Math.min(this.#endSlot, slots.slotAt(this.#top + this.view) + 1 + OVERSCAN);
    this.#show(m, from, to);
  }

  /** Where the newest end is, as a scroll position. */
  #end() {
    if (this.slots.newestFirst) return this.slots.top(this.#firstSlot);
    return Math.max(this.slots.top(this.#firstSlot), this.#total - this.view, 0);
  }

  /** @param {Matches} m */
  #place(m) {
    const { slots } = this;
    /** @type {[number, number][]} */
    const open = [];
    for (const [ord, detail] of this.open) {
      const n = m.lower(ord);
      detail.n = n < m.reveal && m.at(n) === ord ? n : -1;
      if (detail.n >= 0) open.push([n, detail.extra]);
    }
    slots.setOpen(open);
    if (slots.newestFirst) {
      this.#firstSlot = slots.origin - (m.reveal - 1);
      this.#endSlot = slots.origin - m.first + 1;
    } else {
      this.#firstSlot = m.first - slots.origin;
      this.#endSlot = Math.max(this.#firstSlot, m.reveal - slots.origin);
    }
  }

  #size() {
    const size = this.slots.top(this.#endSlot);
    if (size === this.#total) return;
    this.#total = size;
    this.#body.style.height = `${size}px`;
  }

  /** @param {number} top */
  #scroll(top) {
    if (Math.abs(top - this.scroller.scrollTop) >= 0.5) this.scroller.scrollTop = top;
    this.#top = this.scroller.scrollTop;
  }

  /**
   * @param {Matches} m
   * @param {number} from
   * @param {number} to
   */
  #show(m, from, to) {
    const { slots, rows } = this;
    /** @type {Map<number, number>} */
    const wanted = new Map();
    for (let slot = from; slot < to; slot++) wanted.set(m.at(slots.number(slot)), slot);
    for (const [ord, row] of rows) {
      if (wanted.has(ord)) continue;
      rows.delete(ord);
      row.el.remove();
      this.open.get(ord)?.el.remove();
      this.#spare.push(row);
    }
    // Rows stand in the document in their order, for screen readers and for a selection over several rows.
    let at = this.#body.firstElementChild;
    for (const [ord, slot] of wanted) {
      let row = rows.get(ord);
      const fresh = !row;
      if (!row) {
        row = this.#spare.pop() ?? this.#make();
        rows.set(ord, row);
        row.ord = ord;
        row.y = NaN;
        row.el.id = `r${ord}`;
        row.el.setAttribute("aria-rowindex", String(slots.number(slot) + 2));
      }
      if (fresh || this.#dirty) {
        this.#host.fill(row, ord);
        row.el.setAttribute("aria-expanded", String(this.open.has(ord)));
        row.el.setAttribute("aria-selected", String(ord === this.active));
        this.changed = true;
      }
      const y = slots.top(slot);
      const detail = this.open.get(ord);
      if (y !== row.y) {
        row.y = y;
        row.el.style.transform = `translateY(${y}px)`;
        if (detail) detail.el.style.transform = `translateY(${y + slots.height}px)`;
      }
      for (const e of detail ? [row.el, detail.el] : [row.el]) {
        if (e === at) at = at.nextElementSibling;
        else this.#body.insertBefore(e, at);
      }
    }
    this.#dirty = false;
    const active = rows.get(this.active);
    if (active) this.scroller.setAttribute("aria-activedescendant", active.el.id);
    else this.scroller.removeAttribute("aria-activedescendant");
  }

  /** @returns {Row} */
  #make() {
    const e = /** @type {HTMLElement} */ (this.#template.content.firstElementChild?.cloneNode(true));
    const cell = (/** @type {string} */ name) => /** @type {Element} */ (e.querySelector(name));
    return {
      el: e, ord: -1, y: NaN,
      time: /** @type {HTMLTimeElement} */ (cell("time")), level: cell(".level"), logger: cell(".logger"),
      repeats: cell("u"), text: cell("bdi"), hint: cell("em"), source: cell(".source"),
    };
  }

  /** refill writes all visible rows anew at the next render. */
  refill() {
    this.#dirty = true;
  }

  /**
   * toggle opens or closes a row.
   * @param {number} ord
   * @param {boolean} [open]
   */
  toggle(ord, open = !this.open.has(ord)) {
    if (open === this.open.has(ord)) return;
    if (open) {
      this.leave();
      const [oldest] = this.open.keys();
      if (oldest !== undefined && this.open.size >= MAX_OPEN) this.toggle(oldest, false);
      const e = this.#host.detail(ord);
      this.open.set(ord, { el: e, extra: 0, n: -1 });
      const row = this.rows.get(ord);
      if (row) {
        row.el.after(e);
        e.style.transform = `translateY(${row.y + this.slots.height}px)`;
      } else {
        this.#body.append(e);
      }
      this.into(ord);
      if (!row) e.remove();
      this.#sizes.observe(e);
    } else {
      const detail = this.open.get(ord);
      if (detail) {
        this.#sizes.unobserve(detail.el);
        detail.el.remove();
        if (this.#above(detail)) this.#scroll(this.#top - detail.extra);
        const slot = this.slots.slot(detail.n);
        this.slots.open = this.slots.open.filter((o) => o.slot !== slot);
      }
      this.open.delete(ord);
    }
    this.refill();
    this.#host.moved();
  }

  /** leave stops following: the reader reads. */
  leave() {
    if (!this.follow) return;
    this.follow = false;
    this.#host.moved();
  }

  /** newest goes to the newest end and follows it. */
  newest() {
    this.follow = true;
    this.#host.moved();
  }

  /**
   * activate makes a row the one that keys act on, and brings it into view.
   * @param {number} ord
   * @param {boolean} [reveal]
   */
  activate(ord, reveal = true) {
    this.active = ord;
    this.#kept = null;
    this.refill();
    if (reveal) this.into(ord);
    this.#host.moved();
  }

  /**
   * into scrolls as little as needed to show a row, and of its detail what fits below it; no more.
   * @param {number} ord
   * @param {boolean} [middle]
   */
  into(ord, middle = false) {
    const m = this.#host.matches();
    const n = m.lower(ord);
    const detail = this.open.get(ord);
    if (detail?.el.isConnected) detail.extra = detail.el.offsetHeight;
    if (n >= m.reveal || m.at(n) !== ord) return;
    this.#place(m);
    this.#size();
    const y = this.slots.top(this.slots.slot(n));
    const low = Math.min(y, y + this.slots.height + (detail?.extra ?? 0) - this.view);
    if (middle) this.#goto(y - this.view / 3);
    else if (y < this.#top) this.#goto(y);
    else if (low > this.#top) this.#goto(low);
  }

  /** @param {number} top */
  #goto(top) {
    this.follow = false;
    this.#kept = null;
    this.#scroll(Math.max(0, top));
    this.#host.moved();
  }

  /**
   * anchor remembers a row under the reader's eyes and its place on the screen: the active one if it is seen, else the
   * topmost. It stays the same over several changes until the reader moves: one filter may hide it and the next show it.
   * @returns {{ord: number, offset: number} | null}
   */
  anchor() {
    if (!this.live) return null;
    const m = this.#host.matches();
    if (this.#kept || m.reveal <= m.first) return this.#kept;
    const seen = this.rows.get(this.active);
    if (seen && seen.y >= this.#top && seen.y < this.#top + this.view) return { ord: seen.ord, offset: seen.y - this.#top };
    const slot = Math.min(Math.max(this.slots.slotAt(this.#top), this.#firstSlot), this.#endSlot - 1);
    return { ord: m.at(this.slots.number(slot)), offset: this.slots.top(slot) - this.#top };
  }

  /**
   * restore puts the anchor's row, or the next one that is still shown, where it was on the screen.
   * @param {{ord: number, offset: number} | null} anchor
   */
  restore(anchor) {
    this.#total = -1;
    const m = this.#host.matches();
    this.slots.origin = this.slots.newestFirst ? m.reveal - 1 : m.first;
    this.#kept = this.follow ? null : anchor;
    if (anchor && !this.follow && m.reveal > m.first) {
      this.#place(m);
      this.#size();
      const n = Math.min(m.lower(anchor.ord), m.reveal - 1);
      this.#scroll(Math.max(0, this.slots.top(this.slots.slot(n)) - anchor.offset));
    }
    this.refill();
  }

  /** oldestSeen is the ordinal of the oldest row in the window. */
  oldestSeen() {
    const m = this.#host.matches();
    if (!this.live || m.reveal <= m.first) return Infinity;
    const y = this.slots.newestFirst ? this.#top + this.view : this.#top;
    const slot = Math.min(Math.max(this.slots.slotAt(y), this.#firstSlot), this.#endSlot - 1);
    return m.at(this.slots.number(slot));
  }

  /**
   * above tells whether a detail takes room above what the reader sees. It does so until the next placing, even if its
   * record is gone.
   * @param {{n: number}} detail
   */
  #above({ n }) {
    return n >= 0 && !this.follow && this.slots.top(this.slots.slot(n)) + this.slots.height <= this.#top;
  }

  /** @param {ResizeObserverEntry[]} entries */
  #resized(entries) {
    for (const entry of entries) {
      for (const detail of this.open.values()) {
        if (detail.el !== entry.target || !detail.el.isConnected) continue;
        const extra = detail.el.offsetHeight;
        if (extra === detail.extra) break;
        const shift = this.#above(detail) ? extra - detail.extra : 0;
        detail.extra = extra;
        if (shift) {
          this.#place(this.#host.matches());
          this.#size();
          this.#scroll(this.#top + shift);
        }
        this.#host.moved();
        break;
      }
    }
  }

  #scrolled() {
    if (!this.live) return;
    const top = this.scroller.scrollTop;
    const delta = top - this.#top;
    this.#top = top;
    if (Math.abs(delta) < 0.5) return;
    const towards = this.slots.newestFirst ? delta < 0 : delta > 0;
    // Without the reader's hand it is the browser that cuts the position to a smaller content.
    const own = performance.now() - this.#intent < INTENT;
    if (own) this.#kept = null;
    if (!towards) {
      if (own) this.follow = false;
    } else if (!this.follow) {
      const ends = this.#ends.map((e) => e.end);
      const { newestFirst } = this.slots;
      const aim = newestFirst ? Math.max(...ends) : Math.min(...ends);
      this.follow = newestFirst ? top <= aim + 2 : top >= aim - 2;
    }
    this.#host.moved();
  }
}
