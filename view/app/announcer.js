import { text } from "./dom.js";
import { plural } from "./text.js";

/** How often (ms) new records are announced. */
const INTERVAL = 10_000;

/**
 * startAnnouncer announces the number of new records to screen readers, if the reader has turned it on.
 * @param {import("./state.js").State} state
 * @param {import("./page.js").Page} page
 */
export function startAnnouncer(state, { notice }) {
  let { total } = state.store;
  let failed = errors(state);
  setInterval(() => {
    const news = newsText(state.store.total - total, errors(state) - failed);
    total = state.store.total;
    failed = errors(state);
    if (state.settings.announce && news) text(notice, news);
  }, INTERVAL);
}

/** @param {import("./state.js").State} state */
function errors({ status }) {
  const { error = 0, critical = 0 } = status?.counts ?? {};
  return error + critical;
}

/**
 * @param {number} records
 * @param {number} failed
 */
export const newsText = (records, failed) => (records > 0 ? plural(records, "new record") + (failed > 0 ? `, ${plural(failed, "error")}` : "") : "");
