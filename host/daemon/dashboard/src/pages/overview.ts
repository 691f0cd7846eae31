// The daemon at a glance.

import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type S, get } from '../lib/api.ts';
import { count, counted, milliseconds, rate, seconds, share } from '../lib/format.ts';
import { follow } from '../lib/live.ts';
import { Loader } from '../lib/loader.ts';
import { link } from '../lib/route.ts';
import { recent } from '../lib/spark.ts';
import type { Line } from '../parts/chart.ts';
import '../parts/chart.ts';
import { icon } from '../parts/icon.ts';
import { Part } from '../parts/part.ts';
import { empty, loading, problem } from '../parts/problem.ts';
import { bar, spark } from '../parts/spark.ts';
import { fault, relative, said, state as stateOf, time } from '../parts/text.ts';
import { charted } from './series.ts';

/** Milliseconds between reloads. */
const EVERY = 5_000;
/** The current rate is the mean of this many steps. */
const NOW = 3;

@customElement('ff-overview')
export class Overview extends Part {
  @state() private window: 'hour' | 'day' = 'hour';

  private readonly stats = new Loader(this, (signal) => get<S['Stats']>('/v1/stats', {}, signal), EVERY);
  private readonly hour = new Loader(
    this,
    (signal) => get<S['Series']>('/v1/series', { window: 'hour' }, signal),
    EVERY,
  );
  private readonly day = new Loader(
    this,
    (signal) => get<S['Series']>('/v1/series', { window: 'day' }, signal),
    60_000,
  );
  private readonly channels = new Loader(this, (signal) => get<S['Channels']>('/v1/channels', {}, signal), EVERY);
  private readonly stages = new Loader(this, (signal) => get<S['Stages']>('/v1/stages', {}, signal), 10_000);
  private readonly latest = new Loader(this, (signal) =>
    get<S['Events']>('/v1/events', { order: 'newest', limit: 8 }, signal),
  );
  private unfollow: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    // However many events arrive, reload the list at most once a second.
    this.unfollow = follow(() => {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        void this.latest.load();
      }, 1_000);
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unfollow?.();
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  protected override render() {
    const stats = this.stats.value;
    if (!stats) {
      return html`<h1>Overview</h1>
        ${this.stats.problem ? problem(this.stats.problem) : loading()}`;
    }
    return html`<div class="head">
        <h1>Overview</h1>
        <p class="faint">Version ${stats.version}, up for ${seconds(stats.uptime_seconds)}</p>
      </div>
      ${problem(this.stats.problem)} ${this.alarms(stats)} ${this.tiles(stats)} ${this.chart()} ${this.byChannel()}
      <div class="columns">${this.failures(stats)} ${this.newest()}</div>`;
  }

  /** Everything that needs attention. */
  private alarms(stats: S['Stats']) {
    const { journal } = stats;
    const held = (this.channels.value?.channels ?? []).filter(
      (channel) => !['active', 'unconfigured'].includes(channel.state),
    );
    const rejected = stats.last_reload?.outcome === 'rejected' ? stats.last_reload : undefined;
    const stages = (this.stages.value?.stages ?? []).filter((stage) => stage.state !== 'active');
    if (
      journal.status === 'ok' &&
      stages.length === 0 &&
      held.length === 0 &&
      !rejected &&
      stats.removed.length === 0
    ) {
      return nothing;
    }
    return html`<section class="alarms" aria-label="What needs a look">
      ${
        journal.status === 'ok'
          ? nothing
          : html`<div class="alarm bad">
              ${icon('warning')}<span><b>The journal is ${journal.status}.</b> ${said(journal.error)}</span>
            </div>`
      }
      ${
        rejected
          ? html`<div class="alarm bad">
              ${icon('warning')}<span
                ><b>The last reload was rejected.</b> ${said(rejected.errors[0], 200)}
                <a href="#/config">Config</a></span
              >
            </div>`
          : nothing
      }
      ${stages.map(
        (stage) =>
          html`<div class="alarm bad">
            ${stateOf(stage.state)}
            <span>
              <a href="#/channels"><b>stage ${said(stage.name, 60)}</b></a> ${said(stage.error, 140)}
              <span class="faint">${stage.on_error === 'pass' ? 'events skip it' : 'its events are rejected'}</span>
            </span>
          </div>`,
      )}
      ${held.map((channel) => {
        const why = channel.hold?.reason || channel.error || '';
        return html`<div class="alarm ${channel.state === 'paused' ? 'wait' : 'warn'}">
          ${stateOf(channel.state)}
          <span>
            <a href=${link(['channels', channel.name])}><b>${said(channel.name, 60)}</b></a>
            ${said(why, 140)}
            ${channel.hold?.until ? html`<span class="faint"> · tries again ${relative(channel.hold.until)}</span>` : nothing}
            ${channel.pending > 0 ? html`<span class="faint"> · ${count(channel.pending)} pending</span>` : nothing}
          </span>
        </div>`;
      })}
      ${stats.removed.map(
        (left) =>
          html`<div class="alarm warn">
            ${icon('warning')}<span
              ><a href=${link(['channels', left.channel])}><b>${said(left.channel, 60)}</b></a> is no longer configured
              and has ${counted(left.pending, 'pending delivery', 'pending deliveries')}.</span
            >
          </div>`,
      )}
    </section>`;
  }

  private tiles(stats: S['Stats']) {
    const series = this.hour.value;
    const channels = this.channels.value?.channels ?? [];
    const breakers = channels.filter((channel) => channel.policy?.breaker);
    const open = breakers.filter((channel) => channel.state === 'open').length;
    const oldest = channels
      .map((channel) => channel.oldest_pending_at)
      .filter((at) => at)
      .sort()[0];
    const failed =
      (series?.failed ?? []).reduce((sum: number, value) => sum + (value ?? 0), 0) * (series?.step_seconds ?? 0);
    const rates: [string, string, (number | null)[] | undefined, string][] = [
      ['Accepted', 'wait', series?.accepted, `${count(stats.totals.accepted)} in all`],
      ['Delivered', 'ok', series?.delivered, `${count(stats.totals.delivered)} in all`],
      ['Failed', 'warn', series?.failed, `${count(failed)} attempts, last hour`],
      ['Dead', 'bad', series?.dead, `${count(stats.totals.dead)} in all`],
    ];
    return html`<section class="tiles" aria-label="Rates and totals">
      ${rates.map(
        ([name, colour, values, total]) =>
          html`<div class="tile rate">
            <h2>${name}</h2>
            <div class="number">${rate(values ? recent(values, NOW) : undefined)}<span class="unit">/s</span></div>
            ${values ? spark(values, colour) : nothing}
            <div class="faint">${total}</div>
          </div>`,
      )}
      <div class="tile">
        <h2>Success rate</h2>
        <div class="number">${share(stats.totals.success_rate)}</div>
        ${stats.totals.success_rate === null || stats.totals.success_rate === undefined ? nothing : bar(stats.totals.success_rate, 'ok')}
        <div class="faint">${stats.totals.mean_attempts?.toFixed(2) ?? '–'} attempts each</div>
      </div>
      <div class="tile">
        <h2>Pending</h2>
        <div class="number">${count(stats.totals.pending)}</div>
        <div class="faint">${oldest ? html`oldest ${relative(oldest)}` : 'no backlog'}</div>
      </div>
      <div class="tile">
        <h2>Breakers</h2>
        <div class="number">${breakers.length === 0 ? '–' : `${open} open`}</div>
        <div class="faint">${breakers.length === 0 ? 'no channel has one' : `of ${breakers.length}`}</div>
      </div>
      <div class="tile">
        <h2>Attempts take</h2>
        <div class="number">${milliseconds(stats.latency?.p50_ms)}</div>
        <div class="faint">median; ${milliseconds(stats.latency?.p99_ms)} at p99</div>
      </div>
    </section>`;
  }

  private chart() {
    const series = this.window === 'hour' ? this.hour : this.day;
    const shown = series.value && charted(series.value, lines(series.value));
    const choice = (window: 'hour' | 'day', name: string) =>
      html`<button aria-pressed=${this.window === window} @click=${() => (this.window = window)}>${name}</button>`;
    return html`<section class="panel" aria-labelledby="throughput">
      <div class="panel-head">
        <h2 id="throughput">Throughput</h2>
        <div class="switch" role="group" aria-label="How far back">
          ${choice('hour', 'Hour')}${choice('day', 'Day')}
        </div>
      </div>
      ${problem(series.problem)}
      ${shown ? html`<ff-chart .times=${shown.times} .lines=${shown.lines} label="Rates per second over the last ${this.window}"></ff-chart>` : loading()}
    </section>`;
  }

  private byChannel() {
    const channels = this.channels.value?.channels;
    const series = this.hour.value;
    if (!channels) {
      return problem(this.channels.problem);
    }
    return html`<section class="panel" aria-labelledby="by-channel">
      <div class="panel-head"><h2 id="by-channel">By channel</h2></div>
      ${
        channels.length === 0
          ? empty(
              'There are no channels yet.',
              html`Add one to <code>config.toml</code>, such as <code>[channels.log]</code> with
                <code>plugin = "builtin:log"</code>. It takes effect while the daemon runs.`,
            )
          : html`<div class="scroll" role="region" aria-label="Channels" tabindex="0">
              <table class="cards">
                <thead>
                  <tr>
                    <th scope="col">Channel</th>
                    <th scope="col">State</th>
                    <th scope="col" class="wide">Delivered, last hour</th>
                    <th scope="col" class="number">Now</th>
                    <th scope="col" class="number">Pending</th>
                    <th scope="col" class="number">Dead letters</th>
                    <th scope="col" class="number">Success</th>
                    <th scope="col" class="number">p99</th>
                  </tr>
                </thead>
                <tbody>
                  ${channels.map((channel) => {
                    const rates = series?.channels[channel.name];
                    return html`<tr>
                      <th scope="row"><a href=${link(['channels', channel.name])}>${said(channel.name, 60)}</a></th>
                      <td data-label="State">${stateOf(channel.state)}</td>
                      <td data-label="Last hour" class="wide">
                        ${rates ? spark(rates.delivered, 'ok', 160, 20) : html`<span class="faint">–</span>`}
                      </td>
                      <td data-label="Now" class="number">
                        <span>${rate(rates ? recent(rates.delivered, NOW) : 0)}<span class="unit">/s</span></span>
                      </td>
                      <td data-label="Pending" class="number">${count(channel.pending)}</td>
                      <td data-label="Dead letters" class="number">
                        ${
                          channel.dead_letters > 0
                            ? html`<a class="bad-text" href=${link(['dead-letters'], { channel: channel.name })}
                                >${count(channel.dead_letters)}</a
                              >`
                            : '0'
                        }
                      </td>
                      <td data-label="Success" class="number">${share(channel.success_rate)}</td>
                      <td data-label="p99" class="number">${milliseconds(channel.latency?.p99_ms)}</td>
                    </tr>`;
                  })}
                </tbody>
              </table>
            </div>`
      }
    </section>`;
  }

  private failures(stats: S['Stats']) {
    return html`<section class="panel" aria-labelledby="failures">
      <div class="panel-head"><h2 id="failures">Recent failures</h2></div>
      ${
        stats.recent_failures.length === 0
          ? empty(
              'No attempt has failed since the start.',
              'Failed attempts appear here immediately, with class and code.',
            )
          : html`<ul class="lines">
              ${stats.recent_failures.slice(0, 8).map(
                (failure) =>
                  html`<li>
                    <span class="when">${time(failure.at)}</span>
                    <span class="what">
                      <a href=${link(['channels', failure.channel])}>${said(failure.channel, 40)}</a>
                      ${fault(failure.class, failure.code)}
                      <span class="faint">attempt ${failure.attempt}</span>
                      <span class="detail">${said(failure.error, 160)}</span>
                    </span>
                  </li>`,
              )}
            </ul>`
      }
    </section>`;
  }

  private newest() {
    const page = this.latest.value;
    return html`<section class="panel" aria-labelledby="newest">
      <div class="panel-head">
        <h2 id="newest">Latest events</h2>
        <a href="#/events">All events</a>
      </div>
      ${problem(this.latest.problem)}
      ${
        page?.events.length === 0
          ? empty('No event has arrived yet.', firstEvent())
          : html`<ul class="lines">
              ${page?.events.map(({ event, result }) => {
                const { id, source } = event as { id: string; source: string };
                return html`<li>
                  <span class="when">${time(result.broadcast_at)}</span>
                  <span class="what">
                    <a href=${link(['events', id], { source })}>${said(result.event_type, 60)}</a>
                    <span class="counts">
                      ${result.summary.successful > 0 ? html`<span class="ok-text">${icon('success')}${result.summary.successful}<span class="hidden"> delivered</span></span>` : nothing}
                      ${result.summary.failed > 0 ? html`<span class="bad-text">${icon('failed')}${result.summary.failed}<span class="hidden"> failed</span></span>` : nothing}
                      ${result.summary.pending > 0 ? html`<span class="wait-text">${icon('pending')}${result.summary.pending}<span class="hidden"> pending</span></span>` : nothing}
                      ${result.summary.skipped > 0 ? html`<span class="faint">${icon('skipped')}${result.summary.skipped}<span class="hidden"> skipped</span></span>` : nothing}
                    </span>
                  </span>
                </li>`;
              })}
            </ul>`
      }
    </section>`;
  }
}

/** How to send one. */
export function firstEvent() {
  return html`Send one:
    <pre class="command" tabindex="0">
curl ${location.origin}/v1/events -H 'content-type: application/json' \\
  -d '{"type": "user.signup", "message": "New user registered"}'</pre>`;
}

function lines(series: S['Series']): Line[] {
  return [
    { name: 'Delivered', colour: 'ok', values: series.delivered, fill: true },
    { name: 'Accepted', colour: 'wait', values: series.accepted },
    { name: 'Failed', colour: 'warn', values: series.failed },
    { name: 'Dead', colour: 'bad', values: series.dead },
  ];
}
