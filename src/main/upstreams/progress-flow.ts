import type { JsonObject } from './json-rpc.ts';
import { RateBound } from './rate-bound.ts';
import type { Timers } from './timers.ts';

/** Progress and log messages of one request that are passed on. */
export const MESSAGE_RATE = { burst: 200, perSecond: 100 } as const;

/**
 * The progress of one request at a bounded rate. What comes too fast is replaced by what comes later, so that the newest
 * value always arrives, at the latest right before the result.
 */
export class ProgressFlow {
  readonly #timers: Timers;
  readonly #tell: (progress: JsonObject) => void;
  readonly #rate: RateBound;
  #held: JsonObject | undefined;
  #stopTimer: (() => void) | undefined;

  constructor(timers: Timers, tell: (progress: JsonObject) => void) {
    this.#timers = timers;
    this.#tell = tell;
    this.#rate = new RateBound(MESSAGE_RATE, timers.now());
  }

  offer(progress: JsonObject): void {
    if (this.#held === undefined && this.#rate.take(this.#timers.now())) {
      this.#tell(progress);
      return;
    }
    this.#held = progress;
    this.#stopTimer ??= this.#timers.after(this.#rate.wait(), () => {
      this.#stopTimer = undefined;
      const newest = this.#held;
      this.#held = undefined;
      if (newest) this.offer(newest);
    });
  }

  /** Passes on what is held and ends. */
  finish(): void {
    const newest = this.#held;
    this.stop();
    if (newest) this.#tell(newest);
  }

  /** Ends without another word. */
  stop(): void {
    this.#held = undefined;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }
}
