// Sign-in with an access token.

import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { Problem, asProblem } from '../lib/api.ts';
import { signIn } from '../lib/session.ts';
import { Part } from '../parts/part.ts';
import { problem } from '../parts/problem.ts';

@customElement('ff-sign-in')
export class SignIn extends Part {
  /** The session that was here is over. */
  @property({ type: Boolean }) ended = false;
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
        ${this.ended ? html`<p role="status">Your session has ended.</p>` : nothing}
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
      const problem = asProblem(error);
      this.problem = problem.status === 401 ? new Problem(401, 'The token is not valid', problem.detail) : problem;
      input.select();
    }
    this.busy = false;
  };
}
