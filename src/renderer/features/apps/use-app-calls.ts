import type { AppSummary, CallSummary } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { callFeed } from '../../lib/call-feed.ts';
import { api, queryClient } from '../../lib/client.ts';

const kept = 12;

/** The newest calls of one app, kept current by the feed. */
export function useAppCalls(app: AppSummary): CallSummary[] {
  const input = { app: app.name, limit: kept };
  useEffect(() => {
    const key = api.calls.list.queryKey({ input: { app: app.name, limit: kept } });
    return callFeed.subscribe((calls) => {
      const own = calls.filter((call) => call.app === app.name);
      if (own.length === 0) return;
      queryClient.setQueryData(key, (page) => {
        if (!page) return undefined;
        const newest = new Map([...page.calls, ...own].map((call) => [call.id, call]));
        return { ...page, calls: [...newest.values()].sort((a, b) => b.seq - a.seq).slice(0, kept) };
      });
    });
  }, [app.name]);
  return useQuery(api.calls.list.queryOptions({ input })).data?.calls ?? [];
}
