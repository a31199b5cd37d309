/**
 * The calls that wait for a person. Each ends exactly once, by what comes first: an answer, its deadline, or the end of the
 * call itself. Everything here is synchronous, so that two answers at once cannot both count.
 */
import { createHash } from 'node:crypto';
import type { AskOutcome } from '@shared/contract/index.ts';
import { keyOf } from '../policy/index.ts';
import { MOST_OF_ALL, MOST_OF_ONE_APP, type QuestionEnd, type WaitingCall } from './waiting-call.ts';

/** Ended questions that are kept, to be looked at and allowed afterwards. */
const MOST_SETTLED = 100;
/** Milliseconds they are kept. */
export const SETTLED_MS = 15 * 60_000;

export interface Waiting {
  readonly call: WaitingCall;
  /** Milliseconds since epoch. */
  readonly at: number;
  readonly deadline: number;
  /** Equal for calls that are one question to the person. */
  readonly group: string;
}

export interface Settled extends Waiting {
  readonly end: QuestionEnd;
  readonly settledAt: number;
}

export interface AskQueueOptions {
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  /** Runs `work` after so many milliseconds, unless it is disposed of before. */
  readonly after: (ms: number, work: () => void) => Disposable;
  /** Told once for each question, before anybody who waits for it. */
  readonly onSettled: (settled: Settled) => void;
}

interface Entry extends Waiting {
  readonly resolve: (settled: Settled) => void;
  readonly release: () => void;
}

export class AskQueue implements Disposable {
  readonly #options: AskQueueOptions;
  // Both in the order they came.
  readonly #waiting = new Map<string, Entry>();
  readonly #settled = new Map<string, Settled>();
  readonly #perApp = new Map<string, number>();

  constructor(options: AskQueueOptions) {
    this.#options = options;
  }

  /** True when no further call of this app can wait. */
  isFullFor(appId: string): boolean {
    return (this.#perApp.get(appId) ?? 0) >= MOST_OF_ONE_APP || this.#waiting.size >= MOST_OF_ALL;
  }

  /**
   * Puts a call into the queue until it is settled. `signal` is the call's own; its reason says why it ended, and a call
   * that has ended already does not come in.
   */
  enter(call: WaitingCall, signal: AbortSignal): { readonly settled: Promise<Settled> } {
    const { clock, after } = this.#options;
    if (this.#waiting.has(call.callId)) throw new Error(`Call ${call.callId} waits already.`);
    const at = clock();
    const { promise: settled, resolve } = Promise.withResolvers<Settled>();
    const onAbort = (): void => void this.settle(call.callId, leaving(signal.reason));
    const timer = after(call.waitMs, () => void this.settle(call.callId, TIMEOUT));
    const release = (): void => {
      signal.removeEventListener('abort', onAbort);
      timer[Symbol.dispose]();
    };
    this.#waiting.set(call.callId, { call, at, deadline: at + call.waitMs, group: groupOf(call), resolve, release });
    this.#perApp.set(call.app.id, (this.#perApp.get(call.app.id) ?? 0) + 1);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return { settled };
  }

  /**
   * Ends a question. False when it does not wait (any more): then nothing happens. A yes after the deadline comes too late
   * even if the timer has not fired, as after the computer slept.
   */
  settle(callId: string, wanted: QuestionEnd): boolean {
    const entry = this.#waiting.get(callId);
    if (!entry) return false;
    const settledAt = this.#options.clock();
    const isLate = wanted.outcome === 'allowed' && settledAt >= entry.deadline;
    this.#waiting.delete(callId);
    this.#leave(entry.call.app.id);
    entry.release();
    const { resolve, release: _release, ...waiting } = entry;
    const settled: Settled = { ...waiting, end: isLate ? TIMEOUT : wanted, settledAt };
    this.#settled.set(callId, settled);
    this.#forgetOld(settledAt);
    this.#options.onSettled(settled);
    resolve(settled);
    return !isLate;
  }

  waiting(): readonly Waiting[] {
    return [...this.#waiting.values()];
  }

  find(callId: string): Waiting | undefined {
    return this.#waiting.get(callId);
  }

  /** Newest first. */
  settled(): readonly Settled[] {
    this.#forgetOld(this.#options.clock());
    return [...this.#settled.values()].reverse();
  }

  findSettled(callId: string): Settled | undefined {
    return this.#settled.get(callId);
  }

  #leave(appId: string): void {
    const left = (this.#perApp.get(appId) ?? 0) - 1;
    if (left > 0) this.#perApp.set(appId, left);
    else this.#perApp.delete(appId);
  }

  #forgetOld(now: number): void {
    for (const [id, { settledAt }] of this.#settled) {
      if (this.#settled.size <= MOST_SETTLED && now - settledAt < SETTLED_MS) return;
      this.#settled.delete(id);
    }
  }

  /** Closing Gatehouse answers every open question with no. */
  [Symbol.dispose](): void {
    for (const callId of [...this.#waiting.keys()]) this.settle(callId, { outcome: 'stopping', by: null });
  }
}

const TIMEOUT: QuestionEnd = { outcome: 'timeout', by: null };

const LEAVING: Readonly<Record<string, Extract<AskOutcome, 'paused' | 'app-removed' | 'stopping'>>> = {
  paused: 'paused',
  'app-removed': 'app-removed',
  stopping: 'stopping',
};

/** The reason of an aborted call as the end of its question; anything unknown is the app's own cancelling. */
function leaving(reason: unknown): QuestionEnd {
  const known = typeof reason === 'string' && Object.hasOwn(LEAVING, reason) ? LEAVING[reason] : undefined;
  return { outcome: known ?? 'cancelled', by: null };
}

function groupOf({ app, offer, effect, reasons }: WaitingCall): string {
  const parts = [app.id, offer.id, offer.fingerprint, effect, ...reasons.map(keyOf)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
