// Sends events made by the CloudEvents SDK for JavaScript in every mode it knows, and compares what the daemon has recorded.

import assert from "node:assert/strict";
import { CloudEvent, HTTP } from "cloudevents";

const url = process.argv[2];
const source = "/sdk/javascript";
const time = "2026-11-20T10:30:00.123Z";
const subject = 'Größe 12 € 😀 "quoted" 100%';

const event = (id, data, datacontenttype) =>
  new CloudEvent({
    id, source, type: "sdk.javascript", subject, time, datacontenttype, data,
    dataschema: "https://example.com/schema/1", tier: "gold",
  });

async function post({ headers, body }) {
  const answer = await fetch(`${url}/v1/events`, { method: "POST", headers, body });
  return { status: answer.status, json: await answer.json() };
}

async function check(id, data, want = subject) {
  const answer = await fetch(`${url}/v1/events/${encodeURIComponent(id)}?source=${encodeURIComponent(source)}`);
  assert.equal(answer.status, 200);
  const { event } = await answer.json();
  assert.equal(event.subject, want, id);
  assert.equal(event.tier, "gold");
  assert.equal(Date.parse(event.time), Date.parse(time));
  const have = event.data_base64 ? Buffer.from(event.data_base64, "base64") : event.data;
  assert.deepEqual(have, data, id);
}

const payloads = {
  json: [{ größe: "12 €", n: [1, 2.5, null, true] }, "application/json"],
  text: ["Grüße 😀\nzweite Zeile", "text/plain"],
  binary: [Buffer.from([0, 159, 146, 150, 255]), "application/octet-stream"],
};

for (const mode of ["structured", "binary"]) {
  for (const [kind, [data, type]] of Object.entries(payloads)) {
    const id = `${mode}-${kind}`;
    const message = HTTP[mode](event(id, data, type));
    if (mode === "binary") {
      // The SDK leaves the encoding of header values to the transport; this is the one the HTTP binding asks for.
      message.headers["ce-subject"] = encodeURIComponent(subject);
    }
    for (const duplicate of [false, true]) {
      const { status, json } = await post(message);
      assert.equal(status, 200, JSON.stringify(json));
      assert.equal(json.overall_status, "success");
      assert.equal(json.duplicate, duplicate);
    }
    await check(id, data);
  }
}

const events = [0, 1, 2].map((n) => event(`batch-${n}`, { n }, "application/json"));
const { status, json } = await post({
  headers: { "content-type": "application/cloudevents-batch+json" },
  body: JSON.stringify(events),
});
assert.equal(status, 200, JSON.stringify(json));
assert.deepEqual(json.map((result) => result.event_id), ["batch-0", "batch-1", "batch-2"]);
await check("batch-1", { n: 1 });

const conflict = await post(HTTP.structured(event("structured-json", { other: true }, "application/json")));
assert.equal(conflict.status, 422);
assert.equal(conflict.json.type, "urn:fanfare:problem:identity-conflict");
console.log("javascript: structured, binary, batch");
