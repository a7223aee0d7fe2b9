/** A view with a name: the query of an address, and the visible columns. @typedef {{name: string, query: string, columns: string[]}} NamedView */

/** MAX_VIEWS: the most views that fit into a menu. MAX_QUERY: the greatest length of a usable address. */
const MAX_VIEWS = 50;
const MAX_NAME = 100;
const MAX_QUERY = 8000;
const MAX_COLUMNS = 20;

/** readColumns reads the columns of an address. @param {string} text */
export const readColumns = (text) => text.split(",").filter(Boolean).slice(0, MAX_COLUMNS);

/**
 * arranged returns a table's columns with only those in shown visible, in that order.
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

/** NamedViews stores the views that the reader has named in this browser. */
export class NamedViews {
  /**
   * @param {{getItem: (key: string) => string | null, setItem: (key: string, value: string) => void}} storage
   * @param {string} key
   */
  constructor(storage, key) {
    this.storage = storage;
    this.key = key;
  }

  /** list returns the views. It leaves out invalid ones. @returns {NamedView[]} */
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

  /** save stores a view. It replaces a view with the same name. @param {NamedView} view */
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
      // The storage is full, so the view is not stored.
    }
  }
}
