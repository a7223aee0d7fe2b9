import { answer } from "./pattern.js";

/** The file of the worker that matches regular expressions. pattern-worker.js starts it and ends it. */

onmessage = (event) => postMessage(answer(event.data, () => performance.now()));
postMessage("ready");
