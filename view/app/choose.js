import { level } from "./levels.js";

/**
 * choose has a filter show only the records that have a value, or hide them.
 * @param {import("./filter.js").Filter} filter
 * @param {string} name of a column or a field
 * @param {string} value
 * @param {boolean} shown
 */
export function choose(filter, name, value, shown) {
  const rules = { logger: filter.loggers, channel: filter.channels, host: filter.hosts }[name];
  if (name === "level") {
    const bit = 1 << level(value);
    filter.levels = shown ? bit : filter.levels & ~bit;
  } else if (rules) {
    if (shown) rules.only(value);
    else rules.set(value, false);
  } else {
    // What would end the name, or hide it, is escaped.
    const key = `${name.replace(/[\\=]|^-/g, "\\$&")}=`;
    const word = key + value;
    filter.fields = filter.fields.filter((other) => other !== word && other !== `-${word}` && !(shown && other.startsWith(key)));
    filter.fields.push(shown ? word : `-${word}`);
  }
}
