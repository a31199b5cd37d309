import type { PolicyEdit } from '@shared/contract/index.ts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { toastFailed } from '../../components/ui/toast.tsx';
import { api, queryClient } from '../../lib/client.ts';

/** The policy as it holds, and the way to change one thing in it. */
export function usePolicy() {
  const query = useQuery(api.policy.get.queryOptions());
  const edit = useMutation(
    api.policy.edit.mutationOptions({
      onSuccess: (view) => queryClient.setQueryData(api.policy.get.queryKey(), view),
      onError: (error) => {
        toastFailed(`policy.json was not changed. ${error.message}`);
        void queryClient.invalidateQueries({ queryKey: api.policy.key() });
      },
    }),
  );
  const { data: policy } = query;
  return {
    policy,
    error: query.error,
    isPending: query.isPending,
    refetch: () => void query.refetch(),
    isBusy: edit.isPending,
    editError: edit.error,
    /** Resolves true when it was written. */
    change: async (change: PolicyEdit): Promise<boolean> => {
      if (!policy) return false;
      try {
        await edit.mutateAsync({ revision: policy.revision, edit: change });
        return true;
      } catch {
        return false;
      }
    },
  };
}

export type ChangePolicy = ReturnType<typeof usePolicy>['change'];
