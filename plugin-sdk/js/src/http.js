import { http } from "#host";
import { Failure } from "./failure.js";
import { decode } from "./utf8.js";

export class Response {
  constructor({ status, headers, body }) {
    this.status = status;
    this.headers = headers;
    this.body = body.val;
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  header(name) {
    return this.headers.find(([have]) => have.toLowerCase() === name.toLowerCase())?.[1];
  }

  text() {
    return typeof this.body === "string" ? this.body : decode(this.body);
  }

  json() {
    return JSON.parse(this.text());
  }

  throwForStatus() {
    if (!this.ok) throw Failure.fromStatus(this);
  }
}

export function request(options) {
  try {
    return new Response(http.send(toWit(options)));
  } catch (error) {
    throw failure(error);
  }
}

/** Converts what an author writes into the host's form. */
export function toWit({ url, json, body, method = json === undefined && body === undefined ? "GET" : "POST", headers = {} }) {
  headers = (Array.isArray(headers) ? headers : Object.entries(headers)).map(([name, value]) => [name, String(value)]);
  if (json !== undefined) {
    body = JSON.stringify(json);
    if (!headers.some(([name]) => name.toLowerCase() === "content-type")) {
      headers.push(["content-type", "application/json"]);
    }
  }
  body = body instanceof Uint8Array ? { tag: "binary", val: body } : { tag: "text", val: body ?? "" };
  return { method, url, headers, body };
}

function failure(error) {
  const { tag, val: why } = error?.payload ?? {};
  switch (tag) {
    case "denied":
      return Failure.reject("denied", why);
    case "invalid":
      return Failure.reject("invalid_request", why);
    case "connection":
      return Failure.retry("connection", why);
    case "timeout":
      return Failure.retry("timeout", why);
    case "too-large":
      return Failure.reject("response_too_large", why);
    default:
      return error;
  }
}
