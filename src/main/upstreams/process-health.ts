import type { ServerHealth } from '@shared/words.ts';
import type { LogRing } from './log-ring.ts';
import { FailureCount, type RestartPolicy } from './restart-policy.ts';
import type { Timers } from './timers.ts';

/** How one process of a server is, what is wrong with it, and when it may be tried again. */
export class ProcessHealth {
  readonly #isDisabled: boolean;
  readonly #log: LogRing;
  readonly #onChange: () => void;
  readonly #failures: FailureCount;
  #health: ServerHealth;
  #problem: string | null = null;
  #restarts = 0;

  /** @param options.onChange called after something was said; it may be what was known already */
  constructor(options: {
    readonly isDisabled: boolean;
    readonly log: LogRing;
    readonly policy: RestartPolicy;
    readonly timers: Timers;
    readonly random: () => number;
    readonly onChange: () => void;
  }) {
    this.#isDisabled = options.isDisabled;
    this.#log = options.log;
    this.#onChange = options.onChange;
    this.#failures = new FailureCount(options);
    this.#health = options.isDisabled ? 'disabled' : 'asleep';
  }

  get health(): ServerHealth {
    return this.#health;
  }

  /** What is wrong and what to do; null when nothing is. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Starts that followed a failure. */
  get restarts(): number {
    return this.#restarts;
  }

  get nextRetryAt(): number | null {
    return this.#failures.nextRetryAt;
  }

  /** Milliseconds until it may be tried again. */
  get waitMs(): number {
    return this.#failures.waitMs;
  }

  starting(): void {
    this.#set('starting', this.#problem);
  }

  ready(): void {
    if (!this.#failures.isEmpty) this.#restarts += 1;
    this.#failures.succeeded();
    this.#set('ready', null);
  }

  /** It does not run, and nothing is wrong with that. */
  asleep(): void {
    this.#set(this.#isDisabled ? 'disabled' : 'asleep', null);
  }

  /** Earlier failures count no more. */
  forgive(): void {
    this.#failures.forget();
  }

  /** @param how `start`: it never was ready; `our decision`: it was ended for what it did, which is no failure to run;
   * `sign-in`: it waits for a person */
  failed(problem: string, how: 'start' | 'crash' | 'our decision' | 'sign-in'): void {
    this.#log.note(problem);
    if (how === 'our decision') {
      this.#set('asleep', `${problem} It starts again on next use.`);
      return;
    }
    const count = this.#failures.add();
    if (how === 'sign-in') {
      this.#set('failing', problem);
    } else if (count !== null) {
      this.#set('failing', `${problem} ${count} Look at its log; restarting it tries at once.`);
    } else if (how === 'start') {
      this.#set('failing', problem);
    } else {
      // One crash is repaired by the next use; it is worth a word, not an alarm.
      this.#set('asleep', `${problem} It starts again on next use.`);
    }
  }

  #set(health: ServerHealth, problem: string | null): void {
    this.#health = health;
    this.#problem = problem;
    this.#onChange();
  }
}
