import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { decode, encode } from "../src/utf8.js";

const { TextDecoder, TextEncoder } = globalThis;
const texts = ["", "a%20b%", "ü€😀", "\u0000\u007f\u0080\u07ff\u0800\uffff"];

beforeEach(() => Object.assign(globalThis, { TextDecoder: undefined, TextEncoder: undefined }));
afterEach(() => Object.assign(globalThis, { TextDecoder, TextEncoder }));

test("text is encoded and decoded without the engine's help", () => {
  for (const text of texts) {
    assert.deepEqual(Buffer.from(encode(text)), Buffer.from(text));
    assert.equal(decode(Buffer.from(text)), text);
  }
  assert.deepEqual([...encode("\ud800")], [0xef, 0xbf, 0xbd]);
});

test("what is no UTF-8 is refused", () => {
  for (const bytes of [[0xff], [0xc0, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80]]) {
    assert.throws(() => decode(Uint8Array.from(bytes)), TypeError, bytes);
  }
});
