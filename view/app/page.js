/**
 * The elements of page.templ and health.templ by their IDs. main.js finds them and passes this object to the parts.
 * @typedef {object} Page
 * @property {HTMLLinkElement} icon
 * @property {HTMLElement} link the state of the link
 * @property {HTMLElement} rate records per second
 * @property {HTMLElement} healthButton
 * @property {HTMLElement} helpButton
 * @property {HTMLElement} strip
 * @property {HTMLElement} summary
 * @property {HTMLElement} unfold
 * @property {HTMLElement} errors
 * @property {HTMLElement} lastHour
 * @property {HTMLElement} minute
 * @property {HTMLElement} filtersButton
 * @property {HTMLElement} levels
 * @property {HTMLInputElement} query
 * @property {HTMLElement} matchCount or what is wrong with the search
 * @property {HTMLElement} matchCase
 * @property {HTMLElement} exclude
 * @property {HTMLElement} highlight
 * @property {HTMLElement} previous
 * @property {HTMLElement} next
 * @property {HTMLElement} buffered
 * @property {HTMLInputElement} playbackRate
 * @property {HTMLElement} playbackText
 * @property {HTMLElement} pause
 * @property {HTMLElement} main
 * @property {HTMLElement} log the table, which scrolls
 * @property {HTMLElement} zone
 * @property {HTMLElement} rows
 * @property {HTMLTemplateElement} row
 * @property {HTMLElement} empty what is shown while there are no rows
 * @property {HTMLElement} emptyTitle
 * @property {HTMLElement} emptyText
 * @property {HTMLElement} emptyButton
 * @property {HTMLElement} newest
 * @property {HTMLElement} filters
 * @property {HTMLInputElement} find
 * @property {HTMLElement} loggers
 * @property {HTMLElement} channels
 * @property {HTMLElement} hosts
 * @property {HTMLDialogElement} help
 * @property {HTMLElement} helpClose
 * @property {HTMLElement} keys
 * @property {HTMLInputElement} utc
 * @property {HTMLInputElement} newestFirst
 * @property {HTMLInputElement} collapsed
 * @property {HTMLInputElement} announce
 * @property {HTMLElement} notice
 */
export {};
