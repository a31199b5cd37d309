import { useMutation } from '@tanstack/react-query';
import { api, queryClient } from './client.ts';

/** Reads the whole log again and checks its chain; the status in the sidebar follows. */
export function useVerifyLog() {
  return useMutation(
    api.calls.verify.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: api.system.status.key() }),
    }),
  );
}
