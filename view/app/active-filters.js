import { el, put } from "./dom.js";

/**
 * createActiveFilters lists the field values that records must or must not have, each with a button to remove it.
 * @param {import("./filter.js").Filter} filter
 * @param {HTMLElement} panel
 * @param {() => void} changed
 */
export function createActiveFilters(filter, panel, changed) {
  const list = el("div", { class: "ticks" });
  const box = el("section", { id: "activeFilters", "aria-label": "Active filters" }, el("h2", {}, "Active filters"), list);
  let drawn = "";
  panel.prepend(box);

  /** @param {string} word */
  function row(word) {
    const words = word.startsWith("-") ? `not ${word.slice(1)}` : word;
    return el("div", { class: "tick", title: words }, el("span", {}, words), el("button", { type: "button", "aria-label": `Remove ${words}`, click: () => {
      filter.fields = filter.fields.filter((other) => other !== word);
      changed();
    } }, "×"));
  }

  return {
    draw() {
      const words = filter.fields.join("\n");
      box.hidden = filter.fields.length === 0;
      if (words === drawn) return;
      drawn = words;
      list.replaceChildren();
      put(list, ...filter.fields.map(row));
    },
  };
}
