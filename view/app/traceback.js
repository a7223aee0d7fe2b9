import { DETAIL_CHARS, ROW_CHARS } from "./text.js";

/**
 * Some lines of a traceback: headings and error lines ("head"), frames of the program ("own"), or frames of libraries and the
 * runtime ("library").
 * @typedef {{kind: "head" | "own" | "library", frames: number, text: string}} Block
 */

/** The expressions below see only this much of a line, since some take quadratic time. Frames are short. */
const LINE_CHARS = 300;
/** The most lines that are split into blocks: each block is at least one element. */
const MAX_LINES = 1000;

/** The first line of a frame, by language: Python; JavaScript, Java and C#; Ruby and PHP; Elva's own "file:line func". */
const FRAME = /^\s+File "|^\s+at\s|^\s+from \S+:\d+|^#\d+ |^\S+:\d+(?::\d+)? \S+$|^\s+\.\.\. \d+ (?:more|common)/;
/** A Go frame is two lines: the call, then the file below it, indented by a tab. */
const GO_CALL = /^(?:\S+\(.*\)|created by \S+.*)$/;
const GO_FILE = /^\t\S+:\d+/;
/** The line of an error: a type, optionally with its package and a message. */
const ERROR_LINE = /^(?:Caused by: |panic: |Unhandled exception\. |Uncaught )?(?:[\w$]+(?:\.|::|\\|\/))*[A-Z][\w$]*(?:: |:?$)|^panic: |^fatal error: /;
const CHAINED = /^Caused by|^During handling|^The above exception|^\s*Suppressed: |^ ---> /;

/** Paths and packages of library code. */
const LIBRARY =
  /site-packages|dist-packages|[\\/]lib[\\/]python\d|<frozen |node_modules|\bnode:|[\\/]go[\\/]src[\\/]|[\\/]pkg[\\/]mod[\\/]|[\\/]gems[\\/]|[\\/]vendor[\\/]|\bat (?:java|javax|jakarta|jdk|sun|com\.sun|org\.(?:spring|apache|hibernate|eclipse|jboss|postgresql)|io\.netty|reactor|kotlin|scala|System|Microsoft)[.\w]|\s\.\.\. \d+ (?:more|common)/;
const GO_LIBRARY = /^(?:runtime|testing|reflect|net\/http)[./]/;

/**
 * blocks splits a traceback into its parts. Without any frames of the program, all frames count as its own: hiding everything
 * would not help.
 * @param {string} trace at most DETAIL_CHARS of it
 * @returns {Block[]}
 */
export function blocks(trace) {
  /** @type {Block[]} */
  const out = [];
  const whole = trace.slice(0, DETAIL_CHARS).split("\n");
  const lines = whole.slice(0, MAX_LINES).map((line) => line.slice(0, LINE_CHARS));
  /** @param {Block["kind"]} kind @param {number} begin @param {number} end @param {number} frames */
  const push = (kind, begin, end, frames) => {
    const last = out.at(-1);
    const text = whole.slice(begin, end).join("\n");
    if (last?.kind === kind) {
      last.text += `\n${text}`;
      last.frames += frames;
    } else {
      out.push({ kind, frames, text });
    }
  };
  for (let i = 0; i < lines.length; ) {
    const begin = i++;
    const line = lines[begin];
    if (FRAME.test(line)) {
      const indent = indentation(line);
      // The source line and the markers below a Python frame belong to it.
      while (i < lines.length && indent > 0 && indentation(lines[i]) > indent && !FRAME.test(lines[i])) i++;
      push(LIBRARY.test(line) ? "library" : "own", begin, i, 1);
    } else if (GO_CALL.test(line) && GO_FILE.test(lines[i] ?? "")) {
      push(LIBRARY.test(lines[i]) || GO_LIBRARY.test(line) ? "library" : "own", begin, ++i, 1);
    } else {
      push("head", begin, i, 0);
    }
  }
  if (whole.length > MAX_LINES) push("head", MAX_LINES, whole.length, 0);
  if (!out.some((block) => block.kind === "own")) return out.map((block) => (block.kind === "library" ? { ...block, kind: "own" } : block));
  return out;
}

/** @param {string} line */
const indentation = (line) => line.length - line.trimStart().length;

/**
 * part reports whether a line of a "head" block is an error, the beginning of a chained error, or neither.
 * @param {string} line
 * @returns {"error" | "chained" | ""}
 */
export function part(line) {
  const begin = line.slice(0, LINE_CHARS).trimEnd();
  return ERROR_LINE.test(begin) ? "error" : CHAINED.test(begin) ? "chained" : "";
}

/**
 * headline returns the line of a traceback that says what went wrong: the first if the frames follow it, else the last.
 * @param {string} trace
 */
export function headline(trace) {
  const begin = trace.slice(0, 2000);
  const first = /^[ \t]+at |^\t/m.test(begin) && !/^Traceback/m.test(begin);
  const lines = (first ? trace.slice(0, ROW_CHARS) : trace.slice(-ROW_CHARS)).split("\n").filter((line) => line.trim() !== "");
  return (first ? lines[0] : lines.at(-1))?.trim() ?? "";
}
