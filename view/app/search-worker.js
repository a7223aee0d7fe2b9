import { answer } from "./pattern.js";

/** The worker that matches regular expressions. pattern-worker.js starts and terminates it. */

onmessage = (event) => postMessage(answer(event.data, () => performance.now()));
postMessage("ready");
