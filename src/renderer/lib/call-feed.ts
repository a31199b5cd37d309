import type { CallSummary } from '@shared/contract/index.ts';

type Listener = (calls: readonly CallSummary[]) => void;

const listeners = new Set<Listener>();
let waiting: CallSummary[] = [];
let isScheduled = false;

/** Faster than anybody reads; slower than the screen, so that a busy gate leaves time for everything else. */
const shortestPauseMs = 80;
let flushedAt = 0;

function flush(): void {
  isScheduled = false;
  flushedAt = performance.now();
  const calls = waiting;
  waiting = [];
  for (const listener of listeners) listener(calls);
}

function flushInFrame(): void {
  // A hidden page gets no animation frames, and must not collect calls without end.
  if (document.hidden) flush();
  else requestAnimationFrame(flush);
}

/**
 * Calls as they begin and end. What arrives within one pause is delivered as one batch in one frame, so that a busy
 * gate costs one update of the page and not one per call.
 */
export const callFeed = {
  push(calls: readonly CallSummary[]): void {
    waiting.push(...calls);
    if (isScheduled) return;
    isScheduled = true;
    const pause = document.hidden ? 1000 : flushedAt + shortestPauseMs - performance.now();
    if (pause > 0) setTimeout(flushInFrame, pause);
    else flushInFrame();
  },
  subscribe(listener: Listener): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
