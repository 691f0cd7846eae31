// The base of every element. Elements render without a shadow root, so that one style sheet applies to all.

import { LitElement } from 'lit';

export class Part extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
