import type { ToolDetail } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Tabs } from 'radix-ui';
import { useState } from 'react';
import { Chip } from '../../components/ui/chip.tsx';
import { ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { api } from '../../lib/client.ts';
import { offerWords } from '../../lib/offers.ts';
import { useNow } from '../../lib/use-now.ts';
import { DecisionBar } from './decision-bar.tsx';
import { standingOf } from './decision-words.ts';
import { countWords } from './finding-marks.ts';
import { FullTextTab } from './full-text-tab.tsx';
import { hiddenIn } from './hidden-text.ts';
import { HistoryTab } from './history-tab.tsx';
import { ReviewTab } from './review-tab.tsx';

const stateChips = {
  pending: { tone: 'slate', word: 'New' },
  changed: { tone: 'brass', word: 'Changed' },
  approved: { tone: 'moss', word: 'Approved' },
  blocked: { tone: 'brick', word: 'Blocked' },
} as const;

interface ToolReviewProps {
  id: string;
  onDecided: () => void;
}

export function ToolReview({ id, onDecided }: ToolReviewProps) {
  const tool = useQuery(api.tools.get.queryOptions({ input: { id }, retry: false }));
  if (tool.isPending) return <Skeleton label="Loading what it offers" />;
  if (tool.isError) {
    return (
      <ErrorState title="This cannot be shown" error={tool.error} onRetry={() => void tool.refetch()}>
        Its server may not name it any more. Nothing was decided.
      </ErrorState>
    );
  }
  return <Review detail={tool.data} onDecided={onDecided} />;
}

function Review({ detail, onDecided }: { detail: ToolDetail; onDecided: () => void }) {
  const [tab, setTab] = useState('review');
  return (
    <Tabs.Root className="rvt" value={tab} onValueChange={setTab}>
      <div className="rvh">
        <ReviewTitle detail={detail} />
        <Tabs.List className="seg" aria-label="How to read it">
          <Tabs.Trigger value="review">{detail.diff ? 'Changes' : 'Review'}</Tabs.Trigger>
          <Tabs.Trigger value="full">Full text</Tabs.Trigger>
          <Tabs.Trigger value="history">
            History <span className="n">{detail.history.length}</span>
          </Tabs.Trigger>
        </Tabs.List>
      </div>
      <Tabs.Content value="review" className="rvc" tabIndex={-1}>
        <ReviewTab detail={detail} />
      </Tabs.Content>
      <Tabs.Content value="full" className="rvc" tabIndex={-1}>
        <FullTextTab detail={detail} />
      </Tabs.Content>
      <Tabs.Content value="history" className="rvc" tabIndex={-1}>
        <HistoryTab detail={detail} />
      </Tabs.Content>
      {detail.heldByServer ? (
        <div className="decide">
          <span className="dim grow">Its server {detail.server} is held. Decide about how it starts first.</span>
          <Link className="btn lg" to="/approvals" search={{ server: detail.server }}>
            Review {detail.server}
          </Link>
        </div>
      ) : (
        <DecisionBar key={`${detail.fingerprint} ${detail.state}`} detail={detail} onDecided={onDecided} />
      )}
    </Tabs.Root>
  );
}

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

function ReviewTitle({ detail }: { detail: ToolDetail }) {
  const now = useNow(30_000);
  const chip = stateChips[detail.state];
  const hidden = hiddenIn(detail.definition);
  return (
    <div className="grow">
      <div className="row wrap">
        <h2 className="mono">
          <Link to="/servers/$name" params={{ name: detail.server }}>
            {detail.server}
          </Link>
          <span className="dimmer"> › </span>
          <VisibleText text={detail.name} />
        </h2>
        {detail.kind !== 'tool' && <Chip>{capital(offerWords[detail.kind].one)}</Chip>}
        <Chip tone={chip.tone}>{chip.word}</Chip>
        {detail.findings.length > 0 && (
          <Chip tone={detail.findingCounts.serious > 0 ? 'brick' : 'brass'} icon="warn">
            {countWords(detail.findings.length)}
          </Chip>
        )}
        {hidden > 0 && (
          <Chip tone="brick" icon="warn">
            Hidden text
          </Chip>
        )}
      </div>
      <p className="dim mt-1">{standingOf(detail, now)}</p>
    </div>
  );
}
