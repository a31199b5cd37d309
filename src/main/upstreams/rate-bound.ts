/** Lets a burst through, then a steady rate (token bucket). */
export class RateBound {
  readonly #burst: number;
  readonly #perMs: number;
  #left: number;
  #refilledAt: number;

  constructor(limit: { readonly burst: number; readonly perSecond: number }, now: number) {
    this.#burst = limit.burst;
    this.#perMs = limit.perSecond / 1_000;
    this.#left = limit.burst;
    this.#refilledAt = now;
  }

  /** True when one more may pass now. */
  take(now: number): boolean {
    // A clock that was set back must not stop everything until it has caught up.
    this.#left = Math.min(this.#burst, this.#left + Math.max(0, now - this.#refilledAt) * this.#perMs);
    this.#refilledAt = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Milliseconds until one more may pass. */
  wait(): number {
    return Math.max(1, Math.ceil((1 - this.#left) / this.#perMs));
  }
}
