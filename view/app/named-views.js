/** What a reader named: the query of an address, and the columns that were shown. @typedef {{name: string, query: string, columns: string[]}} NamedView */

/** More views than these are no small menu; longer ones are no addresses. */
const MAX_VIEWS = 50;
const MAX_NAME = 100;
const MAX_QUERY = 8000;
const MAX_COLUMNS = 20;

/** readColumns reads the columns of an address. @param {string} text */
export const readColumns = (text) => text.split(",").filter(Boolean).slice(0, MAX_COLUMNS);

/**
 * arranged returns a table's columns so that only some are shown, in their order.
 * @param {import("./settings.js").Column[]} columns
 * @param {string[]} shown
 */
export function arranged(columns, shown) {
  const first = shown.map((name) => ({ width: 0, ...columns.find((column) => column.name === name), name, hidden: false }));
  return [...first, ...columns.filter(({ name }) => !shown.includes(name)).map((column) => ({ ...column, hidden: true }))];
}

/** linkOf returns the query of a view's link. @param {NamedView} view */
export function linkOf({ query, columns }) {
  const own = columns.length ? `columns=${columns.map(encodeURIComponent).join(",")}` : "";
  return [query, own].filter(Boolean).join("&");
}

/** NamedViews are the views that a reader named, kept in this browser. */
export class NamedViews {
  /**
   * @param {{getItem: (key: string) => string | null, setItem: (key: string, value: string) => void}} storage
   * @param {string} key
   */
  constructor(storage, key) {
    this.storage = storage;
    this.key = key;
  }

  /** list reads the views. What is not valid is left out. @returns {NamedView[]} */
  list() {
    let all;
    try {
      all = JSON.parse(this.storage.getItem(this.key) ?? "");
    } catch {
      return [];
    }
    return (Array.isArray(all) ? all : []).slice(0, MAX_VIEWS).map((/** @type {any} */ one) => ({
      name: String(one?.name ?? "").slice(0, MAX_NAME), query: String(one?.query ?? "").slice(0, MAX_QUERY),
      columns: Array.isArray(one?.columns) ? one.columns.slice(0, MAX_COLUMNS).map(String) : [],
    })).filter(({ name }) => name);
  }

  /** save keeps a view, in place of one with the same name. @param {NamedView} view */
  save(view) {
    const name = view.name.trim().slice(0, MAX_NAME);
    if (name) this.#write([...this.list().filter((other) => other.name !== name), { ...view, name }].slice(-MAX_VIEWS));
  }

  /** @param {string} name */
  remove(name) {
    this.#write(this.list().filter((other) => other.name !== name));
  }

  /** @param {NamedView[]} views */
  #write(views) {
    try {
      this.storage.setItem(this.key, JSON.stringify(views));
    } catch {
      // The storage is full: the view is not kept.
    }
  }
}
