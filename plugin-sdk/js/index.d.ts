/** The event's data. Text is valid UTF-8; JSON arrives as text. */
export type Payload = { tag: "text"; val: string } | { tag: "binary"; val: Uint8Array };

/** A CloudEvents 1.0 event. What is absent is `undefined` or `null`, depending on the engine. */
export interface Event {
  id: string;
  source: string;
  type: string;
  subject?: string | null;
  /** RFC 3339. */
  time: string;
  /** Absent means `application/json`. */
  dataContentType?: string | null;
  dataSchema?: string | null;
  /** Extension attributes in the publisher's order. */
  extensions: [name: string, value: string][];
  data?: Payload | null;
}

/** One attempt to deliver one event to one channel. */
export interface Delivery {
  /** The same on every attempt: pass it to the receiver as the idempotency key. */
  id: string;
  /** The name of the channel this is for. */
  channel: string;
  /** 1 for the first. */
  attempt: number;
  /** Whether an operator sends it again: a replay or a redrive. */
  replayed: boolean;
  event: Event;
}

/** What is recorded about a delivery, such as the receiver's own id. It is stored as JSON. */
export type Receipt = object | null | undefined | void;

export type Headers = Record<string, string> | [name: string, value: string][];

export interface RequestOptions {
  url: string;
  /** `POST` if there is a body, otherwise `GET`. */
  method?: string;
  headers?: Headers;
  body?: string | Uint8Array;
  /** Becomes the body, with its `content-type`. */
  json?: unknown;
}

export class Response {
  readonly status: number;
  readonly headers: [name: string, value: string][];
  /** Text if the bytes are valid UTF-8. */
  readonly body: string | Uint8Array;
  /** Whether the status is 2xx. */
  readonly ok: boolean;
  /** The first header of this name, ignoring case. */
  header(name: string): string | undefined;
  text(): string;
  json(): any;
  /** Throws `Failure.fromStatus` for any status but 2xx. */
  throwForStatus(): void;
}

/** A request in the host's form: what the `compose` of an exported channel returns, for its tests. */
export interface WitRequest {
  method: string;
  url: string;
  headers: [name: string, value: string][];
  body: Payload;
}

/** The result of one delivery of a batch, for tests of an exported channel: the receipt as JSON, or the failure. */
export type WitResult =
  | { tag: "ok"; val: string }
  | { tag: "err"; val: { disposition: Disposition; code: string; message: string } };

/** Makes `export const handler` of one function: a channel that delivers by itself. The function must not be async. */
export function channel(deliver: (delivery: Delivery) => Receipt): { deliver(delivery: Delivery): string };

/**
 * Makes `export const exchange`: a channel that composes a request. The host sends it: it pools
 * connections, signs and checks the grants. Without `interpret`, any 2xx is a delivery.
 */
export function httpChannel(functions: {
  compose(delivery: Delivery): RequestOptions;
  interpret?(delivery: Delivery, response: Response): Receipt;
}): {
  compose(delivery: Delivery): WitRequest;
  interpret(delivery: Delivery, response: object): string;
};

/**
 * Makes `export const batchHandler` of one function: a channel that delivers many events in one call. It returns a list with
 * one entry for each delivery, in their order: its receipt, or its `Failure`. A failure that is thrown applies to all of them.
 */
export function batchChannel(deliver: (batch: Delivery[]) => (Receipt | Failure)[]): { deliver(batch: Delivery[]): WitResult[] };

/**
 * Makes `export const batchExchange`: a channel that composes one request for many events. Without `interpret`, any 2xx is a
 * delivery of all of them.
 */
export function batchHttpChannel(functions: {
  compose(batch: Delivery[]): RequestOptions;
  interpret?(batch: Delivery[], response: Response): (Receipt | Failure)[];
}): {
  compose(batch: Delivery[]): WitRequest;
  interpret(batch: Delivery[], response: object): WitResult[];
};

/**
 * Makes `export const stage` of one function, which events pass before they go to channels. It returns the event, changed or not,
 * or `null` to drop it; `id` and `source` must not change. A `Failure.reject` that is thrown rejects the event. The
 * function must not be async.
 */
export function eventStage(process: (event: Event) => Event | null): { process(event: Event): Event | undefined };

export type Disposition = { tag: "retry" } | { tag: "retry-after"; val: number } | { tag: "reject" } | { tag: "suspend" };

/**
 * Thrown, it tells the host what to do. Anything else that is thrown is retried, under the code `exception`.
 * `code` is short and stable, for programs; `message` is for people.
 */
export class Failure extends Error {
  readonly code: string;
  readonly payload: { disposition: Disposition; code: string; message: string };
  /** Retry, by the channel's policy. */
  static retry(code: string, message: string): Failure;
  /** Retry, but not before this many milliseconds (at most 24 hours). */
  static retryAfter(milliseconds: number, code: string, message: string): Failure;
  /** Do not retry: the delivery becomes a dead letter. */
  static reject(code: string, message: string): Failure;
  /** The receiver is gone: suspend the whole channel until an operator resumes it. */
  static suspend(code: string, message: string): Failure;
  /**
   * The failure for a response that is not a success. The code is `http_<status>` unless another is given.
   *
   * | status | |
   * |---|---|
   * | 404 408 409 425 429 5xx | retry; not before what `Retry-After` says (seconds or a date), at most 24 hours |
   * | 410 | suspend |
   * | anything else | reject |
   */
  static fromStatus(response: Response, instead?: { code?: string; message?: string }): Failure;
}

/** Sends one request through the host, within the channel's grants. Throws a `Failure` if there is no response. */
export function request(options: RequestOptions): Response;

/**
 * The settings as the operator nested them: `headers.x-env` is the member `x-env` of `headers`, `hosts.0` the first of
 * `hosts`. Every value is text. An empty table or list leaves no trace.
 */
export function settings(): Record<string, any>;
/** One setting; `undefined` when the operator has not set it. */
export function setting(key: string): string | undefined;
/** One setting; rejects with `invalid_settings` when it is missing. */
export function requiredSetting(key: string): string;
/** A rejecting failure that names the key as the operator wrote it, to be thrown: `invalidSetting("port", "must be …")`. */
export function invalidSetting(key: string, what: string): Failure;

/** Replaces the event's data, as JSON: for a stage. */
export function setJson(event: Event, data: unknown): void;
/** Sets an extension attribute, whether it had a value or not. */
export function setExtension(event: Event, name: string, value: string): void;
/** The data as JSON. Rejects with `no_data` or `invalid_data`. */
export function json(event: Event): any;
/** The data if it is text, even where bytes would be text too. */
export function text(event: Event): string | undefined;
/** The data's bytes; empty without data. */
export function bytes(event: Event): Uint8Array;
/** An extension attribute. */
export function extension(event: Event, name: string): string | undefined;
/** The extension `message`: one line for people. */
export function message(event: Event): string | undefined;
/** The extension `severity`, as its publisher wrote it. */
export function severity(event: Event): string | undefined;
/** The extension `tags`, split. */
export function tags(event: Event): string[];
/** Whether the data is JSON, going by its content type; absent means JSON. */
export function isJson(event: Event): boolean;
/**
 * The event that is delivered, in CloudEvents' JSON format. Unlike `toJson`, it has numbers and booleans among the extension
 * attributes as the publisher wrote them.
 */
export function publishedJson(): string;
/** The event in CloudEvents' JSON format. JSON data is copied as it is; extension attributes are strings. */
export function toJson(event: Event): string;

/** A new event. The host sets its id, source and time. */
export interface NewEvent {
  /** Within the patterns of `grant.emit`. */
  type: string;
  subject?: string | null;
  /** Absent means `application/json`. */
  dataContentType?: string | null;
  dataSchema?: string | null;
  /** Names are 1 to 64 of a-z and 0-9. `causationid`, `correlationid` and `hopcount` are set by the host. */
  extensions?: Record<string, string>;
  /** Text (JSON, unless `dataContentType` says otherwise) and bytes as they are, anything else as its JSON. */
  data?: unknown;
}

/**
 * Publishes an event, if the attempt delivers, in the same commit; returns the id that it will have. Throws a rejecting
 * `Failure`: `denied` if the type was not granted to the channel, `invalid_event`, `too_many_events` past the host's bounds (16
 * events in an attempt, 256 KiB in an event, 16 events in a chain in which each causes the next).
 */
export function emit(event: NewEvent): string;

/** Whom an event is for: the recipient on record under its subject. */
export interface Recipient {
  subject: string;
  email?: string;
  phone?: string;
  /** Device tokens. */
  push: string[];
  /** A language tag such as `pt-BR`. */
  locale?: string;
  /** Other attributes; nested keys are joined by dots. */
  attributes: Record<string, string>;
}

export const recipient: {
  /**
   * The recipient of the delivered event; undefined if it has no subject. One without a record has the operator's defaults
   * and no addresses. In a batch: the recipient of all its events, or undefined if they are for several.
   */
  current(): Recipient | undefined;
};

/** A template that is filled in. A part is empty if the template does not have it. */
export interface Message {
  subject: string;
  text: string;
  html: string;
}

/**
 * Texts that the operator wrote (`[templates.NAME]`), filled in from the delivered event and its recipient, in the recipient's
 * language. What is missing or wrong throws a rejecting `Failure` with the code `template`.
 */
export const templates: {
  render(name: string): Message;
  /** The template that the setting `template` names; undefined if the operator has set none. */
  fromSettings(): Message | undefined;
};

type Fields = Record<string, unknown>;

/** Lines for the daemon's log. The host adds the channel and the delivery. */
export const log: Record<"trace" | "debug" | "info" | "warn" | "error", (message: string, fields?: Fields) => void>;

/** Numbers for the daemon's metrics, exported as `fanfare_plugin_<name>`. They count only if the attempt delivers. */
export const metrics: {
  /** Adds to a counter, 1 by default. */
  counter(name: string, value?: number, labels?: Fields): void;
  gauge(name: string, value: number, labels?: Fields): void;
  histogram(name: string, value: number, labels?: Fields): void;
};

/**
 * The channel's own key-value state. Reads see committed values and this attempt's own writes; writes are kept only if
 * the attempt delivers, in the same commit.
 */
export const state: {
  get(key: string): Uint8Array | undefined;
  getText(key: string): string | undefined;
  getJson(key: string): any;
  /** Keeps a value until it is deleted, or for this many seconds. */
  set(key: string, value: string | Uint8Array, options?: { seconds?: number }): void;
  setJson(key: string, value: unknown, options?: { seconds?: number }): void;
  delete(key: string): void;
  /** Adds to a whole number, 1 by default (absent counts as 0), and returns the sum as this attempt sees it. */
  increment(key: string, by?: number): number;
};
