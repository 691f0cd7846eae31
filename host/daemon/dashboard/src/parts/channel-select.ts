// A select box for channels.

import { html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { type S, get } from '../lib/api.ts';
import { line } from '../lib/format.ts';
import { Loader } from '../lib/loader.ts';
import { Part } from './part.ts';

@customElement('ff-channel-select')
export class ChannelSelect extends Part {
  /** Channels to list first. */
  @property({ attribute: false }) given: string[] = [];
  @property() chosen = '';
  @property() label = 'Channel';

  private readonly all = new Loader(this, (signal) => get<S['Channels']>('/v1/channels', {}, signal));

  protected override render() {
    const others = (this.all.value?.channels ?? [])
      .filter((channel) => channel.state !== 'unconfigured')
      .map((channel) => channel.name);
    const names = [...new Set([...this.given, ...others])];
    return html`<select aria-label=${this.label} @change=${this.choose}>
      ${names.map((name) => html`<option value=${name} ?selected=${name === this.chosen}>${line(name, 60)}</option>`)}
    </select>`;
  }

  private readonly choose = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    this.dispatchEvent(new CustomEvent('choose', { detail: value }));
  };
}
