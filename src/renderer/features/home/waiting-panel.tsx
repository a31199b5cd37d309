import type { Confirmation, ServerSummary, ToolSummary } from '@shared/contract/index.ts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { Button } from '../../components/ui/button.tsx';
import { CommandLine } from '../../components/ui/command-block.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { Tile } from '../../components/ui/tile.tsx';
import { toastFailed } from '../../components/ui/toast.tsx';
import { UntrustedText } from '../../components/ui/untrusted-text.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { api, queryClient } from '../../lib/client.ts';
import { ago, plural } from '../../lib/format.ts';
import { hasNewInstructions } from '../../lib/offers.ts';
import { useServerIcon } from '../../lib/server-icon.ts';
import { useDelayed } from '../../lib/use-delayed.ts';
import { useNow } from '../../lib/use-now.ts';
import { useWaiting, useWaitingTools } from '../../shell/waiting.ts';

const askedBy: Record<Confirmation['by'], string> = {
  cli: 'The command line asks',
  file: 'A changed file asks',
  window: 'Another window asks',
  console: 'The console asks',
  tray: 'The tray asks',
  system: 'Gatehouse asks',
};

/** Something that widens what agents may do was asked for outside this window. Both answers have the same size. */
function Request({ request, place }: { request: Confirmation; place: string }) {
  const now = useNow(10_000);
  const refresh = () => queryClient.invalidateQueries({ queryKey: api.confirmations.key() });
  const onError = (error: Error) => toastFailed(error.message);
  const confirm = useMutation(
    api.confirmations.confirm.mutationOptions({
      onSettled: refresh,
      onError,
      onSuccess: ({ state, error }) => {
        if (state === 'failed') toastFailed(`It was confirmed, but failed. ${error ?? ''}`);
      },
    }),
  );
  const deny = useMutation(api.confirmations.deny.mutationOptions({ onSettled: refresh, onError }));
  // Nobody means a button that appeared under the pointer a moment ago, or moved there when the one above it was answered.
  const isReady = useDelayed(1000, place);
  const isBusy = confirm.isPending || deny.isPending || !isReady;
  return (
    <div className="held">
      <b>{askedBy[request.by]}</b>
      <div className="meta">{ago(request.at, now)}</div>
      <UntrustedText className="mt-1" text={request.summary} lines={4} />
      {request.facts.map((fact) => (
        <div key={fact.label} className="mt-2">
          <div className="meta">
            <VisibleText text={fact.label} />
          </div>
          <div className="code tight">
            <CommandLine line={fact.value} />
          </div>
        </div>
      ))}
      <div className="row mt-2">
        <Button className="grow" disabled={isBusy} onClick={() => deny.mutate({ id: request.id })}>
          Deny
        </Button>
        <Button tone="primary" className="grow" disabled={isBusy} onClick={() => confirm.mutate({ id: request.id })}>
          Confirm
        </Button>
      </div>
    </div>
  );
}

interface Item {
  key: string;
  server: ServerSummary;
  fact: string;
  /** Serious part of the fact, in brick. */
  serious?: string;
  action: string;
  open: () => void;
}

function toolFact(tools: readonly ToolSummary[]): Pick<Item, 'fact' | 'serious'> {
  const changed = tools.filter((tool) => tool.state === 'changed');
  const fresh = tools.length - changed.length;
  const isTools = tools.every((tool) => tool.kind === 'tool');
  const parts = [
    changed.length > 0 && `${changed.length} changed`,
    fresh > 0 && (isTools ? plural(fresh, 'new tool') : `${fresh} new`),
  ];
  const nowDestructive = changed.some(
    (tool) => tool.suggestedEffect === 'destructive' && tool.effect !== 'destructive',
  );
  return { fact: parts.filter(Boolean).join(', '), serious: nowDestructive ? 'now destructive' : undefined };
}

function useItems(): Item[] {
  const servers = useQuery(api.servers.list.queryOptions()).data ?? [];
  const tools = useWaitingTools();
  const navigate = useNavigate();
  const items: Item[] = [];
  for (const server of servers) {
    const review = () => void navigate({ to: '/approvals', search: { server: server.name } });
    if (server.approval === 'pending' || server.approval === 'changed') {
      const fact = server.approval === 'changed' ? 'What it runs has changed' : 'New, not started yet';
      items.push({ key: `${server.name} launch`, server, fact, action: 'Review', open: review });
      continue;
    }
    const waiting = tools.filter((tool) => tool.server === server.name);
    const hasText = hasNewInstructions(server);
    if (waiting.length > 0 || hasText) {
      const { fact, serious } = toolFact(waiting);
      const facts = [fact, hasText && (fact === '' ? 'New text for agents' : 'text for agents')].filter(Boolean);
      items.push({
        key: `${server.name} offers`,
        server,
        fact: facts.join(', '),
        serious,
        action: 'Review',
        open: review,
      });
    }
    if (server.health === 'failing') {
      items.push({
        key: `${server.name} failing`,
        server,
        fact: '',
        serious: 'Does not run',
        action: 'Look',
        open: () => void navigate({ to: '/servers/$name', params: { name: server.name }, search: {} }),
      });
    }
  }
  return items;
}

const panelId = 'waiting-for-you';

/** To the first answer that is asked for. */
export function focusWaitingPanel(): void {
  const button = document.getElementById(panelId)?.querySelector<HTMLElement>('button');
  button?.scrollIntoView({ block: 'center' });
  button?.focus();
}

export function WaitingPanel() {
  const { requests } = useWaiting();
  const items = useItems();
  const iconOf = useServerIcon();
  if (requests.length === 0 && items.length === 0) {
    return (
      <section className="panel" aria-label="Waiting for you" data-region="aside">
        <EmptyState icon="gate" title="Nothing is waiting for you">
          New and changed tools, prompts and resources show up here before any agent can use them.
        </EmptyState>
      </section>
    );
  }
  return (
    <section id={panelId} className="panel wait" aria-label="Waiting for you" data-region="aside">
      <div className="panel-h">
        <StatusShape kind="you" />
        <h2>Waiting for you</h2>
      </div>
      {requests.map((request, at) => (
        <Request
          key={request.id}
          request={request}
          place={requests
            .slice(0, at)
            .map(({ id }) => id)
            .join()}
        />
      ))}
      <ul className="wl">
        {items.map((item) => (
          <li key={item.key}>
            <Tile icon={iconOf(item.server)} size="s" />
            <div className="grow">
              <b className="cut">{item.server.name}</b>
              <small>
                {item.fact}
                {item.fact && item.serious && ' · '}
                {item.serious && <span className="c-brick m">{item.serious}</span>}
              </small>
            </div>
            <Button size="sm" onClick={item.open} aria-label={`${item.action} ${item.server.name}`}>
              {item.action}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
