import type { ServerDetail } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Chip } from '../../components/ui/chip.tsx';
import { ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { api } from '../../lib/client.ts';
import { plural } from '../../lib/format.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { FailureNote } from '../servers/failure-note.tsx';
import { LaunchCompare } from '../servers/launch-compare.tsx';
import { Warnings } from '../servers/launch-consent.tsx';
import { useServerActions } from '../servers/use-server-actions.ts';
import { useSettled } from '../servers/use-settled.ts';
import { ReviewBody } from './review-body.tsx';

interface LaunchReviewProps {
  server: string;
  onDecided: () => void;
}

/** How a server would start, for a person to allow or not. Nothing of it runs before. */
export function LaunchReview({ server: name, onDecided }: LaunchReviewProps) {
  const server = useQuery(api.servers.get.queryOptions({ input: { name }, retry: false }));
  if (server.isPending) return <Skeleton label={`Loading ${name}`} />;
  if (server.isError) {
    return (
      <ErrorState title={`${name} cannot be shown`} error={server.error} onRetry={() => void server.refetch()}>
        It may have been removed. Nothing was decided.
      </ErrorState>
    );
  }
  return <Review server={server.data} onDecided={onDecided} />;
}

const standing = {
  pending: 'It is new. Nothing of it runs until you approve how it starts.',
  changed: 'What it would run is not what you approved. It was stopped and waits for you.',
  blocked: 'You blocked it. It does not run and none of its tools can be used.',
  approved: 'You approved how it starts.',
} as const;

function Review({ server, onDecided }: { server: ServerDetail; onDecided: () => void }) {
  return (
    <>
      <div className="rvh">
        <div className="grow">
          <div className="row">
            <h2 className="mono">{server.name}</h2>
            <Chip tone={server.approval === 'blocked' ? 'brick' : server.approval === 'pending' ? 'slate' : 'brass'}>
              {server.approval === 'blocked'
                ? 'Blocked'
                : server.approval === 'pending'
                  ? 'New server'
                  : 'Launch changed'}
            </Chip>
          </div>
          <p className="dim mt-1">{standing[server.approval]}</p>
        </div>
      </div>
      <ReviewBody label="How it starts">
        <div className="rvm">
          <LaunchCompare now={server.launch} approved={server.approvedLaunch} />
          <Warnings warnings={server.warnings} />
        </div>
        <Evidence server={server} />
      </ReviewBody>
      <LaunchDecision key={server.fingerprint} server={server} onDecided={onDecided} />
    </>
  );
}

function Evidence({ server }: { server: ServerDetail }) {
  const isRemote = server.isolation === 'remote';
  return (
    <aside className="rva" aria-label="In short" data-region="aside">
      <h3>In short</h3>
      <ul className="short">
        <li>
          <StatusShape kind="you" />
          <span>
            {isRemote ? (
              'It runs elsewhere. What your AI apps send to its tools leaves this machine.'
            ) : (
              <>
                <b>It runs with your own rights.</b> It can read and change everything you can.
              </>
            )}
          </span>
        </li>
        <li>
          <StatusShape kind={server.launch.secretNames.length > 0 ? 'you' : 'ok'} />
          <span>
            {server.launch.secretNames.length > 0
              ? `It gets ${plural(server.launch.secretNames.length, 'secret')} from the vault.`
              : 'It gets no secrets.'}
          </span>
        </li>
        {server.tools.total > 0 && (
          <li>
            <StatusShape kind="idle" />
            <span>{plural(server.tools.total, 'tool waits', 'tools wait')} behind this decision.</span>
          </li>
        )}
      </ul>
      <h3>What approving does</h3>
      <p className="dim">
        Gatehouse may start exactly this. It asks for the tools, and each of them comes here before an AI app can use
        it.
      </p>
    </aside>
  );
}

/** After an approval the page stays with the server, because its tools are the next thing to look at. */
function LaunchDecision({ server, onDecided }: { server: ServerDetail; onDecided: () => void }) {
  const { approve, block } = useServerActions(server.name);
  const isSettled = useSettled(server.fingerprint);
  const isBusy = approve.isPending || block.isPending;
  const canBlock = server.approval !== 'blocked';
  const decideApprove = () => {
    if (isSettled && !isBusy) approve.mutate({ name: server.name, fingerprint: server.fingerprint });
  };
  const decideBlock = () => {
    if (isSettled && !isBusy && canBlock) block.mutateAsync({ name: server.name }).then(onDecided, () => undefined);
  };
  useKeys({ a: decideApprove, b: decideBlock });
  const error = approve.error ?? block.error;
  return (
    <section className="decide two-l" aria-label="Your decision">
      {error && <FailureNote title="Nothing was decided." error={error} />}
      <div className="row">
        <span className="meta grow">
          Approving lets exactly this start. A different command, folder or environment comes back here.
        </span>
        {canBlock && (
          <Button
            size="lg"
            tone="danger"
            keys={['B']}
            aria-disabled={!isSettled}
            busy={block.isPending}
            onClick={decideBlock}
          >
            Block
          </Button>
        )}
        <Button
          size="lg"
          tone="approve"
          keys={['A']}
          aria-disabled={!isSettled}
          busy={approve.isPending}
          onClick={decideApprove}
        >
          Approve launch
        </Button>
      </div>
    </section>
  );
}
