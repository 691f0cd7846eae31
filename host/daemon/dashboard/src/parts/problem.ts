// An error from the API, and what to do about it.

import { type TemplateResult, html, nothing } from 'lit';
import type { Problem } from '../lib/api.ts';
import { clean, line, seconds, sentence } from '../lib/format.ts';
import { icon } from './icon.ts';

const ADVICE: Record<number, string> = {
  0: 'Check that the daemon runs: fanfare status.',
  403: 'Use a token with the scope that this needs.',
  429: 'Wait a moment.',
  503: 'The daemon is busy. This page keeps trying.',
};

export function problem(shown: Problem | undefined): TemplateResult | typeof nothing {
  if (!shown) {
    return nothing;
  }
  const advice = shown.retryAfter ? `Try again in ${seconds(shown.retryAfter)}.` : ADVICE[shown.status];
  return html`<div class="problem" role="alert">
    ${icon('warning')}
    <div>
      <strong>${line(shown.title, 200)}</strong>
      ${shown.detail ? html`<p>${sentence(clean(shown.detail, 2_000))}</p>` : nothing}
      ${
        shown.errors.length > 0
          ? html`<ul>
              ${shown.errors.slice(0, 20).map((error) => html`<li><code>${line(error.pointer, 100)}</code> ${line(error.detail)}</li>`)}
            </ul>`
          : nothing
      }
      ${advice ? html`<p class="faint">${advice}</p>` : nothing}
    </div>
  </div>`;
}

/** An empty state: why there is nothing, and what to do next. */
export function empty(title: string, next: TemplateResult | string): TemplateResult {
  return html`<div class="empty">
    <strong>${title}</strong>
    <div>${next}</div>
  </div>`;
}

export function loading(): TemplateResult {
  return html`<div class="loading" role="status">Loading …</div>`;
}
