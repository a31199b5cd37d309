import type { ToolSummary } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { api } from '../lib/client.ts';
import { hasNewInstructions } from '../lib/offers.ts';

/** Tools, prompts and resources that wait on their own account; those of a held server come free with its approval. */
export function useWaitingTools(): ToolSummary[] {
  const pending = useQuery(api.tools.list.queryOptions({ input: { state: 'pending' } })).data ?? [];
  const changed = useQuery(api.tools.list.queryOptions({ input: { state: 'changed' } })).data ?? [];
  return [...changed, ...pending].filter((tool) => !tool.heldByServer);
}

/** What waits for the person, everywhere it is counted: badges, Home's sentence, announcements. */
export function useWaiting() {
  const confirmations = useQuery(api.confirmations.list.queryOptions()).data ?? [];
  const servers = useQuery(api.servers.list.queryOptions()).data ?? [];
  const offers = useWaitingTools();
  // Oldest first, so that a new one never pushes away what somebody is about to press.
  const requests = confirmations.filter((it) => it.state === 'waiting').sort((a, b) => a.at - b.at);
  const heldServers = servers.filter((it) => it.approval === 'pending' || it.approval === 'changed');
  const tools = offers.filter(({ kind }) => kind === 'tool').length;
  const texts = servers.filter(hasNewInstructions).length;
  const approvals = heldServers.length + texts + offers.length;
  return {
    requests,
    heldServers,
    tools,
    /** Prompts, resources and resource templates. */
    others: offers.length - tools,
    /** What servers tell agents. */
    texts,
    approvals,
    total: requests.length + approvals,
  };
}
