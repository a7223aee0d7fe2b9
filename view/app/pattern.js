/**
 * What the search field says, as a regular expression. Case counts only if the text has a capital letter.
 * @param {string} text
 * @param {boolean} regex
 * @returns {{re: RegExp | null, error: string}}
 */
export function compile(text, regex) {
  if (text === "") return { re: null, error: "" };
  const source = regex ? text : text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const cased = /\p{Lu}/u.test(regex ? text.replace(/\\p\{[^}]*\}|\\./giu, "") : text);
  if (regex && nested(text)) return { re: null, error: "a repeat inside a repeat could take for ever" };
  const flags = cased ? "" : "i";
  try {
    return { re: new RegExp(source, flags + "u"), error: "" };
  } catch {
    // Without u, as grep and most people write them: "\-" and "{" alone are allowed.
  }
  try {
    return { re: new RegExp(source, flags), error: "" };
  } catch (error) {
    return { re: null, error: String(/** @type {Error} */ (error).message).replace(/^Invalid regular expression: \/.*\/\w*: /s, "") };
  }
}

/**
 * nested tells whether a group that repeats without end holds something that repeats without end, or alternatives of
 * which one can begin like another: (a+)+, (a|a)*. Only those can take exponential time on one line, and nothing can
 * interrupt a regular expression once it runs. What starts each turn with a fixed character of its own, as (,\d+)*, is
 * let through.
 * @param {string} source
 */
export function nested(source) {
  /** @type {{repeats: boolean, branches: string[], start: number}[]} */
  const open = [];
  /** @type {{repeats: boolean, branches: string[], start: number}} */
  let group = { repeats: false, branches: [""], start: 0 };
  /** @type {typeof group | null} */
  let closed = null;
  for (let i = 0; i < source.length; i++) {
    const c = source[i];
    const unbounded = c === "*" || c === "+" || (c === "{" && /^\{\d+,\}/.test(source.slice(i)));
    if (unbounded) {
      if (closed && (ambiguous(closed) || (closed.repeats && !separated(closed, source)))) return true;
      group.repeats = true;
      closed = null;
      continue;
    }
    if (c === "?" && source[i - 1] !== "(") continue;
    closed = null;
    if (c === "\\") {
      group.branches[group.branches.length - 1] += c + source[++i];
    } else if (c === "[") {
      let j = i + 1;
      if (source[j] === "^") j++;
      if (source[j] === "]") j++;
      while (j < source.length && source[j] !== "]") j += source[j] === "\\" ? 2 : 1;
      group.branches[group.branches.length - 1] += source.slice(i, j + 1);
      i = j;
    } else if (c === "(") {
      open.push(group);
      group = { repeats: false, branches: [""], start: i + 1 };
      const head = /^\?(?::|=|!|<=|<!|<[^>]*>)/.exec(source.slice(i + 1));
      if (head) {
        i += head[0].length;
        group.start = i + 1;
      }
    } else if (c === ")") {
      const outer = open.pop();
      if (!outer) return false; // no expression at all: RegExp will say so
      closed = group;
      outer.repeats ||= group.repeats;
      outer.branches[outer.branches.length - 1] += "(";
      group = outer;
    } else if (c === "|") {
      group.branches.push("");
    } else {
      group.branches[group.branches.length - 1] += c;
    }
  }
  return false;
}

/** @param {{branches: string[]}} group */
function ambiguous(group) {
  if (group.branches.length < 2) return false;
  const heads = group.branches.map((branch) => branch[0] ?? "");
  return heads.some((head, i) => head === "" || /[\\[(.]/.test(head) || heads.indexOf(head) !== i);
}

/**
 * A turn that begins or ends with one literal character which the repeated part can't match has only one way to be cut.
 * @param {{branches: string[], start: number}} group
 * @param {string} source
 */
function separated(group, source) {
  if (group.branches.length !== 1) return false;
  const rest = source.slice(group.start);
  const literal = /^(?:\\([./,;:|-])|([,;:/ =&-]))(?![*+?{])/.exec(rest) ?? /^(?:\\[dw]|[a-z])[+*](?:\\([./,;:|-])|([,;:/ =&-]))\)/.exec(rest);
  return literal !== null && !/\.[*+]|\\[SWD][*+]|\[\^/.test(group.branches[0]) && !group.branches[0].includes("(");
}
