// Dead letters, filtered and grouped by code; bulk redrives and purges, and their jobs.

import { type PropertyValues, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { type S, get, part, post } from '../lib/api.ts';
import { groups, inWords, letters as filtered } from '../lib/filter.ts';
import { count, counted } from '../lib/format.ts';
import { Loader } from '../lib/loader.ts';
import { goFiltered, link } from '../lib/route.ts';
import { button, letters as actOn } from '../parts/actions.ts';
import { ask } from '../parts/dialog.ts';
import { icon } from '../parts/icon.ts';
import { Part } from '../parts/part.ts';
import { empty, loading, problem } from '../parts/problem.ts';
import { bar } from '../parts/spark.ts';
import { code, fault, relative, said, state, time } from '../parts/text.ts';

/** Letters that are loaded, and grouped. */
const LIMIT = 500;
const ROWS = 50;

const FIELDS = ['channel', 'type', 'class', 'code', 'since', 'until'] as const;
const CLASSES: S['Class'][] = [
  'retry',
  'throttled',
  'rejected',
  'suspended',
  'trap',
  'fuel',
  'timeout',
  'memory',
  'denied',
  'expired',
  'host',
];

@customElement('ff-letters')
export class Letters extends Part {
  @property({ attribute: false }) query = new URLSearchParams();

  private readonly channels = new Loader(this, (signal) => get<S['Channels']>('/v1/channels', {}, signal));
  private readonly page = new Loader(this, (signal) => this.load(signal), 5_000);
  private readonly jobs = new Loader(this, (signal) => get<S['Replays']>('/v1/replays', {}, signal), 2_000);
  private many = ROWS;

  private load(signal: AbortSignal): Promise<S['DeadLetters']> {
    const after = this.query.get('after');
    return get<S['DeadLetters']>(
      '/v1/dead-letters',
      { ...filtered(this.query, new Date()), order: 'newest', limit: LIMIT, after },
      signal,
    );
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('query') && changed.get('query') !== undefined) {
      this.many = ROWS;
      this.page.restart();
    }
  }

  private readonly again = (): void => {
    void this.page.load();
    void this.jobs.load();
  };

  protected override render() {
    const page = this.page.value;
    const values = filtered(this.query, new Date());
    const words = inWords(values);
    const none = page?.dead_letters.length === 0;
    return html`<div class="head">
        <h1>Dead letters</h1>
        <div class="control">
          ${button(words ? 'Redrive these' : 'Redrive all', 'again', 'operate', () => actOn('replay', values, this.again), { off: none ? 'There is none.' : undefined })}
          ${button(words ? 'Purge these' : 'Purge all', 'trash', 'admin', () => actOn('purge', values, this.again), { danger: true, off: none ? 'There is none.' : undefined })}
        </div>
      </div>
      ${this.filters()} ${problem(this.page.problem)}
      ${
        !page
          ? this.page.problem
            ? nothing
            : loading()
          : none
            ? words
              ? empty('No dead letter matches.', html`<a href="#/dead-letters">Show all dead letters</a>`)
              : empty(
                  'There are no dead letters.',
                  html`Deliveries that end undelivered appear here with the reason, and can be redriven.`,
                )
            : html`${this.groups(page)} ${this.table(page)}`
      }
      ${this.jobsPanel()}`;
  }

  private filters() {
    const names = this.channels.value?.channels.map((channel) => channel.name) ?? [];
    const chosen = (name: string) => this.query.get(name) ?? '';
    const options = (name: string, values: string[]) =>
      html`<select name=${name} @change=${this.filter}>
        <option value="" ?selected=${chosen(name) === ''}>any</option>
        ${[...new Set([...values, chosen(name)])]
          .filter((value) => value !== '')
          .map((value) => html`<option value=${value} ?selected=${chosen(name) === value}>${value}</option>`)}
      </select>`;
    return html`<form class="filters" role="search" aria-label="Filter dead letters" @submit=${this.filter}>
      <label>Channel ${options('channel', names)}</label>
      <label>Type <input name="type" .value=${chosen('type')} placeholder="order.*" @change=${this.filter} /></label>
      <label>Class ${options('class', CLASSES)}</label>
      <label>Code <input name="code" .value=${chosen('code')} placeholder="http_503" @change=${this.filter} /></label>
      <label
        >Since <input name="since" .value=${chosen('since')} placeholder="1d, or a time" @change=${this.filter}
      /></label>
      <label>Until <input name="until" .value=${chosen('until')} placeholder="a time" @change=${this.filter} /></label>
      <button>${icon('search')}Filter</button>
      ${FIELDS.some((name) => this.query.has(name)) ? html`<a class="button quiet" href="#/dead-letters">${icon('close')}Clear</a>` : nothing}
    </form>`;
  }

  private readonly filter = (event: Event): void => {
    event.preventDefault();
    goFiltered(['dead-letters'], this.querySelector('form'));
  };

  private groups(page: S['DeadLetters']) {
    const found = groups(page.dead_letters);
    const all = page.dead_letters.length;
    const base = Object.fromEntries([...this.query].filter(([name]) => name !== 'after'));
    return html`<section class="panel" aria-labelledby="groups">
      <div class="panel-head">
        <h2 id="groups">By code</h2>
        ${page.next !== null && page.next !== undefined ? html`<span class="faint">of the newest ${count(all)}</span>` : nothing}
      </div>
      <ul class="groups">
        ${found.slice(0, 12).map((group) => {
          const values = {
            ...filtered(this.query, new Date()),
            channel: group.channel,
            class: group.class,
            code: group.code,
          };
          const name = `${group.code} on ${group.channel}`;
          return html`<li>
            <div class="group">
              <a
                href=${link(['dead-letters'], { ...base, channel: group.channel, class: group.class, code: group.code })}
              >
                ${fault(group.class, group.code)} <span class="faint">on</span> ${said(group.channel, 60)}</a
              >
              <b>${count(group.items.length)}</b>
            </div>
            ${bar(group.items.length / all, 'bad')}
            <div class="group">
              <span class="faint">${said(group.items[0]?.error, 120)}</span>
              <span class="control">
                ${button('Redrive', 'again', 'operate', () => actOn('replay', values, this.again), { channel: group.channel, label: `Redrive ${name}` })}
                ${button('Purge', 'trash', 'admin', () => actOn('purge', values, this.again), { channel: group.channel, danger: true, label: `Purge ${name}` })}
              </span>
            </div>
          </li>`;
        })}
      </ul>
    </section>`;
  }

  private table(page: S['DeadLetters']) {
    const rows = page.dead_letters.slice(0, this.many);
    return html`${page.incomplete ? html`<div class="alarm bad">${icon('warning')}<span>A damaged part of the journal hides dead letters.</span></div>` : nothing}
      <div class="scroll" role="region" aria-label="Dead letters, newest first" tabindex="0">
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">Dead since</th>
              <th scope="col">Event</th>
              <th scope="col">Channel</th>
              <th scope="col">Reason</th>
              <th scope="col" class="number">Attempts</th>
              <th scope="col"><span class="hidden">Actions</span></th>
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              (letter) =>
                html`<tr>
                  <td data-label="Dead since" class="narrow">${time(letter.at)}</td>
                  <th scope="row" class="long">
                    <a href=${link(['dead-letters', letter.delivery_id])}>${said(letter.event_type, 80)}</a>
                    <div class="faint">${code(letter.event_id, 60)}</div>
                  </th>
                  <td data-label="Channel" class="name">
                    <a href=${link(['channels', letter.channel])}>${said(letter.channel, 60)}</a>
                  </td>
                  <td data-label="Reason" class="text">
                    ${fault(letter.class, letter.code)}
                    <div class="faint">${said(letter.error, 140)}</div>
                  </td>
                  <td data-label="Attempts" class="number">${letter.attempts}</td>
                  <td class="actions">
                    ${button(
                      'Redrive',
                      'again',
                      'operate',
                      () => actOn('replay', { delivery_id: letter.delivery_id }, this.again),
                      {
                        channel: letter.channel,
                        label: `Redrive ${letter.event_type} to ${letter.channel}`,
                      },
                    )}
                  </td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <div class="pager">
        ${
          page.dead_letters.length > this.many
            ? html`<button
                @click=${() => {
                  this.many += ROWS;
                  this.requestUpdate();
                }}
              >
                Show ${Math.min(ROWS, page.dead_letters.length - this.many)} more
              </button>`
            : page.next === null || page.next === undefined
              ? nothing
              : html`<a
                  class="button"
                  href=${link(['dead-letters'], { ...Object.fromEntries(this.query), after: page.next })}
                  >Older ${icon('right')}</a
                >`
        }
      </div>`;
  }

  private jobsPanel() {
    const jobs = this.jobs.value?.replays ?? [];
    if (jobs.length === 0) {
      return problem(this.jobs.problem);
    }
    return html`<section class="panel" aria-labelledby="jobs">
      <div class="panel-head">
        <h2 id="jobs">Jobs</h2>
        <span class="faint">Replays, redrives and purges, newest first</span>
      </div>
      <div class="scroll" role="region" aria-label="Table of jobs" tabindex="0">
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">State</th>
              <th scope="col">What</th>
              <th scope="col">Progress</th>
              <th scope="col">Begun</th>
              <th scope="col"><span class="hidden">Actions</span></th>
            </tr>
          </thead>
          <tbody>
            ${jobs.slice(0, 10).map((job) => {
              const runs = job.state === 'running' || job.state === 'paused';
              const worked = job.sent + job.skipped;
              return html`<tr>
                <th scope="row">${job.kind} ${job.id}</th>
                <td data-label="State">
                  ${state(job.state)}${job.error ? html`<div class="bad-text">${said(job.error, 200)}</div>` : nothing}
                </td>
                <td data-label="What" class="text">${code(JSON.stringify(job.request), 160)}</td>
                <td data-label="Progress">
                  ${count(worked)} of ${count(job.matched)}
                  ${job.matched > 0 ? bar(worked / job.matched, 'accent') : nothing}
                  <div class="faint">
                    ${job.kind === 'purge' ? nothing : html`${counted(job.delivered, 'delivered', 'delivered')}, ${count(job.dead)} dead, ${count(job.pending)} pending`}
                    ${job.skipped > 0 ? html`, ${count(job.skipped)} skipped` : nothing}
                  </div>
                </td>
                <td data-label="Begun">${relative(job.created_at)}</td>
                <td class="actions">
                  ${
                    runs
                      ? html`${
                          job.state === 'running'
                            ? button('Pause', 'pause', 'operate', () => void this.job(job, 'pause'), {
                                label: `Pause job ${job.id}`,
                              })
                            : button('Resume', 'play', 'operate', () => void this.job(job, 'resume'), {
                                label: `Resume job ${job.id}`,
                              })
                        }
                        ${button('Cancel', 'close', 'operate', () => this.cancel(job), { danger: true, label: `Cancel job ${job.id}` })}`
                      : nothing
                  }
                </td>
              </tr>`;
            })}
          </tbody>
        </table>
      </div>
    </section>`;
  }

  private async job(job: S['Job'], what: 'pause' | 'resume'): Promise<void> {
    await post(`/v1/replays/${part(String(job.id))}/${what}`).catch(() => undefined);
    void this.jobs.load();
  }

  private cancel(job: S['Job']): void {
    ask({
      title: `Cancel job ${job.id}?`,
      body: 'The job cannot be resumed. Deliveries that it has begun continue.',
      count: async () => {
        const now = await get<S['Job']>(`/v1/replays/${part(String(job.id))}`);
        const left = Math.max(0, now.matched - now.sent - now.skipped);
        return { matched: 1, sentence: `${count(left)} of ${count(now.matched)} remain.` };
      },
      action: 'Cancel the job',
      danger: true,
      act: async () => {
        await post(`/v1/replays/${part(String(job.id))}/cancel`);
        void this.jobs.load();
        return `Job ${job.id} is cancelled.`;
      },
    });
  }
}
