import { el } from "./dom.js";
import { parseAny, stringify } from "./json.js";
import { NAMES } from "./levels.js";
import { iso } from "./time.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {ReturnType<typeof createRecordActions>} RecordActions */

/**
 * publicRecord returns a record as the stream sent it.
 * @param {import("./store.js").Store} store
 * @param {number} ord
 */
export function publicRecord(store, ord) {
  const i = ord % store.capacity;
  const pid = store.name("pid", ord);
  const all = {
    seq: store.seq[i],
    at: iso(store.at[i], true),
    channel: store.name("channel", ord),
    time: store.timed[i] ? iso(store.time[i], true) : "",
    level: store.level[i] ? NAMES[store.level[i]] : "",
    logger: store.name("logger", ord),
    message: store.message[i],
    source: store.name("source", ord),
    trace: store.trace[i],
    host: store.name("host", ord),
    pid: /^-?(?:0|[1-9]\d*)$/.test(pid) ? parseAny(pid) : pid,
    fields: store.fields[i] && parseAny(store.fields[i]),
    template: store.template(ord),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}

/**
 * createRecordActions copies records and loads their raw form.
 * @param {State} state
 * @param {import("./notice.js").Notice} notice
 * @param {(id: string) => string} linkTo
 * @param {Window & typeof globalThis} window
 */
export function createRecordActions({ store }, notice, linkTo, window) {
  /** @param {string} text */
  async function copy(text) {
    try {
      await window.navigator.clipboard.writeText(text);
      notice("Copied");
    } catch {
      // The clipboard API needs HTTPS.
      notice(copySelected(text, window.document) ? "Copied" : "Clipboard access denied");
    }
  }

  return {
    copy,
    /** @param {number} ord */
    copyJSON(ord) {
      const record = publicRecord(store, ord);
      // Fields that are nested too deep are copied as text.
      void copy(stringify(record, 2) || stringify({ ...record, fields: store.fields[ord % store.capacity] }, 2));
    },
    /** @param {number} ord */
    copyLink: (ord) => void copy(linkTo(store.id(ord))),
    /** @param {string} id */
    async raw(id) {
      try {
        const answer = await window.fetch(`?raw=${encodeURIComponent(id)}`, { credentials: "same-origin" });
        if (answer.status === 404) return "No longer in the server's memory.";
        return answer.ok ? await answer.text() : `The server answered ${answer.status}.`;
      } catch {
        return "Server unreachable.";
      }
    },
  };
}

/**
 * @param {string} text
 * @param {Document} document
 */
function copySelected(text, document) {
  const area = el("textarea", { class: "off" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
