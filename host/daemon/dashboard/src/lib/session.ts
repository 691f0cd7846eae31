// The session: who is signed in, with which scopes. Without access tokens, everybody may do everything.

import { Problem, asProblem, call, whenUnauthorized } from './api.ts';
import { Store } from './store.ts';

export type Scope = 'publish' | 'read' | 'operate' | 'admin';

export type Who = {
  /** The token's name; `null` without a token. */
  name: string | null;
  scopes: string[];
  /** The channels that the token is limited to; `null`: all. */
  channels: string[] | null;
  expires_at?: string | null;
  /** Whether a token is needed here. */
  required: boolean;
};

export type Session = { state: 'asking' | 'out' } | { state: 'in'; who: Who } | { state: 'failed'; problem: Problem };

const EVERYBODY: Who = { name: null, scopes: ['publish', 'read', 'operate', 'admin'], channels: null, required: false };

export const session = new Store<Session>({ state: 'asking' });

whenUnauthorized(() => session.set({ state: 'out' }));

export async function ask(): Promise<void> {
  try {
    const { value } = await call<Who>('GET', '/v1/session');
    session.set({ state: 'in', who: value });
  } catch (error) {
    const problem = asProblem(error);
    if (problem.status === 404) {
      session.set({ state: 'in', who: EVERYBODY });
    } else if (problem.status === 401) {
      session.set({ state: 'out' });
    } else {
      session.set({ state: 'failed', problem });
    }
  }
}

/** Throws a `Problem` if the token is rejected. */
export async function signIn(token: string): Promise<void> {
  await call('POST', '/v1/session', { token });
  await ask();
}

export async function signOut(): Promise<void> {
  try {
    await call('DELETE', '/v1/session');
  } catch (error) {
    const problem = asProblem(error);
    // The session had already expired.
    session.set(problem.status === 401 ? { state: 'out' } : { state: 'failed', problem });
    return;
  }
  session.set({ state: 'out' });
}

/** Why the session does not allow this, or `undefined` if it does. */
export function refusal(scope: Scope, channel?: string): string | undefined {
  const now = session.value;
  if (now.state !== 'in') {
    return 'Sign in first.';
  }
  const whose = now.who.name === null ? 'This needs a token: without one there is' : `The token ${now.who.name} lacks`;
  if (!now.who.scopes.includes(scope)) {
    return `${whose}${now.who.name === null ? ' no' : ' the'} scope ${scope}.`;
  }
  if (channel !== undefined && now.who.channels && !now.who.channels.includes(channel)) {
    return `The token ${now.who.name ?? ''} is not for the channel ${channel}.`;
  }
  return undefined;
}
