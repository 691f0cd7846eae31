// Icons. Each is beside a text, or its button has a label.

import { type SVGTemplateResult, html, svg, type TemplateResult } from 'lit';

const drawings = {
  overview: svg`<path d="M3 10.500 8 4l5 6.500M3 13h10"/>`,
  events: svg`<path d="M2.500 4h11M2.500 8h11M2.500 12h7"/>`,
  channels: svg`<circle cx="3.500" cy="8" r="1.500"/><path d="M5 8h2.500m0 0C10 8 9.500 3.500 13.500 3.500M7.500 8h6M7.500 8c2.500 0 2 4.500 6 4.500"/>`,
  letters: svg`<path d="M2.500 4h11v8h-11zM2.500 4.500 8 9l5.500-4.500"/>`,
  plugins: svg`<path d="M6 2.500v3M10 2.500v3M4 5.500h8V8a4 4 0 0 1-8 0zM8 12v2"/>`,
  schemas: svg`<path d="M6 2.500C4 2.500 5 7 3 8c2 1 1 5.500 3 5.500M10 2.500c2 0 1 4.500 3 5.500-2 1-1 5.500-3 5.500"/>`,
  recipients: svg`<circle cx="8" cy="5.500" r="2.500"/><path d="M3 13.500c.5-3 2.500-4 5-4s4.500 1 5 4"/>`,
  config: svg`<path d="M3 4.500h6M12 4.500h1M3 11.500h1M7 11.500h6"/><circle cx="10.500" cy="4.500" r="1.500"/><circle cx="5.500" cy="11.500" r="1.500"/>`,
  audit: svg`<path d="M3.500 2.500h9v11h-9zM6 5.500h4M6 8h4M6 10.500h2"/>`,
  success: svg`<path d="m3 8.500 3.200 3.200L13 5"/>`,
  failed: svg`<path d="m4 4 8 8M12 4l-8 8"/>`,
  pending: svg`<circle cx="8" cy="8" r="5.300"/><path d="M8 5v3.200l2 1.300"/>`,
  skipped: svg`<path d="M3 8h10M10 5l3 3-3 3"/>`,
  partial: svg`<circle cx="8" cy="8" r="5.300"/><path d="M8 2.700v10.600"/><path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor"/>`,
  none: svg`<path d="M4 8h8"/>`,
  pause: svg`<path d="M5.500 3.500v9M10.500 3.500v9"/>`,
  play: svg`<path d="M5 3.500 12 8l-7 4.500z"/>`,
  test: svg`<path d="M9 2 4 9h4l-1 5 5-7H8z"/>`,
  again: svg`<path d="M13 8a5 5 0 1 1-1.500-3.500M13 2.500V5h-2.500"/>`,
  trash: svg`<path d="M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.5 9h6l.5-9"/>`,
  search: svg`<circle cx="7" cy="7" r="4"/><path d="m10 10 3.500 3.500"/>`,
  close: svg`<path d="m4 4 8 8M12 4l-8 8"/>`,
  menu: svg`<path d="M2.500 4.500h11M2.500 8h11M2.500 11.500h11"/>`,
  sun: svg`<circle cx="8" cy="8" r="3"/><path d="M8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M3.400 12.600l1-1M11.600 4.400l1-1"/>`,
  moon: svg`<path d="M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z"/>`,
  system: svg`<path d="M2.500 3.500h11v7.500h-11zM6 13.500h4"/>`,
  warning: svg`<path d="M8 2.500 14 13H2zM8 6.500v3M8 11v.5"/>`,
  copy: svg`<path d="M5.500 5.500h8v8h-8zM3 10.500H2.500v-8h8V3"/>`,
  right: svg`<path d="m6 3.500 4.500 4.500L6 12.500"/>`,
  out: svg`<path d="M6 3H3v10h3M7 8h6M10.500 5.500 13 8l-2.500 2.500"/>`,
} satisfies Record<string, SVGTemplateResult>;

export type Icon = keyof typeof drawings;

export function icon(name: Icon): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${drawings[name]}</svg>`;
}
