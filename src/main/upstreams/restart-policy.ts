import type { Timers } from './timers.ts';

/** When a server that keeps failing is tried again. */
export interface RestartPolicy {
  /** Failures longer ago than this no longer count, in milliseconds. */
  readonly windowMs: number;
  /** Wait after the second failure in the window; doubles with each further one. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export const RESTART_POLICY: RestartPolicy = { windowMs: 300_000, firstDelayMs: 1_000, maxDelayMs: 60_000 };

/**
 * Milliseconds to wait before the next attempt, given the failures within the window, the last one included. The first
 * failure costs nothing: one restart at once repairs most things.
 * @param random a number in [0, 1) that spreads servers which failed together
 */
export function retryDelay(failures: number, policy: RestartPolicy, random: number): number {
  if (failures <= 1) return 0;
  const full = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** Math.min(failures - 2, 30));
  return Math.round(full * (0.75 + random * 0.25));
}

/** The failures of one process that still count, and what they mean for the next attempt. */
export class FailureCount {
  readonly #policy: RestartPolicy;
  readonly #timers: Timers;
  readonly #random: () => number;
  #failures: number[] = [];
  #nextRetryAt: number | null = null;

  constructor(options: {
    readonly policy: RestartPolicy;
    readonly timers: Timers;
    readonly random: () => number;
  }) {
    this.#policy = options.policy;
    this.#timers = options.timers;
    this.#random = options.random;
  }

  /** Milliseconds since epoch; null when the next attempt may come at once. */
  get nextRetryAt(): number | null {
    return this.#nextRetryAt;
  }

  /** Milliseconds until the next attempt may be made. */
  get waitMs(): number {
    const wait = (this.#nextRetryAt ?? 0) - this.#timers.now();
    // A longer wait than the policy gives means that the clock was set back.
    return wait > 0 && wait <= this.#policy.maxDelayMs ? wait : 0;
  }

  get isEmpty(): boolean {
    return this.#failures.length === 0;
  }

  /** Counts one more; gives a sentence about the count when the next attempt has to wait. */
  add(): string | null {
    const now = this.#timers.now();
    const { windowMs } = this.#policy;
    this.#failures = [...this.#failures.filter((at) => at > now - windowMs), now];
    const wait = retryDelay(this.#failures.length, this.#policy, this.#random());
    this.#nextRetryAt = wait > 0 ? now + wait : null;
    if (wait === 0) return null;
    return `That was failure ${this.#failures.length} within ${Math.round(windowMs / 60_000)} minutes.`;
  }

  /** The attempt succeeded; the failures before it still count. */
  succeeded(): void {
    this.#nextRetryAt = null;
  }

  forget(): void {
    this.#failures = [];
    this.#nextRetryAt = null;
  }
}
