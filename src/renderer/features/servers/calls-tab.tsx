import type { CallSummary } from '@shared/contract/index.ts';
import { Link, useNavigate } from '@tanstack/react-router';
import { memo } from 'react';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { CallEffect } from '../../components/ui/call-name.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { LongName } from '../../components/ui/long-name.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { moveBetweenRows, Table, TableRow } from '../../components/ui/table.tsx';
import { Monogram } from '../../components/ui/tile.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { decisionOf } from '../../lib/call-decision.ts';
import { onWhatOf } from '../../lib/call-words.ts';
import { classNames } from '../../lib/class-names.ts';
import { dayOf, duration, timeWithSeconds } from '../../lib/format.ts';
import { useServerCalls } from './use-server-calls.ts';

const CallLine = memo(function CallLine({ call }: { call: CallSummary }) {
  const navigate = useNavigate();
  const decision = decisionOf(call);
  const day = dayOf(call.at);
  return (
    <TableRow onOpen={() => void navigate({ to: '/activity', search: { call: call.id, server: call.server ?? '' } })}>
      <td className="num dimmer">
        {day !== 'today' && `${day} `}
        {timeWithSeconds(call.at)}
      </td>
      <td>
        <span className="row g6">
          <Monogram name={call.app ?? '?'} />
          {call.app ?? 'Unknown app'}
        </span>
      </td>
      <td className="mono callof">
        <LongName text={call.tool ?? call.method} />
      </td>
      <td className="says dim">
        <VisibleText text={onWhatOf(call)} />
      </td>
      <td>
        <CallEffect call={call} />
      </td>
      <td>
        <span className={classNames('st', decision.tone && `c-${decision.tone} m`)}>
          {decision.shape && <StatusShape kind={decision.shape} inherit />}
          {decision.word}
        </span>
      </td>
      <td className="tr num dimmer">{call.durationMs === null ? '' : duration(call.durationMs)}</td>
    </TableRow>
  );
});

/** What AI apps asked of this server lately; the whole log is in Activity. */
export function CallsTab({ server }: { server: string }) {
  const calls = useServerCalls(server);
  if (calls.isPending) return <Skeleton label="Loading calls" />;
  if (calls.isError) {
    return (
      <ErrorState title="The log cannot be read" error={calls.error} onRetry={() => void calls.refetch()}>
        Calls are still recorded.
      </ErrorState>
    );
  }
  if (calls.data.calls.length === 0) {
    return (
      <EmptyState icon="activity" title="No calls yet">
        When an AI app uses a tool of {server}, the call appears here.
      </EmptyState>
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the rows inside are the controls; this only moves between them
    <div onKeyDown={moveBetweenRows}>
      <Panel
        className="mt-4"
        title="Latest calls"
        aside={
          <Link className="link" to="/activity" search={{ server }}>
            All in Activity
          </Link>
        }
      >
        <Table label={`Latest calls of ${server}`} dense className="scalls">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">AI app</th>
              <th scope="col">Tool</th>
              <th scope="col">On what</th>
              <th scope="col">
                <span className="sr">Effect</span>
              </th>
              <th scope="col">Decision</th>
              <th scope="col" className="tr">
                Took
              </th>
            </tr>
          </thead>
          <tbody>
            {calls.data.calls.map((call) => (
              <CallLine key={call.id} call={call} />
            ))}
          </tbody>
        </Table>
      </Panel>
    </div>
  );
}
