/**
 * The server classifies the first 2,000 lines of a trace, with a letter for each (docs/records.md): e an exception, c a chained
 * one, o a frame of one's own code, l a frame of a library, - a continuation of the frame above, . other text.
 *
 * A part is a frame of one's own code, a run of library frames, or a few lines of anything else.
 * @typedef {{kind: "text" | "error" | "cause" | "own" | "library", frames: number, lines: string[]}} Part
 */

const KINDS = new Map(/** @type {[string, Part["kind"]][]} */ ([["e", "error"], ["c", "cause"], ["o", "own"], ["l", "library"]]));
/** The most lines in a part of text. */
const TEXT_LINES = 10;
/** A trace with more lines than this, each run of library frames counted as one, has its middle folded. */
const MAX_LINES = 45;
const FIRST_LINES = 20;
const LAST_LINES = 15;

/**
 * parts splits a trace. Without a frame of one's own code nothing is a library's: hiding everything would not help.
 * @param {string} trace
 * @param {string} letters
 */
export function parts(trace, letters) {
  /** @type {Part[]} */
  const out = [];
  const owned = letters.includes("o");
  trace.split("\n").forEach((line, n) => {
    const letter = letters[n] ?? ".";
    const last = out.at(-1);
    const isFrame = last?.kind === "own" || last?.kind === "library";
    const kind = letter === "l" && !owned ? "own" : KINDS.get(letter) ?? "text";
    if (last && ((letter === "-" && isFrame) || (kind === "library" && last.kind === kind) || (kind === "text" && last.kind === kind && last.lines.length < TEXT_LINES))) {
      last.lines.push(line);
      if (letter === "l") last.frames++;
    } else {
      out.push({ kind, frames: letter === "l" || letter === "o" ? 1 : 0, lines: [line] });
    }
  });
  return out;
}

/** A run of library frames is folded if that saves more than the line that says so. @param {Part} part */
export const isFolded = ({ kind, frames, lines }) => kind === "library" && (frames > 1 || lines.length > 2);

/** @param {Part} part */
const height = (part) => (isFolded(part) ? 1 : part.lines.length);

/**
 * folded returns the first parts of a trace, which are shown, the parts in the middle, which are folded, the number of their lines, and
 * the last parts, which are shown. Every language puts the important lines at the beginning or at the end.
 * @param {Part[]} all
 */
export function folded(all) {
  if (all.reduce((sum, part) => sum + height(part), 0) <= MAX_LINES) return { first: all, middle: [], lines: 0, last: [] };
  const first = all.slice(0, countParts(all, FIRST_LINES));
  const rest = all.slice(first.length);
  const last = rest.slice(rest.length - countParts([...rest].reverse(), LAST_LINES));
  const middle = rest.slice(0, rest.length - last.length);
  return { first, middle, lines: middle.reduce((sum, { lines }) => sum + lines.length, 0), last };
}

/** countParts returns how many of the first parts together have that many lines. @param {Part[]} all @param {number} lines */
function countParts(all, lines) {
  let n = 0;
  for (let left = lines; n < all.length && height(all[n]) <= left; n++) left -= height(all[n]);
  return n;
}

/** The places below a Go or Rust call, the marks below a line of Python, and Java's "... 2 more": everything else below a frame is code. */
const NO_CODE = /^\s*(?:at )?\S+:\d+\S*(?: \+0x[\da-f]+)?$|^[\s^~]+$|^\s*\.\.\. \d+ /;
/** The number of characters of a line that the expression is applied to. */
const LINE_CHARS = 300;

/** isCode reports whether a line below the first one of a frame is code. @param {string} line */
export const isCode = (line) => !NO_CODE.test(line.slice(0, LINE_CHARS));
