// One channel: state, backlog, grants, and its policy with the origin of each value.

import { type PropertyValues, type TemplateResult, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { type S, get, part } from '../lib/api.ts';
import { bytes, count, milliseconds, settings, share, short } from '../lib/format.ts';
import { Loader } from '../lib/loader.ts';
import { link } from '../lib/route.ts';
import { button, forget, letters, pause, resume, test } from '../parts/actions.ts';
import '../parts/chart.ts';
import { Part } from '../parts/part.ts';
import { loading, problem } from '../parts/problem.ts';
import { code, fault, relative, said, state, time, key as keyOf } from '../parts/text.ts';
import { charted } from './series.ts';

@customElement('ff-channel')
export class ChannelPage extends Part {
  @property() channel = '';

  private readonly shown = new Loader(
    this,
    (signal) => get<S['Channel']>(`/v1/channels/${part(this.channel)}`, {}, signal),
    3_000,
  );
  private readonly series = new Loader(
    this,
    (signal) => get<S['Series']>('/v1/series', { window: 'hour' }, signal),
    10_000,
  );

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('channel') && changed.get('channel')) {
      this.shown.restart();
    }
  }

  protected override render() {
    const channel = this.shown.value;
    if (!channel) {
      return html`<h1>Channel</h1>
        ${
          this.shown.problem
            ? html`${problem(this.shown.problem)}
                <p><a href="#/channels">All channels</a></p>`
            : loading()
        }`;
    }
    const again = () => void this.shown.load();
    const held = ['paused', 'suspended'].includes(channel.state);
    return html`<div class="head">
        <div>
          <p class="crumb"><a href="#/channels">Channels</a></p>
          <h1>${said(channel.name, 120)}</h1>
        </div>
        <div class="control">
          ${state(channel.state)}
          ${
            channel.plugin === null || channel.plugin === undefined
              ? button('Forget', 'trash', 'admin', () => forget(channel.name, again), {
                  channel: channel.name,
                  danger: true,
                })
              : html`${
                  held
                    ? button('Resume', 'play', 'operate', () => resume(channel, again), { channel: channel.name })
                    : button('Pause', 'pause', 'operate', () => pause(channel, again), { channel: channel.name })
                }
                ${button('Test', 'test', 'operate', () => test(channel.name), { channel: channel.name, off: channel.digest ? undefined : 'There is no plugin to call.' })}`
          }
        </div>
      </div>
      ${problem(this.shown.problem)} ${this.why(channel)}
      <section class="tiles" aria-label="Numbers">
        ${tile('Pending', count(channel.pending), channel.pending > 0 ? html`oldest ${relative(channel.oldest_pending_at)}` : 'no backlog')}
        ${tile('In flight', count(channel.in_flight), `of ${channel.policy?.concurrency ?? '–'} at once`)}
        ${tile('Success rate', share(channel.success_rate), html`${count(channel.delivered)} delivered`)}
        ${tile('Dead letters', count(channel.dead_letters), channel.dead_letters > 0 ? html`<a href=${link(['dead-letters'], { channel: channel.name })}>look at them</a>` : html`${count(channel.dead)} in all`)}
        ${tile('Attempts take', milliseconds(channel.latency?.p50_ms), html`p90 ${milliseconds(channel.latency?.p90_ms)}, p99 ${milliseconds(channel.latency?.p99_ms)}`)}
      </section>
      ${this.chart()}
      <div class="columns">
        <div>${this.policy(channel)}</div>
        <div>${this.plugin(channel)} ${this.grants(channel)} ${this.error(channel)}</div>
      </div>`;
  }

  /** Why the channel or its deliveries wait. */
  private why(channel: S['Channel']) {
    const deferred = Object.entries(channel.deferred ?? {});
    const { hold, gathered } = channel;
    return html`${
      hold
        ? html`<div class="alarm ${hold.kind === 'paused' ? 'wait' : 'warn'}">
            ${state(hold.kind)}
            <span>
              ${
                hold.kind === 'paused'
                  ? 'Paused by an operator'
                  : hold.kind === 'suspended'
                    ? 'Its receiver is gone (410)'
                    : 'Its breaker is open: the receiver is in trouble'
              },
              since ${time(hold.since)}. ${hold.reason ? html`<b>${said(hold.reason, 300)}</b>` : nothing}
              ${hold.until ? html`It tries again ${relative(hold.until)}.` : nothing}
              ${hold.kind === 'open' ? nothing : 'Everything is kept until it is resumed.'}
            </span>
          </div>`
        : nothing
    }
    ${channel.error ? html`<div class="alarm bad">${said(channel.error, 500)}</div>` : nothing}
    ${
      channel.configure
        ? html`<section class="panel">
            <div class="panel-head">
              <h2>Add this to <code>config.toml</code></h2>
            </div>
            <pre class="command" tabindex="0">${channel.configure}</pre>
          </section>`
        : nothing
    }
    ${
      channel.waiting > 0 || gathered
        ? html`<div class="alarm wait">
            <span>
              ${channel.waiting > 0 ? html`${count(channel.waiting)} pending deliveries are waiting${deferred.length > 0 ? html`: ${deferred.map(([what, many]) => html`<span class="pair">${what} <b>${count(many)}</b></span> `)}` : ' for their next attempt'}.` : nothing}
              ${gathered ? html`${count(gathered.deliveries)} wait in ${count(gathered.batches)} open batches; the first closes ${relative(gathered.until)}.` : nothing}
            </span>
          </div>`
        : nothing
    }`;
  }

  private chart() {
    const series = this.series.value;
    const rates = series?.channels[this.channel];
    if (!series || !rates) {
      return nothing;
    }
    const { times, lines } = charted(series, [
      { name: 'Delivered', colour: 'ok', values: rates.delivered, fill: true },
      { name: 'Failed', colour: 'warn', values: rates.failed },
      { name: 'Dead', colour: 'bad', values: rates.dead },
    ]);
    return html`<section class="panel" aria-labelledby="rates">
      <div class="panel-head"><h2 id="rates">Last hour</h2></div>
      <ff-chart .times=${times} .lines=${lines} tall="160" label="Rates per second over the last hour"></ff-chart>
    </section>`;
  }

  private policy(channel: S['Channel']) {
    const { policy } = channel;
    if (!policy) {
      return nothing;
    }
    return html`<section class="panel" aria-labelledby="policy">
      <div class="panel-head"><h2 id="policy">Policy</h2></div>
      ${policyTable(policy, channel.policy_from)}
    </section>`;
  }

  private plugin(channel: S['Channel']) {
    return html`<section class="panel" aria-labelledby="plugin">
      <div class="panel-head">
        <h2 id="plugin">Plugin</h2>
        <a href="#/plugins">All plugins</a>
      </div>
      <dl class="facts">
        <div>
          <dt>name</dt>
          <dd>${code(channel.plugin ?? 'none')}</dd>
        </div>
        <div>
          <dt>kind</dt>
          <dd>${channel.kind ?? '–'}</dd>
        </div>
        <div>
          <dt>digest</dt>
          <dd>${code(channel.digest, 80)}</dd>
        </div>
        <div>
          <dt>settings</dt>
          <dd>${names(channel.settings)}</dd>
        </div>
        <div>
          <dt>secrets</dt>
          <dd>${names(channel.secrets)}</dd>
        </div>
        <div>
          <dt>signed</dt>
          <dd>${channel.signed ? 'yes' : 'no'}</dd>
        </div>
        <div>
          <dt>imports</dt>
          <dd>${names(channel.imports)}</dd>
        </div>
      </dl>
    </section>`;
  }

  private grants(channel: S['Channel']) {
    const { grants } = channel;
    if (!grants) {
      return nothing;
    }
    const none =
      grants.http.length + grants.tcp.length + grants.files.length + grants.emit.length === 0 &&
      !grants.private_network;
    return html`<section class="panel" aria-labelledby="grants">
      <div class="panel-head"><h2 id="grants">Grants</h2></div>
      ${
        none
          ? html`<p class="faint">None. It cannot reach anything outside.</p>`
          : html`<dl class="facts">
              ${
                grants.http.length
                  ? html`<div>
                      <dt>http</dt>
                      <dd>${names(grants.http)}</dd>
                    </div>`
                  : nothing
              }
              ${
                grants.tcp.length
                  ? html`<div>
                      <dt>tcp</dt>
                      <dd>${names(grants.tcp)}</dd>
                    </div>`
                  : nothing
              }
              ${grants.files.map(
                (file) =>
                  html`<div>
                    <dt>files</dt>
                    <dd>${code(file.host)} as ${code(file.guest)}, ${file.write ? 'to write' : 'to read'}</dd>
                  </div>`,
              )}
              ${
                grants.emit.length
                  ? html`<div>
                      <dt>emit</dt>
                      <dd>${names(grants.emit)}</dd>
                    </div>`
                  : nothing
              }
              ${
                grants.private_network
                  ? html`<div>
                      <dt>private network</dt>
                      <dd>yes</dd>
                    </div>`
                  : nothing
              }
            </dl>`
      }
    </section>`;
  }

  private error(channel: S['Channel']) {
    const last = channel.last_error;
    return html`<section class="panel" aria-labelledby="last-error">
      <div class="panel-head">
        <h2 id="last-error">Last error</h2>
        ${
          channel.dead_letters > 0
            ? button(
                'Redrive dead letters',
                'again',
                'operate',
                () => letters('replay', { channel: channel.name }, () => void this.shown.load()),
                { channel: channel.name },
              )
            : nothing
        }
      </div>
      ${
        last
          ? html`<p>${fault(last.class, last.code)} ${time(last.at)}</p>
              <p>${said(last.error, 1_000)}</p>`
          : html`<p class="faint">No attempt of this run has failed.</p>`
      }
    </section>`;
  }
}

function tile(name: string, value: string, below: TemplateResult | string) {
  return html`<div class="tile">
    <h2>${name}</h2>
    <div class="number">${value}</div>
    <div class="faint">${below}</div>
  </div>`;
}

function names(list: string[]) {
  return list.length === 0
    ? html`<span class="faint">none</span>`
    : list.map((name) => html`<span class="pair">${code(name, 100)}</span> `);
}

/** A policy, key by key, with the layer that sets each. */
export function policyTable(policy: S['Policy'], from: Record<string, string>) {
  const rows: [string, string | TemplateResult | undefined][] = [
    ['timeout', settings(policy.timeout)],
    ['retries', String(policy.retries)],
    [
      'backoff',
      policy.waits.length > 0
        ? `${policy.waits.map(settings).join(', ')}${policy.retries > policy.waits.length ? ', …' : ''}`
        : undefined,
    ],
    ['fuel', short(policy.fuel)],
    ['memory', bytes(policy.memory)],
    ['concurrency', String(policy.concurrency)],
    ['reuse', policy.reuse === 0 ? 'a fresh instance each' : `${policy.reuse} attempts`],
    ['expires', policy.expires ?? undefined],
    ['order', policy.order === 'none' ? undefined : policy.order],
    ['filter', policy.filter ? compact(policy.filter) : undefined],
    ['breaker', policy.breaker ? compact(policy.breaker) : undefined],
    ['rate', policy.rate ? compact(policy.rate) : undefined],
    ['priority', `${policy.priority}${policy.first ? `, first: ${policy.first}` : ''}`],
    ['lagging_after', policy.lagging_after === 'none' ? undefined : policy.lagging_after],
    ['batch', policy.batch ? compact(policy.batch) : undefined],
    ['delay', policy.delay ?? undefined],
    [
      'quiet',
      policy.quiet?.length
        ? policy.quiet.map((quiet) => `${quiet.from}–${quiet.to} ${quiet.zone}`).join('; ')
        : undefined,
    ],
    ['once', policy.once ? compact(policy.once) : undefined],
    ['fallback', policy.fallback?.length ? policy.fallback.join(', ') : undefined],
    ['fallback_after', policy.fallback_after ?? undefined],
  ];
  const where: Record<string, string> = { defaults: '[defaults]', sidecar: 'sidecar', channel: 'channel' };
  return html`<table class="policy">
    <thead>
      <tr>
        <th scope="col">Key</th>
        <th scope="col">Value</th>
        <th scope="col">From</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(([key, value]) => {
        const set = from[key];
        return html`<tr class=${set ? 'set' : ''}>
          <th scope="row">${keyOf(key)}</th>
          <td>
            ${value === undefined ? html`<span class="faint">none</span>` : typeof value === 'string' ? said(value, 300) : value}
          </td>
          <td>
            ${set ? html`<span class="origin ${set}">${where[set] ?? set}</span>` : html`<span class="faint">built in</span>`}
          </td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** An inline table of the configuration. */
function compact(value: object): string {
  const each = Object.entries(value).filter(([, one]) => one !== null && one !== undefined && one !== false);
  return each
    .map(([name, one]) => `${name} = ${typeof one === 'object' ? JSON.stringify(one) : String(one)}`)
    .join(', ');
}
