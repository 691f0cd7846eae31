// Text and bytes. QuickJS has neither TextEncoder nor TextDecoder.

export function encode(text) {
  if (typeof TextEncoder === "function") return new TextEncoder().encode(text);
  const bytes = [];
  for (const character of text) {
    let code = character.codePointAt(0);
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code));
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code));
  }
  return new Uint8Array(bytes);
}

function tail(code) {
  return 0x80 | (code & 0x3f);
}

/** Throws a `TypeError` if the bytes are not UTF-8. */
export function decode(bytes) {
  if (typeof TextDecoder === "function") {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  }
  // Without a JIT, asking an array for its length costs as much as the rest of a turn.
  const end = bytes.length;
  const units = new Uint16Array(end);
  let length = 0;
  for (let at = 0; at < end; ) {
    const lead = bytes[at++];
    if (lead < 0x80) {
      units[length++] = lead;
      continue;
    }
    const more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    let code = lead & (0x3f >> more);
    for (const last = at + more; at < last; at++) {
      // Past the end there is `undefined`, which is not a continuation byte either.
      if ((bytes[at] & 0xc0) !== 0x80) throw invalid();
      code = (code << 6) | (bytes[at] & 0x3f);
    }
    const shortest = [0, 0x80, 0x800, 0x10000][more];
    if (lead < 0xc0 || code < shortest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw invalid();
    if (code < 0x10000) {
      units[length++] = code;
    } else {
      units[length++] = 0xd800 | ((code - 0x10000) >> 10);
      units[length++] = 0xdc00 | (code & 0x3ff);
    }
  }
  return join(units.subarray(0, length));
}

function invalid() {
  return new TypeError("the bytes are not UTF-8");
}

const BASE64 = encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const PADDING = 0x3d;

/** `btoa` needs a string of the bytes, and making one costs more than all of this. */
export function base64(bytes) {
  const end = bytes.length;
  const units = new Uint8Array(Math.ceil(end / 3) * 4);
  for (let at = 0, out = 0; at < end; at += 3) {
    const group = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
    units[out++] = BASE64[group >> 18];
    units[out++] = BASE64[(group >> 12) & 0x3f];
    units[out++] = at + 1 < end ? BASE64[(group >> 6) & 0x3f] : PADDING;
    units[out++] = at + 2 < end ? BASE64[group & 0x3f] : PADDING;
  }
  return join(units);
}

/** The string of these UTF-16 code units; in pieces, because arguments are on the stack. */
function join(units) {
  const piece = 4096;
  const end = units.length;
  let text = "";
  for (let at = 0; at < end; at += piece) {
    text += String.fromCharCode.apply(null, units.subarray(at, at + piece));
  }
  return text;
}
