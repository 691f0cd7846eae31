// Calls of the daemon's HTTP API.

import type { components } from '../schema.ts';
import { search, type Values } from './route.ts';
import { Store } from './store.ts';

export type S = components['schemas'];

/** A failed call: the daemon's problem document, or our own words if there is none. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly errors: { pointer: string; detail: string }[] = [],
    readonly retryAfter?: number,
  ) {
    super(title);
  }
}

/** Whether the daemon responded to the last call. */
export const reached = new Store(true);

type Answer<T> = { value: T; text: string; status: number };

/** Called on a 401: the session has ended. */
let onUnauthorized: () => void = () => {};
export function whenUnauthorized(told: () => void): void {
  onUnauthorized = told;
}

export async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer<T>> {
  const init: RequestInit = { method, headers: { accept: 'application/json' }, credentials: 'same-origin' };
  if (signal) {
    init.signal = signal;
  }
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, 'content-type': 'application/json' };
  }
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, init);
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    reached.set(false);
    throw new Problem(0, 'The daemon does not respond', 'It may have stopped, or be starting. This page keeps trying.');
  }
  reached.set(true);
  if (response.ok) {
    return { value: (text === '' ? undefined : JSON.parse(text)) as T, text, status: response.status };
  }
  if (response.status === 401 && path !== '/v1/session') {
    onUnauthorized();
  }
  throw problem(response, text);
}

function problem(response: Response, text: string): Problem {
  const after = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfter = Number.isFinite(after) ? after : undefined;
  try {
    const said = JSON.parse(text) as Partial<S['Problem']>;
    const title = said.title ?? `The daemon returned ${response.status}`;
    return new Problem(response.status, title, said.detail ?? '', said.errors ?? [], retryAfter);
  } catch {
    return new Problem(response.status, `The daemon returned ${response.status}`, text.slice(0, 500), [], retryAfter);
  }
}

export async function get<T>(path: string, values: Values = {}, signal?: AbortSignal): Promise<T> {
  return (await call<T>('GET', path + search(values), undefined, signal)).value;
}

export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  return (await call<T>('POST', path, body)).value;
}

/** Escapes a path segment. */
export const part = encodeURIComponent;

/** Anything thrown, as a `Problem`. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, 'This page failed', String(error));
}
