import type { CallFilter } from '@shared/contract/index.ts';
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { callFeed } from '../../lib/call-feed.ts';
import { client } from '../../lib/client.ts';
import { connection } from '../../lib/connection.ts';
import { throttled } from '../../lib/throttle.ts';
import { emptyLog, reduceCallLog } from './call-log-state.ts';

const pageSize = 100;

/** The log under a filter: pages on demand, new calls as they happen. */
export function useCallLog(filter: CallFilter, isHeld: boolean) {
  const [state, dispatch] = useReducer(reduceCallLog, emptyLog);
  const [attempt, setAttempt] = useState(0);
  const isLoadingMore = useRef(false);
  // A filter is the same filter when it says the same, whatever object holds it.
  const key = JSON.stringify(filter);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for filter, `attempt` is "Try again"
  useEffect(() => {
    const ended = new AbortController();
    dispatch({ type: 'reset' });
    const read = () => client.calls.list({ ...filter, limit: pageSize }, { signal: ended.signal });
    read().then(
      (page) => {
        if (!ended.signal.aborted) dispatch({ type: 'page', ...page, isFirst: true });
      },
      (error: Error) => {
        if (!ended.signal.aborted) dispatch({ type: 'failed', error });
      },
    );
    // Only the log itself can tell whether words fit a call, so a searched list asks it again, once a second at most.
    const searchAgain = throttled(1000, () => {
      if (ended.signal.aborted) return;
      read().then(
        (page) => dispatch({ type: 'batch', calls: page.calls, filter }),
        () => undefined,
      );
    });
    const stop = callFeed.subscribe((calls) => {
      if (filter.search) searchAgain();
      else dispatch({ type: 'batch', calls, filter });
    });
    return () => {
      ended.abort();
      stop();
    };
  }, [key, attempt]);

  useEffect(() => dispatch({ type: 'hold', isHeld }), [isHeld]);

  useEffect(
    () =>
      // Calls of the time without connection are in the log, not in the feed.
      connection.subscribe(() => {
        if (connection.get() === 'connected') setAttempt((n) => n + 1);
      }),
    [],
  );

  const { nextBefore } = state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for filter
  const loadMore = useCallback(async () => {
    if (nextBefore === null || isLoadingMore.current) return;
    isLoadingMore.current = true;
    try {
      const page = await client.calls.list({ ...filter, before: nextBefore, limit: pageSize });
      dispatch({ type: 'page', ...page, isFirst: false });
    } catch {
      // Scrolling on tries again; what is on the page stays.
    } finally {
      isLoadingMore.current = false;
    }
  }, [key, nextBefore]);

  const release = useCallback(() => dispatch({ type: 'release' }), []);
  const retry = useCallback(() => setAttempt((n) => n + 1), []);
  return { ...state, loadMore, release, retry };
}
