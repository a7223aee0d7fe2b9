import { attribute, el } from "./dom.js";
import { levelsText, NAMED } from "./filter.js";
import { GAP, NAMES } from "./levels.js";
import { CLAUSE } from "./patterns.js";
import { rangeWords } from "./time-range.js";

/** @typedef {import("./filter.js").Filter} Filter */
/** @typedef {import("./filter.js").Param} Param */

/** The number of characters that suffice to recognize a message. */
const MESSAGE_CHARS = 40;

/** levelWords returns the shorter of two lists: the levels that are shown, or those that are hidden. @param {string} value in the form of an address */
function levelWords(value) {
  const shown = value.split(",").filter(Boolean);
  const hidden = NAMES.slice(0, GAP).filter((name) => !shown.includes(name));
  if (shown.length > hidden.length) return `level ≠ ${hidden.join(", ")}`;
  return `level ${value.includes(",") || value === "critical" || value === "none" ? "=" : "≥"} ${shown.join(", ")}`;
}

/**
 * chipText returns the words of a chip: a name, what it must be or must not be, and the value.
 * @param {Param} param
 * @param {(pattern: string) => string} [exampleOf] returns a message of a pattern
 */
export function chipText([name, value], exampleOf = () => "") {
  if (name === "q") {
    const [, unlike, pattern, below] = CLAUSE.exec(value) ?? [];
    const example = pattern && exampleOf(pattern).trim();
    if (example) return `${unlike ? "not like" : "like"} “${example.slice(0, MESSAGE_CHARS)}${example.length > MESSAGE_CHARS ? "…" : ""}”${below ? ` below ${below}` : ""}`;
    const [, not, key, op, rest] = /^(-?)(?:fields\.)?([\w@$.-]+)(:|=)(.+)$/s.exec(value) ?? [];
    return key && !value.includes(" OR ") && rest !== "*" ? `${key} ${not ? "≠" : op === "=" ? "=" : ":"} ${rest}` : value;
  }
  if (name === "level") return levelWords(value);
  const negated = name !== "id" && value.startsWith("-");
  return `${name} ${negated ? "≠" : "="} ${negated ? value.slice(1) : value}`;
}

/**
 * createChips shows every active filter as a chip: a click edits it, × removes it, an Alt-click or Space switches it off and on. A range of time
 * is edited within its chip, levels with their buttons, any other filter in the search field.
 * @param {Filter} filter
 * @param {Pick<ReturnType<typeof import("./filter-edits.js").edits>, "add" | "remove" | "toggle" | "paramTerm">} edit
 * @param {import("./page.js").Page} page
 * @param {() => void} changed
 * @param {(pattern: string) => string} exampleOf
 * @param {() => {now: number, utc: boolean}} clock
 * @param {(typed: string) => Promise<[from: string, to: string] | null>} parseRange
 */
export function createChips(filter, { add, remove, toggle, paramTerm }, { chipList, levels, query }, changed, exampleOf, clock, parseRange) {
  /** @type {{param: Param, off: boolean}[]} */
  let shown = [];
  let drawn = "";

  /** wordsOf returns the words of a chip. @param {Param} param */
  function wordsOf([name, value]) {
    if (name !== "time") return chipText([name, value], exampleOf);
    const { now, utc } = clock();
    const [from, to] = value.split("/");
    return rangeWords(from, to, now, utc);
  }

  /**
   * editRange replaces a chip by a field for its range. With Enter it is applied, with Esc or when the focus leaves it stays as it was.
   * @param {HTMLElement} body
   * @param {string} words
   */
  function editRange(body, words) {
    let open = true;
    const close = () => {
      if (open) {
        open = false; // some browsers report the loss of focus while the field is removed
        field.replaceWith(body);
      }
    };
    const field = el("input", { type: "text", size: "24", maxlength: "60", "aria-label": "Range of time", title: "14:03 – 14:07, 14:03-, last 15m", autocomplete: "off", spellcheck: "false", enterkeyhint: "go", blur: close, keydown: async (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      const range = event.key === "Enter" && field.value !== words ? await parseRange(field.value) : undefined;
      attribute(field, "aria-invalid", String(range === null));
      if (range === null) return;
      const n = [...chipList.children].findIndex((chip) => chip.contains(field));
      close();
      if (range) {
        add(["time", range.join("/")]);
        changed();
      }
      /** @type {HTMLElement | null | undefined} */ (chipList.children[n]?.firstElementChild)?.focus();
    } });
    field.value = words;
    body.replaceWith(field);
    field.focus();
    field.select();
  }

  /** @param {{param: Param, off: boolean}} chip */
  function make({ param, off }) {
    const words = wordsOf(param);
    const drop = () => {
      if (off) filter.off = filter.off.filter((other) => other !== param);
      else remove(param);
    };
    const act = (/** @type {() => void} */ change) => () => {
      change();
      changed();
    };
    const swap = act(() => toggle(param));
    const discard = act(drop);
    const body = el("button", { type: "button", "aria-pressed": String(!off), title: "Edit. Alt-click or Space: off and on. Delete: remove", click: (/** @type {MouseEvent} */ { altKey }) => {
      if (altKey || off) swap();
      else if (param[0] === "time") editRange(body, words);
      else if (param[0] === "level") levels.querySelector("input")?.focus();
      else {
        drop();
        filter.text = [filter.text.trim(), paramTerm(param)].filter(Boolean).join(" ");
        changed();
        query.focus();
      }
    }, keydown: (/** @type {KeyboardEvent} */ event) => {
      const change = event.key === " " ? swap : event.key === "Delete" || event.key === "Backspace" ? discard : null;
      if (!change) return;
      event.preventDefault();
      const n = [...chipList.children].findIndex((chip) => chip.contains(body));
      change();
      /** @type {HTMLElement} */ (chipList.children[Math.min(n, chipList.children.length - 1)]?.firstElementChild ?? query).focus();
    } }, words);
    return el("li", { class: off ? "chip off" : "chip" }, body, el("button", { type: "button", "aria-label": `Remove ${words}`, title: "Remove", click: discard }, "×"));
  }

  return {
    draw() {
      const on = [["level", levelsText(filter.levels)], ...NAMED.flatMap((name) => filter.names[name].map((value) => [name, value])), ...filter.ids.map((value) => ["id", value]),
        ["time", filter.from || filter.to ? `${filter.from}/${filter.to}` : ""], ...filter.clauses.map((value) => ["q", value])].filter(([, value]) => value);
      shown = [...on.map((param) => ({ param: /** @type {Param} */ (param), off: false })), ...filter.off.map((param) => ({ param, off: true }))];
      const shape = JSON.stringify([shown, clock().utc]);
      if (shape === drawn) return;
      drawn = shape;
      chipList.replaceChildren(...shown.map(make));
    },
  };
}
