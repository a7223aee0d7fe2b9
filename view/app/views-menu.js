import { el } from "./dom.js";
import { arranged, linkOf, NamedViews } from "./named-views.js";
import { storage } from "./storage.js";

/** The page's own views, with their keys. */
const VIEWS = /** @type {const} */ ([["", "Log", ""], ["patterns", "Patterns", "a"], ["operations", "Operations", "o"], ["fields", "Fields", ""], ["wallboard", "Wallboard", "w"]]);

/**
 * createViewsMenu lists the page's own views and those that the reader has named.
 * @param {import("./explore.js").Desk} desk
 */
export function createViewsMenu(desk) {
  const { state, window } = desk;
  const { location } = window;
  const saved = new NamedViews(storage(window), `elva-views ${location.pathname}`);
  const list = el("ul", { "aria-label": "Saved views" });
  const name = el("input", { type: "text", maxlength: "100", "aria-label": "Name of this view", placeholder: "Name this view", autocomplete: "off" });
  const dialog = el("dialog", { class: "views", "aria-label": "Views", click: (/** @type {Event} */ { target }) => target === dialog && dialog.close() },
    el("h2", {}, "Views"),
    el("ul", {}, ...VIEWS.map(([view, words, key]) => el("li", {}, el("a", { href: view ? `?view=${view}` : location.pathname, click: desk.follows(() => {
      dialog.close();
      desk.openView(view);
    }) }, words), ...(key ? [el("kbd", {}, key)] : [])))),
    el("h3", {}, "Saved in this browser"), list,
    el("form", { submit: (/** @type {Event} */ event) => {
      event.preventDefault();
      saved.save({ name: name.value, query: desk.address(), columns: shownColumns() });
      name.value = "";
      draw();
    } }, name, el("button", { type: "submit", title: "Keep the filters, the range and the columns under a name" }, "Save")),
    el("button", { type: "button", class: "close", click: () => dialog.close() }, "Close"));

  const shownColumns = () => state.settings.columns.filter(({ hidden }) => !hidden).map((column) => column.name);

  function draw() {
    const all = saved.list();
    list.replaceChildren(...all.map((view) => el("li", {},
      el("a", { href: `?${linkOf(view)}`, click: desk.follows(() => {
        dialog.close();
        takeColumns(view.columns);
        desk.goToAddress(view.query);
      }) }, view.name),
      el("button", { type: "button", "aria-label": `Copy a link to ${view.name}`, click: () => void desk.copy(`${location.origin}${location.pathname}?${linkOf(view)}`) }, "Link"),
      el("button", { type: "button", "aria-label": `Remove ${view.name}`, click: () => {
        saved.remove(view.name);
        draw();
        name.focus();
      } }, "×"))));
    if (!all.length) list.replaceChildren(el("li", { class: "none" }, "None yet."));
  }

  /** takeColumns shows only the given columns. @param {string[]} columns */
  function takeColumns(columns) {
    if (columns.length) desk.settings.set({ columns: arranged(state.settings.columns, columns) });
  }

  return {
    el: dialog, takeColumns,
    async open() {
      await desk.later(); // loads the style of dialogs
      draw();
      if (!dialog.open) dialog.showModal();
    },
  };
}
