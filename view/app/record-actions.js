import { el } from "./dom.js";
import { parseAny, stringify } from "./json.js";
import { NAMES } from "./levels.js";
import { nameOf } from "./record-page.js";
import { recordText } from "./record-text.js";
import { DETAIL_CHARS } from "./text.js";
import { iso } from "./time.js";
import { readIDs } from "./wire.js";

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
    traceLines: store.traceLines(ord),
    exception: present(store.exception(ord)),
    host: store.name("host", ord),
    pid: /^-?(?:0|[1-9]\d*)$/.test(pid) ? parseAny(pid) : pid,
    fields: store.fields[i] && parseAny(store.fields[i]),
    ids: readIDs(store.ids[i]).map(present),
    entry: store.entry[i],
    template: store.template(ord),
    pattern: store.pattern(ord),
  };
  return present(all);
}

/** present returns an object without its empty members. @param {object | undefined} members */
const present = (members) => members && Object.fromEntries(Object.entries(members).filter(([, value]) => value !== "" && value !== undefined && !(Array.isArray(value) && value.length === 0)));

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
    copyText: (ord) => void copy(recordText(store, ord)),
    /** @param {number} ord */
    copyJSON(ord) {
      const record = publicRecord(store, ord);
      // Fields that are nested too deep are copied as text.
      void copy(stringify(record, 2) || stringify({ ...record, fields: store.fields[ord % store.capacity] }, 2));
    },
    /** @param {number} ord */
    copyLink: (ord) => void copy(linkTo(nameOf(store, ord))),
    /** @param {string} id */
    async raw(id) {
      try {
        const answer = await window.fetch(`?raw=${encodeURIComponent(id)}`, { credentials: "same-origin" });
        if (answer.status === 404) return "No longer in the server's memory.";
        return answer.ok ? payloadText(new Uint8Array(await answer.arrayBuffer())) : `The server answered ${answer.status}.`;
      } catch {
        return "Server unreachable.";
      }
    },
  };
}

/**
 * payloadText returns a payload as text. What is no UTF-8 is shown byte by byte.
 * @param {Uint8Array} payload
 */
function payloadText(payload) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
  } catch {
    const byte = (/** @type {number} */ b) => (b < 128 ? String.fromCharCode(b) : `\\x${b.toString(16)}`);
    return `No UTF-8. Bytes above 7f are shown as \\xNN:\n${Array.from(payload.subarray(0, DETAIL_CHARS), byte).join("")}`;
  }
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
