import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Failure, batchChannel, batchHttpChannel, channel, emit, eventStage, httpChannel, json, log, metrics, recipient, request,
  requiredSetting, setExtension, setJson, settings, state, templates,
} from "fanfare-plugin-sdk";
import { delivery, install, witResponse } from "fanfare-plugin-sdk/testing";

/** What the host would get. */
const deliver = (run) => {
  try {
    return channel(run).deliver(delivery());
  } catch (failure) {
    return failure.payload;
  }
};

test("a receipt is the JSON of an object, or empty", () => {
  const host = install();
  assert.equal(deliver(() => ({ id: "ü" })), '{"id":"ü"}');
  assert.equal(deliver(() => undefined), "");
  assert.equal(host.lines.length, 0);
  for (const odd of [[1], "words", 7, { n: 1n }]) assert.equal(deliver(() => odd), "");
  assert.deepEqual(host.lines.map(({ level }) => level), ["warn", "warn", "warn", "warn"]);
});

test("an exception becomes a failure", () => {
  install();
  const thrown = (error) => deliver(() => { throw error; });
  assert.deepEqual(thrown(Failure.suspend("gone", "no more")), {
    disposition: { tag: "suspend" }, code: "gone", message: "no more",
  });
  for (const [error, message] of [[new TypeError("x is undefined"), "x is undefined"], ["words", "words"], [null, "null"]]) {
    assert.deepEqual(thrown(error), { disposition: { tag: "retry" }, code: "exception", message });
  }
});

test("an async function is rejected", () => {
  install();
  assert.equal(deliver(async () => ({})).code, "async_channel");
});

test("flat keys become the tree they came from", () => {
  const written = { url: "http://a", headers: { "x-env": "dev", 1: "one" }, hosts: Array.from({ length: 11 }, (_, n) => `h${n}`) };
  install({ settings: written });
  assert.deepEqual(settings(), written);
});

test("an error names the full key and the problem", () => {
  install();
  const { disposition, code, message } = deliver(() => requiredSetting("url"));
  assert.deepEqual([disposition.tag, code], ["reject", "invalid_settings"]);
  assert.match(message, /^`channels\.test\.settings\.url` is missing/);
});

test("a request is sent unchanged, and an error becomes a failure", () => {
  const host = install({ responses: [{ body: { ok: true } }, { error: "denied", message: "add it" }, { error: "timeout" }] });
  assert.deepEqual(deliver(() => request({ url: "http://a", json: { a: "ü" }, headers: { x: 1 } }).json()), '{"ok":true}');
  assert.deepEqual(host.requests[0], {
    method: "POST", url: "http://a", headers: [["x", "1"], ["content-type", "application/json"]],
    body: { tag: "text", val: '{"a":"ü"}' },
  });
  assert.deepEqual(deliver(() => request({ url: "http://a" })), { disposition: { tag: "reject" }, code: "denied", message: "add it" });
  assert.equal(host.requests[1].method, "GET");
  assert.equal(deliver(() => request({ url: "http://a" })).code, "timeout");
  assert.equal(deliver(() => request({ url: "http://a" })).code, "connection");
});

test("a 2xx response is a delivery unless the HTTP channel says otherwise", () => {
  install();
  const exchange = httpChannel({ compose: ({ id }) => ({ url: "http://a", body: id }) });
  assert.equal(exchange.compose(delivery()).body.val, delivery().id);
  assert.equal(exchange.interpret(delivery(), witResponse({ status: 204 })), '{"status":204}');
  assert.throws(() => exchange.interpret(delivery(), witResponse({ status: 503 })), { code: "http_503" });
});

test("an event is emitted unchanged, and an error becomes a failure", () => {
  const host = install();
  const bytes = new Uint8Array([0xff]);
  assert.equal(emit({ type: "a", data: { n: "ü" }, extensions: { level: 1 } }), "dlv_0193456789ab7cde8f0123456789abcd_1.1");
  assert.equal(emit({ type: "a", subject: null, data: "[1]" }), "dlv_0193456789ab7cde8f0123456789abcd_1.2");
  emit({ type: "a", subject: "s", dataSchema: "/x", dataContentType: "image/png", data: bytes });
  emit({ type: "a", dataContentType: "application/ld+json", data: null });
  emit({ type: "a" });
  const plain = { type: "a", subject: undefined, dataContentType: undefined, dataSchema: undefined, extensions: {}, data: undefined };
  assert.deepEqual(host.emitted, [
    { ...plain, dataContentType: "application/json", extensions: { level: "1" }, data: { tag: "text", val: '{"n":"ü"}' } },
    { ...plain, data: { tag: "text", val: "[1]" } },
    { ...plain, subject: "s", dataSchema: "/x", dataContentType: "image/png", data: { tag: "binary", val: bytes } },
    { ...plain, dataContentType: "application/ld+json", data: { tag: "text", val: "null" } },
    plain,
  ]);
  for (const [emitError, code] of [["denied", "denied"], ["invalid", "invalid_event"], ["too-many", "too_many_events"]]) {
    const refusing = install({ emitError });
    assert.deepEqual(deliver(() => emit({ type: "a" })), { disposition: { tag: "reject" }, code, message: emitError });
    assert.deepEqual(refusing.emitted, []);
  }
});

test("the recipient has what the host returns, and is absent without a subject", () => {
  install({ recipient: { subject: "u1", email: "a@b.example", attributes: { name: "Ada", address: { city: "Wien" } } } });
  assert.deepEqual(recipient.current(), {
    subject: "u1", email: "a@b.example", phone: undefined, push: [], locale: undefined,
    attributes: { name: "Ada", "address.city": "Wien" },
  });
  install();
  assert.equal(recipient.current(), undefined);
});

test("the host renders a template, and an error rejects the delivery", () => {
  const wrong = "`data.plan` is missing";
  install({ settings: { template: "a" }, templates: { a: { subject: "Hi", text: "Hello" }, b: wrong } });
  assert.deepEqual(templates.render("a"), { subject: "Hi", text: "Hello", html: "" });
  assert.deepEqual(templates.fromSettings(), { subject: "Hi", text: "Hello", html: "" });
  assert.deepEqual(deliver(() => templates.render("b")), { disposition: { tag: "reject" }, code: "template", message: wrong });
  assert.equal(deliver(() => templates.render("c")).message, "there is no template `c`");
  install();
  assert.equal(templates.fromSettings(), undefined);
});

test("state, metrics and log reach the host", () => {
  const host = install();
  state.setJson("a", { n: 1 });
  assert.deepEqual(state.getJson("a"), { n: 1 });
  assert.equal(state.getJson("none"), undefined);
  assert.equal(state.increment("n", 2) + state.increment("n"), 5);
  assert.throws(() => state.increment("a"), { code: "state_not_a_number" });
  state.delete("a");
  assert.equal(state.get("a"), undefined);
  metrics.counter("sent_total", 1, { to: 7 });
  assert.deepEqual(host.samples, [{ kind: "counter", name: "sent_total", value: 1, labels: { to: "7" } }]);
  log.info("hi", { n: 1 });
  assert.deepEqual(host.lines, [{ level: "info", message: "hi", fields: { n: "1" } }]);
});

test("each delivery of a batch has its own result", () => {
  install();
  const batch = [delivery({ id: "a" }), delivery({ id: "b" }), delivery({ id: "c" })];
  const results = batchChannel((batch) =>
    batch.map(({ event }) => (event.id === "b" ? Failure.reject("bad", "no") : { id: event.id }))).deliver(batch);
  assert.deepEqual(results, [
    { tag: "ok", val: '{"id":"a"}' },
    { tag: "err", val: { disposition: { tag: "reject" }, code: "bad", message: "no" } },
    { tag: "ok", val: '{"id":"c"}' },
  ]);
  const codes = (run) => batchChannel(run).deliver(batch).map(({ val }) => val.code);
  assert.deepEqual(codes(() => { throw Failure.retry("busy", "later"); }), ["busy", "busy", "busy"]);
  assert.deepEqual(codes(() => ({})), ["exception", "exception", "exception"]);
  assert.deepEqual(codes(async () => []), ["async_channel", "async_channel", "async_channel"]);
});

test("an HTTP channel sends one request for a batch", () => {
  install();
  const exchange = batchHttpChannel({ compose: (batch) => ({ url: "http://a", json: batch.map(({ event }) => event.id) }) });
  const batch = [delivery({ id: "a" }), delivery({ id: "b" })];
  assert.equal(exchange.compose(batch).body.val, '["a","b"]');
  const ok = { tag: "ok", val: '{"status":204}' };
  assert.deepEqual(exchange.interpret(batch, witResponse({ status: 204 })), [ok, ok]);
  assert.deepEqual(exchange.interpret(batch, witResponse({ status: 503 })).map(({ val }) => val.code), ["http_503", "http_503"]);
});

test("a stage returns the event, another one, or none", () => {
  install();
  const event = () => delivery({ data: { a: 1 }, extensions: { n: "1" } }).event;
  assert.deepEqual(eventStage((event) => event).process(event()), event());
  assert.equal(eventStage(() => null).process(event()), undefined);
  const changed = eventStage((event) => {
    setJson(event, { ...json(event), b: 2 });
    setExtension(event, "n", 2);
    setExtension(event, "checked", "yes");
    return event;
  }).process(event());
  assert.deepEqual(changed.data, { tag: "text", val: '{"a":1,"b":2}' });
  assert.deepEqual(changed.extensions, [["n", "2"], ["checked", "yes"]]);
  const text = delivery({ data: "x", dataContentType: "text/plain" }).event;
  setJson(text, [1]);
  assert.equal(text.dataContentType, undefined);
});

test("an exception or an invalid result of a stage is a failure", () => {
  install();
  const failed = (run) => {
    try {
      eventStage(run).process(delivery().event);
    } catch (failure) {
      return failure.payload;
    }
  };
  assert.deepEqual(failed(() => { throw Failure.reject("no", "never"); }), {
    disposition: { tag: "reject" }, code: "no", message: "never",
  });
  assert.equal(failed(() => "words").code, "exception");
  assert.match(failed(() => {}).message, /must return the event/, "a forgotten `return` drops nothing");
  assert.equal(failed(async (event) => event).code, "async_channel");
  assert.match(failed(() => requiredSetting("file")).message, /^`stages\.<name>\.settings\.file` is missing/);
});
