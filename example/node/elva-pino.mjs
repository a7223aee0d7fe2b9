// Publishes what pino logs to a Redis channel, where Elva shows it live. Copy this file into your project; it needs Node 20 or
// newer and the packages pino and redis.
//
//   pino({ name: "shop" }, pino.transport({ target: "./elva-pino.mjs", options: { channel: "my:channel" } }))
//
// pino runs it in a thread of its own, so that the program waits for Redis only at its end: until all records are published,
// or for `timeout` milliseconds. The number of those that are not is then written to stderr. That holds for process.exit()
// and for an uncaught exception. A process that a signal kills loses its last records, unless it calls log.flush(), whose
// callback comes as late.

import { writeSync } from "node:fs";
import { Writable } from "node:stream";
import { createClient } from "redis";

/**
 * @param {object} options
 * @param {string} options.channel the channel to publish to
 * @param {string} [options.url] where Redis is
 * @param {number} [options.capacity] records that wait for Redis in memory; what comes then is dropped
 * @param {number} [options.timeout] milliseconds that the end of the program may wait for Redis
 */
export default function publish({ channel, url = "redis://localhost:6379", capacity = 10_000, timeout = 3_000 }) {
  const redis = createClient({ url, commandsQueueMaxLength: capacity });
  redis.on("error", () => {}).connect().catch(() => {}); // it goes on trying, and what is lost is counted below
  let pending = 0;
  let lost = 0;
  let part = ""; // of a line whose rest comes with the next chunk
  /** @type {(() => void)[]} */
  let waiting = []; // for pending to be 0

  /** @param {string} line */
  function send(line) {
    pending++;
    redis
      .publish(channel, line)
      .catch(() => lost++)
      .finally(() => {
        if (--pending === 0) waiting.splice(0).forEach((resolve) => resolve());
      });
  }

  /** @returns {Promise<void>} */
  function published() {
    if (!pending) return Promise.resolve();
    return new Promise((resolve) => {
      const late = setTimeout(resolve, timeout);
      waiting.push(() => (clearTimeout(late), resolve()));
    });
  }

  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      const lines = (part + chunk).split("\n");
      part = lines.pop() ?? "";
      lines.forEach(send);
      done();
    },
    async final(done) {
      await published();
      lost += pending;
      // Not process.stderr: the program's own thread would have to write it, and that one waits for this.
      if (lost) writeSync(2, `elva-pino: ${channel}: ${lost} records were not published\n`);
      if (redis.isOpen) redis.destroy();
      done();
    },
  });
  return Object.assign(stream, { flush: published });
}
