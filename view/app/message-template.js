/** A longer template is shown as it is: the expression may take quadratic time. */
const MAX_TEMPLATE = 1000;

/** The placeholders of a template: Python's %s and %(name)d, Go's %v, and {Name}, {0}, {} of Serilog, loguru and slf4j. */
const PLACEHOLDER = /(%(?:\(\w+\))?[#0\- +]*[\d*]*(?:\.[\d*]+)?[diouxXeEfFgGcrsavqwT]|\{[@$]?[\w.]*(?:[,:!][^{}]*)?\})/;

/**
 * pieces splits a template into literal text at even indexes and placeholders at odd indexes.
 * @param {string} template
 */
export function pieces(template) {
  if (template.length > MAX_TEMPLATE) return [template];
  return template.replace(/\{\{|\}\}|%%/g, (twice) => (twice === "%%" ? PERCENT : twice === "{{" ? OPEN : CLOSE)).split(PLACEHOLDER).map(plain);
}

// Stand-ins for the escapes %%, {{ and }}, which are not part of a placeholder.
const PERCENT = "\ue000";
const OPEN = "\ue001";
const CLOSE = "\ue002";
/** @param {string} text */
const plain = (text) => text.replaceAll(PERCENT, "%").replaceAll(OPEN, "{").replaceAll(CLOSE, "}");

/**
 * filled splits a message like its template, with the inserted values at odd indexes. It returns null if the message does not
 * follow the template.
 * @param {string} template
 * @param {string} message
 * @returns {string[] | null}
 */
export function filled(template, message) {
  const literals = pieces(template).filter((_, n) => n % 2 === 0);
  const last = literals.length - 1;
  if (last === 0 || !message.startsWith(literals[0])) return null;
  const parts = [literals[0]];
  let at = literals[0].length;
  for (let n = 1; n <= last; n++) {
    // The last literal ends the message. Adjacent placeholders are ambiguous: the first one gets nothing.
    const to = n === last ? message.length - literals[n].length : message.indexOf(literals[n], at);
    if (to < at || !message.startsWith(literals[n], to)) return null;
    parts.push(message.slice(at, to), literals[n]);
    at = to + literals[n].length;
  }
  return parts;
}
