import { published } from "#host";
import { Failure } from "./failure.js";
import { base64, decode, encode } from "./utf8.js";

export function json(event) {
  const { data } = event;
  if (!data) throw Failure.reject("no_data", "the event has no data");
  try {
    return JSON.parse(data.tag === "text" ? data.val : decode(data.val));
  } catch (error) {
    throw Failure.reject("invalid_data", `the event's data is not as expected: ${error.message}`);
  }
}

export function text(event) {
  return event.data?.tag === "text" ? event.data.val : undefined;
}

export function bytes(event) {
  if (!event.data) return new Uint8Array();
  return event.data.tag === "text" ? encode(event.data.val) : event.data.val;
}

export function extension(event, name) {
  return event.extensions.find(([have]) => have === name)?.[1];
}

export function setExtension(event, name, value) {
  const pair = event.extensions.find(([have]) => have === name);
  if (pair) pair[1] = String(value);
  else event.extensions.push([name, String(value)]);
}

export function setJson(event, data) {
  const val = JSON.stringify(data);
  if (val === undefined) throw Failure.reject("invalid_data", "the data cannot be written as JSON");
  if (!isJson(event)) event.dataContentType = undefined;
  event.data = { tag: "text", val };
}

export function message(event) {
  return extension(event, "message");
}

export function severity(event) {
  return extension(event, "severity");
}

export function tags(event) {
  return (extension(event, "tags") ?? "").split(",").map((tag) => tag.trim()).filter(Boolean);
}

export function isJson({ dataContentType }) {
  return dataContentType == null || /^[^/;]+\/([^/;]+\+)?json\s*(;|$)/i.test(dataContentType.trim());
}

export function publishedJson() {
  return published.json();
}

export function toJson(event) {
  const attributes = {
    specversion: "1.0",
    id: event.id,
    source: event.source,
    type: event.type,
    time: event.time,
    subject: event.subject ?? undefined,
    datacontenttype: event.dataContentType ?? undefined,
    dataschema: event.dataSchema ?? undefined,
  };
  const head = JSON.stringify({ ...attributes, ...Object.fromEntries(event.extensions) }).slice(0, -1);
  if (!event.data) return `${head}}`;
  if (event.data.tag === "binary") return `${head},"data_base64":${JSON.stringify(base64(event.data.val))}}`;
  if (!isJson(event)) return `${head},"data":${JSON.stringify(event.data.val)}}`;
  json(event);
  // Unparsed: parsed and written again, large numbers would lose digits.
  return `${head},"data":${event.data.val}}`;
}
