import type { ToolSummary } from '@shared/contract/index.ts';
import type { Effect, FlowLabel } from '@shared/words.ts';
import { useMutation } from '@tanstack/react-query';
import { effectWord } from '../../components/ui/effect-mark.tsx';
import { toastDone, toastFailed } from '../../components/ui/toast.tsx';
import { api, client, queryClient } from '../../lib/client.ts';
import { countOffers, offerTitle } from '../../lib/offers.ts';
import { toastWithAction } from '../servers/action-toast.tsx';
import { fingerprintsOf } from './queue.ts';

const refresh = () => queryClient.invalidateQueries({ queryKey: api.tools.key() });

/** Approving ends by blocking, not by waiting again, so the toast says Block and not Undo. */
async function blockAgain(tools: readonly ToolSummary[]): Promise<void> {
  try {
    await client.tools.block({ ids: tools.map((tool) => tool.id) });
    toastDone(`${namesOf(tools)} blocked.`);
  } catch (error) {
    toastFailed(`${namesOf(tools)} not blocked. ${error instanceof Error ? error.message : ''}`);
  } finally {
    await refresh();
  }
}

function namesOf(tools: readonly ToolSummary[]): string {
  const [first] = tools;
  if (tools.length === 1 && first) return `${offerTitle(first)} is`;
  return `${countOffers(tools)} of ${first?.server ?? 'the server'} are`;
}

interface Approval {
  tools: readonly ToolSummary[];
  /** Undefined: each as suggested. */
  effect?: Effect;
  /** Undefined: as chosen before, else as suggested. */
  labels?: readonly FlowLabel[];
}

/** A person's decisions about tools. Every approval carries the fingerprints of what was on the screen. */
export function useToolDecisions() {
  const approve = useMutation({
    mutationFn: ({ tools, effect, labels }: Approval) =>
      client.tools.approve({
        ids: tools.map((tool) => tool.id),
        effect,
        ...(labels && { labels: [...labels] }),
        fingerprints: fingerprintsOf(tools),
      }),
    onSuccess: async ({ changed, skipped }, { effect }) => {
      await refresh();
      // The page shows the tool as it is now, and would look as if nobody had pressed anything.
      for (const { id, reason } of skipped) toastFailed(`${id.replace(':', ' › ')} was not approved. ${reason}`);
      if (changed.length === 0) return;
      const isRead = changed.every((one) => one.kind !== 'tool');
      const as = isRead ? 'approved' : effect ? `approved as ${effectWord(effect)}` : 'approved, each as suggested';
      const isOne = changed.length === 1;
      toastWithAction(`${namesOf(changed)} ${as}.`, isOne ? 'Block it' : 'Block them', () => void blockAgain(changed));
    },
  });
  const approveAll = useMutation({
    // By id, never by server: what arrived since, or was left out, stays held.
    mutationFn: ({ tools }: { tools: readonly ToolSummary[]; server: string }) =>
      client.tools.approve({ ids: tools.map((tool) => tool.id), fingerprints: fingerprintsOf(tools) }),
    onSuccess: async ({ changed, skipped }, { server }) => {
      await refresh();
      if (changed.length > 0) {
        toastWithAction(
          `${namesOf(changed)} approved, each as suggested.`,
          'Block them',
          () => void blockAgain(changed),
        );
      }
      if (skipped.length > 0) {
        toastFailed(`${skipped.length} of ${server} still held. ${skipped[0]?.reason ?? ''}`);
      }
    },
    onError: (error, { server }) => toastFailed(`Nothing of ${server} was approved. ${error.message}`),
  });
  const block = useMutation({
    mutationFn: (tools: readonly ToolSummary[]) => client.tools.block({ ids: tools.map((tool) => tool.id) }),
    onSuccess: async ({ changed }) => {
      await refresh();
      if (changed.length > 0) toastDone(`${namesOf(changed)} blocked. Its server still lists it.`);
    },
  });
  return { approve, approveAll, block };
}
