// The recipients.

import { type PropertyValues, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { type S, get } from '../lib/api.ts';
import { Loader } from '../lib/loader.ts';
import { go, link } from '../lib/route.ts';
import { icon } from '../parts/icon.ts';
import { Part } from '../parts/part.ts';
import { empty, loading, problem } from '../parts/problem.ts';
import { relative, said } from '../parts/text.ts';

@customElement('ff-recipients')
export class Recipients extends Part {
  @property({ attribute: false }) query = new URLSearchParams();

  private readonly list = new Loader(this, (signal) =>
    get<S['Recipients']>(
      '/v1/recipients',
      { prefix: this.query.get('prefix'), after: this.query.get('after'), limit: 100 },
      signal,
    ),
  );

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('query') && changed.get('query') !== undefined) {
      this.list.restart();
    }
  }

  protected override render() {
    const shown = this.list.value;
    return html`<div class="head"><h1>Recipients</h1></div>
      <form class="filters" role="search" aria-label="Find recipients" @submit=${this.filter}>
        <label
          >Subject begins with <input name="prefix" .value=${this.query.get('prefix') ?? ''} placeholder="usr_"
        /></label>
        <button>${icon('search')}Find</button>
        ${this.query.has('prefix') ? html`<a class="button quiet" href="#/recipients">${icon('close')}Clear</a>` : nothing}
      </form>
      ${problem(this.list.problem)}
      ${
        !shown
          ? this.list.problem
            ? nothing
            : loading()
          : shown.recipients.length === 0
            ? this.query.has('prefix')
              ? empty('No recipient matches.', html`<a href="#/recipients">Show all recipients</a>`)
              : empty(
                  'There are no recipients.',
                  html`An event's <code>subject</code> names its recipient, with addresses and preferences. Configure a
                    file with <code>[recipients]</code> in <code>config.toml</code>, or set one here:
                    <pre class="command" tabindex="0">
curl -X PUT ${location.origin}/v1/recipients/usr_1 -H 'content-type: application/json' \\
  -d '{"email": "ada@example.com", "locale": "de"}'</pre>`,
                )
            : html`<div class="scroll" role="region" aria-label="Recipients" tabindex="0">
                  <table class="cards">
                    <thead>
                      <tr>
                        <th scope="col">Subject</th>
                        <th scope="col">Email</th>
                        <th scope="col">Phone</th>
                        <th scope="col">Locale</th>
                        <th scope="col">Quiet hours</th>
                        <th scope="col">From</th>
                      </tr>
                    </thead>
                    <tbody>
                      ${shown.recipients.map(
                        (recipient) =>
                          html`<tr>
                            <th scope="row">
                              <a href=${link(['recipients', recipient.subject])}>${said(recipient.subject, 80)}</a>
                            </th>
                            <td data-label="Email">
                              ${recipient.email ? said(recipient.email, 80) : html`<span class="faint">–</span>`}
                            </td>
                            <td data-label="Phone">
                              ${recipient.phone ? said(recipient.phone, 40) : html`<span class="faint">–</span>`}
                            </td>
                            <td data-label="Locale">
                              ${recipient.locale ? said(recipient.locale, 20) : html`<span class="faint">–</span>`}
                            </td>
                            <td data-label="Quiet hours">${quiet(recipient.quiet)}</td>
                            <td data-label="From">
                              ${recipient.source}${recipient.changed_at ? html` <span class="faint">${relative(recipient.changed_at)}</span>` : nothing}
                            </td>
                          </tr>`,
                      )}
                    </tbody>
                  </table>
                </div>
                ${
                  shown.next
                    ? html`<div class="pager">
                        <a
                          class="button"
                          href=${link(['recipients'], { prefix: this.query.get('prefix'), after: shown.next })}
                          >More ${icon('right')}</a
                        >
                      </div>`
                    : nothing
                }`
      }`;
  }

  private readonly filter = (event: Event): void => {
    event.preventDefault();
    go(link(['recipients'], { prefix: this.querySelector('input')?.value.trim() }));
  };
}

function quiet(hours: S['Recipient']['quiet']) {
  if (!hours) {
    return html`<span class="faint">the channel's</span>`;
  }
  if (hours === 'none') {
    return 'none';
  }
  const list = Array.isArray(hours) ? hours : [hours];
  return said(list.map((one) => `${one.from}–${one.to} ${one.zone}`).join('; '), 100);
}
