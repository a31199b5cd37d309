import type { AppSummary, CallSummary } from '@shared/contract/index.ts';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { CallEffect, CallNameLine } from '../../components/ui/call-name.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { decisionOf } from '../../lib/call-decision.ts';
import { onWhatOf } from '../../lib/call-words.ts';
import { classNames } from '../../lib/class-names.ts';
import { ago, count, duration, timeWithSeconds } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { useAppCalls } from './use-app-calls.ts';

/** What the app did lately: numbers of today, then its newest calls. */
export function UsePanel({ app }: { app: AppSummary }) {
  const now = useNow(30_000);
  const calls = useAppCalls(app);
  return (
    <Panel
      title="What it did"
      meta={app.lastUsedAt === null ? 'nothing yet' : `last used ${ago(app.lastUsedAt, now)}`}
      aside={
        <Link className="link" to="/activity" search={{ app: app.name }}>
          All in Activity
        </Link>
      }
    >
      <div className="facts four">
        <Fact value={app.calls.today} words="calls today" />
        <Fact value={app.calls.lastHour} words="in the last hour" />
        <Fact value={app.calls.refusedToday} words="refused today" isBad={app.calls.refusedToday > 0} />
        <Fact value={app.sessions} words={app.sessions === 1 ? 'open session' : 'open sessions'} />
      </div>
      {calls.length > 0 && (
        <ul className="calls appcalls" aria-live="off">
          {calls.map((call) => (
            <CallLine key={call.id} call={call} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Fact({ value, words, isBad = false }: { value: number; words: string; isBad?: boolean }) {
  return (
    <div>
      <b className={classNames('num', isBad && 'c-brick')}>{count(value)}</b>
      <span className="meta">{words}</span>
    </div>
  );
}

const CallLine = memo(function CallLine({ call }: { call: CallSummary }) {
  const decision = decisionOf(call);
  return (
    <li>
      <span className="num dimmer">{timeWithSeconds(call.at)}</span>
      <Link className="cut mono" to="/activity" search={{ call: call.id }}>
        <CallNameLine call={call} />
      </Link>
      <span className="cut dim">
        <VisibleText text={onWhatOf(call)} />
      </span>
      <CallEffect call={call} />
      <span className={classNames('st', decision.tone && `c-${decision.tone} m`)}>
        {decision.shape && <StatusShape kind={decision.shape} inherit />}
        {decision.word}
      </span>
      <span className="num tr dimmer">{call.durationMs === null ? '' : duration(call.durationMs)}</span>
    </li>
  );
});
