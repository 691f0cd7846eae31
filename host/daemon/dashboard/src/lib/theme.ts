// The colour scheme: the system's, or the one chosen in this browser.

import { Store } from './store.ts';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'fanfare-theme';

function kept(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

export const theme = new Store<Theme>(kept());

export function choose(value: Theme): void {
  try {
    if (value === 'system') {
      localStorage.removeItem(KEY);
    } else {
      localStorage.setItem(KEY, value);
    }
  } catch {
    // Storage is blocked; the choice lasts until the page is closed.
  }
  apply(value);
  theme.set(value);
}

function apply(value: Theme): void {
  if (value === 'system') {
    delete document.documentElement.dataset['theme'];
  } else {
    document.documentElement.dataset['theme'] = value;
  }
}

apply(theme.value);
// Charts have to be redrawn.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => theme.again());
