import type { CallFilter, CallSummary } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { callFeed } from '../../lib/call-feed.ts';
import { api, queryClient } from '../../lib/client.ts';

const kept = 6;

/** The newest few calls of a kind, kept current by the feed. */
export function useLatestCalls(kind: 'all' | 'refused', since?: number): CallSummary[] {
  const input: CallFilter & { limit: number } = { kind, since, limit: kept };
  const query = useQuery(api.calls.list.queryOptions({ input }));
  useEffect(() => {
    const key = api.calls.list.queryKey({ input: { kind, since, limit: kept } });
    return callFeed.subscribe((calls) => {
      const fitting = kind === 'all' ? calls : calls.filter((call) => call.status === 'refused');
      if (fitting.length === 0) return;
      queryClient.setQueryData(key, (page) => {
        if (!page) return undefined;
        const newest = new Map([...page.calls, ...fitting].map((call) => [call.id, call]));
        return { ...page, calls: [...newest.values()].sort((a, b) => b.seq - a.seq).slice(0, kept) };
      });
    });
  }, [kind, since]);
  return query.data?.calls ?? [];
}
