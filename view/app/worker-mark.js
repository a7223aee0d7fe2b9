import { attribute } from "./dom.js";

/** How many colors distinguish names, and how many shapes distinguish workers. The style sheet has them. */
const HUES = 6;
const SHAPES = 4;

/** mark returns a small number that is always the same for a name (FNV-1a). @param {string} name */
function mark(name) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** paint gives an element the color of a name. @param {HTMLElement} e @param {string} name */
export const paint = (e, name) => attribute(e, "data-hue", String(mark(name) % HUES));

/** paintWorker gives a worker's dot the color and the shape of its name. @param {HTMLElement} dot @param {string} name */
export function paintWorker(dot, name) {
  paint(dot, name);
  attribute(dot, "data-shape", String(Math.floor(mark(name) / HUES) % SHAPES));
}
