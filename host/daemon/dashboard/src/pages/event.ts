// One event: data, deliveries, timeline, and the events that it caused or was caused by.

import { type PropertyValues, html, nothing, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type S, call, get, part } from '../lib/api.ts';
import { line } from '../lib/format.ts';
import { type Node, curve, layout } from '../lib/graph.ts';
import { member } from '../lib/json.ts';
import { follow } from '../lib/live.ts';
import { Loader } from '../lib/loader.ts';
import { link, search } from '../lib/route.ts';
import { button, drop, replay } from '../parts/actions.ts';
import { Part } from '../parts/part.ts';
import '../parts/channel-select.ts';
import '../parts/payload.ts';
import { loading, problem } from '../parts/problem.ts';
import { code, fault, said, status, time } from '../parts/text.ts';
import { timeline, waits } from '../parts/timeline.ts';

type Attributes = Record<string, unknown> & { id: string; source: string; type: string };

/** Members that are not listed as attributes. */
const APART = new Set(['specversion', 'data', 'data_base64']);
/** How many effects the graph shows. */
const EFFECTS = 8;

@customElement('ff-event')
export class EventPage extends Part {
  @property() event = '';
  @property() source = '';
  @state() private channel = '';

  private data: string | undefined;
  /** The response that is shown, or the pending request for it. */
  private loaded: Promise<S['Event']> | undefined;
  private readonly shown = new Loader(this, (signal) => this.load(signal));
  private readonly chain = new Loader(this, (signal) => this.related(signal));
  private unfollow: (() => void) | undefined;

  private load(signal: AbortSignal): Promise<S['Event']> {
    this.loaded = this.ask(signal);
    return this.loaded;
  }

  private async ask(signal: AbortSignal): Promise<S['Event']> {
    const path = `/v1/events/${part(this.event)}${search({ source: this.source })}`;
    const { value, text } = await call<S['Event']>('GET', path, undefined, signal);
    const event = member(text, 'event') ?? '{}';
    this.data = member(event, 'data') ?? member(event, 'data_base64');
    return value;
  }

  /** Finds causes and effects. Emitted events have the channel as their source, and `causationid` names this event. */
  private async related(signal: AbortSignal): Promise<Node[]> {
    const shown = await this.loaded;
    if (!shown) {
      return [];
    }
    const own = shown.event as unknown as Attributes;
    const first = own['correlationid'] as string | undefined;
    const cause = own['causationid'] as string | undefined;
    const nodes: Node[] = [];
    if (first && first !== own.id && first !== cause) {
      nodes.push({ id: first, type: 'first of the chain', role: 'first' });
    }
    if (cause) {
      nodes.push({ id: cause, type: 'cause', role: 'cause' });
    }
    nodes.push({ id: own.id, source: own.source, type: own.type, role: 'this', by: emitter(own.source) });
    const lists = await Promise.all(
      Object.entries(shown.result.channels)
        .filter(([, channel]) => channel.attempts > 0)
        .slice(0, 12)
        .map(([name]) =>
          get<S['Events']>('/v1/events', { source: `/channels/${name}`, after: shown.offset, limit: 100 }, signal),
        ),
    );
    const effects = lists
      .flatMap((list) => list.events.map(({ event }) => event as unknown as Attributes))
      .filter((event) => event['causationid'] === own.id);
    for (const effect of effects.slice(0, EFFECTS)) {
      nodes.push({
        id: effect.id,
        source: effect.source,
        type: effect.type,
        role: 'effect',
        by: emitter(effect.source),
      });
    }
    if (effects.length > EFFECTS) {
      nodes.push({ id: '', type: `${effects.length - EFFECTS} more`, role: 'more' });
    }
    return nodes;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.unfollow = follow((what, text) => {
      if (what === 'settled' && (JSON.parse(text) as { offset: number }).offset === this.shown.value?.offset) {
        this.again();
      }
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unfollow?.();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if ((changed.has('event') && changed.get('event')) || changed.get('source') !== undefined) {
      this.channel = '';
      this.shown.restart();
      this.chain.restart();
    }
  }

  private readonly again = (): void => {
    void this.shown.load();
    void this.chain.load();
  };

  protected override render() {
    const shown = this.shown.value;
    if (!shown) {
      return html`<h1>Event</h1>
        ${
          this.shown.problem
            ? html`${problem(this.shown.problem)}
                <p><a href="#/events">All events</a></p>`
            : loading()
        }`;
    }
    const own = shown.event as unknown as Attributes;
    return html`<div class="head">
        <div>
          <p class="crumb"><a href="#/events">Events</a> / ${code(own.id, 60)}</p>
          <h1>${said(own.type, 120)}</h1>
        </div>
        ${status(shown.result.overall_status)}
      </div>
      ${problem(this.shown.problem)}
      ${shown.incomplete ? html`<div class="alarm bad">A damaged part of the journal hides some of this: ${said(shown.reason)}</div>` : nothing}
      ${this.graph()}
      <div class="columns event">
        <div>
          ${this.channels(shown)}
          <section class="panel" aria-labelledby="timeline">
            <div class="panel-head"><h2 id="timeline">Timeline</h2></div>
            ${timeline(shown)}
          </section>
        </div>
        <div>
          <section class="panel" aria-labelledby="data">
            <div class="panel-head"><h2 id="data">Data</h2></div>
            ${this.data === undefined ? html`<p class="faint">This event has no data.</p>` : html`<ff-payload .text=${this.data} label="Data"></ff-payload>`}
          </section>
          ${this.facts(shown, own)}
        </div>
      </div>`;
  }

  private channels(shown: S['Event']) {
    const results = Object.entries(shown.result.channels);
    return html`<section class="panel" aria-labelledby="deliveries">
      <div class="panel-head">
        <h2 id="deliveries">Deliveries</h2>
        ${this.replayer(shown)}
      </div>
      ${
        results.length === 0
          ? html`<p class="faint">No channel gets this event. The channels’ filters say why.</p>`
          : html`<div class="scroll" role="region" aria-label="Table of deliveries" tabindex="0">
              <table class="cards">
                <thead>
                  <tr>
                    <th scope="col">Channel</th>
                    <th scope="col">Status</th>
                    <th scope="col" class="number">Attempts</th>
                    <th scope="col">Result</th>
                    <th scope="col"><span class="hidden">Actions</span></th>
                  </tr>
                </thead>
                <tbody>
                  ${results.map(
                    ([name, result]) =>
                      html`<tr>
                        <th scope="row">
                          <a href=${link(['channels', name])}>${said(name, 60)}</a>
                          ${result.fallback_for ? html`<div class="faint">fallback for ${said(result.fallback_for, 40)}</div>` : nothing}
                        </th>
                        <td data-label="Status">${status(result.status)}</td>
                        <td data-label="Attempts" class="number">${result.attempts}</td>
                        <td data-label="Result">
                          ${result.class ? html`<div>${fault(result.class, result.code ?? '')} ${said(result.error, 200)}</div>` : nothing}
                          ${result.status === 'pending' ? html`<div class="faint">${waits(result)}</div>` : nothing}
                          ${result.reason ? html`<div>${code(result.reason)} ${said(result.detail, 200)}</div>` : nothing}
                          ${result.receipt ? html`<div class="receipt">${code(JSON.stringify(result.receipt), 200)}</div>` : nothing}
                          ${result.status === 'failed' ? html`<a href=${link(['dead-letters', result.delivery_id])}>dead letter</a>` : nothing}
                        </td>
                        <td class="actions">
                          ${
                            result.status === 'pending'
                              ? button('Drop', 'trash', 'operate', () => drop(result.delivery_id, name, this.again), {
                                  channel: name,
                                  danger: true,
                                  label: `Drop the delivery to ${name}`,
                                })
                              : nothing
                          }
                        </td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
      }
    </section>`;
  }

  private replayer(shown: S['Event']) {
    const names = Object.keys(shown.result.channels);
    return html`<div class="control">
      <ff-channel-select
        .given=${names}
        .chosen=${this.channel || names[0] || ''}
        label="Channel to send it to"
        @choose=${(e: CustomEvent<string>) => (this.channel = e.detail)}
      ></ff-channel-select>
      ${button('Replay', 'again', 'operate', () => replay(shown, this.channel || names[0] || '', this.again), { label: 'Replay to this channel' })}
    </div>`;
  }

  private graph() {
    const nodes = this.chain.value;
    if (!nodes || nodes.length < 2) {
      return nothing;
    }
    const { nodes: placed, edges, width, height } = layout(nodes);
    const words = nodes.map((node) => `${node.role === 'this' ? 'this event' : node.role}: ${node.type}`).join(', ');
    return html`<section class="panel" aria-labelledby="chain">
      <div class="panel-head"><h2 id="chain">Cause and effect</h2></div>
      <div class="graph" tabindex="0" role="region" aria-label="Cause and effect: ${line(words, 300)}">
        <svg width=${width + 4} height=${height + 4} viewBox="-2 -2 ${width + 4} ${height + 4}">
          ${edges.map(
            (edge) => svg`<path class="edge ${edge.indirect ? 'indirect' : ''}" d=${curve(edge)} />
              ${edge.label ? svg`<text class="edge-label" x=${edge.to.x - 8} y=${edge.to.y + (edge.to.y > edge.from.y ? 15 : -6)}>${line(edge.label, 14)}</text>` : nothing}`,
          )}
          ${placed.map((node) => {
            const box = svg`<rect class="node ${node.role}" x=${node.x} y=${node.y} width=${node.width} height=${node.height} rx="7" />
              <text x=${node.x + 12} y=${node.y + 19}>${line(node.type, 27)}</text>
              <text class="faint" x=${node.x + 12} y=${node.y + 36}>${line(node.id, 28)}</text>`;
            return node.role === 'this' || node.role === 'more'
              ? svg`<g>${box}</g>`
              : svg`<a href=${link(['events', node.id], { source: node.source })} ><title>${`${node.role}: ${line(node.type, 120)} ${line(node.id, 120)}`}</title>${box}</a>`;
          })}
        </svg>
      </div>
    </section>`;
  }

  private facts(shown: S['Event'], own: Attributes) {
    const names = Object.keys(own).filter((name) => !APART.has(name));
    return html`<section class="panel" aria-labelledby="attributes">
      <div class="panel-head"><h2 id="attributes">Attributes</h2></div>
      <dl class="facts">
        <div>
          <dt>offset</dt>
          <dd>${shown.offset}</dd>
        </div>
        <div>
          <dt>recorded</dt>
          <dd>${time(shown.result.broadcast_at)}</dd>
        </div>
        ${names.map(
          (name) =>
            html`<div>
              <dt>${said(name, 64)}</dt>
              <dd>${code(String(own[name]), 1_000)}</dd>
            </div>`,
        )}
      </dl>
    </section>`;
  }
}

/** The channel that emitted an event, from its source. */
function emitter(source: string): string | undefined {
  return /^\/channels\/(.+)$/.exec(source)?.[1];
}
