import { el } from "./dom.js";
import { NAMED } from "./filter.js";
import { CLAUSE } from "./patterns.js";

/** @typedef {import("./filter.js").Filter} Filter */
/** @typedef {import("./filter.js").Param} Param */

/** The number of characters that suffice to recognize a message. */
const MESSAGE_CHARS = 40;

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
  if (name === "from" || name === "to") return `${name === "from" ? "from" : "until"} ${value.replace("T", " ")}`;
  const negated = name !== "id" && value.startsWith("-");
  return `${name} ${negated ? "≠" : "="} ${negated ? value.slice(1) : value}`;
}

/**
 * createChips shows every active filter as a chip: a click edits it, × removes it, an Alt-click or Space switches it off and on.
 * @param {Filter} filter
 * @param {Pick<ReturnType<typeof import("./filter-edits.js").edits>, "remove" | "toggle" | "paramTerm">} edit
 * @param {import("./page.js").Page} page
 * @param {() => void} changed
 * @param {(pattern: string) => string} exampleOf
 */
export function createChips(filter, { remove, toggle, paramTerm }, { chipList, query }, changed, exampleOf) {
  /** @type {{param: Param, off: boolean}[]} */
  let shown = [];
  let drawn = "";

  /** @param {{param: Param, off: boolean}} chip */
  function make({ param, off }) {
    const words = chipText(param, exampleOf);
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
      if (altKey || off) {
        swap();
        return;
      }
      drop();
      filter.text = [filter.text.trim(), paramTerm(param)].filter(Boolean).join(" ");
      changed();
      query.focus();
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
      const on = [...NAMED.flatMap((name) => filter.names[name].map((value) => [name, value])), ...filter.ids.map((value) => ["id", value]),
        ["from", filter.from], ["to", filter.to], ...filter.clauses.map((value) => ["q", value])].filter(([, value]) => value);
      shown = [...on.map((param) => ({ param: /** @type {Param} */ (param), off: false })), ...filter.off.map((param) => ({ param, off: true }))];
      const shape = JSON.stringify(shown);
      if (shape === drawn) return;
      drawn = shape;
      chipList.replaceChildren(...shown.map(make));
    },
  };
}
