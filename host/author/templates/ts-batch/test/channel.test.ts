import assert from "node:assert/strict";
import { test } from "node:test";
import { delivery, install, witResponse } from "fanfare-plugin-sdk/testing";
import { batchExchange } from "../src/index";

const settings = { url: "https://example.com/hook" };
const batch = () => [delivery({ type: "user.signup", extensions: { message: "New user" } }), delivery({ type: "user.left" })];

test("a batch becomes one text", () => {
  install({ settings });
  const { url, body } = batchExchange.compose(batch());
  assert.equal(url, settings.url);
  assert.equal(body.tag, "text");
  assert.deepEqual(JSON.parse(body.val as string), { text: "2 events:\n- New user\n- user.left" });
});

test("each delivery is retried if the receiver is down", () => {
  install({ settings });
  const results = batchExchange.interpret(batch(), witResponse({ status: 503 }));
  assert.deepEqual(results.map(({ tag }) => tag), ["err", "err"]);
});
