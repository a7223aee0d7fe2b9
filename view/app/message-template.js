/** A longer template is shown as it is: its expression may take the square of its length. */
const MAX_TEMPLATE = 1000;

/** The placeholders of a template: Python's %s and %(name)d, Go's %v, and {Name}, {0}, {} of Serilog, loguru and slf4j. */
const PLACEHOLDER = /(%(?:\(\w+\))?[#0\- +]*[\d*]*(?:\.[\d*]+)?[diouxXeEfFgGcrsavqwT]|\{[@$]?[\w.]*(?:[,:!][^{}]*)?\})/;

/**
 * pieces cuts a template into what stands in the message as it is, at even places, and its placeholders, at odd ones.
 * @param {string} template
 */
export function pieces(template) {
  if (template.length > MAX_TEMPLATE) return [template];
  return template.replace(/\{\{|\}\}|%%/g, (twice) => (twice === "%%" ? PERCENT : twice === "{{" ? OPEN : CLOSE)).split(PLACEHOLDER).map(plain);
}

// What is written twice in a template stands once in the message, and is no part of a placeholder.
const PERCENT = "\ue000";
const OPEN = "\ue001";
const CLOSE = "\ue002";
/** @param {string} text */
const plain = (text) => text.replaceAll(PERCENT, "%").replaceAll(OPEN, "{").replaceAll(CLOSE, "}");

/**
 * filled cuts a message as pieces cuts its template: with what was filled in at the odd places. It is null where the
 * message doesn't follow the template: %%, {{ or }} that the one who filled it took for themselves, or an own formatting.
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
    // The last literal ends the message; between two placeholders without text between them nobody can tell.
    const to = n === last ? message.length - literals[n].length : message.indexOf(literals[n], at);
    if (to < at || !message.startsWith(literals[n], to)) return null;
    parts.push(message.slice(at, to), literals[n]);
    at = to + literals[n].length;
  }
  return parts;
}
