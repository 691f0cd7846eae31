// A host for unit tests, in memory. It takes the daemon's place wherever the SDK runs outside of a component.

import { encode, decode } from "./utf8.js";

const DELIVERY = "dlv_0193456789ab7cde8f0123456789abcd_1";

let current = fresh({});

function fresh({ settings = {}, responses = [], emitError, published = "", recipient, templates = {} }) {
  const given = { settings: flat(settings), responses: [...responses], emitError, published, recipient, templates };
  return { ...given, requests: [], lines: [], samples: [], state: new Map(), emitted: [] };
}

export function install(options = {}) {
  current = fresh(options);
  return current;
}

export function delivery({ data, extensions = {}, ...attributes } = {}) {
  return {
    id: DELIVERY,
    channel: "test",
    attempt: 1,
    replayed: false,
    event: {
      id: "e-1",
      source: "/test",
      type: "test.event",
      subject: undefined,
      time: "2026-11-20T10:30:00.000000Z",
      dataContentType: undefined,
      dataSchema: undefined,
      ...attributes,
      extensions: Object.entries(extensions),
      data: payload(data),
    },
  };
}

/** Text and bytes as they are, anything else as its JSON. */
function payload(data) {
  if (data === undefined) return undefined;
  if (data instanceof Uint8Array) return { tag: "binary", val: data };
  return { tag: "text", val: typeof data === "string" ? data : JSON.stringify(data) };
}

/** Settings as the host passes them: nested keys are joined by dots. */
function flat(value, prefix = "") {
  if (typeof value !== "object") return [[prefix, String(value)]];
  return Object.entries(value).flatMap(([name, member]) => flat(member, prefix ? `${prefix}.${name}` : name));
}

function refusal(tag, val) {
  return Object.assign(new Error(val), { payload: { tag, val } });
}

export const config = {
  get: (key) => current.settings.find(([have]) => have === key)?.[1],
  all: () => current.settings,
};

export const log = {
  log: (level, message, fields) => current.lines.push({ level, message, fields: Object.fromEntries(fields) }),
};

export const http = {
  send(request) {
    current.requests.push(request);
    const response = current.responses.shift() ?? { error: "connection", message: "the test host has no response left" };
    if (response.error) throw refusal(response.error, response.message ?? response.error);
    return witResponse(response);
  },
};

export function witResponse({ status = 200, headers = {}, body = "" }) {
  return { status, headers: Object.entries(headers), body: payload(body) };
}

export const published = {
  json: () => current.published,
};

export const emit = {
  emit(event) {
    if (current.emitError) throw refusal(current.emitError, current.emitError);
    current.emitted.push({ ...event, extensions: Object.fromEntries(event.extensions) });
    return `${DELIVERY}.${current.emitted.length}`;
  },
};

export const recipient = {
  current() {
    if (!current.recipient) return undefined;
    const { attributes = {}, ...known } = current.recipient;
    const none = { email: undefined, phone: undefined, push: [], locale: undefined };
    return { ...none, ...known, attributes: flat(attributes) };
  },
};

export const templates = {
  render(name) {
    const rendered = current.templates[name] ?? `there is no template \`${name}\``;
    if (typeof rendered === "string") throw Object.assign(new Error(rendered), { payload: rendered });
    return { subject: "", text: "", html: "", ...rendered };
  },
};

const sample = (kind) => (name, value, labels) =>
  current.samples.push({ kind, name, value, labels: Object.fromEntries(labels) });

export const metrics = { counter: sample("counter"), gauge: sample("gauge"), histogram: sample("histogram") };

export const state = {
  get: (key) => current.state.get(key),
  set: (key, value) => void current.state.set(key, value),
  delete: (key) => void current.state.delete(key),
  increment(key, by) {
    const have = decode(current.state.get(key) ?? encode("0"));
    if (!/^-?[0-9]+$/.test(have)) throw refusal("not-a-number", `\`${key}\` is not an integer`);
    const sum = BigInt(have) + BigInt(by);
    current.state.set(key, encode(String(sum)));
    return sum;
  },
};
