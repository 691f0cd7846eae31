// Light or dark: as the system has it, or as somebody has chosen on this machine.

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
    // Without a place to keep it, it holds for this page.
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
// Whoever draws with colours of its own draws again.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => theme.again());
