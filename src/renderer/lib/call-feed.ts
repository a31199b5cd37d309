import type { CallSummary } from '@shared/contract/index.ts';

type Listener = (calls: readonly CallSummary[]) => void;

const listeners = new Set<Listener>();
let waiting: CallSummary[] = [];
let isScheduled = false;

function flush(): void {
  isScheduled = false;
  const calls = waiting;
  waiting = [];
  for (const listener of listeners) listener(calls);
}

/**
 * Calls as they begin and end. Several batches of one frame are delivered as one, so that a busy gate costs one
 * update per frame.
 */
export const callFeed = {
  push(calls: readonly CallSummary[]): void {
    waiting.push(...calls);
    if (isScheduled) return;
    isScheduled = true;
    // A hidden page gets no animation frames, and must not collect calls without end.
    if (document.hidden) setTimeout(flush, 1000);
    else requestAnimationFrame(flush);
  },
  subscribe(listener: Listener): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
