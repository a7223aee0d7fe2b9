import { level } from "./levels.js";

/** @typedef {import("./rules.js").Rules} Rules */

/**
 * isBelow reports whether one name is below another in the tree of names.
 * @param {Rules} rules
 * @param {string} name
 * @param {string} above
 */
function isBelow({ separator }, name, above) {
  if (name === above || name === "") return false;
  return above === "" || (separator !== "" && name.startsWith(above + separator));
}

/**
 * isMixed reports whether a rule treats a name below differently.
 * @param {Rules} rules
 * @param {string} name
 */
export function isMixed(rules, name) {
  const shown = rules.shows(name);
  return [...rules.map].some(([other, rule]) => rule !== shown && isBelow(rules, other, name));
}

/**
 * setRule shows or hides a name and all names below it.
 * @param {Rules} rules
 * @param {string} name
 * @param {boolean} shown
 */
export function setRule(rules, name, shown) {
  for (const other of [...rules.map.keys()]) if (isBelow(rules, other, name)) rules.map.delete(other);
  rules.map.delete(name);
  if (name === "" ? !shown : rules.shows(name) !== shown) rules.map.set(name, shown);
}

/**
 * showOnly shows a name and the names below it, and hides all others.
 * @param {Rules} rules
 * @param {string} name
 */
export function showOnly({ map }, name) {
  map.clear();
  map.set("", false);
  map.set(name, true);
}

/**
 * chooseValue shows only the records that have a value, or hides them.
 * @param {import("./filter.js").Filter} filter
 * @param {string} name of a column or a field
 * @param {string} value
 * @param {boolean} shown
 */
export function chooseValue(filter, name, value, shown) {
  const rules = name === "logger" ? filter.loggers : name === "channel" ? filter.channels : name === "host" ? filter.hosts : null;
  if (name === "level") {
    const bit = 1 << level(value);
    filter.levels = shown ? bit : filter.levels & ~bit;
  } else if (rules) {
    if (shown) showOnly(rules, value);
    else setRule(rules, value, false);
  } else {
    // Escape what would end the name or exclude the value.
    const key = `${name.replace(/[\\=]|^-/g, "\\$&")}=`;
    const word = key + value;
    filter.fields = filter.fields.filter((other) => other !== word && other !== `-${word}` && !(shown && other.startsWith(key)));
    filter.fields.push(shown ? word : `-${word}`);
  }
}
