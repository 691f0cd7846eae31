// The channels and the stages.

import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { type S, get } from '../lib/api.ts';
import { count, digest, milliseconds, share } from '../lib/format.ts';
import { Loader } from '../lib/loader.ts';
import { link } from '../lib/route.ts';
import { button, pause, resume, test } from '../parts/actions.ts';
import { Part } from '../parts/part.ts';
import { empty, loading, problem } from '../parts/problem.ts';
import { code, fault, relative, said, state } from '../parts/text.ts';

@customElement('ff-channels')
export class Channels extends Part {
  private readonly list = new Loader(this, (signal) => get<S['Channels']>('/v1/channels', {}, signal), 4_000);
  private readonly stages = new Loader(this, (signal) => get<S['Stages']>('/v1/stages', {}, signal), 10_000);

  protected override render() {
    const channels = this.list.value?.channels;
    return html`<div class="head"><h1>Channels</h1></div>
      ${problem(this.list.problem)}
      ${
        !channels
          ? this.list.problem
            ? nothing
            : loading()
          : channels.length === 0
            ? empty(
                'There are no channels yet.',
                html`Add one to <code>config.toml</code>, such as <code>[channels.log]</code> with
                  <code>plugin = "builtin:log"</code>. It takes effect while the daemon runs.`,
              )
            : this.table(channels)
      }
      ${this.stagesPanel()}`;
  }

  private table(channels: S['Channel'][]) {
    const again = () => void this.list.load();
    return html`<div class="scroll" role="region" aria-label="Channels" tabindex="0">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col">State</th>
            <th scope="col">Plugin</th>
            <th scope="col" class="number">Pending</th>
            <th scope="col" class="number">Success</th>
            <th scope="col" class="number">p99</th>
            <th scope="col">Last error</th>
            <th scope="col"><span class="hidden">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          ${channels.map((channel) => {
            const held = ['paused', 'suspended'].includes(channel.state);
            return html`<tr>
              <th scope="row"><a href=${link(['channels', channel.name])}>${said(channel.name, 60)}</a></th>
              <td data-label="State" class="text">
                ${state(channel.state)}
                ${channel.hold?.reason ? html`<div class="faint">${said(channel.hold.reason, 80)}</div>` : nothing}
                ${channel.error ? html`<div class="bad-text">${said(channel.error, 120)}</div>` : nothing}
              </td>
              <td data-label="Plugin" class="plugin">
                ${code(channel.plugin, 40)}
                <div class="faint">
                  ${channel.kind ? html`${channel.kind} ${code(digest(channel.digest).slice(0, 8))}` : nothing}
                </div>
              </td>
              <td data-label="Pending" class="number">
                ${count(channel.pending)}
                ${channel.in_flight > 0 ? html`<div class="faint">${count(channel.in_flight)} in flight</div>` : nothing}
                ${channel.oldest_pending_at ? html`<div class="faint" title="The oldest pending">${relative(channel.oldest_pending_at)}</div>` : nothing}
              </td>
              <td data-label="Success" class="number">
                ${share(channel.success_rate)}
                ${
                  channel.dead_letters > 0
                    ? html`<div>
                        <a class="bad-text" href=${link(['dead-letters'], { channel: channel.name })}
                          >${count(channel.dead_letters)} dead</a
                        >
                      </div>`
                    : nothing
                }
              </td>
              <td data-label="p99" class="number">${milliseconds(channel.latency?.p99_ms)}</td>
              <td data-label="Last error" class="text">
                ${
                  channel.last_error
                    ? html`${fault(channel.last_error.class, channel.last_error.code)}
                        <div class="faint">${relative(channel.last_error.at)}</div>`
                    : html`<span class="faint">none</span>`
                }
              </td>
              <td class="actions">
                ${
                  held
                    ? button('Resume', 'play', 'operate', () => resume(channel, again), {
                        channel: channel.name,
                        label: `Resume ${channel.name}`,
                      })
                    : button('Pause', 'pause', 'operate', () => pause(channel, again), {
                        channel: channel.name,
                        label: `Pause ${channel.name}`,
                        off: channel.state === 'unconfigured' ? 'It is not configured yet.' : undefined,
                      })
                }
                ${button('Test', 'test', 'operate', () => test(channel.name), {
                  channel: channel.name,
                  label: `Test ${channel.name}`,
                  off: channel.digest ? undefined : 'There is no plugin to call.',
                })}
              </td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>`;
  }

  private stagesPanel() {
    const stages = this.stages.value?.stages ?? [];
    if (stages.length === 0) {
      return problem(this.stages.problem);
    }
    return html`<section class="panel" aria-labelledby="stages">
      <div class="panel-head">
        <h2 id="stages">Stages</h2>
        <span class="faint">Events pass these before the channels, in this order.</span>
      </div>
      <div class="scroll" role="region" aria-label="Table of stages" tabindex="0">
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col">State</th>
              <th scope="col">Plugin</th>
              <th scope="col">Events</th>
              <th scope="col">On failure</th>
              <th scope="col" class="number">p99</th>
              <th scope="col">Last error</th>
            </tr>
          </thead>
          <tbody>
            ${stages.map(
              (stage) =>
                html`<tr>
                  <th scope="row">${said(stage.name, 60)}</th>
                  <td data-label="State" class="text">
                    ${state(stage.state)}${stage.error ? html`<div class="bad-text">${said(stage.error, 120)}</div>` : nothing}
                  </td>
                  <td data-label="Plugin" class="plugin">
                    ${code(stage.plugin, 40)}
                    <div class="faint">${code(digest(stage.digest))}</div>
                  </td>
                  <td data-label="Events">
                    ${Object.entries(stage.runs)
                      .filter(([, runs]) => runs > 0)
                      .map(([did, runs]) => html`<span class="pair">${did} <b>${count(runs)}</b></span> `)}
                  </td>
                  <td data-label="On failure">${stage.on_error === 'pass' ? 'pass the event' : 'reject the event'}</td>
                  <td data-label="p99" class="number">${milliseconds(stage.latency?.p99_ms)}</td>
                  <td data-label="Last error" class="text">
                    ${
                      stage.last_error
                        ? html`${fault(stage.last_error.class, stage.last_error.code)}
                            <div class="faint">${relative(stage.last_error.at)}</div>`
                        : html`<span class="faint">none</span>`
                    }
                  </td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </section>`;
  }
}
