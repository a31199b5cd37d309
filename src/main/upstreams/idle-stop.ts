import type { Timers } from './timers.ts';

/** Timers cannot wait longer than 2^31 ms; a longer wait is made of several. */
const LONGEST_WAIT_MS = 24 * 3_600_000;

/**
 * Stops something that nobody used for a while. One timer is armed for the whole idle time and looks at the clock when it
 * fires, so that a use costs nothing but noting its time.
 */
export class IdleStop {
  readonly #timers: Timers;
  readonly #idleMs: () => number | null;
  readonly #idleSince: () => number | null;
  readonly #stop: () => void;
  #cancel: (() => void) | undefined;

  /**
   * @param options.idleMs how long nobody may have used it; null: for ever
   * @param options.idleSince when the last use ended, in milliseconds since epoch; null while it is used
   */
  constructor(options: {
    readonly timers: Timers;
    readonly idleMs: () => number | null;
    readonly idleSince: () => number | null;
    readonly stop: () => void;
  }) {
    this.#timers = options.timers;
    this.#idleMs = options.idleMs;
    this.#idleSince = options.idleSince;
    this.#stop = options.stop;
  }

  /** Begins to watch, or begins anew after the idle time was set differently. */
  arm(): void {
    this.disarm();
    const idleMs = this.#idleMs();
    if (idleMs === null) return;
    const since = this.#idleSince();
    const left = since === null ? idleMs : since + idleMs - this.#timers.now();
    // A longer wait than asked for means that the clock was set back.
    this.#cancel = this.#timers.after(Math.min(Math.max(left, 0), idleMs, LONGEST_WAIT_MS), () => this.#look(idleMs));
  }

  disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #look(idleMs: number): void {
    this.#cancel = undefined;
    const since = this.#idleSince();
    if (since !== null && this.#timers.now() - since >= idleMs) this.#stop();
    else this.arm();
  }
}
