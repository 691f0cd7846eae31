import assert from "node:assert/strict";
import { test } from "node:test";
import { delivery, install, witResponse } from "fanfare-plugin-sdk/testing";
import { exchange } from "../src/index";
import { compose, escape } from "../src/message";

const message = (event: Parameters<typeof delivery>[0], wanted?: string[]) => compose(delivery(event).event, wanted);

/** The texts of the coloured part, without the time. */
const details = (event: Parameters<typeof delivery>[0], wanted?: string[]) =>
  message(event, wanted).attachments[0].blocks.flatMap((block) =>
    block.type === "context" ? block.elements.slice(0, -1).map(({ text }) => text)
      : [block.text, ...(block.fields ?? [])].filter((part) => part).map((part) => part!.text));

test("a template replaces the message and mentions nobody", () => {
  const templates = { a: { subject: "Hello Ada", text: "Plan: <!channel> & more" } };
  install({ settings: { url: "https://hooks.slack.com/x", template: "a" }, templates });
  const request: any = exchange.compose(delivery({ type: "a" }));
  assert.deepEqual(JSON.parse(request.body.val), {
    text: "Hello Ada",
    blocks: [{ type: "section", text: { type: "mrkdwn", text: "*Hello Ada*\nPlan: &lt;!channel&gt; &amp; more" } }],
  });
});

test("an event becomes a message with its fields", () => {
  const event = {
    type: "order.paid",
    source: "/shop",
    subject: "o-1",
    time: "2026-11-20T10:30:00.000000Z",
    extensions: { message: "Ümläut <b> & 💶", severity: "Warning", tags: "shop, eu" },
    data: { total: 12.5, note: "a > b", nested: { a: [1] } },
  };
  assert.deepEqual(message(event), {
    text: ":warning: order.paid: Ümläut &lt;b&gt; &amp; 💶",
    blocks: [{ type: "section", text: { type: "mrkdwn", text: ":warning: *order.paid*\nÜmläut &lt;b&gt; &amp; 💶" } }],
    attachments: [{
      color: "#f2a600",
      blocks: [
        {
          type: "section",
          fields: [
            { type: "mrkdwn", text: "*total*\n12.5" },
            { type: "mrkdwn", text: "*note*\na &gt; b" },
            { type: "mrkdwn", text: '*nested*\n{"a":[1]}' },
          ],
        },
        {
          type: "context",
          elements: [
            { type: "mrkdwn", text: "/shop o-1" },
            { type: "mrkdwn", text: "#shop #eu" },
            { type: "mrkdwn", text: "<!date^1795170600^{date_num} {time_secs}|2026-11-20T10:30:00.000000Z>" },
          ],
        },
      ],
    }],
  });
});

test("data of any kind is shown", () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`k${n}`, n]));
  assert.deepEqual(details({}), ["/test"]);
  assert.deepEqual(details({ data: {} }), ["/test"]);
  assert.deepEqual(details({ data: "null" }), ["/test"]);
  assert.deepEqual(details({ data: "[1,2]" }), ["```[1,2]```", "/test"]);
  assert.deepEqual(details({ data: "{broken" }), ["```{broken```", "/test"]);
  assert.deepEqual(details({ data: "a```b", dataContentType: "text/plain" }), ["```a'''b```", "/test"]);
  assert.deepEqual(details({ data: Uint8Array.of(1, 2), dataContentType: "image/png" }), ["/test", "2 bytes of image/png"]);
  assert.deepEqual(details({ data: { a: 1, b: 2 } }, ["b"]), ["*b*\n2", "/test"]);
  const shown = details({ data: many });
  assert.deepEqual([shown.length, shown.at(-1)], [12, "2 more in the data"]);
});

test("texts are truncated to Slack's limits without splitting an escape", () => {
  assert.equal(escape("abc", 3), "abc");
  assert.equal(escape("abcd", 3), "ab…");
  assert.equal(escape("a<<", 8), "a&lt;…");
  const long = "<💶".repeat(10_000);
  const { text, blocks, attachments } = message({
    type: long, subject: long, extensions: { message: long, tags: long }, data: { [long]: long },
  });
  assert.ok(text.length < 1000);
  const texts = [...blocks, ...attachments[0].blocks].flatMap((block) =>
    block.type === "context" ? block.elements : [block.text, ...(block.fields ?? [])]);
  for (const part of texts) assert.ok((part?.text.length ?? 0) <= 3000);
});

test("Slack's responses say whether to retry", () => {
  install();
  const answer = (status: number, body: string, headers = {}) => {
    try {
      return exchange.interpret(delivery(), witResponse({ status, body, headers }));
    } catch (failure: any) {
      return [failure.payload.disposition.tag, failure.code];
    }
  };
  assert.equal(answer(200, "ok"), '{"status":200}');
  assert.deepEqual(answer(400, "invalid_payload"), ["reject", "slack_invalid_payload"]);
  assert.deepEqual(answer(404, "no_service"), ["suspend", "slack_no_service"]);
  assert.deepEqual(answer(410, "channel_is_archived"), ["suspend", "slack_channel_is_archived"]);
  assert.deepEqual(answer(403, "invalid_token"), ["suspend", "slack_invalid_token"]);
  assert.deepEqual(answer(429, "rate_limited", { "retry-after": "30" }), ["retry-after", "slack_rate_limited"]);
  assert.deepEqual(answer(500, "rollup_error"), ["retry", "slack_rollup_error"]);
  assert.deepEqual(answer(503, "<html>"), ["retry", "http_503"]);
  assert.deepEqual(answer(503, "down"), ["retry", "http_503"]);
  assert.deepEqual(answer(302, ""), ["reject", "http_302"]);
});

test("invalid settings are reported by name", () => {
  install();
  assert.throws(() => exchange.compose(delivery()), { code: "invalid_settings", message: /settings\.url` is missing/ });
  install({ settings: { url: "https://hooks.slack.com/x", fields: "total" } });
  assert.throws(() => exchange.compose(delivery()), { code: "invalid_settings", message: /settings\.fields`/ });
});
