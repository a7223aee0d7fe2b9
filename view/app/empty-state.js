import { text } from "./dom.js";
import { GAP } from "./levels.js";
import { capitalized, linkState, linkTrouble, linkWord } from "./link-state.js";
import { plural } from "./text.js";

/** @typedef {import("./state.js").State} State */

/** More gap rows than this leave no room for the message. */
const FEW = 6;

/** isEmpty reports whether no record is shown. Gaps do not count, since no filter hides them. @param {State} state */
function isEmpty({ shown, store }) {
  if (shown.size > FEW) return false;
  for (let n = shown.first; n < shown.end; n++) if (store.level[shown.at(n) % store.capacity] !== GAP) return false;
  return true;
}

/**
 * emptyWords returns the message that is shown instead of rows, and the label of its button: "" for no button.
 * @param {State} state
 */
export function emptyWords(state) {
  const hidden = state.store.size - state.shown.size;
  if (hidden > 0) return { title: "No record matches", words: `${plural(hidden, "record")} hidden by the filters.`, button: "Clear filters" };
  const { problem, when } = linkTrouble(state);
  if (linkState(state) !== "live") return { title: capitalized(linkWord(state)), words: problem + when, button: state.connection === "signed-out" ? "Reload" : "" };
  const sources = state.status?.redis.sources ?? [];
  const channel = sources.find((s) => s.kind === "channel" && /^[\w:.-]+$/.test(s.name));
  return {
    title: "Waiting for the first record",
    words: `Connected. No messages on ${sources.map((s) => s.name).join(", ") || "Redis"} yet. Check the channel name.${channel ? ` To test it: redis-cli publish ${channel.name} hello` : ""}`,
    button: "",
  };
}

/**
 * createEmptyState shows a message instead of the table while there are no rows.
 * @param {State} state
 * @param {import("./page.js").Page} page
 * @param {() => boolean} ready reports whether the table shows the result of the current filter
 * @param {() => void} clear the filters
 * @param {() => void} reload the page
 */
export function createEmptyState(state, { empty, emptyTitle, emptyText, emptyButton }, ready, clear, reload) {
  emptyButton.addEventListener("click", () => (state.connection === "signed-out" ? reload() : clear()));
  return {
    draw() {
      empty.hidden = !ready() || !isEmpty(state);
      if (empty.hidden) return;
      const { title, words, button } = emptyWords(state);
      text(emptyTitle, title);
      text(emptyText, words);
      emptyButton.hidden = button === "";
      text(emptyButton, button);
    },
  };
}
