import { NAMED } from "./filter.js";
import { ALL, andWorse, level, NAMES } from "./levels.js";
import { everything, parseParams, parseQuery, printClauses, printTerm } from "./query.js";
import { QueryError } from "./query-error.js";
import { iso } from "./time.js";

/** @typedef {import("./filter.js").Filter} Filter */
/** @typedef {import("./filter.js").Param} Param */
/** @typedef {import("./query-terms.js").Part} Part */

/** A name with this prefix is the path of a field. */
const FIELD = "fields.";

/** @param {string} name */
const isNamed = (name) => /** @type {readonly string[]} */ (NAMED).includes(name);

/** levelsOf returns the set of levels that levelsText has written. @param {string} words */
const levelsOf = (words) => (words === "none" || words.includes(",") ? words.split(",").filter(Boolean).reduce((bits, name) => bits | (1 << level(name)), 0) : andWorse(level(words)));

/** now returns the time in nanoseconds, as the grammar counts it. */
const now = () => BigInt(Date.now()) * 1_000_000n;

/**
 * attempt runs a function that may throw a QueryError. It returns the message of the error, or "" if there is none.
 * @param {() => void} act
 */
function attempt(act) {
  try {
    act();
    return "";
  } catch (error) {
    if (error instanceof QueryError) return error.message;
    throw error;
  }
}

/**
 * edits returns the functions that change a filter by the rules of its grammar.
 * @param {Filter} filter
 */
export function edits(filter) {
  /** without removes one value of a list. @param {string[]} list @param {string} value */
  const without = (list, value) => list.filter((other) => other !== value);

  /** @param {Param} param */
  function remove([name, value]) {
    if (isNamed(name)) {
      const column = /** @type {import("./filter.js").Named} */ (name);
      filter.names[column] = without(filter.names[column], value);
    } else if (name === "id") filter.ids = without(filter.ids, value);
    else if (name === "time") filter.from = filter.to = "";
    else if (name === "level") filter.levels = ALL;
    else if (name === "from" || name === "to") filter[name] = "";
    else filter.clauses = without(filter.clauses, value);
  }

  /** add adds a parameter. A range is the parameter time with both ends, FROM/TO. @param {Param} param */
  function add([name, value]) {
    remove([name, value]);
    if (name === "time" || name === "level") filter.off = filter.off.filter(([off]) => off !== name); // there is only one range and one set of levels
    if (name === "time") {
      [filter.from, filter.to = ""] = value.split("/");
      return;
    }
    if (name === "level") {
      filter.levels = levelsOf(value);
      return;
    }
    if (isNamed(name)) filter.names[/** @type {import("./filter.js").Named} */ (name)].push(value);
    else if (name === "id") filter.ids.push(value);
    else if (name === "from" || name === "to") filter[name] = value;
    else if (name === "q") filter.clauses.push(value);
  }

  /** term returns the clause that selects or excludes a value of a part or a field. @param {string} name @param {string} value @param {boolean} shown */
  function term(name, value, shown) {
    const key = name.startsWith(FIELD) ? name.slice(FIELD.length) : "";
    return printTerm({ negated: !shown, part: /** @type {Part} */ (key ? "field" : name), op: "=", only: key !== "", ignoreCase: false, key, value });
  }

  /**
   * chooseName shows only one value of a column, or hides it.
   * @param {import("./filter.js").Named} name
   * @param {string} value "" for records without one
   * @param {boolean} shown
   */
  function chooseName(name, value, shown) {
    const clause = value === "" ? `${shown ? "-" : ""}${name}:*` : value.startsWith("-") ? term(name, value, shown) : "";
    if (clause) {
      add(["q", clause]);
      return;
    }
    if (shown) filter.names[name] = [value];
    else add([name, `-${value}`]);
  }

  /**
   * choose shows only the records that have a value, or hides them.
   * @param {string} name of a part of the record, or "fields." and a path
   * @param {string} value
   * @param {boolean} shown
   */
  function choose(name, value, shown) {
    if (name === "level") {
      const bit = 1 << level(value);
      filter.levels = shown ? bit : filter.levels & ~bit;
    } else if (isNamed(name)) chooseName(/** @type {import("./filter.js").Named} */ (name), value, shown);
    else {
      remove(["q", term(name, value, !shown)]);
      add(["q", term(name, value, shown)]);
    }
  }

  return {
    add, remove,
    /**
     * read sets the filter from an address. If the address is invalid, it returns the error and leaves the filter unchanged.
     * @param {string} search its query, without the page's own parameters
     */
    read(search) {
      let parsed = everything();
      const error = attempt(() => (parsed = parseParams(search, now())));
      if (error) return error;
      filter.clear();
      const { levels } = parsed;
      filter.levels = levels ? levels.reduce((bits, name) => bits | (1 << NAMES.indexOf(name)), 0) : ALL;
      filter.clauses = printClauses(parsed);
      filter.ids = parsed.ids;
      filter.names = parsed.names;
      filter.from = parsed.from?.text ?? "";
      filter.to = parsed.to?.text ?? "";
      filter.matchCase = parsed.matchCase;
      return "";
    },
    /** commit turns the query in the search field into chips. If the query is invalid, it returns the error. */
    commit() {
      return attempt(() => {
        for (const clause of printClauses(parseQuery(filter.text, filter.matchCase))) add(["q", clause]);
        filter.text = "";
      });
    },
    /** has reports whether a parameter is in force. @param {Param} param */
    has: ([name, value]) => filter.params().some(([n, v]) => n === name && v === value) || (name === "q" && filter.clauses.includes(value)),
    /** toggle switches a chip off or on again. The filter remembers a chip that is off. @param {Param} param */
    toggle(param) {
      const was = filter.off.length;
      filter.off = filter.off.filter(([name, value]) => name !== param[0] || value !== param[1]);
      if (filter.off.length < was) add(param);
      else {
        remove(param);
        filter.off.push(param);
      }
    },
    choose,
    /**
     * take adds a filter that the server made, or its opposite.
     * @param {string} query the parameters of an address
     * @param {boolean} shown
     */
    take(query, shown) {
      for (const [name, value] of new URLSearchParams(query)) {
        if (name === "level") choose(name, value.replace(/,$/, ""), shown);
        else if (name === "q") {
          const opposite = value.startsWith("-") ? value.slice(1) : `-${value}`;
          remove(["q", shown ? opposite : value]);
          add(["q", shown ? value : opposite]);
        } else if (shown || !isNamed(name)) add([name, value]);
        else add([name, value.startsWith("-") ? value.slice(1) : `-${value}`]);
      }
    },
    /** chooseTime shows only records from a time on, or up to and including a time. @param {"from" | "to"} end @param {number} ms */
    chooseTime: (end, ms) => add([end, iso(end === "to" ? ms + 0.001 : ms, true)]),
    /** paramTerm returns a parameter, but not the range, as a clause of a query, to be edited in the search field. @param {Param} param */
    paramTerm([name, value]) {
      if (name === "q") return value;
      const negated = value.startsWith("-") && name !== "id";
      const part = /** @type {Part} */ (name === "id" ? "ids" : name);
      return printTerm({ negated, part, op: ":", only: false, ignoreCase: false, key: "", value: negated ? value.slice(1) : value });
    },
  };
}
