/**
 * A block is some lines of a trace: a heading or an error's own line ("head"), frames of the program ("own") or frames
 * of libraries and the runtime ("library").
 * @typedef {{kind: "head" | "own" | "library", frames: number, text: string}} Block
 */

/** The first line of a frame, by language: Python; JavaScript, Java and C#; Ruby and PHP; Elva's own "file:line func". */
const FRAME = /^\s+File "|^\s+at\s|^\s+from \S+:\d+|^#\d+ |^\S+:\d+(?::\d+)? \S+$|^\s+\.\.\. \d+ (?:more|common)/;
/** A Go frame is two lines: the call, then the file below it, indented by a tab. */
const GO_CALL = /^(?:\S+\(.*\)|created by \S+.*)$/;
const GO_FILE = /^\t\S+:\d+/;
/** An error's own line: a type's name, perhaps with its package, perhaps with a message. */
const ERROR_LINE = /^(?:Caused by: |panic: |Unhandled exception\. |Uncaught )?(?:[\w$]+(?:\.|::|\\|\/))*[A-Z][\w$]*(?:: |:?$)|^panic: |^fatal error: /;
const CHAINED = /^Caused by|^During handling|^The above exception|^\s*Suppressed: |^ ---> /;

/** Where code that isn't the program's own lives. */
const LIBRARY =
  /site-packages|dist-packages|[\\/]lib[\\/]python\d|<frozen |node_modules|\bnode:|[\\/]go[\\/]src[\\/]|[\\/]pkg[\\/]mod[\\/]|[\\/]gems[\\/]|[\\/]vendor[\\/]|\bat (?:java|javax|jakarta|jdk|sun|com\.sun|org\.(?:spring|apache|hibernate|eclipse|jboss|postgresql)|io\.netty|reactor|kotlin|scala|System|Microsoft)[.\w]|\s\.\.\. \d+ (?:more|common)/;

/**
 * blocks cuts a trace into its parts. Frames of libraries are told apart only where the trace has frames of its own:
 * hiding everything helps nobody.
 * @param {string} trace
 * @returns {Block[]}
 */
export function blocks(trace) {
  /** @type {Block[]} */
  const out = [];
  const lines = trace.split("\n");
  /** @param {Block["kind"]} kind @param {string[]} part @param {number} frames */
  const push = (kind, part, frames) => {
    const last = out.at(-1);
    const text = part.join("\n");
    if (last?.kind === kind) {
      last.text += "\n" + text;
      last.frames += frames;
    } else {
      out.push({ kind, frames, text });
    }
  };
  for (let i = 0; i < lines.length; ) {
    const begin = i;
    if (FRAME.test(lines[i])) {
      const indent = indentation(lines[i]);
      i++;
      // The source line and the marks below a Python frame belong to it.
      while (i < lines.length && indent > 0 && indentation(lines[i]) > indent && !FRAME.test(lines[i])) i++;
      const frame = lines.slice(begin, i);
      push(LIBRARY.test(frame[0]) ? "library" : "own", frame, 1);
    } else if (GO_CALL.test(lines[i]) && GO_FILE.test(lines[i + 1] ?? "")) {
      i += 2;
      push(LIBRARY.test(lines[begin + 1]) || /^(?:runtime|testing|reflect|net\/http)[./]/.test(lines[begin]) ? "library" : "own", lines.slice(begin, i), 1);
    } else {
      i++;
      push("head", [lines[begin]], 0);
    }
  }
  if (!out.some((block) => block.kind === "own")) return out.map((block) => (block.kind === "library" ? { ...block, kind: "own" } : block));
  return out;
}

/** @param {string} line */
const indentation = (line) => line.length - line.trimStart().length;

/**
 * part tells what a line of a "head" block is: an error's own line, the beginning of a chained error, or neither.
 * @param {string} line
 * @returns {"error" | "chained" | ""}
 */
export const part = (line) => (ERROR_LINE.test(line.trimEnd()) ? "error" : CHAINED.test(line) ? "chained" : "");
