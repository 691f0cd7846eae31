// A line chart over time, with uPlot, and the same as a sentence for screen readers.

import { type PropertyValues, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import uPlot from 'uplot';
import { rate } from '../lib/format.ts';
import { recent } from '../lib/spark.ts';
import { Watch } from '../lib/store.ts';
import { theme } from '../lib/theme.ts';
import { Part } from './part.ts';

export type Line = { name: string; colour: string; values: (number | null)[]; fill?: boolean; dashed?: boolean };

@customElement('ff-chart')
export class Chart extends Part {
  /** Seconds since the epoch. */
  @property({ attribute: false }) times: number[] = [];
  @property({ attribute: false }) lines: Line[] = [];
  @property() label = '';
  @property({ type: Number }) tall = 220;

  private plot: uPlot | undefined;
  private drawn = '';
  private readonly size = new ResizeObserver(() => this.resize());

  constructor() {
    super();
    new Watch(this, theme);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.size.disconnect();
    this.plot?.destroy();
    this.plot = undefined;
    this.drawn = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.size.observe(this);
  }

  protected override render() {
    return html`<figure class="chart" role="img" aria-label=${`${this.label}. ${this.inWords()}`}>
      <div class="plot"></div>
      <figcaption class="legend" aria-hidden="true">
        ${this.lines.map(
          (line) =>
            html`<span class="key"
              ><svg class="swatch ${line.colour}" viewBox="0 0 16 4"><path d="M0 2h16" /></svg>${line.name}
              <b>${rate(recent(line.values, 1))}</b><span class="unit">/s</span></span
            >`,
        )}
        <span class="cursor"></span>
      </figcaption>
    </figure>`;
  }

  private inWords(): string {
    const each = this.lines.map((line) => {
      const known = line.values.filter((value): value is number => value !== null);
      return known.length === 0
        ? `${line.name}: nothing known yet`
        : `${line.name}: ${rate(known.at(-1))} per second now, at most ${rate(Math.max(...known))}`;
    });
    return each.join('; ');
  }

  protected override updated(_: PropertyValues): void {
    const box = this.querySelector<HTMLElement>('.plot');
    if (!box || this.lines.length === 0) {
      return;
    }
    const colour = (name: string) => getComputedStyle(this).getPropertyValue(name).trim();
    // The variables contain `light-dark()`; only an element's computed style has the resulting colour.
    const resolved = (name: string) => {
      box.style.color = `var(${name})`;
      const value = getComputedStyle(box).color;
      box.style.color = '';
      return value;
    };
    const looks = JSON.stringify([
      this.lines.map((line) => [line.name, line.colour]),
      resolved('--ink'),
      colour('--line'),
      this.tall,
    ]);
    const data = [this.times, ...this.lines.map((line) => line.values)] as uPlot.AlignedData;
    if (this.plot && this.drawn === looks) {
      this.plot.setData(data);
      return;
    }
    this.plot?.destroy();
    this.drawn = looks;
    const axis: uPlot.Axis = {
      stroke: resolved('--ink-2'),
      grid: { stroke: resolved('--line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
    };
    const bottom = this.tall;
    this.plot = new uPlot(
      {
        width: Math.max(200, box.clientWidth),
        height: bottom,
        padding: [8, 18, 0, 0],
        legend: { show: false },
        cursor: { y: false, points: { size: 6 } },
        scales: { x: { time: true }, y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, 0.1)] } },
        axes: [
          {
            ...axis,
            size: 26,
            space: 70,
            // With ticks less than a minute apart, show seconds too.
            values: (_plot, ticks) => ticks.map((tick) => clock(tick, (ticks[1] ?? 60) - (ticks[0] ?? 0) < 60)),
          },
          { ...axis, size: 44, space: 36, values: (_plot, ticks) => ticks.map((tick) => rate(tick)) },
        ],
        series: [
          {},
          ...this.lines.map((line): uPlot.Series => ({
            label: line.name,
            stroke: resolved(`--${line.colour}`),
            width: 1.6,
            ...(line.fill ? { fill: resolved(`--${line.colour}-fill`) } : {}),
            ...(line.dashed ? { dash: [4, 3] } : {}),
            points: { show: false },
            spanGaps: false,
          })),
        ],
        hooks: { setCursor: [(plot) => this.tell(plot)] },
      },
      data,
      box,
    );
  }

  private tell(plot: uPlot): void {
    const cursor = this.querySelector('.cursor');
    if (!cursor) {
      return;
    }
    const at = plot.cursor.idx;
    cursor.textContent =
      at === null || at === undefined
        ? ''
        : `${clock(this.times[at] ?? 0, true)}  ${this.lines.map((line) => `${line.name} ${rate(line.values[at])}`).join(' · ')}`;
  }

  private resize(): void {
    const box = this.querySelector<HTMLElement>('.plot');
    if (this.plot && box && box.clientWidth > 0 && box.clientWidth !== this.plot.width) {
      this.plot.setSize({ width: box.clientWidth, height: this.tall });
    }
  }
}

function clock(seconds: number, exact = false): string {
  const time = new Date(seconds * 1_000);
  const two = (value: number) => value.toString().padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}${exact ? `:${two(time.getSeconds())}` : ''}`;
}
