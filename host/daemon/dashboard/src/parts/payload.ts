// JSON as it was sent, indented and coloured.

import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { bytes, clean } from '../lib/format.ts';
import { type Token, pretty } from '../lib/json.ts';
import { icon } from './icon.ts';
import { Part } from './part.ts';

/** Longer payloads are cut until somebody asks for the rest. */
const SHOWN = 20_000;

@customElement('ff-payload')
export class Payload extends Part {
  @property() text = '';
  @property() label = 'Data';
  @state() private whole = false;
  @state() private copied = false;

  protected override render() {
    const long = this.text.length > SHOWN;
    const shown = long && !this.whole ? this.text.slice(0, SHOWN) : this.text;
    return html`<div class="payload">
      <button class="quiet copy" @click=${this.copy} aria-label=${`Copy: ${this.label}`}>
        ${icon(this.copied ? 'success' : 'copy')}<span aria-live="polite">${this.copied ? 'Copied' : 'Copy'}</span>
      </button>
      <pre
        tabindex="0"
        role="region"
        aria-label=${`${this.label} as JSON`}
        dir="ltr"
      ><code>${pretty(shown).map(token)}</code></pre>
      ${
        long && !this.whole
          ? html`<button class="quiet" @click=${() => (this.whole = true)}>Show all ${bytes(this.text.length)}</button>`
          : nothing
      }
    </div>`;
  }

  private async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text);
      this.copied = true;
      setTimeout(() => (this.copied = false), 1_500);
    } catch {
      // Without permission the text can still be selected.
    }
  }
}

function token({ kind, text }: Token) {
  const shown = clean(text, Number.POSITIVE_INFINITY);
  return kind === 'space' || kind === 'mark' ? shown : html`<span class="json-${kind}">${shown}</span>`;
}
