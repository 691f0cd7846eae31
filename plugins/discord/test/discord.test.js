import assert from "node:assert/strict";
import { test } from "node:test";
import { Malformed, read } from "../src/event.js";
import { compose } from "../src/message.js";

const required = { "ce-specversion": "1.0", "ce-id": "e-1", "ce-source": "/shop", "ce-type": "order.paid" };
const bytes = (text) => new TextEncoder().encode(text);
const event = (headers = {}, data = new Uint8Array()) => read(new Headers({ ...required, ...headers }), data);
const embed = (headers, data) => compose(event(headers, data)).embeds[0];

test("attributes are decoded as the HTTP binding requires", () => {
  const { message, subject, tags } = event({
    "ce-message": "Euro%20%E2%82%AC%20%F0%9F%98%80", "ce-subject": '"a \\"b\\""', "ce-tags": "100%",
  });
  assert.deepEqual([message, subject, tags], ["Euro € 😀", 'a "b"', "100%"]);
});

test("a request that is not an event is rejected", () => {
  const refused = (headers) => {
    try {
      event(headers);
    } catch (error) {
      assert.ok(error instanceof Malformed);
      return error.status;
    }
  };
  assert.equal(refused({ "ce-id": "" }), 400);
  assert.equal(refused({ "ce-message": "%C0%A0" }), 400);
  assert.equal(refused({ "content-type": "application/cloudevents+json" }), 415);
  assert.equal(refused({}), undefined);
});

test("an event becomes an embed", () => {
  const headers = {
    "ce-message": "*paid*", "ce-severity": "warning", "ce-tags": "eu, shop", "ce-time": "2026-11-20T10:30:00.000000Z",
    "ce-subject": "o-1", "content-type": "application/json",
  };
  assert.deepEqual(compose(event(headers, bytes('{"total":12.5,"by":"<@1>","note":""}'))), {
    embeds: [{
      title: "⚠️ order.paid",
      description: "\\*paid\\*",
      color: 0xf2a600,
      fields: [
        { name: "total", value: "12.5", inline: true },
        { name: "by", value: "\\<@1\\>", inline: true },
        { name: "note", value: "\u200b", inline: true },
      ],
      footer: { text: "/shop o-1 #eu #shop" },
      timestamp: "2026-11-20T10:30:00.000Z",
    }],
    allowed_mentions: { parse: [] },
  });
});

test("a template's subject and text replace type, message and data", () => {
  const paid = event({ "ce-message": "paid", "content-type": "application/json" }, bytes('{"total":12.5}'));
  const template = { subject: "Bezahlt: *o-1*", text: "Hallo *Ada*\n12,50 €" };
  const { title, description, fields } = compose(paid, template).embeds[0];
  assert.deepEqual([title, description, fields], ["🔵 Bezahlt: *o-1*", "Hallo \\*Ada\\*\n12,50 €", []]);
  const subject = compose(paid, { subject: "Bezahlt" }).embeds[0];
  assert.deepEqual([subject.title, subject.description, subject.fields.length], ["🔵 Bezahlt", "paid", 1]);
  const text = compose(paid, { text: "x".repeat(9999) }).embeds[0];
  assert.deepEqual([text.title, text.description.length], ["🔵 order.paid", 2048]);
});

test("data of any kind is shown", () => {
  const table = [
    ["application/json", "[1]", "\\[1\\]"],
    ["application/json", "{broken", "{broken"],
    ["text/plain", "wörds", "wörds"],
    ["image/png", Uint8Array.of(0xff, 0xd8), "2 bytes of image/png"],
    ["application/json", "null", undefined],
    ["application/json", "", undefined],
  ];
  for (const [type, data, expected] of table) {
    const body = typeof data === "string" ? bytes(data) : data;
    assert.equal(embed({ "content-type": type }, body).description, expected, type);
  }
});

test("an embed is never longer than Discord allows", () => {
  const long = "*".repeat(9999);
  const data = bytes(JSON.stringify(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [long + n, long]))));
  const { title, description, fields, footer } = embed({ "ce-type": long, "ce-message": long, "ce-subject": long }, data);
  const texts = [title, description, footer.text, ...fields.flatMap(({ name, value }) => [name, value])];
  assert.ok(title.length <= 256 && description.length <= 4096 && fields.every(({ value }) => value.length <= 1024));
  assert.ok(texts.join("").length <= 6000);
});
