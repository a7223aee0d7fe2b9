/** Levels as numbers, so that a level takes one byte and "this level and above" is a comparison. */
export const NONE = 0;
export const TRACE = 1;
export const DEBUG = 2;
export const INFO = 3;
export const WARNING = 4;
export const ERROR = 5;
export const CRITICAL = 6;
/** GAP is not a level: such a row says that records are missing. No filter hides it. */
export const GAP = 7;

/** NAMES are the levels' names by number. */
export const NAMES = ["none", "trace", "debug", "info", "warning", "error", "critical", "gap"];

/** ALL is the set of all levels as bits. */
export const ALL = (1 << GAP) - 1;

const byName = new Map(NAMES.slice(0, GAP).map((name, level) => [name, level]));

/**
 * level returns the number of a level's name, NONE for an unknown name.
 * @param {string | undefined} name
 */
export const level = (name) => (name === undefined ? NONE : byName.get(name) ?? NONE);

/**
 * andWorse returns the set of a level and all above.
 * @param {number} from
 */
export const andWorse = (from) => ALL & ~((1 << from) - 1);
