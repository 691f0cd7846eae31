import assert from "node:assert/strict";
import { test } from "node:test";
import { delivery, install } from "fanfare-plugin-sdk/testing";
import { handler } from "../src/index.js";
import { notification } from "../src/notification.js";

const event = { type: "disk.full", extensions: { message: "Platte voll 💾", severity: "CRITICAL", tags: "db, eu" } };

/** The result as the host gets it. */
const deliver = (event) => {
  try {
    return JSON.parse(handler.deliver(delivery(event)));
  } catch (failure) {
    return failure.payload;
  }
};

test("a template replaces title and message, and one that cannot be filled in rejects", () => {
  const templates = { a: { subject: "Hello Ada", text: "The disk is full" }, b: "`data.plan` is missing" };
  const host = install({ settings: { topic: "ops", template: "a" }, templates, responses: [{ body: { id: "1" } }] });
  deliver(event);
  const { title, message, priority } = JSON.parse(host.requests[0].body.val);
  assert.deepEqual([title, message, priority], ["Hello Ada", "The disk is full", 5]);
  install({ settings: { topic: "ops", template: "b" }, templates });
  assert.deepEqual(deliver(event), { disposition: { tag: "reject" }, code: "template", message: "`data.plan` is missing" });
});

test("an event is published to the topic", () => {
  const settings = { server: "https://ntfy.example.com", topic: "ops", token: "tk_1", click: "https://status.example.com" };
  const host = install({ settings, responses: [{ body: { id: "xE73Iyuabi" } }] });
  assert.deepEqual(deliver(event), { status: 200, ntfy_id: "xE73Iyuabi", topic: "ops" });
  const { method, url, headers, body } = host.requests[0];
  assert.deepEqual([method, url], ["POST", "https://ntfy.example.com"]);
  assert.deepEqual(Object.fromEntries(headers), { authorization: "Bearer tk_1", "content-type": "application/json" });
  assert.deepEqual(JSON.parse(body.val), {
    topic: "ops",
    click: "https://status.example.com",
    title: "disk.full",
    message: "Platte voll 💾",
    priority: 5,
    tags: ["rotating_light", "db", "eu"],
    sequence_id: delivery().id,
  });
});

test("without a message, the notification shows the event's data", () => {
  const table = [
    [{ data: { user: "ü", n: [1] } }, "user: ü\nn: [1]"],
    [{ data: "[1,2]" }, "[1,2]"],
    [{ data: '"word"' }, "word"],
    [{ data: "null" }, "from /test"],
    [{ data: {} }, "from /test"],
    [{}, "from /test"],
    [{ data: "{broken" }, "{broken"],
    [{ data: " plain ", dataContentType: "text/plain" }, "plain"],
    [{ data: Uint8Array.of(1, 2), dataContentType: "image/png" }, "2 bytes of image/png from /test"],
  ];
  for (const [event, expected] of table) assert.equal(notification(delivery(event)).message, expected);
});

test("severities become priorities", () => {
  const table = { trace: 1, debug: 2, info: 3, notice: 3, Warn: 4, warning: 4, err: 5, fatal: 5, odd: 3, constructor: 3 };
  for (const [severity, priority] of Object.entries(table)) {
    assert.equal(notification(delivery({ extensions: { severity } })).priority, priority, severity);
  }
  assert.equal(notification(delivery()).priority, 3);
});

test("a long message is cut between characters", () => {
  const { message } = notification(delivery({ extensions: { message: "💾".repeat(2000) } }));
  assert.equal(message, `${"💾".repeat(1000)}…`);
});

test("failures say whether to retry", () => {
  const settings = { topic: "ops" };
  const answer = (status, body, headers) => {
    install({ settings, responses: [{ status, body, headers }] });
    const { disposition, code } = deliver();
    return [disposition.tag, code];
  };
  assert.deepEqual(answer(429, { code: 42901, http: 429, error: "limit reached" }, { "retry-after": "3" }), ["retry-after", "ntfy_42901"]);
  assert.deepEqual(answer(507, { code: 50701, error: "no subscriber" }), ["retry", "ntfy_50701"]);
  assert.deepEqual(answer(502, "<html>"), ["retry", "http_502"]);
  assert.deepEqual(answer(400, { code: 40009, error: "topic invalid" }), ["reject", "ntfy_40009"]);
  assert.deepEqual(answer(301, ""), ["reject", "http_301"]);
  assert.deepEqual(answer(401, { code: 40101, error: "unauthorized" }), ["suspend", "ntfy_40101"]);
  assert.deepEqual(answer(403, "no"), ["suspend", "http_403"]);
  install();
  assert.equal(deliver().code, "invalid_settings");
});
