// Inline elements: untrusted text, times, statuses, chips.

import { type TemplateResult, html } from 'lit';
import { ago, clean, line, moment } from '../lib/format.ts';
import { link } from '../lib/route.ts';
import { type Icon, icon } from './icon.ts';

/** Untrusted text on one line: cut, with misleading characters escaped, and isolated from the text direction around it. */
export function said(text: string | null | undefined, most = 300): TemplateResult {
  return html`<bdi class="said" title=${clean(text ?? '', 2_000)}>${line(text ?? '', most)}</bdi>`;
}

/** The same in a monospaced font, for names and ids. */
export function code(text: string | null | undefined, most = 120): TemplateResult {
  return html`<bdi class="mono said" title=${clean(text ?? '', 2_000)}>${line(text ?? '', most)}</bdi>`;
}

export function time(iso: string | null | undefined): TemplateResult {
  return iso
    ? html`<time datetime=${iso} title="${iso}, ${ago(iso, new Date())}">${moment(iso, new Date())}</time>`
    : html`<span class="faint">–</span>`;
}

/** A time relative to now. */
export function relative(iso: string | null | undefined): TemplateResult {
  return iso
    ? html`<time datetime=${iso} title=${iso}>${ago(iso, new Date())}</time>`
    : html`<span class="faint">–</span>`;
}

type Tone = 'ok' | 'bad' | 'wait' | 'warn' | 'quiet';

const STATUS: Record<string, [Tone, Icon, string]> = {
  success: ['ok', 'success', 'delivered'],
  failed: ['bad', 'failed', 'failed'],
  pending: ['wait', 'pending', 'pending'],
  skipped: ['quiet', 'skipped', 'skipped'],
  partial: ['warn', 'partial', 'partial'],
  unrouted: ['quiet', 'none', 'unrouted'],
  cancelled: ['quiet', 'close', 'cancelled'],
};

/** The status of an event or of a delivery. */
export function status(word: string): TemplateResult {
  const [tone, drawing, name] = STATUS[word] ?? ['quiet', 'none', word];
  return html`<span class="status ${tone}">${icon(drawing as Icon)}${name}</span>`;
}

const STATES: Record<string, [Tone, Icon]> = {
  active: ['ok', 'success'],
  missing: ['bad', 'none'],
  failed: ['bad', 'failed'],
  paused: ['wait', 'pause'],
  suspended: ['warn', 'warning'],
  open: ['warn', 'warning'],
  unconfigured: ['quiet', 'config'],
  running: ['wait', 'again'],
  done: ['ok', 'success'],
  finished: ['ok', 'success'],
  cancelled: ['quiet', 'close'],
  ok: ['ok', 'success'],
  rejected: ['bad', 'failed'],
  refused: ['bad', 'failed'],
};

/** The state of a channel, a job, a reload, an act. */
export function state(word: string): TemplateResult {
  const [tone, drawing] = STATES[word] ?? ['quiet', 'none'];
  return html`<span class="status ${tone}">${icon(drawing as Icon)}${word}</span>`;
}

/** A channel of an event, with its status there. */
export function channelChip(name: string, word: string, title: string): TemplateResult {
  const [tone, drawing, meaning] = STATUS[word] ?? ['quiet', 'none', word];
  return html`<a class="chip ${tone}" href=${link(['channels', name])} title=${clean(title, 1_000)}
    >${icon(drawing as Icon)}<bdi>${line(name, 40)}</bdi><span class="hidden">: ${meaning}</span></a
  >`;
}

/** How an attempt failed: class and code. */
export function fault(klass: string, faultCode: string): TemplateResult {
  return html`<span class="fault"
    ><span class="class">${line(klass, 40)}</span>${faultCode ? html` ${code(faultCode, 60)}` : ''}</span
  >`;
}

/** A key of the configuration, which may break at its underscores. */
export function key(name: string): TemplateResult {
  const parts = name.split('_');
  return html`<code>${parts.map((part, index) => (index === 0 ? part : html`_<wbr />${part}`))}</code>`;
}
