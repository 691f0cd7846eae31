// What every element is made of. They render into the page itself, so that one style sheet serves all of them.

import { LitElement } from 'lit';

export class Part extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
