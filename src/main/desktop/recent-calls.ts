import type { CallSummary } from '@shared/contract/index.ts';

const minuteMs = 60_000;
const minutes = 10;

/** Counts calls that ended in the last ten minutes (to the minute), and those refused because the gate was paused. */
export class RecentCalls {
  readonly #perMinute = new Map<number, number>();
  #refusedWhilePaused = 0;

  /** Takes a batch of the live log; a call counts once, when it ends. `now` in milliseconds since epoch. */
  note(calls: readonly CallSummary[], now: number): void {
    const minute = Math.floor(now / minuteMs);
    const ended = calls.filter((call) => call.status !== 'running');
    if (ended.length > 0) this.#perMinute.set(minute, (this.#perMinute.get(minute) ?? 0) + ended.length);
    this.#refusedWhilePaused += ended.filter((call) => call.code === 'paused').length;
    for (const old of this.#perMinute.keys()) if (old <= minute - minutes) this.#perMinute.delete(old);
  }

  /** A new pause counts its refusals from zero. */
  restartPause(): void {
    this.#refusedWhilePaused = 0;
  }

  get refusedWhilePaused(): number {
    return this.#refusedWhilePaused;
  }

  inLastTenMinutes(now: number): number {
    const oldest = Math.floor(now / minuteMs) - minutes;
    let count = 0;
    for (const [minute, calls] of this.#perMinute) if (minute > oldest) count += calls;
    return count;
  }
}
