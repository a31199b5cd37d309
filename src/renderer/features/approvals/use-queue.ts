import type { ServerSummary } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../../lib/client.ts';
import { queueOf } from './queue.ts';

/** Only what the queue depends on, so that call figures do not redraw it. */
const standing = (servers: readonly ServerSummary[]) =>
  servers.map(({ name, approval, instructionsState, catalogId, kind }) => ({
    name,
    approval,
    instructionsState,
    catalogId,
    kind,
  }));

/** What waits for the person, and where reading it stands. */
export function useQueue() {
  const servers = useQuery(api.servers.list.queryOptions({ select: standing }));
  const tools = useQuery(api.tools.list.queryOptions({ input: {} }));
  const queue = useMemo(() => queueOf(servers.data ?? [], tools.data ?? []), [servers.data, tools.data]);
  return {
    queue,
    servers: servers.data ?? [],
    isPending: servers.isPending || tools.isPending,
    error: servers.error ?? tools.error,
    retry: () => {
      void servers.refetch();
      void tools.refetch();
    },
  };
}
