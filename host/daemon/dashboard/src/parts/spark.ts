// A small line chart beside a number.

import { type TemplateResult, html, svg } from 'lit';
import { known, path, thin } from '../lib/spark.ts';

export function spark(values: (number | null)[], colour: string, width = 96, height = 22): TemplateResult {
  const from = known(values, 18);
  const few = thin(from, Math.max(1, Math.floor(from.length / 60)));
  return html`<svg
    class="spark ${colour}"
    viewBox="0 -2 ${width} ${height + 4}"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${svg`<path d=${path(few, width, height)} />`}
  </svg>`;
}

/** A share as a bar. The number is always shown beside it. */
export function bar(share: number, tone: string): TemplateResult {
  const width = Math.max(0, Math.min(1, share)) * 100;
  return html`<svg class="bar ${tone}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
    ${svg`<rect class="track" width="100" height="4" /><rect width=${width.toFixed(2)} height="4" />`}
  </svg>`;
}
