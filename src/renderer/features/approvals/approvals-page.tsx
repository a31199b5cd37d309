import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useRef } from 'react';
import { EmptyState, ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { Kbd } from '../../components/ui/kbd.tsx';
import { api, queryClient } from '../../lib/client.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { Page } from '../../shell/page.tsx';
import { InstructionsReview } from './instructions-review.tsx';
import { LaunchReview } from './launch-review.tsx';
import { neighbourOf, type Queue, type QueueServer } from './queue.ts';
import { QueueList } from './queue-list.tsx';
import { QuietServer } from './quiet-server.tsx';
import { type Selection, searchOf, selectionOf } from './selection.ts';
import { ToolReview } from './tool-review.tsx';
import { useQueue } from './use-queue.ts';
import { useToolDecisions } from './use-tool-decisions.ts';

export function ApprovalsPage() {
  const { queue, servers, isPending, error, retry } = useQueue();
  const search = useSearch({ from: '/approvals' });
  const selection = isPending ? null : selectionOf(queue, search);
  return (
    <Page
      title="Approvals"
      fill
      actions={
        queue.order.length > 1 && (
          <span className="meta row g6">
            <Kbd keys={['J']} />
            <Kbd keys={['K']} /> next, previous
          </span>
        )
      }
    >
      {isPending && <Skeleton label="Loading what waits" />}
      {error && (
        <ErrorState title="What waits cannot be read" error={error} onRetry={retry}>
          Everything that was held stays held.
        </ErrorState>
      )}
      {!isPending && !error && !selection && (
        <div className="centre">
          <EmptyState icon="gate" title="Nothing is waiting for you">
            New and changed tools, prompts and resources show up here before any agent can use them.
          </EmptyState>
        </div>
      )}
      {!error && selection && <Desk queue={queue} servers={servers} selection={selection} />}
    </Page>
  );
}

/** Keeps the address on the item that is shown, so that something new in the queue does not take its place. */
function usePinned(queue: Queue, id: string | undefined): (next: string | undefined) => void {
  const navigate = useNavigate();
  const { server, tool } = useSearch({ from: '/approvals' });
  const isPinned = server !== undefined || tool !== undefined || id === undefined;
  useEffect(() => {
    if (!isPinned) void navigate({ to: '/approvals', search: searchOf(queue, id), replace: true });
  }, [isPinned, navigate, queue, id]);
  return useCallback(
    (next) => void navigate({ to: '/approvals', search: searchOf(queue, next), replace: true }),
    [navigate, queue],
  );
}

interface DeskProps {
  queue: Queue;
  servers: readonly QueueServer[];
  selection: Selection;
}

function Desk({ queue, servers, selection }: DeskProps) {
  const id = selection.kind === 'server' ? undefined : selection.id;
  const goTo = usePinned(queue, id);
  const { approveAll } = useToolDecisions();
  const step = (by: 1 | -1) => () => {
    const next = queue.order[id === undefined ? 0 : queue.order.indexOf(id) + by];
    if (next === undefined) return false;
    goTo(next);
  };
  useKeys({ j: step(1), ArrowDown: step(1), k: step(-1), ArrowUp: step(-1) });

  const shown = useRef(id);
  useEffect(() => {
    shown.current = id;
  }, [id]);

  const next = id === undefined ? undefined : neighbourOf(queue.order, id);
  const nextItem = next === undefined ? undefined : queue.items.get(next);
  useEffect(() => {
    // The next tool is read ahead, so that going through the queue shows no gaps.
    if (nextItem?.kind === 'tool')
      void queryClient.prefetchQuery(api.tools.get.queryOptions({ input: { id: nextItem.id } }));
  }, [nextItem]);

  return (
    <div className="review">
      <QueueList
        queue={queue}
        servers={servers}
        selected={id}
        onSelect={goTo}
        isBusy={approveAll.isPending}
        onApproveAll={(server, tools) => approveAll.mutate({ server, tools })}
      />
      <div className="rv">
        <Subject
          selection={selection}
          onDecided={() => {
            // Whoever moved on while the answer was under way stays where they are.
            if (shown.current === id) goTo(next);
          }}
        />
      </div>
    </div>
  );
}

function Subject({ selection, onDecided }: { selection: Selection; onDecided: () => void }) {
  const servers = useQuery(api.servers.list.queryOptions()).data;
  if (selection.kind === 'tool') return <ToolReview key={selection.id} id={selection.id} onDecided={onDecided} />;
  if (selection.kind === 'instructions') {
    return <InstructionsReview key={selection.id} server={selection.server} onDecided={onDecided} />;
  }
  const server = servers?.find((it) => it.name === selection.server);
  if (selection.kind === 'launch' || server?.approval === 'blocked') {
    return <LaunchReview key={selection.server} server={selection.server} onDecided={onDecided} />;
  }
  return <QuietServer name={selection.server} server={server} />;
}
