// The configuration in force, with the origin of each value.

import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { type S, get } from '../lib/api.ts';
import { Loader } from '../lib/loader.ts';
import { icon } from '../parts/icon.ts';
import { Part } from '../parts/part.ts';
import { loading, problem } from '../parts/problem.ts';
import { code, said, state, time, key as keyOf } from '../parts/text.ts';
import { policyTable } from './channel.ts';

@customElement('ff-config')
export class Config extends Part {
  private readonly shown = new Loader(this, (signal) => get<S['Configuration']>('/v1/config', {}, signal), 5_000);

  protected override render() {
    const shown = this.shown.value;
    if (!shown) {
      return html`<h1>Config</h1>
        ${this.shown.problem ? problem(this.shown.problem) : loading()}`;
    }
    const report = shown.last_reload;
    const tables = [...new Set(shown.keys.map(({ key }) => key.split('.')[0] ?? ''))];
    return html`<div class="head">
        <div>
          <h1>Config</h1>
          <p class="faint">${code(shown.file, 300)}</p>
        </div>
        ${report ? html`<div class="control">${state(report.outcome)} <span class="faint">read ${time(report.at)}</span></div>` : nothing}
      </div>
      ${problem(this.shown.problem)}
      ${
        report?.outcome === 'rejected'
          ? html`<section class="panel" aria-labelledby="errors">
              <div class="panel-head">
                <h2 id="errors">What is wrong</h2>
                <span class="faint">The previous configuration stays in force.</span>
              </div>
              <ul class="lines">
                ${report.errors.map((error) => html`<li><span class="what bad-text">${place(error)}</span></li>`)}
              </ul>
              <p class="faint"><code>fanfare check</code> shows each with its line.</p>
            </section>`
          : nothing
      }
      ${
        shown.keys.some((key) => key.at_restart)
          ? html`<div class="alarm warn">
              ${icon('warning')}<span>Some values in the file take effect at the next start.</span>
            </div>`
          : nothing
      }
      <div class="columns">
        <div>${tables.map((table) => this.table(table, shown))}</div>
        <section class="panel" aria-labelledby="defaults">
          <div class="panel-head">
            <h2 id="defaults"><code>[defaults]</code></h2>
            <span class="faint">of every channel</span>
          </div>
          ${policyTable(shown.defaults, shown.defaults_from)}
        </section>
      </div>`;
  }

  private table(table: string, shown: S['Configuration']) {
    const keys = shown.keys.filter(({ key }) => key.startsWith(`${table}.`));
    return html`<section class="panel" aria-labelledby="table-${table}">
      <div class="panel-head">
        <h2 id="table-${table}"><code>[${table}]</code></h2>
      </div>
      <table class="policy">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Value</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          ${keys.map(
            ({ key, value, line, at_restart }) =>
              html`<tr class=${line ? 'set' : ''}>
                <th scope="row">${keyOf(key.slice(table.length + 1))}</th>
                <td>
                  ${said(value, 300)}${at_restart ? html`<div class="warn-text">at the next start: ${said(at_restart, 300)}</div>` : nothing}
                </td>
                <td>
                  ${line ? html`<span class="origin">line ${line}</span>` : html`<span class="faint">default</span>`}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>`;
  }
}

/** Sets the place apart from the message: `config.toml:3:1: channels.log.timeout: must be …`. */
function place(error: string) {
  const [, where, rest] = /^(?:channel \S+: )?(.*?:\d+:\d+:)(.*)$/s.exec(error) ?? [];
  return where ? html`${code(where, 300)} ${said(rest, 1_000)}` : said(error, 1_000);
}
