// Send events with an unmodified client: send_events.mjs CLIENT HOST KEY, calls as JSON lines on standard input.
// Ends with 1 where the client gives up.
import { createInterface } from "node:readline";

const [name, host, key] = process.argv.slice(2);
let failed = false;

async function segment() {
  const { Analytics } = await import("@segment/analytics-node");
  const client = new Analytics({ writeKey: key, host, maxRetries: 1, flushAt: 1 });
  client.on("error", (error) => { failed = true; console.error(error); });
  return { call: (call, told) => client[call](told), close: () => client.closeAndFlush() };
}

async function rudder() {
  const { default: Analytics } = await import("@rudderstack/rudder-sdk-node");
  const client = new Analytics(key, { dataPlaneUrl: host, flushAt: 1, maxFlushRetry: 1, gzip: false });
  const sent = [];
  const call = (call, told) => sent.push(new Promise((done) => client[call](told, (error) => {
    if (error) { failed = true; console.error(String(error)); }
    done();
  })));
  return { call, close: () => Promise.all(sent) };
}

const client = await (name === "segment" ? segment() : rudder());
for await (const line of createInterface({ input: process.stdin })) {
  const [call, told] = JSON.parse(line);
  if (told.timestamp) told.timestamp = new Date(told.timestamp);
  client.call(call, told);
}
await client.close();
process.exit(failed ? 1 : 0);
