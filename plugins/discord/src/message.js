// What Discord shows of an event. Its limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits

const TITLE = 256;
const DESCRIPTION = 2000;
const TEXT = 4096;
const NAME = 100;
const VALUE = 300;
const FIELDS = 8;
const FOOTER = 200;

/** `template` is the operator's template, filled in: its subject and its text, empty where it has none. */
export function compose(event, template = {}) {
  const { type, source, subject, time, message, severity, tags, contentType, data } = event;
  const { color, sign } = look(severity);
  const { fields = [], words } = template.text ? {} : details(contentType, data);
  const said = [message, words].filter(Boolean).map((part) => escape(part, DESCRIPTION)).join("\n\n");
  const moment = Date.parse(time);
  const marks = (tags ?? "").split(",").map((tag) => tag.trim()).filter(Boolean).map((tag) => `#${tag}`);
  const embed = {
    title: cut(`${sign} ${template.subject || type}`, TITLE),
    description: (template.text ? escape(template.text, TEXT) : said) || undefined,
    color,
    fields: fields.slice(0, FIELDS).map(([name, value]) => ({
      name: escape(name, NAME),
      value: escape(typeof value === "string" ? value : JSON.stringify(value), VALUE),
      inline: true,
    })),
    footer: { text: cut([source, subject, ...marks].filter(Boolean).join(" "), FOOTER) },
    timestamp: Number.isNaN(moment) ? undefined : new Date(moment).toISOString(),
  };
  // An event's text must not notify anybody.
  return { embeds: [embed], allowed_mentions: { parse: [] } };
}

/** Common names of severities. */
function look(severity = "info") {
  switch (severity.toLowerCase()) {
    case "trace":
    case "debug":
      return { color: 0x9e9e9e, sign: "🔍" };
    case "warn":
    case "warning":
      return { color: 0xf2a600, sign: "⚠️" };
    case "err":
    case "error":
      return { color: 0xd93025, sign: "🔴" };
    case "crit":
    case "critical":
    case "alert":
    case "emergency":
    case "fatal":
      return { color: 0x8b0000, sign: "🚨" };
    default:
      return { color: 0x2f80ed, sign: "🔵" };
  }
}

/** An object's members become fields, other text is shown unchanged, and anything else is described. */
function details(contentType = "application/json", data) {
  if (!data.length) return {};
  let words;
  try {
    words = new TextDecoder("utf-8", { fatal: true }).decode(data).trim();
  } catch {
    return { words: `${data.length} bytes of ${contentType}` };
  }
  if (!/^[^;]*\bjson\s*(;|$)/i.test(contentType)) return { words };
  try {
    const value = JSON.parse(words);
    if (value === null) return {};
    if (typeof value === "object" && !Array.isArray(value)) return { fields: Object.entries(value) };
  } catch {
    // Shown unchanged.
  }
  return { words };
}

/** Escapes Discord's markup. Discord rejects an empty text. */
function escape(words, limit) {
  return cut(words, limit / 2).replace(/[\\*_~`|<>[\]#]/g, "\\$&") || "\u200b";
}

function cut(words, limit) {
  return words.length <= limit ? words : `${words.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
