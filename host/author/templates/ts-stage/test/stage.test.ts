import assert from "node:assert/strict";
import { test } from "node:test";
import { json } from "fanfare-plugin-sdk";
import { delivery, install } from "fanfare-plugin-sdk/testing";
import { stage } from "../src/index";

const settings = { member: "name" };

test("the text is trimmed and the rest is unchanged", () => {
  install({ settings });
  const event = stage.process(delivery({ data: { name: " Ada ", n: 1 } }).event);
  assert.deepEqual(json(event!), { name: "Ada", n: 1 });
});

test("an event without the text is rejected", () => {
  install({ settings });
  assert.throws(() => stage.process(delivery({ data: {} }).event), { code: "missing" });
});
