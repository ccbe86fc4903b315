// Send CloudEvents with their own package: send_cloudevents.mjs MODE HOST KEY, an event as JSON on standard input.
import { readFileSync } from "node:fs";
import { CloudEvent, HTTP } from "cloudevents";

const [mode, host, key] = process.argv.slice(2);
const { headers, body } = HTTP[mode](new CloudEvent(JSON.parse(readFileSync(0, "utf8"))));
const authorization = `Basic ${Buffer.from(`${key}:`).toString("base64")}`;
const answer = await fetch(`${host}/v1/cloudevents`, { method: "POST", headers: { ...headers, authorization }, body });
process.exit(answer.ok ? 0 : 1);
