import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, extension, isJson, json, message, publishedJson, severity, tags, text, toJson } from "fanfare-plugin-sdk";
import { delivery, install } from "fanfare-plugin-sdk/testing";

const event = (attributes) => delivery(attributes).event;

test("extensions are read by name", () => {
  const { event } = delivery({ extensions: { message: "hi", tags: "a, b,,c", severity: "warn" } });
  assert.deepEqual([message(event), severity(event), extension(event, "none")], ["hi", "warn", undefined]);
  assert.deepEqual(tags(event), ["a", "b", "c"]);
});

test("data is parsed as JSON, or the failure gives the reason", () => {
  const code = (data) => {
    try {
      json(event({ data }));
    } catch (failure) {
      return failure.code;
    }
  };
  assert.equal(json(event({ data: "7" })), 7);
  assert.deepEqual(json(event({ data: new TextEncoder().encode('{"a":"ü😀"}') })), { a: "ü😀" });
  assert.equal(code(undefined), "no_data");
  assert.equal(code("x"), "invalid_data");
  assert.equal(code(Uint8Array.of(0xff)), "invalid_data");
});

test("text and bytes are unchanged", () => {
  assert.equal(text(event({ data: "ü" })), "ü");
  assert.equal(text(event({ data: Uint8Array.of(65) })), undefined);
  assert.deepEqual([...bytes(event({ data: "ü" }))], [0xc3, 0xbc]);
  assert.deepEqual([...bytes(event())], []);
});

test("the content type decides whether data is JSON", () => {
  for (const type of [undefined, null, "application/json", "application/vnd.x+json; charset=utf-8", "text/JSON"]) {
    assert.ok(isJson({ dataContentType: type }), type);
  }
  for (const type of ["text/plain", "json", "application/jsonp", "application/octet-stream", ""]) {
    assert.ok(!isJson({ dataContentType: type }), type);
  }
});

test("the JSON format keeps JSON unchanged and encodes binary", () => {
  const exact = '{"z":1.10, "a":12345678901234567890123}';
  const table = [
    [undefined, exact, `,"data":${exact}`],
    ["text/plain", 'a"b', ',"data":"a\\"b"'],
    ["application/json", Uint8Array.of(0xff, 0), ',"data_base64":"/wA="'],
    [undefined, undefined, ""],
  ];
  for (const [dataContentType, data, expected] of table) {
    const written = toJson(event({ dataContentType, data, extensions: { tags: "a" } }));
    assert.ok(written.endsWith(`"tags":"a"${expected}}`), written);
    assert.equal(JSON.parse(written).specversion, "1.0");
  }
  assert.throws(() => toJson(event({ data: "{" })), { code: "invalid_data" });
});

test("the host returns the event as published", () => {
  install({ published: '{"specversion":"1.0","n":5}' });
  assert.equal(publishedJson(), '{"specversion":"1.0","n":5}');
});
