// The history, newest first, and new events as they arrive.

import { type PropertyValues, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type S, get } from '../lib/api.ts';
import { events as filtered } from '../lib/filter.ts';
import { counted } from '../lib/format.ts';
import { follow } from '../lib/live.ts';
import { Loader } from '../lib/loader.ts';
import { goFiltered, link } from '../lib/route.ts';
import { icon } from '../parts/icon.ts';
import { Part } from '../parts/part.ts';
import { empty, loading, problem } from '../parts/problem.ts';
import { channelChip, code, said, status, time } from '../parts/text.ts';
import { firstEvent } from './overview.ts';

const LIMIT = 50;
/** Milliseconds between reloads, however many events arrive. */
const PACE = 500;

const FIELDS = ['type', 'status', 'channel', 'source', 'since', 'until'] as const;
const STATUSES = ['success', 'partial', 'failed', 'pending', 'unrouted', 'cancelled'];

@customElement('ff-events')
export class Events extends Part {
  @property({ attribute: false }) query = new URLSearchParams();
  /** Paused with the button. */
  @state() private paused = false;
  /** The pointer is over the list, which must not move under it. */
  @state() private looking = false;
  @state() private missed = 0;

  private readonly channels = new Loader(this, (signal) => get<S['Channels']>('/v1/channels', {}, signal));
  private readonly page = new Loader(this, (signal) => this.load(signal));
  private fresh = new Set<number>();
  private newest = 0;
  private unfollow: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  private load(signal: AbortSignal): Promise<S['Events']> {
    const after = this.query.get('after');
    return get<S['Events']>(
      '/v1/events',
      { ...filtered(this.query, new Date()), order: 'newest', limit: LIMIT, after },
      signal,
    ).then((page) => {
      const offsets = page.events.map((event) => event.offset);
      this.fresh = new Set(this.newest > 0 ? offsets.filter((offset) => offset > this.newest) : []);
      this.newest = Math.max(this.newest, ...offsets, 0);
      this.missed = 0;
      return page;
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.unfollow = follow((what) => {
      if (this.stopped) {
        this.missed += what === 'event' ? 1 : 0;
      } else {
        this.soon();
      }
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unfollow?.();
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('query') && changed.get('query') !== undefined) {
      this.newest = 0;
      this.page.restart();
    }
  }

  /** Older pages do not follow the stream either. */
  private get stopped(): boolean {
    return this.paused || this.looking || this.query.has('after');
  }

  private soon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (!this.stopped) {
        void this.page.load();
      }
    }, PACE);
  }

  private readonly look = (looking: boolean): void => {
    this.looking = looking;
    if (!looking && this.missed > 0) {
      this.soon();
    }
  };

  protected override render() {
    const page = this.page.value;
    const filters = FIELDS.some((name) => this.query.has(name));
    return html`<div class="head">
        <h1>Events</h1>
        ${this.control()}
      </div>
      ${this.filters()} ${problem(this.page.problem)}
      ${
        !page
          ? this.page.problem
            ? nothing
            : loading()
          : page.events.length === 0
            ? filters || this.query.has('after')
              ? empty('No event matches.', html`<a href="#/events">Show all events</a>`)
              : empty('No event has arrived yet.', firstEvent())
            : this.table(page)
      }`;
  }

  private control() {
    if (this.query.has('after')) {
      return html`<a class="button" href=${this.href({ after: undefined })}>Back to the newest</a>`;
    }
    const text = this.paused ? 'Paused' : this.looking ? 'Paused while you look' : 'Live';
    return html`<div class="control">
      <span class="connection ${this.stopped ? 'wait' : 'ok'}" role="status"><span class="dot"></span>${text}</span>
      ${this.missed > 0 ? html`<button class="primary" @click=${() => void this.page.load()}>${counted(this.missed, 'new event')}</button>` : nothing}
      <button aria-pressed=${this.paused} @click=${this.toggle}>
        ${icon(this.paused ? 'play' : 'pause')}${this.paused ? 'Follow' : 'Pause'}
      </button>
    </div>`;
  }

  private readonly toggle = (): void => {
    this.paused = !this.paused;
    if (!this.paused) {
      void this.page.load();
    }
  };

  private filters() {
    const names = this.channels.value?.channels.map((channel) => channel.name) ?? [];
    const chosen = (name: string) => this.query.get(name) ?? '';
    const options = (name: string, values: string[], all: string) =>
      html`<select name=${name} @change=${this.filter}>
        <option value="" ?selected=${chosen(name) === ''}>${all}</option>
        ${[...new Set([...values, chosen(name)])]
          .filter((value) => value !== '')
          .map((value) => html`<option value=${value} ?selected=${chosen(name) === value}>${value}</option>`)}
      </select>`;
    return html`<form class="filters" role="search" aria-label="Filter events" @submit=${this.filter}>
      <label>Type <input name="type" .value=${chosen('type')} placeholder="order.*" @change=${this.filter} /></label>
      <label>Status ${options('status', STATUSES, 'any')}</label>
      <label>Channel ${options('channel', names, 'any')}</label>
      <label
        >Source <input name="source" .value=${chosen('source')} placeholder="/shop" @change=${this.filter}
      /></label>
      <label
        >Since
        <input name="since" .value=${chosen('since')} placeholder="15m, or a time" list="spans" @change=${this.filter}
      /></label>
      <label>Until <input name="until" .value=${chosen('until')} placeholder="a time" @change=${this.filter} /></label>
      <datalist id="spans">
        ${['15m', '1h', '6h', '1d', '7d'].map((span) => html`<option value=${span}></option>`)}
      </datalist>
      <button>${icon('search')}Filter</button>
      ${FIELDS.some((name) => this.query.has(name)) ? html`<a class="button quiet" href="#/events">${icon('close')}Clear</a>` : nothing}
    </form>`;
  }

  private readonly filter = (event: Event): void => {
    event.preventDefault();
    goFiltered(['events'], this.querySelector('form'));
  };

  private href(values: Record<string, string | number | undefined>): string {
    return link(['events'], { ...Object.fromEntries(this.query), ...values });
  }

  private table(page: S['Events']) {
    return html`${
        page.incomplete
          ? html`<div class="alarm bad">
              ${icon('warning')}<span
                >A damaged part of the journal hides events. <code>fanfare doctor</code> shows the extent.</span
              >
            </div>`
          : nothing
      }
      <div class="scroll" role="region" aria-label="Events, newest first" tabindex="0">
        <table
          class="cards"
          @pointerenter=${(event: PointerEvent) => event.pointerType === 'mouse' && this.look(true)}
          @pointerleave=${() => this.look(false)}
        >
          <thead>
            <tr>
              <th scope="col">Recorded</th>
              <th scope="col">Type</th>
              <th scope="col">Status</th>
              <th scope="col">Channels</th>
              <th scope="col">Source</th>
              <th scope="col" class="number">Offset</th>
            </tr>
          </thead>
          <tbody>
            ${page.events.map(({ event, result, offset }) => {
              const { id, source, subject } = event as { id: string; source: string; subject?: string };
              return html`<tr class=${this.fresh.has(offset) ? 'fresh' : ''}>
                <td data-label="Recorded" class="narrow">${time(result.broadcast_at)}</td>
                <th scope="row" class="long">
                  <a href=${link(['events', id], { source })}>${said(result.event_type, 80)}</a>
                  <div class="faint">${code(id, 60)}${subject ? html` · ${said(subject, 40)}` : nothing}</div>
                </th>
                <td data-label="Status">${status(result.overall_status)}</td>
                <td data-label="Channels">
                  <div class="chips">
                    ${Object.entries(result.channels).map(([name, channel]) => channelChip(name, channel.status, chipTitle(name, channel)))}
                  </div>
                </td>
                <td data-label="Source">${said(source, 40)}</td>
                <td data-label="Offset" class="number">${offset}</td>
              </tr>`;
            })}
          </tbody>
        </table>
      </div>
      <div class="pager">
        ${page.next === null || page.next === undefined ? nothing : html`<a class="button" href=${this.href({ after: page.next })}>Older ${icon('right')}</a>`}
      </div>`;
  }
}

function chipTitle(name: string, channel: S['ChannelResult']): string {
  const parts = [`${name}: ${channel.status}`, `${counted(channel.attempts, 'attempt')}`];
  if (channel.code) {
    parts.push(`${channel.class} ${channel.code}: ${channel.error ?? ''}`);
  }
  if (channel.waiting_for) {
    parts.push(`waiting for ${channel.waiting_for}${channel.until ? ` until ${channel.until}` : ''}`);
  }
  if (channel.reason) {
    parts.push(`${channel.reason}: ${channel.detail ?? ''}`);
  }
  return parts.join('\n');
}
