import { createAnswer } from "./pattern.js";

/** The file of the worker that runs regular expressions. pattern-worker.js starts it and ends it. */

const answer = createAnswer(() => performance.now());
onmessage = (event) => postMessage(answer(event.data));
postMessage("ready");
