// One recipient: shown, edited, removed.

import { type PropertyValues, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type Problem, type S, asProblem, call, part } from '../lib/api.ts';
import { Loader } from '../lib/loader.ts';
import { go } from '../lib/route.ts';
import { refusal } from '../lib/session.ts';
import { button } from '../parts/actions.ts';
import { ask, notify } from '../parts/dialog.ts';
import { Part } from '../parts/part.ts';
import '../parts/payload.ts';
import { loading, problem } from '../parts/problem.ts';
import { said, time } from '../parts/text.ts';

@customElement('ff-recipient')
export class RecipientPage extends Part {
  @property() subject = '';
  @state() private draft: string | undefined;
  @state() private wrong: Problem | undefined;

  private text = '{}';
  private readonly shown = new Loader(this, async (signal) => {
    const { value, text } = await call<S['Recipient']>('GET', this.path, undefined, signal);
    this.text = text;
    return value;
  });

  private get path(): string {
    return `/v1/recipients/${part(this.subject)}`;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('subject') && changed.get('subject')) {
      this.draft = undefined;
      this.shown.restart();
    }
  }

  protected override render() {
    const shown = this.shown.value;
    if (!shown) {
      return html`<h1>Recipient</h1>
        ${
          this.shown.problem
            ? html`${problem(this.shown.problem)}
                <p><a href="#/recipients">All recipients</a></p>`
            : loading()
        }`;
    }
    const set = shown.changed_at !== undefined;
    return html`<div class="head">
        <div>
          <p class="crumb"><a href="#/recipients">Recipients</a></p>
          <h1>${said(shown.subject, 120)}</h1>
        </div>
        <div class="control">
          ${this.draft === undefined ? button('Edit', 'config', 'admin', () => this.edit(shown)) : nothing}
          ${set ? button('Remove', 'trash', 'admin', () => this.unset(), { danger: true }) : nothing}
        </div>
      </div>
      <p class="faint">
        ${set ? html`Set through the API, ${time(shown.changed_at)}. It overrides the file.` : 'From a file of the configuration.'}
      </p>
      ${
        this.draft === undefined
          ? html`<section class="panel"><ff-payload .text=${this.text} label="The recipient"></ff-payload></section>`
          : html`<section class="panel">
              <label class="field"
                >The recipient as JSON. It replaces the current one.
                <textarea
                  rows="16"
                  spellcheck="false"
                  .value=${this.draft}
                  @input=${(e: Event) => (this.draft = (e.target as HTMLTextAreaElement).value)}
                ></textarea>
              </label>
              ${problem(this.wrong)}
              <div class="buttons">
                <button @click=${() => (this.draft = undefined)}>Cancel</button>
                <button class="primary" ?disabled=${refusal('admin') !== undefined} @click=${() => void this.save()}>
                  Save
                </button>
              </div>
            </section>`
      }`;
  }

  private edit(shown: S['Recipient']): void {
    const { subject: _subject, source: _source, changed_at: _at, ...members } = shown;
    this.wrong = undefined;
    this.draft = JSON.stringify(members, null, 2);
  }

  private async save(): Promise<void> {
    try {
      await call('PUT', this.path, JSON.parse(this.draft ?? '{}'));
      this.draft = undefined;
      this.wrong = undefined;
      await this.shown.load();
      notify('The recipient is saved.');
    } catch (error) {
      this.wrong = error instanceof SyntaxError ? asProblem(`It is not JSON: ${error.message}`) : asProblem(error);
    }
  }

  private unset(): void {
    ask({
      title: 'Remove this recipient?',
      body: 'If a file of the configuration has this recipient, that entry applies again.',
      phrase: 'remove',
      action: 'Remove',
      danger: true,
      act: async () => {
        await call('DELETE', this.path);
        go('#/recipients');
        return 'The recipient is removed.';
      },
    });
  }
}
