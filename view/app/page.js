/**
 * The elements of page.templ and health.templ by their IDs. main.js finds them and passes this object to the parts.
 * @typedef {object} Page
 * @property {HTMLLinkElement} icon
 * @property {HTMLElement} summary
 * @property {HTMLElement} state the state in the summary
 * @property {HTMLElement} sentence
 * @property {HTMLElement} rate records per second
 * @property {HTMLElement} healthButton
 * @property {HTMLElement} viewsButton
 * @property {HTMLElement} settingsButton
 * @property {HTMLElement} helpButton
 * @property {HTMLElement} timeline filled by the third file
 * @property {HTMLElement} tools
 * @property {HTMLElement} filtersButton
 * @property {HTMLInputElement} query
 * @property {HTMLElement} matchCase
 * @property {HTMLElement} regexp
 * @property {HTMLElement} highlight
 * @property {HTMLElement} previous
 * @property {HTMLElement} next
 * @property {HTMLElement} levels
 * @property {HTMLElement} link the state of the link
 * @property {HTMLElement} buffered
 * @property {HTMLElement} pause
 * @property {HTMLElement} chips
 * @property {HTMLElement} chipList
 * @property {HTMLElement} clear
 * @property {HTMLElement} matchCount or what is wrong with the search
 * @property {HTMLElement} main
 * @property {HTMLElement} log the table, which scrolls
 * @property {HTMLElement} zone
 * @property {HTMLElement} messageName the name of the message column
 * @property {HTMLElement} rows
 * @property {HTMLTemplateElement} row
 * @property {HTMLElement} empty what is shown while there are no rows
 * @property {HTMLElement} emptyTitle
 * @property {HTMLElement} emptyText
 * @property {HTMLElement} emptyButton
 * @property {HTMLElement} newest
 * @property {HTMLElement} filters
 * @property {HTMLInputElement} find
 * @property {HTMLElement} settings
 * @property {HTMLDialogElement} help
 * @property {HTMLElement} notice
 */
export {};
