// What the stages did to an event, and every attempt on every channel, in order.

import { type TemplateResult, html, nothing } from 'lit';
import type { S } from '../lib/api.ts';
import { bytes, clean, milliseconds, short } from '../lib/format.ts';
import { link } from '../lib/route.ts';
import { icon } from './icon.ts';
import { code, fault, relative, said, time } from './text.ts';

type Attempt = S['AttemptRecord'];
type Result = S['ChannelResult'];

const AGAIN: Record<string, string> = {
  replay: 'replay',
  manual: 'redriven',
  fallback: 'as a fallback',
};

export type Step = {
  at: string;
  channel: string;
  attempt?: Attempt;
  skipped?: { reason: string; detail: string; again: string };
};

/** In the order of time. */
export function steps(attempts: Record<string, Attempt[]>, results: Record<string, Result>): Step[] {
  const all: Step[] = Object.entries(attempts).flatMap(([channel, records]) =>
    records.map((attempt) => ({ at: attempt.started, channel, attempt })),
  );
  for (const [channel, result] of Object.entries(results)) {
    if (result.skipped_replay) {
      const { at, reason, detail } = result.skipped_replay;
      all.push({ at, channel, skipped: { reason, detail, again: ' (replay)' } });
    } else if (result.status === 'skipped') {
      const again = result.fallback_for ? ' (as a fallback)' : '';
      all.push({
        at: result.timestamp,
        channel,
        skipped: { reason: result.reason ?? '', detail: result.detail ?? '', again },
      });
    }
  }
  return all.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.attempt?.number ?? 0) - (b.attempt?.number ?? 0));
}

export function timeline(event: S['Event']): TemplateResult {
  const { attempts = {}, stages = [], result } = event;
  const begin = Date.parse(result.broadcast_at);
  const since = (at: string) => `+${milliseconds(Math.max(0, Date.parse(at) - begin))}`;
  return html`<ol class="timeline">
    ${stages.map(
      (stage) =>
        html`<li class=${stage.class ? 'bad' : 'quiet'}>
          <span class="mark">${icon(stage.class ? 'failed' : 'none')}</span>
          <div class="step">
            <div class="step-head">
              <b>stage ${said(stage.stage, 60)}</b> <span>${stage.did}</span>
              <span class="cost">${milliseconds(stage.duration_ms)}</span>
            </div>
            ${stage.changed?.length ? html`<div class="faint">changed ${stage.changed.slice(0, 20).map((pointer) => html`${code(pointer)} `)}</div>` : nothing}
            ${stage.class ? html`<div>${fault(stage.class, stage.code ?? '')} ${said(stage.reason, 500)}</div>` : nothing}
          </div>
        </li>`,
    )}
    <li class="begin">
      <span class="mark">${icon('right')}</span>
      <div class="step">
        <div class="step-head"><b>accepted</b> ${time(result.broadcast_at)}</div>
      </div>
    </li>
    ${steps(attempts, result.channels).map((step) => one(step, since))}
    ${Object.entries(result.channels)
      .filter(([, channel]) => channel.status === 'pending')
      .map(
        ([name, channel]) =>
          html`<li class="wait">
            <span class="mark">${icon('pending')}</span>
            <div class="step">
              <div class="step-head">
                <b><a href=${link(['channels', name])}>${said(name, 60)}</a></b> ${waits(channel)}
              </div>
            </div>
          </li>`,
      )}
  </ol>`;
}

/** What a pending delivery waits for. */
export function waits(channel: Result): TemplateResult {
  const until = channel.until ?? channel.next_attempt_at;
  if (!channel.waiting_for) {
    return html`<span>is due, or being attempted</span>`;
  }
  return html`<span>waits for ${channel.waiting_for}${until ? html`, continues ${relative(until)}` : nothing}</span>`;
}

function one(step: Step, since: (at: string) => string): TemplateResult {
  const { attempt, skipped, channel, at } = step;
  const tone = skipped ? 'quiet' : attempt?.class ? 'bad' : 'ok';
  return html`<li class=${tone}>
    <span class="mark">${icon(skipped ? 'skipped' : attempt?.class ? 'failed' : 'success')}</span>
    <div class="step">
      <div class="step-head">
        <b><a href=${link(['channels', channel])}>${said(channel, 60)}</a></b>
        ${attempt ? html`<span>${attempt.class ? 'failed' : 'delivered'}</span>` : html`<span>skipped${skipped?.again}</span>`}
        ${attempt ? html`<span class="faint">attempt ${attempt.number}${AGAIN[attempt.trigger] ? `, ${AGAIN[attempt.trigger]}` : ''}</span>` : nothing}
        <time class="faint" datetime=${at} title=${at}>${since(at)}</time>
      </div>
      ${attempt ? attemptBody(attempt) : html`<div>${code(skipped?.reason)} ${said(skipped?.detail, 500)}</div>`}
    </div>
  </li>`;
}

/** The outcome of an attempt, and its cost. */
export function attemptBody(attempt: Attempt): TemplateResult {
  return html`${attempt.class ? html`<div class="why">${fault(attempt.class, attempt.code ?? '')} ${said(attempt.error, 1_000)}</div>` : nothing}
  ${costs(attempt)} ${traced(attempt.trace)}`;
}

export function costs(of: { duration_ms: number; fuel: number; memory: number; plugin?: string }): TemplateResult {
  return html`<dl class="costs">
    <div>
      <dt>took</dt>
      <dd>${milliseconds(of.duration_ms)}</dd>
    </div>
    <div>
      <dt>fuel</dt>
      <dd title=${of.fuel}>${short(of.fuel)}</dd>
    </div>
    <div>
      <dt>memory</dt>
      <dd title=${`${of.memory} bytes`}>${bytes(of.memory)}</dd>
    </div>
    ${
      of.plugin === undefined
        ? nothing
        : html`<div>
            <dt>plugin</dt>
            <dd>${code(of.plugin, 16)}</dd>
          </div>`
    }
  </dl>`;
}

/** The last lines that the plugin logged. */
export function traced(trace: string[] | undefined): TemplateResult | typeof nothing {
  return trace?.length
    ? html`<pre class="trace" tabindex="0" role="region" aria-label="What the plugin logged">
${trace.map((text) => `${clean(text, 2_000)}\n`)}</pre>`
    : nothing;
}
