// The types of events, and the schemas in force.

import { type PropertyValues, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { type S, get } from '../lib/api.ts';
import { count } from '../lib/format.ts';
import { Loader } from '../lib/loader.ts';
import { go, link } from '../lib/route.ts';
import { icon } from '../parts/icon.ts';
import { Part } from '../parts/part.ts';
import { empty, loading, problem } from '../parts/problem.ts';
import { code, relative, said } from '../parts/text.ts';

@customElement('ff-schemas')
export class Schemas extends Part {
  @property({ attribute: false }) query = new URLSearchParams();

  private readonly list = new Loader(
    this,
    (signal) =>
      get<S['Catalogue']>(
        '/v1/schemas',
        { type: this.query.get('type'), after: this.query.get('after'), examples: 'false', limit: 100 },
        signal,
      ),
    10_000,
  );

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('query') && changed.get('query') !== undefined) {
      this.list.restart();
    }
  }

  protected override render() {
    const shown = this.list.value;
    return html`<div class="head"><h1>Schemas</h1></div>
      <form class="filters" role="search" aria-label="Filter types" @submit=${this.filter}>
        <label>Type <input name="type" .value=${this.query.get('type') ?? ''} placeholder="order.*" /></label>
        <button>${icon('search')}Filter</button>
        ${this.query.has('type') ? html`<a class="button quiet" href="#/schemas">${icon('close')}Clear</a>` : nothing}
      </form>
      ${problem(this.list.problem)}
      ${!shown ? (this.list.problem ? nothing : loading()) : html`${this.types(shown)} ${this.schemas(shown)}`}`;
  }

  private readonly filter = (event: Event): void => {
    event.preventDefault();
    go(link(['schemas'], { type: this.querySelector('input')?.value.trim() }));
  };

  private types(shown: S['Catalogue']) {
    return html`<section class="panel" aria-labelledby="types">
      <div class="panel-head">
        <h2 id="types">Types of events</h2>
        ${shown.counted.others > 0 ? html`<span class="faint">${count(shown.counted.others)} events are of types beyond the limit that is counted</span>` : nothing}
      </div>
      ${
        shown.types.length === 0
          ? this.query.has('type')
            ? empty('No type matches.', html`<a href="#/schemas">Show all types</a>`)
            : empty(
                'No event has arrived yet.',
                'Each type of event appears here with its count, its newest event and its schema.',
              )
          : html`<div class="scroll" role="region" aria-label="Table of types" tabindex="0">
              <table class="cards">
                <thead>
                  <tr>
                    <th scope="col">Type</th>
                    <th scope="col" class="number">Events</th>
                    <th scope="col">Newest</th>
                    <th scope="col">Schemas</th>
                  </tr>
                </thead>
                <tbody>
                  ${shown.types.map(
                    (type) =>
                      html`<tr>
                        <th scope="row"><a href=${link(['schemas', type.type])}>${said(type.type, 120)}</a></th>
                        <td data-label="Events" class="number">
                          <a href=${link(['events'], { type: type.type })}>${count(type.events)}</a>
                        </td>
                        <td data-label="Newest">${relative(type.last_seen)}</td>
                        <td data-label="Schemas">
                          ${type.schemas.length === 0 ? html`<span class="faint">none</span>` : type.schemas.map((name) => html`<span class="pair">${code(name)}</span> `)}
                        </td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
      }
      ${shown.next ? html`<div class="pager"><a class="button" href=${link(['schemas'], { type: this.query.get('type'), after: shown.next })}>More ${icon('right')}</a></div>` : nothing}
    </section>`;
  }

  private schemas(shown: S['Catalogue']) {
    return html`<section class="panel" aria-labelledby="in-force">
      <div class="panel-head"><h2 id="in-force">Schemas in force</h2></div>
      ${
        shown.schemas.length === 0
          ? html`<p class="faint">
              None: every event is accepted. <code>[schemas."user.signup"]</code> in <code>config.toml</code> names a
              JSON Schema for a type.
            </p>`
          : html`<div class="scroll" role="region" aria-label="Table of schemas" tabindex="0">
              <table class="cards">
                <thead>
                  <tr>
                    <th scope="col">Schema</th>
                    <th scope="col">On mismatch</th>
                    <th scope="col">File</th>
                    <th scope="col" class="number">Mismatches</th>
                  </tr>
                </thead>
                <tbody>
                  ${shown.schemas.map(
                    (schema) =>
                      html`<tr>
                        <th scope="row">
                          ${code(schema.name)}${schema.dataschema ? html`<div class="faint">${code(schema.dataschema)}</div>` : nothing}
                        </th>
                        <td data-label="On mismatch">${schema.mode === 'warn' ? 'accept, and count' : 'reject'}</td>
                        <td data-label="File">${code(schema.file, 200)}</td>
                        <td data-label="Mismatches" class="number">
                          ${schema.mismatches > 0 ? html`<span class="bad-text">${count(schema.mismatches)}</span>` : '0'}
                        </td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
      }
    </section>`;
  }
}
