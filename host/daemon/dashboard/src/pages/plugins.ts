// The plugins, the grants that they may need, and the history of reloads.

import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { type S, get, post } from '../lib/api.ts';
import { bytes, counted, digest } from '../lib/format.ts';
import { Loader } from '../lib/loader.ts';
import { link } from '../lib/route.ts';
import { button } from '../parts/actions.ts';
import { ask } from '../parts/dialog.ts';
import { Part } from '../parts/part.ts';
import { empty, loading, problem } from '../parts/problem.ts';
import { code, said, state, time } from '../parts/text.ts';

@customElement('ff-plugins')
export class Plugins extends Part {
  private readonly list = new Loader(this, (signal) => get<S['Plugins']>('/v1/plugins', {}, signal), 5_000);

  protected override render() {
    const shown = this.list.value;
    return html`<div class="head">
        <h1>Plugins</h1>
        ${button('Reload', 'again', 'admin', () => this.reload())}
      </div>
      ${problem(this.list.problem)}
      ${
        !shown
          ? this.list.problem
            ? nothing
            : loading()
          : html`${
              shown.plugins.length === 0
                ? empty(
                    'No plugin is in use.',
                    html`Copy a <code>.wasm</code> file into the plugins folder, or name one that comes with Fanfare in
                      <code>config.toml</code>: <code>plugin = "builtin:webhook"</code>.`,
                  )
                : html`<div class="plugins">${shown.plugins.map((plugin) => this.plugin(plugin))}</div>`
            }
            ${this.reloads(shown)}`
      }`;
  }

  private plugin(plugin: S['Plugin']) {
    const users = [...plugin.channels, ...(plugin.stages ?? [])];
    return html`<section class="panel plugin">
      <div class="panel-head">
        <h2>${said(plugin.name, 80)}</h2>
        <span class="control">
          ${plugin.kind ? html`<span class="tag">${plugin.kind}</span>` : nothing}
          ${plugin.batches ? html`<span class="tag">batches</span>` : nothing}
          ${plugin.error ? state('failed') : plugin.configure ? state('unconfigured') : state('active')}
        </span>
      </div>
      ${plugin.error ? html`<div class="alarm bad">${said(plugin.error, 1_000)}</div>` : nothing}
      ${
        plugin.configure
          ? html`<p>Add this to <code>config.toml</code>:</p>
              <pre class="command" tabindex="0">${plugin.configure}</pre>`
          : nothing
      }
      <dl class="facts">
        ${
          plugin.file
            ? html`<div>
                <dt>file</dt>
                <dd>${code(plugin.file, 300)}</dd>
              </div>`
            : nothing
        }
        <div>
          <dt>digest</dt>
          <dd title=${plugin.digest}>
            ${code(digest(plugin.digest))}${plugin.size ? html` <span class="faint">${bytes(plugin.size)}</span>` : nothing}
          </dd>
        </div>
        <div>
          <dt>used by</dt>
          <dd>
            ${users.length === 0 ? html`<span class="faint">nothing</span>` : nothing}
            ${plugin.channels.map((name) => html`<a class="chip" href=${link(['channels', name])}>${said(name, 60)}</a> `)}
            ${(plugin.stages ?? []).map((name) => html`<a class="chip" href="#/channels">stage ${said(name, 60)}</a> `)}
          </dd>
        </div>
        <div>
          <dt>may need</dt>
          <dd>
            ${
              (plugin.wants ?? []).length === 0
                ? html`<span class="faint">none</span>`
                : (plugin.wants ?? []).map(
                    (want) => html`<div><code>${want.grant}</code> <span class="faint">${want.why}</span></div>`,
                  )
            }
          </dd>
        </div>
      </dl>
      <details>
        <summary>
          ${counted(plugin.imports?.length ?? 0, 'import')}, ${counted(plugin.exports?.length ?? 0, 'export')}
        </summary>
        <div class="columns">
          <div>
            <h3>Imports</h3>
            ${list(plugin.imports)}
          </div>
          <div>
            <h3>Exports</h3>
            ${list(plugin.exports)}
          </div>
        </div>
      </details>
    </section>`;
  }

  private reloads(shown: S['Plugins']) {
    return html`<section class="panel" aria-labelledby="reloads">
      <div class="panel-head">
        <h2 id="reloads">Reloads</h2>
        <span class="faint">since the start, newest first</span>
      </div>
      ${
        shown.reloads.length === 0
          ? html`<p class="faint">No reload has changed anything yet.</p>`
          : html`<ul class="lines">
              ${shown.reloads.map(
                (report) =>
                  html`<li>
                    <span class="when">${time(report.at)}</span>
                    <span class="what">
                      ${state(report.outcome)}
                      ${report.changes.map((change) => html`<span class="detail">${said(change, 400)}</span>`)}
                      ${report.errors.map((error) => html`<span class="detail bad-text">${said(error, 600)}</span>`)}
                      ${report.changes.length + report.errors.length === 0 ? html`<span class="detail">the errors are resolved</span>` : nothing}
                    </span>
                  </li>`,
              )}
            </ul>`
      }
    </section>`;
  }

  private reload(): void {
    ask({
      title: 'Reload now?',
      body: 'The daemon rereads the configuration and the plugins. If something is wrong, the running version stays.',
      action: 'Reload',
      act: async () => {
        const report = await post<S['ReloadReport']>('/v1/reload', undefined).finally(() => void this.list.load());
        return report.changes.length === 0
          ? 'Nothing has changed.'
          : html`${report.changes.map((change) => html`<div>${said(change, 200)}</div>`)}`;
      },
    });
  }
}

function list(names: string[] | undefined) {
  return html`<ul class="names">
    ${(names ?? []).slice(0, 200).map((name) => html`<li>${code(name, 200)}</li>`)}
  </ul>`;
}
