import type { Settings } from '@shared/contract/index.ts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { toastFailed } from '../../components/ui/toast.tsx';
import { api, queryClient } from '../../lib/client.ts';

const key = api.settings.get.queryKey();

/** The preferences and a way to change some of them; shown at once, taken back when they were not accepted. */
export function useSettings() {
  const query = useQuery(api.settings.get.queryOptions());
  const change = useMutation(
    api.settings.set.mutationOptions({
      onMutate: (next: Partial<Settings>) => {
        const before = queryClient.getQueryData(key);
        queryClient.setQueryData(key, (settings) => settings && { ...settings, ...next });
        return { before };
      },
      onSuccess: (settings) => queryClient.setQueryData(key, settings),
      onError: (error, _next, context) => {
        queryClient.setQueryData(key, context?.before);
        toastFailed(`The setting was not kept. ${error.message}`);
      },
    }),
  );
  return { ...query, settings: query.data, change: change.mutate };
}
