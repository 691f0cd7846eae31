// The live event stream: one for all pages, open while a page follows it and the window is visible, and resumed where it ended.

import { Store } from './store.ts';

export type Live = {
  state: 'idle' | 'connecting' | 'open' | 'broken';
  /** Messages received so far. */
  messages: number;
};

export const live = new Store<Live>({ state: 'idle', messages: 0 });

type Told = (what: 'event' | 'settled' | 'gap', data: string) => void;

/** The wait before reconnecting, if the daemon has refused the stream. */
const AGAIN = 5_000;

const followers = new Set<Told>();
let source: EventSource | undefined;
let last: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Calls `told` for each message. Returns a function that ends this. */
export function follow(told: Told): () => void {
  followers.add(told);
  adjust();
  return () => {
    followers.delete(told);
    // The next page may follow too; do not reconnect for it.
    setTimeout(adjust, 0);
  };
}

function adjust(): void {
  const wanted = followers.size > 0 && !document.hidden;
  if (wanted && !source) {
    open();
  } else if (!wanted && source) {
    close('idle');
  }
}

function open(): void {
  clearTimeout(timer);
  live.set({ ...live.value, state: 'connecting' });
  source = new EventSource(`/v1/events/stream${last === undefined ? '' : `?after=${encodeURIComponent(last)}`}`);
  source.addEventListener('open', () => live.set({ ...live.value, state: 'open' }));
  source.addEventListener('error', () => {
    // The browser reconnects by itself, unless the response was not a stream.
    if (source?.readyState === EventSource.CLOSED) {
      close('broken');
      timer = setTimeout(adjust, AGAIN);
    } else {
      live.set({ ...live.value, state: 'connecting' });
    }
  });
  for (const what of ['event', 'settled', 'gap'] as const) {
    source.addEventListener(what, (message: MessageEvent<string>) => {
      if (message.lastEventId !== '') {
        last = message.lastEventId;
      }
      live.set({ ...live.value, messages: live.value.messages + 1 });
      for (const told of [...followers]) {
        told(what, message.data);
      }
    });
  }
}

function close(state: Live['state']): void {
  source?.close();
  source = undefined;
  live.set({ ...live.value, state });
}

document.addEventListener('visibilitychange', adjust);
