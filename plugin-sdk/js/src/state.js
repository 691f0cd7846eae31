import { state as host } from "#host";
import { Failure } from "./failure.js";
import { decode, encode } from "./utf8.js";

export const state = {
  get: (key) => ask(() => host.get(key)) ?? undefined,

  getText(key) {
    const value = state.get(key);
    return value && decode(value);
  },

  getJson(key) {
    const value = state.getText(key);
    return value === undefined ? undefined : JSON.parse(value);
  },

  set(key, value, { seconds = 0 } = {}) {
    const bytes = typeof value === "string" ? encode(value) : value;
    // To the host, 0 seconds mean until it is deleted.
    ask(() => host.set(key, bytes, Math.ceil(seconds)));
  },

  setJson: (key, value, options) => state.set(key, JSON.stringify(value), options),

  delete: (key) => ask(() => host.delete(key)),

  // One engine returns a number, the other a BigInt.
  increment: (key, by = 1) => Number(ask(() => host.increment(key, by))),
};

function ask(host) {
  try {
    return host();
  } catch (error) {
    const { tag, val: why } = error?.payload ?? {};
    switch (tag) {
      case "too-large":
        throw Failure.reject("state_too_large", why);
      case "not-a-number":
        throw Failure.reject("state_not_a_number", why);
      case "unavailable":
        throw Failure.retry("state_unavailable", why);
      default:
        throw error;
    }
  }
}
