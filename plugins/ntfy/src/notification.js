// The notification for an event.

import { isJson, message, severity, tags, text } from "fanfare-plugin-sdk";

/** A longer message would become an attachment, which many servers do not accept. */
const MESSAGE_BYTES = 4000;
const TITLE_CHARACTERS = 250;
const TAGS = 20;

// Common names of severities. Priority 5 is the most urgent, 1 is silent.
function level(severity = "info") {
  switch (severity.toLowerCase()) {
    case "trace":
      return { priority: 1 };
    case "debug":
      return { priority: 2 };
    case "warn":
    case "warning":
      return { priority: 4, emoji: "warning" };
    case "err":
    case "error":
    case "crit":
    case "critical":
    case "alert":
    case "emergency":
    case "fatal":
      return { priority: 5, emoji: "rotating_light" };
    default:
      return { priority: 3 };
  }
}

/** `rendered` is the operator's template, filled in, if there is one. */
export function notification({ id, event }, rendered) {
  const { priority, emoji } = level(severity(event));
  return {
    title: [...(rendered?.subject || event.type)].slice(0, TITLE_CHARACTERS).join(""),
    message: shorten(rendered?.text || (message(event) ?? body(event)), MESSAGE_BYTES),
    priority,
    tags: [emoji, ...tags(event)].filter(Boolean).slice(0, TAGS),
    // A second message with the same id replaces the first on the phone.
    sequence_id: id,
  };
}

/** ntfy writes "triggered" for an empty message, so this is never empty. */
function body(event) {
  if (event.data?.tag === "binary") {
    const type = event.dataContentType ?? "binary data";
    return `${event.data.val.length} bytes of ${type} from ${event.source}`;
  }
  return readable(event) || `from ${event.source}`;
}

function readable(event) {
  const data = text(event)?.trim() ?? "";
  if (!isJson(event)) return data;
  try {
    const value = JSON.parse(data);
    if (value === null) return "";
    if (typeof value !== "object" || Array.isArray(value)) return word(value);
    return Object.entries(value).map(([name, member]) => `${name}: ${word(member)}`).join("\n");
  } catch {
    return data;
  }
}

function word(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function shorten(message, limit) {
  const ellipsis = "…";
  let bytes = 0;
  let short = "";
  for (const character of message) {
    bytes += size(character);
    if (bytes > limit) return short + ellipsis;
    short += character;
  }
  return message;
}

/** The length of a character in UTF-8. */
function size(character) {
  const code = character.codePointAt(0);
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
