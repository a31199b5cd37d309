import type { GateState } from '@shared/contract/index.ts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { toastFailed } from '../components/ui/toast.tsx';
import { api, queryClient } from './client.ts';
import { timeOf } from './format.ts';

/** The one status of the whole house; undefined until the first answer. */
export function useStatus() {
  return useQuery(api.system.status.queryOptions()).data;
}

const remember = (gate: GateState) => {
  queryClient.setQueryData(api.gate.get.queryKey(), gate);
  queryClient.setQueryData(api.system.status.queryKey(), (status) => status && { ...status, gate });
};

/** Pause and resume, for all apps or one. */
export function useGateControl() {
  const pause = useMutation(
    api.gate.pause.mutationOptions({
      onSuccess: remember,
      onError: (error) => toastFailed(`The gate could not be paused. ${error.message}`),
    }),
  );
  const resume = useMutation(
    api.gate.resume.mutationOptions({
      onSuccess: remember,
      onError: (error) => toastFailed(`The gate could not be opened. ${error.message}`),
    }),
  );
  return {
    pause: pause.mutate,
    resume: resume.mutate,
    isBusy: pause.isPending || resume.isPending,
  };
}

/** "Until you resume" or "Until 14:45". */
export function pauseEnd(until: number | null): string {
  return until === null ? 'Until you resume' : `Until ${timeOf(until)}`;
}
