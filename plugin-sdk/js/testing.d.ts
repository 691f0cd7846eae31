import type { Delivery } from "./index.js";

export interface CannedResponse {
  status?: number;
  headers?: Record<string, string>;
  /** Text and bytes as they are, anything else as its JSON. */
  body?: unknown;
}

/** What the channel did, and what it was given. */
export interface Host {
  requests: { method: string; url: string; headers: [string, string][]; body: { tag: string; val: any } }[];
  lines: { level: string; message: string; fields: Record<string, string> }[];
  samples: { kind: string; name: string; value: number; labels: Record<string, string> }[];
  state: Map<string, Uint8Array>;
  /** The emitted events. Their ids are the delivery's with `.1`, `.2`, … */
  emitted: {
    type: string;
    subject?: string;
    dataContentType?: string;
    dataSchema?: string;
    extensions: Record<string, string>;
    data?: { tag: string; val: any };
  }[];
}

/**
 * Starts over with these settings, and with these responses to the channel's requests, in order. With `emitError`, emitting
 * an event fails. `published` is what `publishedJson()` returns, `recipient` whom the event is for, and `templates`
 * the result of each template, or what is wrong with it in words.
 */
export function install(options?: {
  settings?: Record<string, unknown>;
  responses?: (CannedResponse | { error: "denied" | "invalid" | "connection" | "timeout" | "too-large"; message?: string })[];
  emitError?: "denied" | "invalid" | "too-many";
  published?: string;
  recipient?: { subject: string; email?: string; phone?: string; push?: string[]; locale?: string; attributes?: Record<string, unknown> };
  templates?: Record<string, { subject?: string; text?: string; html?: string } | string>;
}): Host;

/** A first attempt to deliver an event to a channel called `test`. */
export function delivery(event?: {
  id?: string;
  source?: string;
  type?: string;
  subject?: string;
  time?: string;
  dataContentType?: string;
  dataSchema?: string;
  extensions?: Record<string, string>;
  /** Text and bytes as they are, anything else as its JSON. */
  data?: unknown;
}): Delivery;

/** A response as the host passes it to `exchange.interpret`. */
export function witResponse(response: CannedResponse): object;
