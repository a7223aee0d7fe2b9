// Reads Elva's stream with the npm package eventsource until a record's message is "the end", and prints
// each record's number and message. Used by a test.
import { EventSource } from "eventsource";

const source = new EventSource(process.argv[2]);
source.onmessage = (event) => {
  for (const record of JSON.parse(event.data)) {
    console.log(`${record.seq} ${record.message}`);
    if (record.message === "the end") source.close();
  }
};
