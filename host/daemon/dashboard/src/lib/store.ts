// An observable value.

import type { ReactiveController, ReactiveControllerHost } from 'lit';

export class Store<T> {
  private readonly watchers = new Set<() => void>();

  constructor(private now: T) {}

  get value(): T {
    return this.now;
  }

  set(value: T): void {
    if (value === this.now) {
      return;
    }
    this.now = value;
    this.again();
  }

  /** Notifies the watchers without a change. */
  again(): void {
    for (const watcher of [...this.watchers]) {
      watcher();
    }
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }
}

/** Rerenders its host whenever the store changes. */
export class Watch<T> implements ReactiveController {
  private stop: (() => void) | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly store: Store<T>,
  ) {
    host.addController(this);
  }

  get value(): T {
    return this.store.value;
  }

  hostConnected(): void {
    this.stop = this.store.watch(() => this.host.requestUpdate());
  }

  hostDisconnected(): void {
    this.stop?.();
  }
}
