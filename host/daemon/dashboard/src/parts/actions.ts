// The actions of an operator, each with its confirmation.

import { type TemplateResult, html, nothing } from 'lit';
import { type S, part, post } from '../lib/api.ts';
import { counted, line } from '../lib/format.ts';
import { inWords, selection } from '../lib/filter.ts';
import { type Values, link } from '../lib/route.ts';
import { type Scope, refusal } from '../lib/session.ts';
import { Next, ask } from './dialog.ts';
import { type Icon, icon } from './icon.ts';
import { fault, said } from './text.ts';
import { costs, traced } from './timeline.ts';

/** A button. If the session does not allow the action, it is disabled, with the reason as its title. */
export function button(
  name: string,
  drawing: Icon,
  scope: Scope,
  act: () => void,
  more: { channel?: string; danger?: boolean; label?: string; off?: string } = {},
): TemplateResult {
  const reason = refusal(scope, more.channel) ?? more.off;
  return html`<button
    class=${more.danger ? 'danger-quiet' : ''}
    ?disabled=${reason !== undefined}
    title=${reason ?? more.label ?? ''}
    aria-label=${more.label ?? name}
    @click=${act}
  >
    ${icon(drawing)}${name}
  </button>`;
}

const jobLink = (id: number | null | undefined) => html`<a href=${link(['dead-letters'])}>job ${id}</a>`;

export function pause(channel: S['Channel'], done: () => void): void {
  ask({
    title: `Pause ${line(channel.name, 60)}?`,
    body: 'No attempts are made until it is resumed. Events are still accepted for it and kept.',
    count: async () => ({
      matched: 1,
      sentence: `${counted(channel.pending, 'delivery', 'deliveries')} pending, ${channel.in_flight} in flight; those in flight will finish.`,
    }),
    reason: 'Reason, shown to other operators',
    action: 'Pause',
    danger: true,
    act: async (reason) => {
      await post(`/v1/channels/${part(channel.name)}/pause`, { reason });
      done();
      return `${line(channel.name, 60)} is paused.`;
    },
  });
}

export function resume(channel: S['Channel'], done: () => void): void {
  ask({
    title: `Resume ${line(channel.name, 60)}?`,
    body: 'Pending deliveries are attempted again.',
    count: async () => ({ matched: 1, sentence: `${counted(channel.pending, 'delivery', 'deliveries')} pending.` }),
    action: 'Resume',
    act: async () => {
      await post(`/v1/channels/${part(channel.name)}/resume`);
      done();
      return `${line(channel.name, 60)} is resumed.`;
    },
  });
}

export function test(channel: string): void {
  ask({
    title: `Test ${line(channel, 60)}?`,
    body: html`Sends one sample event to this channel only. <b>Its receiver gets it</b>; nothing is recorded.`,
    action: 'Send the sample',
    act: () => sample(channel),
  });
}

/** Sends the sample and shows the result. */
async function sample(channel: string): Promise<Next> {
  const tested = await post<S['Tested']>(`/v1/channels/${part(channel)}/test`);
  return new Next({
    title: tested.status === 'success' ? `${line(channel, 60)} delivered the sample` : `${line(channel, 60)} failed`,
    body: html`${tested.class ? html`<p>${fault(tested.class, tested.code ?? '')} ${said(tested.error, 1_000)}</p>` : nothing}
    ${costs(tested)} ${traced(tested.trace)}`,
    close: 'Close',
    action: 'Send another',
    act: () => sample(channel),
  });
}

export function forget(channel: string, done: () => void): void {
  ask({
    title: `Forget ${line(channel, 60)}?`,
    body: 'The channel is no longer configured. Its pending deliveries end as dead letters.',
    count: async () => {
      const { pending } = await post<S['Forgotten']>(`/v1/channels/${part(channel)}/forget`, { dry_run: true });
      return { matched: pending, sentence: `${counted(pending, 'pending delivery ends', 'pending deliveries end')}.` };
    },
    phrase: 'forget',
    action: 'Forget',
    danger: true,
    act: async () => {
      const { ended } = await post<S['Forgotten']>(`/v1/channels/${part(channel)}/forget`, { dry_run: false });
      done();
      return `${counted(ended, 'delivery', 'deliveries')} ended.`;
    },
  });
}

type Letters = 'replay' | 'purge';

/** Redrives or purges all dead letters that match. */
export function letters(what: Letters, values: Values, done: () => void): void {
  const chosen = selection(values);
  const words = inWords(values);
  const path = `/v1/dead-letters/${what}`;
  ask({
    title: what === 'replay' ? 'Redrive dead letters?' : 'Purge dead letters?',
    body: html`<p>${words ? html`Those with ${said(words, 300)}.` : 'All of them.'}</p>
      <p>
        ${
          what === 'replay'
            ? 'Each begins another round of attempts under the same delivery id. A job does the work and never delays live events.'
            : 'Purged dead letters are deleted and cannot be redriven.'
        }
      </p>`,
    count: async () => {
      const { matched } = await post<S['Begun']>(path, { ...chosen, dry_run: true });
      const will = what === 'replay' ? ['is redriven', 'are redriven'] : ['is purged', 'are purged'];
      return {
        matched,
        sentence:
          matched === 0
            ? 'No dead letter matches.'
            : `${counted(matched, 'dead letter')} ${will[matched === 1 ? 0 : 1]}.`,
      };
    },
    ...(what === 'purge' ? { phrase: 'purge' } : {}),
    action: what === 'replay' ? 'Redrive' : 'Purge',
    danger: what === 'purge',
    act: async () => {
      const begun = await post<S['Begun']>(path, { ...chosen, dry_run: false });
      done();
      return html`${counted(begun.matched, 'dead letter')}: ${jobLink(begun.replay)} works through them.`;
    },
  });
}

/** Replays one event to a channel. */
export function replay(event: S['Event'], channel: string, done: () => void): void {
  const body = { after: event.offset - 1, until: event.offset, channels: [channel] };
  ask({
    title: `Replay this event to ${line(channel, 60)}?`,
    body: 'The channel gets it again under the same delivery id, so its receiver may recognize and ignore it.',
    count: async () => {
      const { matched } = await post<S['Counted']>('/v1/replays', { ...body, dry_run: true });
      return { matched, sentence: `${counted(matched, 'event')} is replayed.` };
    },
    action: 'Replay',
    act: async () => {
      const job = await post<S['Job']>('/v1/replays', body);
      done();
      return html`${jobLink(job.id)} replays it.`;
    },
  });
}

export function drop(delivery: string, channel: string, done: () => void): void {
  ask({
    title: `Drop the delivery to ${line(channel, 60)}?`,
    body: 'The delivery ends now, as a dead letter with your reason.',
    reason: 'Reason (required)',
    action: 'Drop',
    danger: true,
    act: async (reason) => {
      await post(`/v1/deliveries/${part(delivery)}/drop`, { reason });
      done();
      return 'It is a dead letter now.';
    },
  });
}
