import { createORPCClient, DynamicLink } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import type { Contract } from '@shared/contract/index.ts';
import { QueryClient } from '@tanstack/react-query';
import { currentLink } from './transport.ts';

/** Everything the main process offers, typed by the contract. */
export const client: ContractRouterClient<Contract> = createORPCClient(new DynamicLink(currentLink));

/** Query and mutation options for TanStack Query: `useQuery(api.servers.list.queryOptions())`. */
export const api = createTanstackQueryUtils(client);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The main process pushes what changes, so nothing goes stale by itself.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: 1,
      // Gatehouse is on this computer: being offline does not concern it.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
