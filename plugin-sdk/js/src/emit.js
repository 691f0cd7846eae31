import { emit as host } from "#host";
import { Failure } from "./failure.js";

export function emit(event) {
  try {
    return host.emit(toWit(event));
  } catch (error) {
    throw failure(error);
  }
}

/** Converts what an author writes into the host's form. */
function toWit({ type, subject, dataContentType, dataSchema, extensions = {}, data }) {
  const asIs = data === undefined || typeof data === "string" || data instanceof Uint8Array;
  return {
    type,
    // With some engines, an existing event has `null` for what is absent.
    subject: subject ?? undefined,
    dataContentType: dataContentType ?? (asIs ? undefined : "application/json"),
    dataSchema: dataSchema ?? undefined,
    extensions: Object.entries(extensions).map(([name, value]) => [name, String(value)]),
    data: payload(asIs ? data : JSON.stringify(data)),
  };
}

function payload(data) {
  if (data === undefined) return undefined;
  return data instanceof Uint8Array ? { tag: "binary", val: data } : { tag: "text", val: data };
}

function failure(error) {
  const { tag, val: why } = error?.payload ?? {};
  switch (tag) {
    case "denied":
      return Failure.reject("denied", why);
    case "invalid":
      return Failure.reject("invalid_event", why);
    case "too-many":
      return Failure.reject("too_many_events", why);
    default:
      return error;
  }
}
