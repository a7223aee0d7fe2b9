import { el, put, text } from "./dom.js";
import { stringify } from "./json.js";
import { count, DETAIL_CHARS, plural } from "./text.js";

/**
 * Actions of the buttons beside a value.
 * @typedef {(path: string[], value: string, shown: boolean) => void} Choose
 */

/** The most members that are shown of an object or an array; Copy includes all. */
export const MAX_MEMBERS = 200;
const NAME_CHARS = 200;
/** Longer values have no filter buttons, since the filter is part of the address. */
const FILTER_CHARS = 200;
/** A longer text is folded: this many characters fit into a few lines. */
const LONG_CHARS = 400;
const LONG_LINES = 8;
/** An object or an array is open from the start if it is not longer and not nested deeper. */
const OPEN_CHARS = 240;
const OPEN_DEPTH = 3;
const PREVIEW_CHARS = 60;

/** A number that does not fit a double keeps its digits as an object. @param {unknown} value */
const isBranch = (value) => typeof value === "object" && value !== null && !(/** @type {any} */ (JSON).isRawJSON?.(value)) && Object.keys(value).length > 0;

/** valueText returns the text of a leaf. @param {unknown} value */
const valueText = (value) => (typeof value === "string" ? value : stringify(value));

/**
 * createFold returns a button that shows and hides its content. The content is created when it is first shown.
 * @param {string} closed the button's words
 * @param {string} open
 * @param {() => Node} make
 * @param {boolean} [opened]
 */
export function createFold(closed, open, make, opened = false) {
  const content = el("span", { class: "fold", hidden: true });
  const toggle = () => {
    if (!content.hasChildNodes()) put(content, make());
    content.hidden = !content.hidden;
    button.setAttribute("aria-expanded", String(!content.hidden));
    text(button, content.hidden ? closed : open);
  };
  const button = el("button", { type: "button", class: "unfold", "aria-expanded": "false", click: toggle }, closed);
  if (opened) toggle();
  return { button, content };
}

/**
 * longText returns a text. If it is long, it is folded, and its length is shown after its beginning.
 * @param {string} whole
 * @param {number} [chars]
 * @param {number} [lines]
 * @returns {(Node | string)[]}
 */
export function longText(whole, chars = LONG_CHARS, lines = LONG_LINES) {
  let end = -1;
  for (let n = 0; n < lines && (n === 0 || end >= 0); n++) end = whole.indexOf("\n", end + 1);
  const at = Math.min(end < 0 ? whole.length : end, chars);
  if (whole.length - at < chars / 4 && end < 0) return [whole];
  const left = whole.length - DETAIL_CHARS;
  const { button, content } = createFold(`… ${count(whole.length)} characters`, "Show less", () => {
    const rest = el("span", {}, whole.slice(at, DETAIL_CHARS));
    if (left > 0) put(rest, el("em", {}, `\n… ${count(left)} more characters. Copy includes them.`));
    return rest;
  });
  return [whole.slice(0, at), content, button];
}

/**
 * createValue returns the cell of one value: a leaf with buttons that filter by it, or a branch that folds.
 * @param {unknown} value
 * @param {string[]} path names the value in a filter; empty if there is no filter for it
 * @param {Choose} choose
 * @param {number} [depth]
 */
export function createValue(value, path, choose, depth = 0) {
  if (isBranch(value)) return el("dd", { class: "branch" }, ...branch(/** @type {object} */ (value), path, choose, depth));
  const plain = valueText(value);
  const dd = el("dd", {}, el("span", { "data-type": typeof value }, ...(plain === "" ? ['""'] : longText(plain))));
  addFilters(dd, path, plain, choose);
  return dd;
}

/**
 * addFilters adds the buttons that filter for and against a value.
 * @param {HTMLElement} dd
 * @param {string[]} path
 * @param {string} value
 * @param {Choose} choose
 */
export function addFilters(dd, path, value, choose) {
  if (path.length === 0 || value.length >= FILTER_CHARS) return;
  const name = path.at(-1);
  const button = (/** @type {string} */ verb, /** @type {string} */ sign, /** @type {boolean} */ shown) =>
    el("button", { type: "button", "aria-label": `${verb} ${name} ${value}`, title: `${verb} these`, click: () => choose(path, value, shown) }, sign);
  put(dd, el("span", { class: "filters" }, button("Only", "+", true), button("Exclude", "−", false)));
}

/**
 * @param {object} value
 * @param {string[]} path
 * @param {Choose} choose
 * @param {number} depth
 */
function branch(value, path, choose, depth) {
  const plain = stringify(value);
  const isList = Array.isArray(value);
  const names = Object.keys(value);
  const size = isList ? plural(names.length, "item") : plural(names.length, "field");
  const begin = plain.length > PREVIEW_CHARS ? `${plain.slice(0, PREVIEW_CHARS)}…` : plain;
  const isOpen = plain.length <= OPEN_CHARS && plain !== "" && depth < OPEN_DEPTH;
  const { button, content } = createFold(`▸ ${size}, ${plural(plain.length, "character")} ${begin}`, `▾ ${size}`, () => list(value, (name) => (isList ? path : [...path, name]), choose, depth + 1), isOpen);
  return [button, content];
}

/**
 * @param {object} value
 * @param {(name: string) => string[]} pathOf members of an array have the array's path
 * @param {Choose} choose
 * @param {number} depth
 */
function list(value, pathOf, choose, depth) {
  const entries = Object.entries(value);
  const dl = el("dl", {}, ...entries.slice(0, MAX_MEMBERS).map(([name, member]) =>
    el("div", {}, el("dt", {}, name.slice(0, NAME_CHARS)), createValue(member, pathOf(name), choose, depth))));
  if (entries.length > MAX_MEMBERS) put(dl, el("div", {}, el("dt", {}, "…"), el("dd", {}, `${count(entries.length - MAX_MEMBERS)} more. Copy includes them.`)));
  return dl;
}
