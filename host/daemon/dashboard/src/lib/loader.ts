// Loads data for an element, and reloads it while the window is visible. Keeps the last value when a reload fails.

import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type Problem, asProblem } from './api.ts';

export class Loader<T> implements ReactiveController {
  value: T | undefined;
  problem: Problem | undefined;
  /** When `value` was loaded. */
  at: Date | undefined;

  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: AbortController | undefined;
  private wanted = false;
  private connected = false;

  /** `every`: milliseconds between reloads. Without it, only `load` reloads. */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly fetch: (signal: AbortSignal) => Promise<T>,
    private readonly every?: number,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.connected = true;
    document.addEventListener('visibilitychange', this.seen);
    void this.load();
  }

  hostDisconnected(): void {
    this.connected = false;
    document.removeEventListener('visibilitychange', this.seen);
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = undefined;
  }

  /** Drops the current value, which belongs to something else, and loads. */
  restart(): void {
    this.running?.abort();
    this.running = undefined;
    this.value = undefined;
    this.problem = undefined;
    void this.load();
  }

  /** Loads now, or once more after the load in progress. */
  async load(): Promise<void> {
    if (this.running) {
      this.wanted = true;
      return;
    }
    clearTimeout(this.timer);
    const running = new AbortController();
    this.running = running;
    try {
      const value = await this.fetch(running.signal);
      if (this.running !== running) {
        return;
      }
      this.value = value;
      this.problem = undefined;
      this.at = new Date();
    } catch (error) {
      if (this.running !== running) {
        return;
      }
      this.problem = asProblem(error);
    }
    this.running = undefined;
    this.host.requestUpdate();
    if (this.wanted) {
      this.wanted = false;
      void this.load();
    } else if (this.connected && this.every !== undefined && !document.hidden) {
      this.timer = setTimeout(() => void this.load(), this.every);
    }
  }

  private readonly seen = (): void => {
    if (document.hidden) {
      clearTimeout(this.timer);
    } else if (this.every !== undefined) {
      void this.load();
    }
  };
}
