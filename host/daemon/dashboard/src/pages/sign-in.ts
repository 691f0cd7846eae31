// Sign-in with an access token.

import { html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type Problem, asProblem } from '../lib/api.ts';
import { signIn } from '../lib/session.ts';
import { Part } from '../parts/part.ts';
import { problem } from '../parts/problem.ts';

@customElement('ff-sign-in')
export class SignIn extends Part {
  @state() private busy = false;
  @state() private problem: Problem | undefined;

  protected override firstUpdated(): void {
    this.querySelector('input')?.focus();
  }

  protected override render() {
    return html`<main class="sign-in" id="content">
      <form @submit=${this.submit}>
        <p class="wordmark"><img src="/dashboard.svg" alt="" width="36" height="36" />Fanfare</p>
        <h1>Sign in</h1>
        <label class="field"
          >Access token
          <input type="password" name="token" autocomplete="current-password" required spellcheck="false" />
        </label>
        ${problem(this.problem)}
        <button class="primary" ?disabled=${this.busy}>${this.busy ? 'Signing in …' : 'Sign in'}</button>
        <p class="faint">
          Tokens are set in the daemon’s configuration. The browser keeps only a session cookie that scripts cannot
          read.
        </p>
      </form>
    </main>`;
  }

  private readonly submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const input = this.querySelector('input');
    if (!input || this.busy) {
      return;
    }
    this.busy = true;
    this.problem = undefined;
    try {
      await signIn(input.value.trim());
    } catch (error) {
      this.problem = asProblem(error);
      input.select();
    }
    this.busy = false;
  };
}
