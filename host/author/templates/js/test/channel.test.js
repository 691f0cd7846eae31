import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "fanfare-plugin-sdk";
import { delivery, install } from "fanfare-plugin-sdk/testing";
import { handler } from "../src/index.js";

const settings = { url: "https://example.com/hook" };

test("the message is posted", () => {
  const host = install({ settings, responses: [{ status: 200 }] });
  const event = { type: "user.signup", extensions: { message: "New user registered" } };

  const receipt = handler.deliver(delivery(event));

  const [{ url, body }] = host.requests;
  assert.equal(url, settings.url);
  assert.deepEqual(JSON.parse(body.val), { text: "New user registered" });
  assert.deepEqual(JSON.parse(receipt), { status: 200 });
});

test("a delivery is retried if the receiver is down", () => {
  install({ settings, responses: [{ status: 503 }] });
  assert.throws(() => handler.deliver(delivery()), Failure.retry("http_503", "the receiver answered 503"));
});
