// Filters, and the queries made of them.

import type { Values } from './route.ts';

/** `15m`, `6h` and `7d` are relative to now. Anything that is not a time is passed on: the daemon says what is wrong with it. */
export function since(text: string, now: Date): string | undefined {
  const span = /^(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)$/.exec(text.trim());
  if (span) {
    const unit = { s: 1, m: 60, min: 60, h: 3_600, d: 86_400, w: 604_800 }[span[2] as 's'];
    return new Date(now.getTime() - Number(span[1]) * unit * 1_000).toISOString();
  }
  const time = /^\d{4}-\d\d-\d\d/.test(text.trim()) ? new Date(text.trim()) : undefined;
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : text.trim() || undefined;
}

/** The query of a list: these fields of its page, and its times. */
function filters(query: URLSearchParams, fields: string[], now: Date): Values {
  const values: Values = Object.fromEntries(fields.map((name) => [name, query.get(name)]));
  values['since'] = since(query.get('since') ?? '', now);
  values['until'] = since(query.get('until') ?? '', now);
  return values;
}

/** The query of `GET /v1/events` for the filters of the page. */
export function events(query: URLSearchParams, now: Date): Values {
  return filters(query, ['type', 'status', 'channel', 'source'], now);
}

/** The query of `GET /v1/dead-letters`. */
export function letters(query: URLSearchParams, now: Date): Values {
  return filters(query, ['channel', 'type', 'class', 'code'], now);
}

/** The query of `GET /v1/audit`. */
export function acts(query: URLSearchParams, now: Date): Values {
  return filters(query, ['who', 'what'], now);
}

/** The same as a request body. Without a filter, it has to ask for all explicitly. */
export function selection(values: Values): Record<string, unknown> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return given.length === 0 ? { all: true } : Object.fromEntries(given);
}

/** In words: `code http_503, channel webhook`. */
export function inWords(values: Values): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return given.map(([name, value]) => `${name} ${String(value)}`).join(', ');
}

export type Group<T> = { channel: string; class: string; code: string; items: T[] };

/** Dead letters by channel and code, the largest group first. */
export function groups<T extends { channel: string; class: string; code: string }>(letters: T[]): Group<T>[] {
  const found = new Map<string, Group<T>>();
  for (const letter of letters) {
    const key = JSON.stringify([letter.channel, letter.class, letter.code]);
    const group = found.get(key) ?? { channel: letter.channel, class: letter.class, code: letter.code, items: [] };
    group.items.push(letter);
    found.set(key, group);
  }
  return [...found.values()].sort((a, b) => b.items.length - a.items.length || (a.code < b.code ? -1 : 1));
}
