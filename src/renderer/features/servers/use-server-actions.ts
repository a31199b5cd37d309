import { useMutation } from '@tanstack/react-query';
import { toastDone, toastFailed } from '../../components/ui/toast.tsx';
import { api, queryClient } from '../../lib/client.ts';

async function refresh(name: string): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: api.servers.list.key() }),
    queryClient.invalidateQueries({ queryKey: api.servers.get.key({ input: { name } }) }),
    queryClient.invalidateQueries({ queryKey: api.tools.list.key() }),
  ]);
}

/** What a person can do with one server; each says what happened. `onRemoved` runs even when the page is gone by then. */
export function useServerActions(name: string, onRemoved?: () => void) {
  const settled = { onSettled: () => refresh(name) };
  const failed = (what: string) => (error: Error) => toastFailed(`${name} ${what} ${error.message}`);
  const restart = useMutation(
    api.servers.restart.mutationOptions({
      ...settled,
      onSuccess: () => toastDone(`${name} was restarted.`),
      onError: failed('could not be restarted.'),
    }),
  );
  const setDisabled = useMutation(
    api.servers.setDisabled.mutationOptions({
      ...settled,
      onSuccess: (_, { disabled }) => {
        if (!disabled) toastDone(`${name} is used again.`);
        else toastDone(`${name} is not used any more.`, () => setDisabled.mutate({ name, disabled: false }));
      },
      onError: failed('could not be changed.'),
    }),
  );
  const remove = useMutation(
    api.servers.remove.mutationOptions({
      onSuccess: () => {
        queryClient.setQueryData(api.servers.list.queryKey(), (list) => list?.filter((it) => it.name !== name));
        toastDone(`${name} was removed.`);
        onRemoved?.();
      },
      onError: failed('could not be removed.'),
    }),
  );
  const approve = useMutation(
    api.servers.approve.mutationOptions({
      ...settled,
      onSuccess: () => toastDone(`${name} may start this way. Its tools come to Approvals next.`),
      onError: failed('was not approved.'),
    }),
  );
  const block = useMutation(
    api.servers.block.mutationOptions({
      ...settled,
      onSuccess: () => toastDone(`${name} is blocked and was stopped.`),
      onError: failed('could not be blocked.'),
    }),
  );
  return {
    restart: () => restart.mutate({ name }),
    setDisabled: (disabled: boolean) => setDisabled.mutate({ name, disabled }),
    remove,
    approve,
    block,
    isBusy: restart.isPending || setDisabled.isPending,
  };
}

export type ServerActions = ReturnType<typeof useServerActions>;
