// One dead letter: the reason, every attempt, and the event.

import { type PropertyValues, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { type S, call, get, part } from '../lib/api.ts';
import { counted } from '../lib/format.ts';
import { member } from '../lib/json.ts';
import { Loader } from '../lib/loader.ts';
import { go, link } from '../lib/route.ts';
import { button, letters } from '../parts/actions.ts';
import { ask } from '../parts/dialog.ts';
import { icon } from '../parts/icon.ts';
import { Part } from '../parts/part.ts';
import '../parts/payload.ts';
import { loading, problem } from '../parts/problem.ts';
import { code, fault, said, time } from '../parts/text.ts';
import { attemptBody } from '../parts/timeline.ts';

@customElement('ff-letter')
export class LetterPage extends Part {
  @property() delivery = '';

  private text = '';
  private readonly shown = new Loader(this, async (signal) => {
    const { value, text } = await call<S['DeadLetterInFull']>(
      'GET',
      `/v1/dead-letters/${part(this.delivery)}`,
      undefined,
      signal,
    );
    const event = member(text, 'event') ?? '';
    this.text = event === 'null' ? '' : event;
    return value;
  });
  private readonly channels = new Loader(this, (signal) => get<S['Channels']>('/v1/channels', {}, signal));

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('delivery') && changed.get('delivery')) {
      this.shown.restart();
    }
  }

  protected override render() {
    const letter = this.shown.value;
    if (!letter) {
      return html`<h1>Dead letter</h1>
        ${
          this.shown.problem
            ? html`${problem(this.shown.problem)}
                <p>It may have been redriven or deleted. <a href="#/dead-letters">All dead letters</a></p>`
            : loading()
        }`;
    }
    const now = this.channels.value?.channels.find((channel) => channel.name === letter.channel);
    const replaced = now?.digest && letter.plugin && !now.digest.startsWith(letter.plugin);
    const back = () => go('#/dead-letters');
    return html`<div class="head">
        <div>
          <p class="crumb"><a href="#/dead-letters">Dead letters</a> / ${code(letter.delivery_id)}</p>
          <h1>${said(letter.event_type, 120)} <span class="faint">to</span> ${said(letter.channel, 60)}</h1>
        </div>
        <div class="control">
          ${button('Redrive', 'again', 'operate', () => letters('replay', { delivery_id: letter.delivery_id }, back), { channel: letter.channel })}
          ${button('Delete', 'trash', 'admin', () => this.purge(letter, back), { channel: letter.channel, danger: true })}
        </div>
      </div>
      <div class="alarm bad">
        ${icon('failed')}<span>${fault(letter.class, letter.code)} ${said(letter.error, 1_000)}</span>
      </div>
      <div class="columns">
        <section class="panel" aria-labelledby="history">
          <div class="panel-head"><h2 id="history">${counted(letter.history.length, 'attempt')}</h2></div>
          <ol class="timeline">
            ${letter.history.map(
              (attempt) =>
                html`<li class=${attempt.class ? 'bad' : 'ok'}>
                  <span class="mark">${icon(attempt.class ? 'failed' : 'success')}</span>
                  <div class="step">
                    <div class="step-head">
                      <b>attempt ${attempt.number}</b>
                      <span class="faint">${attempt.trigger}</span> ${time(attempt.started)}
                    </div>
                    ${attemptBody(attempt)}
                  </div>
                </li>`,
            )}
          </ol>
        </section>
        <div>
          <section class="panel" aria-labelledby="letter">
            <div class="panel-head"><h2 id="letter">Delivery</h2></div>
            <dl class="facts">
              <div>
                <dt>event</dt>
                <dd>
                  <a href=${link(['events', letter.event_id], { source: letter.source })}>${code(letter.event_id)}</a>
                </dd>
              </div>
              <div>
                <dt>source</dt>
                <dd>${code(letter.source)}</dd>
              </div>
              <div>
                <dt>offset</dt>
                <dd>${letter.offset}</dd>
              </div>
              <div>
                <dt>channel</dt>
                <dd><a href=${link(['channels', letter.channel])}>${said(letter.channel, 60)}</a></dd>
              </div>
              <div>
                <dt>dead since</dt>
                <dd>${time(letter.at)}</dd>
              </div>
              <div>
                <dt>plugin then</dt>
                <dd>
                  ${code(letter.plugin ?? 'none')}${replaced ? html` <span class="faint">replaced since</span>` : ''}
                </dd>
              </div>
            </dl>
          </section>
          <section class="panel" aria-labelledby="event">
            <div class="panel-head"><h2 id="event">Event</h2></div>
            ${this.text === '' ? html`<p class="faint">The event is no longer in the journal.</p>` : html`<ff-payload .text=${this.text} label="Event"></ff-payload>`}
          </section>
        </div>
      </div>`;
  }

  private purge(letter: S['DeadLetterInFull'], done: () => void): void {
    ask({
      title: 'Delete this dead letter?',
      body: 'A deleted dead letter cannot be redriven.',
      phrase: 'delete',
      action: 'Delete',
      danger: true,
      act: async () => {
        await call('DELETE', `/v1/dead-letters/${part(letter.delivery_id)}`);
        done();
        return 'The dead letter is deleted.';
      },
    });
  }
}
