/** Waiting between attempts: short at first, longer while nothing comes of it. */

export interface PauseTimes {
  /** Milliseconds. */
  readonly shortestMs: number;
  readonly longestMs: number;
}

export class Pauses {
  readonly #times: PauseTimes;
  readonly #ended: AbortSignal;
  #nextMs: number;
  #wake: () => void = () => {};

  /** @param ended cuts every pause short, for good */
  constructor(times: PauseTimes, ended: AbortSignal) {
    this.#times = times;
    this.#ended = ended;
    this.#nextMs = times.shortestMs;
  }

  /** Begins with the shortest pause again: something worked. */
  reset(): void {
    this.#nextMs = this.#times.shortestMs;
  }

  /** Ends the pause that is going on. */
  wake(): void {
    this.#wake();
  }

  /** Does not keep the process alive. @param ms another length than the one that is due */
  async next(ms = this.#due()): Promise<void> {
    if (this.#ended.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const timer = setTimeout(wake, ms).unref();
    this.#wake = wake;
    this.#ended.addEventListener('abort', wake, { once: true });
    await promise;
    clearTimeout(timer);
    this.#ended.removeEventListener('abort', wake);
  }

  #due(): number {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, this.#times.longestMs);
    return ms;
  }
}
