// The audit trail: administrative acts, newest first.

import { type PropertyValues, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { type S, get } from '../lib/api.ts';
import { acts as filtered } from '../lib/filter.ts';
import { Loader } from '../lib/loader.ts';
import { type Values, goFiltered, link } from '../lib/route.ts';
import { icon } from '../parts/icon.ts';
import { Part } from '../parts/part.ts';
import '../parts/payload.ts';
import { empty, loading, problem } from '../parts/problem.ts';
import { code, said, state, time } from '../parts/text.ts';

const LIMIT = 50;
/** Longer parameters are folded. */
const INLINE = 120;

const FIELDS = ['who', 'what', 'since', 'until'] as const;

@customElement('ff-audit')
export class Audit extends Part {
  @property({ attribute: false }) query = new URLSearchParams();

  private readonly page = new Loader(this, (signal) => this.load(signal), 5_000);

  private load(signal: AbortSignal): Promise<S['Acts']> {
    const after = this.query.get('after');
    const values = { ...filtered(this.query, new Date()), order: 'newest', limit: LIMIT, after };
    return get<S['Acts']>('/v1/audit', values, signal);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('query') && changed.get('query') !== undefined) {
      this.page.restart();
    }
  }

  protected override render() {
    const page = this.page.value;
    return html`<div class="head">
        <h1>Audit trail</h1>
        ${this.query.has('after') ? html`<a class="button" href=${this.href({ after: undefined })}>Back to the newest</a>` : nothing}
      </div>
      ${this.filters(page)} ${problem(this.page.problem)}
      ${
        !page
          ? this.page.problem
            ? nothing
            : loading()
          : page.acts.length === 0
            ? empty('No act matches.', html`<a href="#/audit">Show all acts</a>`)
            : this.table(page)
      }`;
  }

  private filters(page: S['Acts'] | undefined) {
    const chosen = (name: string) => this.query.get(name) ?? '';
    const seen = (id: string, values: string[]) =>
      html`<datalist id=${id}>
        ${[...new Set(values)].map((value) => html`<option value=${value}></option>`)}
      </datalist>`;
    const acts = page?.acts ?? [];
    return html`<form class="filters" role="search" aria-label="Filter acts" @submit=${this.filter}>
      <label
        >Who <input name="who" .value=${chosen('who')} placeholder="a token's name" list="who" @change=${this.filter}
      /></label>
      <label
        >What <input name="what" .value=${chosen('what')} placeholder="pauseChannel" list="what" @change=${this.filter}
      /></label>
      <label
        >Since <input name="since" .value=${chosen('since')} placeholder="1d, or a time" @change=${this.filter}
      /></label>
      <label>Until <input name="until" .value=${chosen('until')} placeholder="a time" @change=${this.filter} /></label>
      ${seen(
        'who',
        acts.map(({ who }) => who),
      )}
      ${seen(
        'what',
        acts.map(({ what }) => what),
      )}
      <button>${icon('search')}Filter</button>
      ${FIELDS.some((name) => this.query.has(name)) ? html`<a class="button quiet" href="#/audit">${icon('close')}Clear</a>` : nothing}
    </form>`;
  }

  private readonly filter = (event: Event): void => {
    event.preventDefault();
    goFiltered(['audit'], this.querySelector('form'));
  };

  private href(values: Values): string {
    return link(['audit'], { ...Object.fromEntries(this.query), ...values });
  }

  private table(page: S['Acts']) {
    return html`<div class="scroll" role="region" aria-label="Acts, newest first" tabindex="0">
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col">Parameters</th>
              <th scope="col">From</th>
              <th scope="col">Outcome</th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              page.acts,
              (act) => act.id,
              (act) => this.row(act),
            )}
          </tbody>
        </table>
      </div>
      <div class="pager">
        ${page.next === null || page.next === undefined ? nothing : html`<a class="button" href=${this.href({ after: page.next })}>Older ${icon('right')}</a>`}
      </div>`;
  }

  private row(act: S['Act']) {
    const none = html`<span class="faint">–</span>`;
    return html`<tr>
      <td data-label="When" class="narrow">${time(act.at)}</td>
      <td data-label="Who" class="name">
        <a href=${this.href({ who: act.who, after: undefined })}>${said(act.who, 60)}</a>
      </td>
      <th scope="row" class="long">
        <a href=${this.href({ what: act.what, after: undefined })}>${said(act.what, 60)}</a>
        ${act.target ? html`<div class="faint">${code(act.target, 120)}</div>` : nothing}
      </th>
      <td data-label="Parameters" class="text">${parameters(act)}</td>
      <td data-label="From" class="narrow">${act.from ? code(act.from, 60) : none}</td>
      <td data-label="Outcome">${outcome(act.outcome)}</td>
    </tr>`;
  }
}

function parameters({ id, details }: S['Act']) {
  const text = JSON.stringify(details ?? {});
  if (text === '{}') {
    return html`<span class="faint">–</span>`;
  }
  return text.length <= INLINE
    ? code(text)
    : html`<details>
        <summary>${code(text, INLINE)}</summary>
        <ff-payload .text=${text} label="Parameters of act ${id}"></ff-payload>
      </details>`;
}

/** `ok`, or how it failed: a status, or a word. Without an outcome, the act is still being done, or a crash interrupted it. */
function outcome(word: string | null | undefined) {
  if (!word) {
    return html`<span title="It has not ended, or a crash interrupted it.">${state('unknown')}</span>`;
  }
  return /^\d+$/.test(word) ? html`<span class="status bad">${icon('failed')}${word}</span>` : state(word);
}
