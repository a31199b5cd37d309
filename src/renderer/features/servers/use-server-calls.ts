import type { CallSummary } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { callFeed } from '../../lib/call-feed.ts';
import { api, queryClient } from '../../lib/client.ts';

const kept = 100;

/** The newest calls of one server, kept current by the feed. */
export function useServerCalls(server: string) {
  useEffect(() => {
    const key = api.calls.list.queryKey({ input: { server, limit: kept } });
    return callFeed.subscribe((calls) => {
      const own = calls.filter((call) => call.server === server);
      if (own.length === 0) return;
      queryClient.setQueryData(key, (page) => {
        if (!page) return undefined;
        // A call comes twice, when it begins and when it ends; the later word counts.
        const newest = new Map<string, CallSummary>([...page.calls, ...own].map((call) => [call.id, call]));
        return { ...page, calls: [...newest.values()].sort((a, b) => b.seq - a.seq).slice(0, kept) };
      });
    });
  }, [server]);
  return useQuery(api.calls.list.queryOptions({ input: { server, limit: kept } }));
}
