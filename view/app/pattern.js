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
  if (regex && (nested(text) || ways(text) > MANY)) return { re: null, error: "nested repeats or choices could take for ever" };
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
 * interrupt a regular expression once it runs. Some harmless ones, as (,\d+)*, are refused with them.
 * @param {string} source
 */
export function nested(source) {
  // From the inside out, each group becomes one sign.
  let rest = simple(source);
  for (;;) {
    const group = /\((?:\?(?:[:=!]|<[=!]|<\w+>))?([^()]*)\)([*+]|\{\d+,\})?/.exec(rest);
    if (!group) return false;
    const repeats = /[*+\ue001]|\{\d+,\}/.test(group[1]);
    if (group[2] && (repeats || ambiguous(group[1].split("|")))) return true;
    rest = rest.replace(group[0], repeats || group[2] ? REPEATS : ANY);
  }
}

/**
 * simple is a pattern in which each escape and each class is one sign.
 * @param {string} source
 */
const simple = (source) => source.replace(/\\.|\[\^?\]?(?:\\.|[^\]\\])*\]/gs, ANY);

/** Signs that stand for what can match anything, and for a group with a repeat inside: of no use in a real pattern. */
const ANY = "\ue000";
const REPEATS = "\ue001";

/**
 * ambiguous tells whether of several alternatives one can begin like another.
 * @param {string[]} branches
 */
const ambiguous = (branches) =>
  branches.length > 1 && branches.some((branch, i) => !/^[^.\ue000\ue001]/.test(branch) || branches.findIndex((other) => other[0] === branch[0]) !== i);

/** So long a text is harmless for a pattern with one repeat. */
const EASY = 1000;
/** So long a text is harmless for a pattern with a repeated group, or with more choices than FEW. */
const GROUP = 16;
/** So many choices are harmless on a text of any length; so many could take for ever on any, and no trial finds it out: (a|a) thirty times in a row. */
const FEW = 8;
const MANY = 20;

/**
 * ways is how many choices a pattern without repeats has at each place of a text, all together and as a power of two.
 * @param {string} source
 */
function ways(source) {
  /** @type {[number, number][]} */
  const outer = [];
  let n = 0;
  let branches = 1;
  for (const [sign, times = "1"] of `${simple(source)})`.matchAll(/\((?:\?(?:[:=!]|<[=!]?))?|\)(?:\{(?:\d+,)?(\d+)\})?|[|?]/g)) {
    if (sign === "|") branches++;
    else if (sign === "?") n++;
    else if (sign[0] === "(") {
      outer.push([n, branches]);
      [n, branches] = [0, 1];
    } else {
      const inner = (n + Math.log2(branches)) * Number(times);
      [n, branches] = outer.pop() ?? [0, 1];
      n += inner;
    }
  }
  return n;
}

/**
 * harmless is how long a text may be that a pattern can be tried on without care: shorter, the more repeats there are,
 * since n of them may look at a text of length l in l to the power of n+1 ways; a repeated group, or one alternative after
 * another, may double them with each character.
 * @param {string} source
 */
export function harmless(source) {
  const plain = simple(source);
  const repeats = (plain.match(/[*+]|\{\d+,/g) ?? []).length;
  const choices = ways(source);
  if (choices > FEW || /\)(?:[*+]|\{\d+,|\{\d\d)/.test(plain)) return GROUP;
  // Without a repeat at each place there are only so many ways as the alternatives make together.
  if (repeats === 0 && !plain.includes("){")) return Infinity;
  return repeats < 2 ? EASY : 24 + Math.floor(640 / 4 ** (repeats - 1));
}

/**
 * needed is what words a text must have for a pattern to be found in it. Of what is optional, repeated,
 * in a group or among alternatives there is none.
 * @param {string} source
 */
export function needed(source) {
  let rest = source.replace(/\\(?:k<[^>]*>|[pPu]\{[^}]*\}|x..|u....|c.|\d+|.)/gs, ANY).replace(/\[[^\]]*\]/g, ANY);
  while (rest !== (rest = rest.replace(/\([^()]*\)/g, ANY)));
  if (rest.includes("|")) return [];
  const words = rest.replace(/.(?:[?*]|\{[\d,]+\})/gsu, ANY).split(/[^\p{L}\p{N}_ =:/-]+/u);
  return words.filter((word) => word.length > 1);
}

/** A trial that takes so long (ms), so often, would take for ever on a longer text; once, it may be a busy machine. */
const TRIAL = 4;
const TRIALS = 4;

/**
 * endures tells whether a pattern may be tried on a whole text: nothing can interrupt a regular expression once it runs, so
 * it is tried on beginnings first, each a little longer than the one before. They end with a sign that no pattern expects.
 * @param {RegExp} re
 * @param {string} text
 * @param {number} from the length that is harmless
 */
export function endures(re, text, from) {
  for (let length = from; length < text.length; length += from === GROUP ? 4 : from) {
    const trial = text.slice(0, length) + ANY;
    for (let tries = 1, begin = 0; ; tries++) {
      begin = performance.now();
      re.test(trial);
      if (performance.now() - begin < TRIAL) break;
      if (tries === TRIALS) return false;
    }
  }
  return true;
}
