// The session: who is signed in, with which scopes. Without access tokens, everybody may do everything.

import { Problem, type S, asProblem, call, post, whenUnauthorized } from './api.ts';
import { Store } from './store.ts';

export type Scope = 'publish' | 'read' | 'operate' | 'admin';

export type Session =
  | { state: 'asking' }
  /** `ended`: the session is over, without signing out. */
  | { state: 'out'; ended: boolean }
  | { state: 'in'; who: S['Session'] }
  | { state: 'failed'; problem: Problem };

export const session = new Store<Session>({ state: 'asking' });

whenUnauthorized(() => session.set({ state: 'out', ended: true }));

export async function ask(): Promise<void> {
  try {
    const { value } = await call<S['Session']>('GET', '/v1/session');
    session.set({ state: 'in', who: value });
  } catch (error) {
    const problem = asProblem(error);
    session.set(problem.status === 401 ? { state: 'out', ended: false } : { state: 'failed', problem });
  }
}

/** Throws a `Problem` if the token is rejected, or if there is no session afterwards. */
export async function signIn(token: string): Promise<void> {
  await post('/v1/session', { token });
  await ask();
  if (session.value.state === 'out') {
    throw new Problem(0, 'The browser did not keep the session', 'Allow cookies for this site, then sign in again.');
  }
}

export async function signOut(): Promise<void> {
  try {
    await call('DELETE', '/v1/session');
    session.set({ state: 'out', ended: false });
  } catch (error) {
    session.set({ state: 'failed', problem: asProblem(error) });
  }
}

/** Why the session does not allow this, or `undefined` if it does. */
export function refusal(scope: Scope, channel?: string): string | undefined {
  const now = session.value;
  if (now.state !== 'in') {
    return 'Sign in first.';
  }
  const { name, scopes, channels } = now.who;
  if (!scopes.includes(scope)) {
    return `The token ${name ?? ''} lacks the scope ${scope}.`;
  }
  if (channel !== undefined && channels && !channels.includes(channel)) {
    return `The token ${name ?? ''} is not for the channel ${channel}.`;
  }
  return undefined;
}

/** Why the session does not allow a view of the whole daemon, or `undefined` if it does. */
export function boundTo(): string | undefined {
  const now = session.value;
  if (now.state !== 'in' || !now.who.channels) {
    return undefined;
  }
  return `The token ${now.who.name ?? ''} is only for the channels ${now.who.channels.join(', ')}.`;
}
