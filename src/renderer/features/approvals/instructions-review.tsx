import type { ServerDetail } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Chip } from '../../components/ui/chip.tsx';
import { Checkbox } from '../../components/ui/choice.tsx';
import { ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { UntrustedText } from '../../components/ui/untrusted-text.tsx';
import { classNames } from '../../lib/class-names.ts';
import { api } from '../../lib/client.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { FailureNote } from '../servers/failure-note.tsx';
import { useServerActions } from '../servers/use-server-actions.ts';
import { useSettled } from '../servers/use-settled.ts';
import { FindingCards } from './finding-cards.tsx';
import { marksAt } from './finding-marks.ts';
import { hiddenCount } from './hidden-text.ts';
import { ReviewBody } from './review-body.tsx';

/** Nobody approves what is folded away. */
const everyLine = 100_000;

interface InstructionsReviewProps {
  server: string;
  onDecided: () => void;
}

/** What a server tells every agent at the start of a conversation, for a person to read first. */
export function InstructionsReview({ server: name, onDecided }: InstructionsReviewProps) {
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

function Review({ server, onDecided }: { server: ServerDetail; onDecided: () => void }) {
  const text = server.instructions ?? '';
  const isHiding = hiddenCount(text) > 0;
  return (
    <>
      <div className="rvh">
        <div className="grow">
          <div className="row">
            <h2 className="mono">{server.name}</h2>
            <Chip>Text for agents</Chip>
            <Chip tone="slate">New</Chip>
            {isHiding && (
              <Chip tone="brick" icon="warn">
                Hidden text
              </Chip>
            )}
          </div>
          <p className="dim mt-1">No AI app sees this text until you approve it. Its tools do not wait for it.</p>
        </div>
      </div>
      <ReviewBody label="What it tells agents">
        <div className="rvm">
          <section>
            <h3>
              What it tells agents <span className="meta">text from the server, hidden characters drawn</span>
            </h3>
            <UntrustedText
              text={text}
              className="prose"
              lines={everyLine}
              marks={marksAt(server.instructionsFindings, '')}
            />
          </section>
        </div>
        <aside className="rva" aria-label="In short" data-region="aside">
          <FindingCards findings={server.instructionsFindings} />
          <h3>In short</h3>
          <ul className="short">
            <li>
              <StatusShape kind={isHiding ? 'problem' : 'you'} />
              <span>Agents read it at the start of every conversation, before they choose a tool.</span>
            </li>
          </ul>
          <h3>What approving pins</h3>
          <p className="dim">
            Exactly this text. When the server says something else, the whole server is held until you look at it.
          </p>
        </aside>
      </ReviewBody>
      <Decision key={server.fingerprint} server={server} onDecided={onDecided} />
    </>
  );
}

function Decision({ server, onDecided }: { server: ServerDetail; onDecided: () => void }) {
  const { approve } = useServerActions(server.name);
  const [hasRead, setHasRead] = useState(false);
  const isSettled = useSettled(server.fingerprint);
  const isSerious = server.instructionsFindings.some(({ severity }) => severity === 'serious');
  const mustRead = isSerious && !hasRead;
  const decideApprove = () => {
    if (!isSettled || approve.isPending || mustRead) return;
    approve.mutateAsync({ name: server.name, fingerprint: server.fingerprint }).then(onDecided, () => undefined);
  };
  useKeys({ a: decideApprove });
  return (
    <section className={classNames('decide two-l', isSerious && 'bad')} aria-label="Your decision">
      {approve.error && <FailureNote title="Nothing was decided." error={approve.error} />}
      {isSerious && (
        <Checkbox checked={hasRead} onChange={setHasRead}>
          I have read what the scanner found and still want agents to get this text
        </Checkbox>
      )}
      <div className="row">
        <span className="meta grow">
          Until you approve it, its tools work as you decided and agents get no text from it.
        </span>
        <Button
          size="lg"
          tone="approve"
          keys={['A']}
          aria-keyshortcuts="A"
          aria-disabled={!isSettled}
          busy={approve.isPending}
          disabled={mustRead}
          onClick={decideApprove}
        >
          Approve text
        </Button>
      </div>
    </section>
  );
}
