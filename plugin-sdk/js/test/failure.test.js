import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, Response } from "fanfare-plugin-sdk";

const response = (status, headers = [], body = "") => new Response({ status, headers, body: { tag: "text", val: body } });
const disposition = (failure) => failure.payload.disposition;

test("the status decides whether to retry", () => {
  for (const status of [404, 408, 409, 425, 429, 500, 502, 503, 599]) {
    assert.equal(disposition(Failure.fromStatus(response(status))).tag, "retry", status);
  }
  for (const status of [100, 301, 304, 400, 401, 403, 405, 413, 422, 451, 600]) {
    assert.equal(disposition(Failure.fromStatus(response(status, [["retry-after", "5"]]))).tag, "reject", status);
  }
  const gone = Failure.fromStatus(response(410, [["retry-after", "5"]]));
  assert.deepEqual([disposition(gone).tag, gone.code], ["suspend", "http_410"]);
});

test("Retry-After is read as seconds or as a date and is capped at a day", () => {
  const day = 86_400_000;
  const table = [
    ["120", 120_000],
    ["0", 0],
    [" 7 ", 7_000],
    ["86401", day],
    ["99999999999999999999999", day],
    ["Sun, 06 Nov 1994 08:50:37 GMT", 60_000],
    ["Sunday, 06-Nov-94 08:50:37 GMT", 60_000],
    ["Sun Nov  6 08:50:37 1994", 60_000],
    ["Sun, 06 Nov 1994 08:00:00 GMT", 0],
    ["Mon, 06 Nov 2034 08:00:00 GMT", day],
    ["-1"],
    ["1.5"],
    ["soon"],
    [""],
  ];
  for (const [value, wait] of table) {
    const failure = Failure.fromStatus(response(503, [["Retry-After", value], ["Date", "Sun, 06 Nov 1994 08:49:37 GMT"]]));
    const expected = wait === undefined ? { tag: "retry" } : { tag: "retry-after", val: wait };
    assert.deepEqual(disposition(failure), expected, value);
  }
});

test("without a Date header a date is measured from now", () => {
  const until = new Date(Date.now() + 600_000).toUTCString();
  const { val: wait } = disposition(Failure.fromStatus(response(429, [["retry-after", until]])));
  assert.ok(wait >= 590_000 && wait <= 600_000, wait);
});

test("the receiver's response is quoted and truncated", () => {
  const failure = Failure.fromStatus(response(500, [], `no\ndisk ${"😀".repeat(1000)}`));
  assert.ok(failure.message.startsWith("the receiver answered 500: no disk 😀"), failure.message);
  assert.equal([...failure.message].length, "the receiver answered 500: ".length + 200);
});
