import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { base64, decode, encode } from "../src/utf8.js";

const { TextDecoder, TextEncoder } = globalThis;
const texts = ["", "a%20b%", "ü€😀", "\u0000\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}", "€".repeat(9999)];

beforeEach(() => Object.assign(globalThis, { TextDecoder: undefined, TextEncoder: undefined }));
afterEach(() => Object.assign(globalThis, { TextDecoder, TextEncoder }));

test("text is encoded and decoded without the engine's help", () => {
  for (const text of texts) {
    assert.deepEqual(Buffer.from(encode(text)), Buffer.from(text));
    assert.equal(decode(Buffer.from(text)), text);
  }
  assert.deepEqual([...encode("\ud800")], [0xef, 0xbf, 0xbd]);
});

test("invalid UTF-8 is rejected", () => {
  for (const bytes of [[0xff], [0x80], [0xc0, 0x80], [0xc3], [0xe2, 0x82], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]]) {
    assert.throws(() => decode(Uint8Array.from(bytes)), TypeError, bytes);
  }
});

test("bytes are written in base64", () => {
  for (const length of [0, 1, 2, 3, 4, 5, 10_000]) {
    const bytes = Uint8Array.from({ length }, (_, n) => n * 7);
    assert.equal(base64(bytes), Buffer.from(bytes).toString("base64"));
  }
});
