// The confirmation dialog, and the notices after an action. There is one of each.

import { type TemplateResult, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { type Problem, asProblem } from '../lib/api.ts';
import { Store } from '../lib/store.ts';
import { icon } from './icon.ts';
import { Part } from './part.ts';
import { problem } from './problem.ts';

export type Question = {
  title: string;
  body: TemplateResult | string;
  /** A dry run. The action stays disabled until it has returned, and if nothing matches. */
  count?: () => Promise<{ matched: number; sentence: string }>;
  action: string;
  /** The label of the other button. Default: `Cancel`. */
  close?: string;
  danger?: boolean;
  /** The label of a field for a reason, if there is one. */
  reason?: string;
  /** A word that must be typed to confirm. */
  phrase?: string;
  /** Performs the action. Returns the notice to show, or the next question. */
  act: (reason: string) => Promise<TemplateResult | string | Next>;
};

/** A follow-up question, in the same dialog. */
export class Next {
  constructor(readonly question: Question) {}
}

@customElement('ff-dialog')
export class Dialog extends Part {
  @state() private question: Question | undefined;
  @state() private counted: { matched: number; sentence: string } | undefined;
  @state() private problem: Problem | undefined;
  @state() private busy = false;
  @state() private reason = '';
  @state() private typed = '';
  @query('dialog') private readonly box!: HTMLDialogElement;

  private back: Element | null = null;

  ask(question: Question): void {
    this.back = document.activeElement;
    void this.show(question);
  }

  private async show(asked: Question): Promise<void> {
    this.question = asked;
    this.counted = undefined;
    this.problem = undefined;
    this.busy = false;
    this.reason = '';
    this.typed = '';
    await this.updateComplete;
    if (!this.box.open) {
      this.box.showModal();
    }
    if (!asked.count) {
      return;
    }
    try {
      const counted = await asked.count();
      if (this.question === asked) {
        this.counted = counted;
      }
    } catch (error) {
      this.problem = asProblem(error);
    }
  }

  protected override render() {
    const asked = this.question;
    const waits = asked?.count !== undefined && this.counted === undefined;
    const none = this.counted?.matched === 0;
    const untyped = asked?.phrase !== undefined && this.typed.trim() !== asked.phrase;
    return html`<dialog aria-labelledby="question" @close=${this.closed}>
      ${
        asked
          ? html`<h2 id="question">${asked.title}</h2>
              <div class="body">${asked.body}</div>
              ${
                asked.count
                  ? html`<p class="count" role="status">
                      ${this.counted ? this.counted.sentence : this.problem ? '' : 'Counting …'}
                    </p>`
                  : nothing
              }
              ${
                asked.reason
                  ? html`<label class="field"
                      >${asked.reason}
                      <input
                        maxlength="1000"
                        .value=${this.reason}
                        @input=${(e: Event) => (this.reason = value(e))}
                        @keydown=${this.enter}
                      />
                    </label>`
                  : nothing
              }
              ${
                asked.phrase && !none
                  ? html`<label class="field"
                      >Type <b>${asked.phrase}</b> to go on
                      <input
                        autocomplete="off"
                        spellcheck="false"
                        .value=${this.typed}
                        @input=${(e: Event) => (this.typed = value(e))}
                        @keydown=${this.enter}
                      />
                    </label>`
                  : nothing
              }
              ${problem(this.problem)}
              <div class="buttons">
                <button @click=${() => this.box.close()}>${asked.close ?? 'Cancel'}</button>
                <button
                  class="${asked.danger ? 'danger' : 'primary'}"
                  data-confirm
                  ?disabled=${waits || none || untyped || this.busy}
                  @click=${this.act}
                >
                  ${this.busy ? 'Working …' : asked.action}
                </button>
              </div>`
          : nothing
      }
    </dialog>`;
  }

  private readonly enter = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') {
      this.querySelector<HTMLButtonElement>('[data-confirm]')?.click();
    }
  };

  private readonly act = async (): Promise<void> => {
    const asked = this.question;
    if (!asked || this.busy) {
      return;
    }
    this.busy = true;
    this.problem = undefined;
    try {
      const done = await asked.act(this.reason.trim());
      if (done instanceof Next) {
        await this.show(done.question);
      } else {
        this.box.close();
        notify(done);
      }
    } catch (error) {
      this.problem = asProblem(error);
    }
    this.busy = false;
  };

  private readonly closed = (): void => {
    this.question = undefined;
    if (this.back instanceof HTMLElement && this.back.isConnected) {
      this.back.focus();
    }
  };
}

function value(event: Event): string {
  return (event.target as HTMLInputElement).value;
}

export function ask(question: Question): void {
  document.querySelector<Dialog>('ff-dialog')?.ask(question);
}

/** The result of an action, shown for a few seconds. */
export type Notice = { id: number; text: TemplateResult | string };

export const notices = new Store<Notice[]>([]);
let next = 0;

export function notify(text: TemplateResult | string): void {
  const id = (next += 1);
  notices.set([...notices.value.slice(-2), { id, text }]);
  setTimeout(() => dismiss(id), 8_000);
}

export function dismiss(id: number): void {
  notices.set(notices.value.filter((notice) => notice.id !== id));
}

export function noticeList(shown: Notice[]): TemplateResult {
  return html`<div class="notices" role="status" aria-live="polite">
    ${shown.map(
      ({ id, text }) =>
        html`<div class="notice">
          ${icon('success')}<span>${text}</span>
          <button class="quiet" aria-label="Dismiss" @click=${() => dismiss(id)}>${icon('close')}</button>
        </div>`,
    )}
  </div>`;
}
