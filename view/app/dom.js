import { visible } from "./text.js";

/** All text reaches the document through this module, which makes hostile characters visible. */

/** Attributes that people read. Others are keys and stay as they are. */
const READ = new Set(["title", "aria-label", "aria-valuetext"]);

/**
 * el creates an element. Strings become text nodes, never markup.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | boolean | ((event: any) => void)>} [attributes] functions are listeners
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") e.addEventListener(name, value);
    else if (value !== false) attribute(e, name, value === true ? "" : value);
  }
  put(e, ...children);
  return e;
}

/**
 * put appends children to an element.
 * @param {Element} e
 * @param {...(Node | string)} children
 */
export const put = (e, ...children) => e.append(...children.map((child) => (typeof child === "string" ? visible(child) : child)));

/**
 * text sets an element's text if it differs: an unchanged node costs no layout.
 * @param {Element} e
 * @param {string} value
 */
export function text(e, value) {
  const shown = visible(value);
  if (e.textContent !== shown) e.textContent = shown;
}

/**
 * attribute sets an attribute if it differs.
 * @param {Element} e
 * @param {string} name
 * @param {string} value
 */
export function attribute(e, name, value) {
  const shown = READ.has(name) ? visible(value) : value;
  if (e.getAttribute(name) !== shown) e.setAttribute(name, shown);
}
