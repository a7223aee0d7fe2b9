import { NAMES } from "./levels.js";
import { QueryError } from "./query-error.js";
import { MAX_SIZE, parsePattern } from "./query-pattern.js";
import { parseNumber, parseQuantity, parseTime } from "./query-quantity.js";
import { compose, isSpace, lower } from "./query-text.js";

/** The most code points of a query, and the most terms of a filter. Matching takes time in proportion. */
export const MAX_QUERY = 2000;
const MAX_TERMS = 50;

/**
 * The part that a term tests: "" for every text that the page shows for a record, "field" for a path into the fields, or a name.
 * @typedef {"" | "field" | typeof PARTS[number]} Part
 *
 * @typedef {":" | "=" | ":*" | "/" | "<" | "<=" | ">" | ">="} Operator "/" is a regular expression
 *
 * @typedef {object} Term
 * @property {boolean} negated
 * @property {Part} part
 * @property {Operator} op
 * @property {boolean} only the field is written as fields.path, so texts are not searched for it
 * @property {boolean} ignoreCase the flag i of /…/i
 * @property {string} key the path of a field, in NFC
 * @property {string} value the text, value or pattern, in NFC; for levels, their names
 *
 * @typedef {Term[]} Clause an OR of terms; a query is an AND of clauses
 */

const PARTS = /** @type {const} */ ([
  "level", "logger", "host", "channel", "worker", "message", "source", "trace", "pid", "time", "seq", "at", "template", "entry", "ids", "pattern",
]);

/** @param {Part} part */
export const isNumber = (part) => part === "pid" || part === "seq";
/** @param {Part} part */
export const isTime = (part) => part === "time" || part === "at";
/** @param {Part} part */
const compares = (part) => part === "field" || part === "level" || isNumber(part) || isTime(part);
/** @param {Part} part */
const isName = (part) => part === "logger" || part === "host" || part === "channel" || part === "worker";
/** colonIsEqual reports whether : and = mean the same for a part. @param {Part} part */
export const colonIsEqual = (part) => part === "level" || part === "ids" || part === "pattern" || (isName(part) && part !== "logger") || isNumber(part);

/** Words for levels, in addition to their names and none. The server has the same list. */
const LEVEL_WORDS = /** @type {const} */ ({
  trace: "trc trac finer finest silly t trce",
  debug: "dbg debu dbug fine config verbose http d",
  info: "inf information informational notice note success log i",
  warning: "warn wrn w",
  error: "err erro eror severe e fail",
  critical: "crit fatal fata ftl panic pnc dpanic alert emerg emergency f c",
});

const levelWords = new Map(NAMES.slice(0, -1).map((name) => [name, name]));
for (const [name, words] of Object.entries(LEVEL_WORDS)) for (const word of words.split(" ")) levelWords.set(word, name);

/** The levels in the order of lists. */
export const LEVELS = NAMES.slice(1, -1).concat("none");

/**
 * levelOf returns the level that a word names, or undefined. It ignores case.
 * @param {string} word
 */
export const levelOf = (word) => levelWords.get(lower(word));

/**
 * levelList reads a list of levels that begins at a position, and returns them in their order.
 * @param {string} list
 * @param {number} at
 * @param {boolean} quoted
 */
export function levelList(list, at, quoted) {
  const set = new Set();
  const items = list.split(",");
  for (const [i, item] of items.entries()) {
    const level = levelOf(item);
    if (level) set.add(level);
    else if (item || (!set.size && i === items.length - 1)) throw new QueryError(`${quote(item)} is not a level; levels are ${LEVELS.join(", ")}`, at);
    at += [...item].length + 1;
    if (quoted && i === 0) at++; // only the first item follows the quote
  }
  return LEVELS.filter((level) => set.has(level));
}

/**
 * quote quotes a value as JSON does, with invisible characters escaped. It cuts long values, so that errors stay readable.
 * @param {string} text
 */
export function quote(text) {
  const cut = [...text].slice(0, 40).join("");
  return JSON.stringify(cut).replace(/(?! )[\p{C}\p{Z}]/gu, (c) => {
    let escaped = "";
    for (let i = 0; i < c.length; i++) escaped += `\\u${c.charCodeAt(i).toString(16).padStart(4, "0")}`;
    return escaped;
  });
}

/** What all queries of one filter share. @typedef {{terms: number, size: number}} Budget */

/** @returns {Budget} */
export const budget = () => ({ terms: 0, size: 0 });

/**
 * parse returns the clauses of a query. Errors have positions in the original query.
 *
 * It is parsed in NFC, so that canonically equivalent queries mean the same.
 * @param {string} query
 * @param {Budget} [used]
 * @returns {Clause[]}
 */
export function parse(query, used = budget()) {
  const { length } = [...query];
  if (length > 4 * MAX_QUERY) throw tooLong(); // an error beyond MAX_QUERY is never reported
  let clauses;
  try {
    clauses = new Parser([...compose(query)], used).clauses();
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    error.at = original(query, error.at);
    if (length > MAX_QUERY && error.at >= MAX_QUERY) throw tooLong();
    throw error;
  }
  if (length > MAX_QUERY) throw tooLong();
  return clauses;
}

export const tooLong = () => new QueryError(`longer than ${MAX_QUERY} characters`, MAX_QUERY);

/**
 * original converts a position in the NFC of a query to a position in the query. The result is after all code points that compose
 * to the characters before it.
 * @param {string} query
 * @param {number} at
 */
function original(query, at) {
  const characters = [...query];
  const length = (/** @type {number} */ from, /** @type {number} */ to) => [...compose(characters.slice(from, to).join(""))].length;
  let from = 0;
  while (from < characters.length) {
    let to = from + 1;
    while (to < characters.length && characters[to] > "\x7f") to++; // ASCII never composes with what precedes it
    const n = length(from, to);
    if (n > at) {
      for (to = from; length(from, to + 1) <= at; ) to++;
      return to;
    }
    from = to;
    at -= n;
  }
  return from;
}

/** @param {string | undefined} c */
const startsKey = (c) => c !== undefined && /^[\p{L}_@$]$/u.test(c);
/** @param {string | undefined} c */
export const inKey = (c) => c !== undefined && /^[\p{L}\p{M}\p{N}_@$./-]$/u.test(c);

/** An operator may turn out to be a word. @typedef {Term & {start: number, operator?: string, error?: QueryError}} Token */

/** This prefix marks a key as the path of a field even if it is also the name of a part. */
const FIELDS = "fields.";

/** Parser reads one query, a list of code points. */
class Parser {
  /**
   * @param {string[]} input
   * @param {Budget} used
   */
  constructor(input, used) {
    this.in = input;
    this.pos = 0;
    this.used = used;
  }

  /** @returns {Clause[]} */
  clauses() {
    /** @type {Clause[]} */
    const list = [];
    const tokens = this.tokens();
    let operator = "";
    for (const [i, { start, operator: own, error, ...term }] of tokens.entries()) {
      if (!operator && own && i > 0 && i + 1 < tokens.length) {
        operator = own;
        continue;
      }
      if (++this.used.terms > MAX_TERMS) throw new QueryError(`more than ${MAX_TERMS} terms`, start);
      if (error) throw error;
      const last = list.at(-1);
      if (operator === "OR" && last) last.push(term);
      else list.push([term]);
      operator = "";
    }
    return list;
  }

  /** tokens reads tokens up to the end or to the first error. */
  tokens() {
    /** @type {Token[]} */
    const list = [];
    for (;;) {
      while (isSpace(this.in[this.pos])) this.pos++;
      if (this.pos === this.in.length) return list;
      /** @type {Token} */
      const token = { negated: false, part: "", op: ":", only: false, ignoreCase: false, key: "", value: "", start: this.pos };
      try {
        if (this.token(token)) list.push(token);
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        list.push({ ...token, error });
        return list;
      }
    }
  }

  /**
   * token reads one token. It returns false if there is nothing to search for, as in an empty pair of quotes.
   * @param {Token} t
   */
  token(t) {
    if (this.in[this.pos] === "-") {
      const next = this.in[this.pos + 1];
      if (next === undefined || isSpace(next) || next === "-" || next === ">") {
        t.value = this.word();
        return true;
      }
      t.negated = true;
      this.pos++;
    }
    const start = this.pos;
    if (this.in[start] === '"') {
      const key = this.quoted();
      if (!this.operation(t, key, true)) t.value = key;
      return t.part !== "" || key !== "";
    }
    if (this.in[start] === "/") {
      if (this.pattern(t)) return true;
    } else {
      const key = this.key();
      if (key && this.operation(t, key, false)) return true;
    }
    this.pos = start;
    t.value = this.word();
    if (!t.negated && isOperator(t.value)) t.operator = t.value;
    return true;
  }

  word() {
    const start = this.pos;
    while (this.pos < this.in.length && !isSpace(this.in[this.pos])) this.pos++;
    return this.in.slice(start, this.pos).join("");
  }

  /** A missing closing quote is added at the end. */
  quoted() {
    let text = "";
    for (this.pos++; this.pos < this.in.length; this.pos++) {
      let c = this.in[this.pos];
      if (c === '"') {
        this.pos++;
        break;
      }
      const next = this.in[this.pos + 1];
      if (c === "\\" && (next === '"' || next === "\\")) {
        this.pos++;
        c = next;
      }
      text += c;
    }
    return text;
  }

  /** key reads a key without quotes. It returns "" if no key begins here. */
  key() {
    const start = this.pos;
    if (startsKey(this.in[start])) while (inKey(this.in[this.pos])) this.pos++;
    return this.in.slice(start, this.pos).join("");
  }

  /**
   * operation reads the operator and the value after a key. If they do not form a term, it returns false and leaves the position.
   * @param {Term} t
   * @param {string} key
   * @param {boolean} quoted
   */
  operation(t, key, quoted) {
    const before = { ...t };
    const start = this.pos;
    setKey(t, key);
    const c = this.in[start];
    let done = false;
    if (c === ":") {
      this.pos++;
      done = this.colon(t);
    } else if (c === "=") {
      this.pos++;
      done = this.value(t, "=");
    } else if (c === "!" && this.in[start + 1] === "=") {
      this.pos += 2;
      t.negated = !t.negated;
      done = this.value(t, "=");
    } else if (c === "<" || c === ">") done = this.comparison(t, quoted);
    if (done) return true;
    this.pos = start;
    Object.assign(t, before);
    return false;
  }

  /** @param {Term} t */
  colon(t) {
    const c = this.in[this.pos];
    const next = this.in[this.pos + 1];
    const start = this.pos;
    if (c === "*" && (next === undefined || isSpace(next))) {
      this.pos++;
      t.op = ":*";
      return true;
    }
    if (c === "/" && (t.part === "level" || isNumber(t.part))) {
      if (this.patternEnd() > 0) throw new QueryError(`${t.part} takes no regular expression`, start);
    } else if (c === "/" && this.pattern(t)) return true;
    if ((c === "<" || c === ">") && compares(t.part) && this.comparison(t, false)) return true;
    return this.value(t, ":");
  }

  /**
   * value reads the value after : or =.
   * @param {Term} t
   * @param {":" | "="} op
   */
  value(t, op) {
    const at = this.pos;
    const quoted = this.in[at] === '"';
    t.value = quoted ? this.quoted() : this.word();
    if (!t.value && !quoted) return false;
    t.op = colonIsEqual(t.part) ? ":" : op;
    check(t, at, quoted);
    return true;
  }

  /**
   * comparison reads an operator and a value to compare with. If the value can't be compared with a field, the whole is a word,
   * unless it has quotes.
   * @param {Term} t
   * @param {boolean} keyQuoted
   */
  comparison(t, keyQuoted) {
    const at = this.pos;
    const or = this.in[at + 1] === "=" ? "=" : "";
    this.pos += 1 + or.length;
    const valueAt = this.pos;
    const quoted = this.in[valueAt] === '"';
    t.op = /** @type {Operator} */ (this.in[at] + or);
    t.value = quoted ? this.quoted() : this.word();
    if ((t.value === "" && !quoted) || (t.part === "field" && !quoted && !keyQuoted && !parseQuantity(t.value))) {
      this.pos = at;
      return false;
    }
    checkComparison(t, at, valueAt);
    return true;
  }

  /** patternEnd returns the end of the pattern that begins here, or 0 if none does. */
  patternEnd() {
    const first = this.in[this.pos + 1];
    if (first === undefined || first === "/" || isSpace(first)) return 0;
    let end = this.pos + 1;
    while (end < this.in.length && this.in[end] !== "/") end += this.in[end] === "\\" ? 2 : 1;
    if (end >= this.in.length) return 0;
    const behind = this.in[end + 1] === "i" ? this.in[end + 2] : this.in[end + 1];
    return behind === undefined || isSpace(behind) ? end : 0;
  }

  /**
   * pattern reads a regular expression. If none begins here, it returns false and leaves the position.
   * @param {Term} t
   */
  pattern(t) {
    const at = this.pos;
    const end = this.patternEnd();
    if (!end) return false;
    const pattern = this.in.slice(at + 1, end);
    t.op = "/";
    t.ignoreCase = this.in[end + 1] === "i";
    t.value = pattern.join("");
    this.pos = end + (t.ignoreCase ? 2 : 1);
    this.used.size += parsePattern(pattern, at + 1).size;
    if (this.used.size > MAX_SIZE) throw new QueryError("regular expression: too large together", at);
    return true;
  }
}

/**
 * @param {Term} t
 * @param {string} key
 */
function setKey(t, key) {
  const part = PARTS.find((name) => name === lower(key));
  t.part = part ?? "field";
  if (part) return;
  t.only = key.length > FIELDS.length && lower(key.slice(0, FIELDS.length)) === FIELDS;
  t.key = t.only ? key.slice(FIELDS.length) : key;
}

/** @param {string} value */
const notATime = (value) => `${quote(value)} is not a time such as 2026-11-29T16:00:00Z`;

/**
 * check checks a value that was read at a position, and converts it to its canonical form.
 * @param {Term} t
 * @param {number} at
 * @param {boolean} quoted
 */
function check(t, at, quoted) {
  const { part, value } = t;
  if (part === "level") t.value = levelList(value, at, quoted).join(",");
  else if (isNumber(part)) {
    if (!parseNumber(value)) throw new QueryError(`${quote(value)} is not a number`, at);
  } else if (isTime(part) && (t.op === "=" || value === "")) {
    if (parseTime(value) === null) throw new QueryError(notATime(value), at);
  } else if (isName(part) && !quoted && value.includes("*")) {
    const before = [...value.slice(0, value.indexOf("*"))].length;
    throw new QueryError(`there are no wildcards; write ${part}:/…/ with a regular expression`, at + before);
  }
  if (part === "logger" && t.op === ":") t.value = trimSeparators(value);
}

/** @param {string} logger */
export const trimSeparators = (logger) => logger.replace(/[.:/]+$/, "");

/**
 * checkComparison checks a value to compare with, and converts it to its canonical form.
 * @param {Term} t
 * @param {number} at
 * @param {number} valueAt
 */
function checkComparison(t, at, valueAt) {
  const { part, value } = t;
  if (!compares(part)) throw new QueryError(`${part} can't be compared; ${t.op} needs a number, a duration, a size, a time or a level`, at);
  if (part === "level") {
    const level = levelOf(value);
    if (!level || level === "none") throw new QueryError(`${quote(value)} is not a level; levels are ${LEVELS.slice(0, -1).join(", ")}`, valueAt);
    t.value = level;
  } else if (isNumber(part)) {
    if (!parseNumber(value)) throw new QueryError(`${quote(value)} is not a number`, valueAt);
  } else if (isTime(part)) {
    if (parseTime(value) === null) throw new QueryError(notATime(value), valueAt);
  } else if (!parseQuantity(value)) throw new QueryError(`${quote(value)} is not a number, a duration, a size or a time`, valueAt);
}

/**
 * print returns the clauses in their canonical form. Joined by spaces they are the query.
 * @param {Clause[]} clauses
 */
export function print(clauses) {
  const list = printClauses(clauses, false);
  // A value with a leading slash may become a regular expression together with a later slash.
  return reads(list.join(" "), clauses) ? list : printClauses(clauses, true);
}

/**
 * @param {Clause[]} clauses
 * @param {boolean} quoteSlashes
 */
const printClauses = (clauses, quoteSlashes) => clauses.map((clause) => clause.map((term) => printTerm(term, quoteSlashes)).join(" OR "));

/**
 * reads reports whether a text is parsed to these clauses.
 * @param {string} text
 * @param {Clause[]} clauses
 */
function reads(text, clauses) {
  try {
    return JSON.stringify(parse(text)) === JSON.stringify(clauses);
  } catch {
    return false;
  }
}

/**
 * printTerm returns the text of a term with only the quotes that are needed to parse it back to the same term.
 * @param {Term} t
 * @param {boolean} [quoteSlashes]
 */
export function printTerm(t, quoteSlashes = false) {
  const mustKey = isOperator(t.key);
  const mustValue = isOperator(t.value) || (quoteSlashes && t.op === ":" && t.value.startsWith("/"));
  for (const [quoteKey, quoteValue] of [[false, false], [false, true], [true, false]]) {
    if ((mustKey && !quoteKey) || (mustValue && !quoteValue)) continue;
    const text = write(t, quoteKey, quoteValue);
    const tokens = new Parser([...text], budget()).tokens();
    const { start, operator, error, ...term } = tokens[0] ?? {};
    if (tokens.length === 1 && !error && !operator && JSON.stringify(term) === JSON.stringify(t)) return text;
  }
  return write(t, true, true);
}

/**
 * @param {Term} t
 * @param {boolean} quoteKey
 * @param {boolean} quoteValue
 */
function write(t, quoteKey, quoteValue) {
  const path = t.only ? FIELDS + t.key : t.key;
  const key = t.part !== "field" ? t.part : quoteKey ? inQuotes(path) : path;
  const op = t.part === "" ? "" : t.op === "/" ? ":" : t.op;
  const value = t.op === ":*" ? "" : t.op === "/" ? `/${t.value}/${t.ignoreCase ? "i" : ""}` : quoteValue ? inQuotes(t.value) : t.value;
  return (t.negated ? "-" : "") + key + op + value;
}

/** @param {string} text */
const isOperator = (text) => text === "AND" || text === "OR";

/** @param {string} text */
const inQuotes = (text) => `"${text.replace(/["\\]/g, "\\$&")}"`;
