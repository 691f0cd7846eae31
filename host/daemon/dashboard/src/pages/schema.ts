// One type of events: how many, the newest, and what its data has to be like.

import { type PropertyValues, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { type S, call, part } from '../lib/api.ts';
import { count } from '../lib/format.ts';
import { member } from '../lib/json.ts';
import { Loader } from '../lib/loader.ts';
import { link } from '../lib/route.ts';
import { Part } from '../parts/part.ts';
import '../parts/payload.ts';
import { loading, problem } from '../parts/problem.ts';
import { code, relative, said } from '../parts/text.ts';

@customElement('ff-schema')
export class SchemaPage extends Part {
  @property() type = '';

  private example = '';
  private readonly shown = new Loader(this, async (signal) => {
    const { value, text } = await call<S['EventTypeInFull']>(
      'GET',
      `/v1/schemas/${part(this.type)}`,
      undefined,
      signal,
    );
    this.example = member(text, 'example') ?? '';
    return value;
  });

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('type') && changed.get('type')) {
      this.shown.restart();
    }
  }

  protected override render() {
    const shown = this.shown.value;
    if (!shown) {
      return html`<h1>Type</h1>
        ${
          this.shown.problem
            ? html`${problem(this.shown.problem)}
                <p><a href="#/schemas">All types</a></p>`
            : loading()
        }`;
    }
    return html`<div class="head">
        <div>
          <p class="crumb"><a href="#/schemas">Schemas</a></p>
          <h1>${said(shown.type, 120)}</h1>
        </div>
        <a class="button" href=${link(['events'], { type: shown.type })}>${count(shown.events)} events</a>
      </div>
      <p class="faint">The newest arrived ${relative(shown.last_seen)}.</p>
      <div class="columns">
        <section class="panel" aria-labelledby="example">
          <div class="panel-head"><h2 id="example">The newest event</h2></div>
          ${this.example ? html`<ff-payload .text=${this.example} label="The newest event"></ff-payload>` : html`<p class="faint">The event is no longer in the journal.</p>`}
        </section>
        <div>
          ${
            shown.definitions.length === 0
              ? html`<section class="panel">
                  <h2>No schema</h2>
                  <p class="faint">Events of this type are accepted whatever their data.</p>
                </section>`
              : shown.definitions.map(
                  (schema) =>
                    html`<section class="panel">
                      <div class="panel-head">
                        <h2>${code(schema.name)}</h2>
                        <span class="tag">${schema.mode}</span>
                      </div>
                      <p class="faint">
                        ${code(schema.file, 200)}, ${count(schema.mismatches)} mismatches since the start
                      </p>
                      <ff-payload
                        .text=${JSON.stringify(schema.schema ?? null)}
                        label=${`Schema ${schema.name}`}
                      ></ff-payload>
                    </section>`,
                )
          }
        </div>
      </div>`;
  }
}
