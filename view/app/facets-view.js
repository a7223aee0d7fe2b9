import { attribute, el, text } from "./dom.js";
import { readFacets } from "./explore-data.js";
import { createKeyedList } from "./keyed-list.js";
import { percent } from "./patterns.js";
import { count, oneLine, plural } from "./text.js";

/** @typedef {import("./explore-data.js").Facet} Facet */

const INTERVAL = 5000;
/** MAX_FIELDS: the most fields that are shown. MAX_VALUES: the most values of each. */
const MAX_FIELDS = 60;
const MAX_VALUES = 10;

/** figure formats a number of a field. @param {number} n */
export const figure = (n) => (isNaN(n) ? "–" : n.toLocaleString("en", { maximumSignificantDigits: 4 }));

/**
 * createFacetsView shows the values of each field of the records that the filter selects.
 * @param {import("./explore.js").Desk} desk
 */
export function createFacetsView(desk) {
  /** @type {import("./explore-data.js").Facets} */
  let answer = readFacets({});
  /** The fields that the reader has added. @type {string[]} */
  const wanted = [];

  const find = el("input", { type: "search", "aria-label": "Find or add a field", placeholder: "Find or add a field: status, http.route", maxlength: "200", autocomplete: "off", spellcheck: "false", input: draw, keydown: (/** @type {KeyboardEvent} */ { key }) => key === "Enter" && add() });
  const list = el("div", { class: "facets" });
  // A field may have the same name as a part of the record.
  const cards = createKeyedList(list, (/** @type {Facet} */ one) => `${one.field} ${one.values[0]?.filter.startsWith("fields.")}`, makeCard, MAX_FIELDS);

  function add() {
    const field = find.value.trim();
    if (!field) return;
    if (!wanted.includes(field)) wanted.push(field);
    find.value = "";
    desk.refresh();
  }

  /** @param {Facet} facet */
  function makeCard({ field }) {
    const [present, numbers, more] = [el("span"), el("dl", { class: "numbers" }), el("p", { class: "rest" })];
    const values = el("ol");
    const rows = createKeyedList(values, (/** @type {Facet["values"][number]} */ one) => one.filter || one.value, ({ value, filter }) => {
      const shown = oneLine(value) || "(empty)";
      const [number, share] = [el("span", { class: "count" }), el("i")];
      const act = (/** @type {boolean} */ only) => () => void desk.choose((search) => search.take(`q=${encodeURIComponent(filter)}`, only));
      const row = el("li", {}, share, el("button", { type: "button", class: "value", title: `Only ${shown}`, "data-row": true, click: act(true) }, shown),
        el("button", { type: "button", class: "out", "aria-label": `Not ${shown}`, title: `Not ${shown}`, click: act(false) }, "≠"), number);
      return { el: row, number, share };
    }, MAX_VALUES);
    return { el: el("section", { class: "facet", "aria-label": field }, el("h2", {}, field, present), numbers, values, more), present, numbers, rows, more };
  }

  function draw() {
    const words = find.value.trim().toLowerCase();
    const shown = answer.facets.filter(({ field }) => field.toLowerCase().includes(words));
    cards(shown, (card, facet) => {
      const { present, distinct, values, others, more, number } = facet;
      text(card.present, `${percent(present, answer.records)} · ${count(distinct)}${more ? "+" : ""} ${distinct === 1 ? "value" : "values"}`);
      attribute(card.present, "title", `${count(present)} of ${plural(answer.records, "record")}`);
      card.numbers.hidden = !number;
      if (number) card.numbers.replaceChildren(...[["min", number.min], ["median", number.median], ["95 %", number.p95], ["max", number.max]].map(([name, n]) => el("div", {}, el("dt", {}, String(name)), el("dd", {}, figure(Number(n))))));
      // A list of values that all occur only once is useless.
      const telling = values.some((one) => one.count > 1) || distinct <= MAX_VALUES;
      card.rows(telling ? values : [], (row, one) => {
        text(row.number, count(one.count));
        attribute(row.number, "title", percent(one.count, present));
        row.share.style.width = `${(100 * one.count) / Math.max(1, present)}%`;
      });
      text(card.more, !telling ? "No value occurs twice." : others ? `${plural(others, "record")} with other values` : "");
    });
    desk.say(shown.length ? `${plural(answer.records, "record")}${answer.complete ? "" : " so far: the search was cut"}.` : words ? "Press Enter to look for this field." : "No records match.");
  }

  return {
    name: "Fields", label: "Fields", every: INTERVAL, bar: [find], body: [list], find,
    async refresh() {
      answer = readFacets(JSON.parse(await desk.ask("facets", [...wanted.map((field) => `field=${encodeURIComponent(field)}`), desk.query()].filter(Boolean).join("&"))));
      draw();
    },
  };
}
