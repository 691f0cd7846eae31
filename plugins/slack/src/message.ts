// The Slack message for an event. Slack's limits: https://docs.slack.dev/reference/block-kit/blocks

import { type Event, isJson, message, severity, tags, text } from "fanfare-plugin-sdk";

const SECTION = 3000;
const FIELD = 2000;
const FIELDS = 10;
const NOTIFICATION = 500;
const TITLE = 200;
const CONTEXT = 1000;

type Text = { type: "mrkdwn"; text: string };
type Block = { type: "section"; text?: Text; fields?: Text[] } | { type: "context"; elements: Text[] };

export interface Message {
  /** For notifications, and for clients that cannot show blocks. */
  text: string;
  blocks: Block[];
  /** The only part beside which Slack shows a coloured bar. */
  attachments: [{ color: string; blocks: Block[] }];
}

export function compose(event: Event, wanted?: string[]): Message {
  const { color, emoji } = look(severity(event));
  const words = message(event);
  const title = `${emoji} *${escape(event.type, TITLE)}*`;
  const { blocks, more } = details(event, wanted);
  return {
    text: [`${emoji} ${escape(event.type, TITLE)}`, words && escape(words, NOTIFICATION)].filter(Boolean).join(": "),
    blocks: [section(words ? `${title}\n${escape(words, SECTION - title.length - 1)}` : title)],
    attachments: [{ color, blocks: [...blocks, context(event, more)] }],
  };
}

/** The operator's template, filled in. Part of it comes from an event, so it must not mention anybody or link. */
export function fromTemplate({ subject, text }: { subject: string; text: string }): Pick<Message, "text" | "blocks"> {
  const title = subject && `*${escape(subject, TITLE)}*`;
  const words = text && escape(text, SECTION - title.length - 1);
  return {
    text: escape(subject || text, NOTIFICATION),
    blocks: [section([title, words].filter((part) => part).join("\n"))],
  };
}

/** Common names of severities. */
function look(severity = "info"): { color: string; emoji: string } {
  switch (severity.toLowerCase()) {
    case "trace":
    case "debug":
      return { color: "#9e9e9e", emoji: ":mag:" };
    case "warn":
    case "warning":
      return { color: "#f2a600", emoji: ":warning:" };
    case "err":
    case "error":
      return { color: "#d93025", emoji: ":red_circle:" };
    case "crit":
    case "critical":
    case "alert":
    case "emergency":
    case "fatal":
      return { color: "#8b0000", emoji: ":rotating_light:" };
    default:
      return { color: "#2f80ed", emoji: ":large_blue_circle:" };
  }
}

/** The data: an object's members as fields, anything else unchanged. */
function details(event: Event, wanted?: string[]): { blocks: Block[]; more?: string } {
  if (event.data?.tag === "binary") {
    return { blocks: [], more: `${event.data.val.length} bytes of ${event.dataContentType ?? "binary data"}` };
  }
  const words = text(event)?.trim() ?? "";
  const data = isJson(event) ? parse(words) : undefined;
  if (!words || data === null) return { blocks: [] };
  if (typeof data !== "object" || Array.isArray(data)) return { blocks: [code(words)] };
  const members = Object.entries(data).filter(([name]) => wanted?.includes(name) ?? true);
  const fields = members.slice(0, FIELDS).map(([name, value]) => mrkdwn(field(name, value)));
  const left = members.length - fields.length;
  return {
    blocks: fields.length ? [{ type: "section", fields }] : [],
    more: left > 0 ? `${left} more in the data` : undefined,
  };
}

function parse(words: string): any {
  try {
    return JSON.parse(words);
  } catch {
    return undefined;
  }
}

function field(name: string, value: unknown): string {
  const title = `*${escape(name, TITLE)}*\n`;
  return title + escape(typeof value === "string" ? value : JSON.stringify(value), FIELD - title.length);
}

function code(words: string): Block {
  // Three backquotes would end the block early.
  const inner = words.replace(/```/g, "'''");
  return section(`\`\`\`${escape(inner, SECTION - 6)}\`\`\``);
}

function context(event: Event, more?: string): Block {
  const subject = event.subject ? `${event.source} ${event.subject}` : event.source;
  const marks = tags(event).map((tag) => `#${tag}`).join(" ");
  const said = [subject, marks, more].filter((words) => words).map((words) => mrkdwn(escape(words!, CONTEXT)));
  return { type: "context", elements: [...said, mrkdwn(time(event.time))] };
}

/** Shown in the reader's time zone. */
function time(rfc3339: string): string {
  const seconds = Math.floor(Date.parse(rfc3339) / 1000);
  const written = escape(rfc3339, 64);
  return Number.isNaN(seconds) ? written : `<!date^${seconds}^{date_num} {time_secs}|${written}>`;
}

function section(words: string): Block {
  return { type: "section", text: mrkdwn(words) };
}

function mrkdwn(words: string): Text {
  return { type: "mrkdwn", text: words };
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Escapes text for Slack and truncates it to Slack's limit, which counts the escapes too. */
export function escape(words: string, limit: number): string {
  const ellipsis = "…";
  let escaped = "";
  let fitting = "";
  for (const character of words) {
    escaped += ENTITIES[character] ?? character;
    if (escaped.length > limit) return fitting + ellipsis;
    if (escaped.length <= limit - ellipsis.length) fitting = escaped;
  }
  return escaped;
}
