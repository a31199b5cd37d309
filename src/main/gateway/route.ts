/** ROUTE: one deadline per call, and a few retries where a repeat is surely harmless. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Effect } from '@shared/words.ts';
import { type UpstreamAnswer, type UpstreamContext, UpstreamError } from '../upstreams/index.ts';

const MOST_RETRIES = 2;
/** Milliseconds before the first retry; doubled for the second, and spread by half in both directions. */
const RETRY_MS = 100;

/** What is left of the call's time when an attempt begins, and where its progress goes. */
export type AttemptLimits = Pick<UpstreamContext, 'timeoutMs' | 'maxTotalMs' | 'onProgress'>;

export interface RouteContext extends AttemptLimits {
  readonly signal: AbortSignal;
  /** Reads may be repeated even when the first attempt may have reached the server. */
  readonly effect: Effect;
  /** Milliseconds on a clock that is never set back. */
  readonly monotonic: () => number;
  /** Between 0 and 1. */
  readonly random: () => number;
}

/**
 * Runs `attempt` until it answers. `timeoutMs` runs over all attempts together, from the last sign of life; `maxTotalMs` is
 * the end whatever the progress. Ends at once when the signal aborts, even if the server's side does not. Throws what the
 * last attempt threw, or UpstreamError `cancelled`.
 */
export async function route(
  attempt: (limits: AttemptLimits) => Promise<UpstreamAnswer>,
  context: RouteContext,
): Promise<UpstreamAnswer & { readonly attempts: number }> {
  const { signal, effect, monotonic, random } = context;
  const started = monotonic();
  let lastSign = started;
  const onProgress = context.onProgress && {
    onProgress: (progress: Record<string, unknown>) => {
      lastSign = monotonic();
      context.onProgress?.(progress);
    },
  };
  const limits = (now: number): AttemptLimits => ({
    timeoutMs: context.timeoutMs - (now - lastSign),
    maxTotalMs: context.maxTotalMs - (now - started),
    ...onProgress,
  });
  for (let attempts = 1; ; attempts++) {
    try {
      return { ...(await orAborted(attempt(limits(monotonic())), signal)), attempts };
    } catch (error) {
      if (attempts > MOST_RETRIES || signal.aborted || !mayRepeat(error, effect)) throw error;
      const wait = RETRY_MS * 2 ** (attempts - 1) * (0.5 + random());
      const left = limits(monotonic());
      if (wait >= Math.min(left.timeoutMs, left.maxTotalMs)) throw error;
      await delay(wait, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw cancelled();
    }
  }
}

/** Only a connection that failed is tried again; an answer, a timeout and a cancellation are final. */
function mayRepeat(error: unknown, effect: Effect): boolean {
  return error instanceof UpstreamError && error.code === 'server_down' && (error.notSent || effect === 'read');
}

const cancelled = (): UpstreamError => new UpstreamError('cancelled', 'The call was cancelled.', { notSent: false });

/** The promise's outcome, or `cancelled` as soon as the signal aborts; the slot must not wait for a server that ignores it. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(cancelled());
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
