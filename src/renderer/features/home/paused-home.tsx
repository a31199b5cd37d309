import type { Status } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { GateMark } from '../../components/icon/gate-mark.tsx';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { Button } from '../../components/ui/button.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { api } from '../../lib/client.ts';
import { ago, plural, timeOf } from '../../lib/format.ts';
import { useGateControl } from '../../lib/gate.ts';
import { ariaShortcut } from '../../lib/platform.ts';
import { useNow } from '../../lib/use-now.ts';
import { CallList } from './call-list.tsx';
import { useLatestCalls } from './use-latest-calls.ts';

const minute = 60_000;

const pausedBy = {
  window: 'You paused',
  console: 'You paused',
  tray: 'You paused from the tray',
  cli: 'The command line paused',
  file: 'A changed file paused',
  system: 'Gatehouse paused',
} as const;

/** Is it really stopped, and how do I go on? */
export function PausedCard({ gate }: { gate: Status['gate'] }) {
  const { pause, resume, isBusy } = useGateControl();
  const now = useNow(10_000);
  const who = gate.by ? pausedBy[gate.by] : 'Paused';
  const when = gate.since === null ? '' : ` at ${timeOf(gate.since)}, ${ago(gate.since, now)}`;
  return (
    <section className="pz" role="status">
      <span className="c-brass">
        <GateMark state="paused" size={52} />
      </span>
      <div className="grow">
        <h2>All tools are paused</h2>
        <p>
          {who}
          {when}. No call gets through the gate. Agents that try are told that a person paused it.
        </p>
      </div>
      <div className="pz-b">
        <Button
          size="lg"
          tone="primary"
          icon="play"
          keys={['mod', 'shift', 'P']}
          aria-keyshortcuts={ariaShortcut('mod', 'Shift', 'P')}
          busy={isBusy}
          onClick={() => resume({})}
        >
          Resume
        </Button>
        {gate.until === null ? (
          <span className="meta">
            or resume on its own{' '}
            <button type="button" className="link" onClick={() => pause({ forMs: 15 * minute })}>
              in 15 min
            </button>
            ,{' '}
            <button type="button" className="link" onClick={() => pause({ forMs: 60 * minute })}>
              in 1 h
            </button>
          </span>
        ) : (
          <span className="meta">
            resumes on its own at {timeOf(gate.until)},{' '}
            <button type="button" className="link" onClick={() => pause({})}>
              stay paused
            </button>
          </span>
        )}
      </div>
    </section>
  );
}

export function RefusedWhilePaused({ since }: { since: number }) {
  const calls = useLatestCalls('refused', since);
  const refused = useQuery(api.calls.counts.queryOptions({ input: { since } })).data?.refused ?? 0;
  return (
    <Panel title="Refused since the pause" meta={plural(refused, 'call')}>
      {calls.length === 0 ? (
        <EmptyState icon="pause" title="No app has tried">
          Calls that are refused while the gate is paused show up here.
        </EmptyState>
      ) : (
        <CallList calls={calls} />
      )}
    </Panel>
  );
}

export function WhatHappenedAtThePause({ status }: { status: Status }) {
  const running = useQuery(api.calls.counts.queryOptions({ input: {} })).data?.running ?? 0;
  const { cancelledCalls, since } = status.gate;
  const settled = useQuery(api.asks.list.queryOptions()).data?.settled ?? [];
  const denied = settled.filter((ask) => ask.outcome === 'paused' && since !== null && ask.settledAt >= since);
  return (
    <Panel title="What happened at the pause">
      <ul className="wl pzl">
        <li>
          <StatusShape kind="ok" />
          <div className="grow">
            <b>
              {cancelledCalls === 0 ? 'No call was running' : `${plural(cancelledCalls, 'running call')} cancelled`}
            </b>
            <small>{cancelledCalls === 0 ? 'nothing had to be stopped' : 'their servers were told to stop'}</small>
          </div>
        </li>
        {denied[0] && (
          <li>
            <StatusShape kind="ok" />
            <div className="grow">
              <b>{plural(denied.length, 'waiting call')} denied</b>
              <small className="cut">
                <VisibleText text={`${denied[0].app.name}, ${denied[0].server} › ${denied[0].name}`} />
                {denied.length > 1 && ` and ${denied.length - 1} more`}
              </small>
            </div>
          </li>
        )}
        <li>
          <StatusShape kind={running === 0 ? 'ok' : 'problem'} />
          <div className="grow">
            <b>{running === 0 ? 'Nothing is still running' : `${plural(running, 'call')} still running`}</b>
            <small>
              {running === 0 ? 'no call is inside a server' : 'their servers have not answered the stop yet'}
            </small>
          </div>
        </li>
        <li>
          <StatusShape kind="ok" />
          <div className="grow">
            <b>Servers keep running</b>
            <small>resume takes no time</small>
          </div>
        </li>
        <li>
          <StatusShape kind="you" />
          <div className="grow">
            <b>Not stopped: servers outside Gatehouse</b>
            <small>An app that starts a server itself goes around the gate, so the pause does not reach it</small>
          </div>
        </li>
      </ul>
    </Panel>
  );
}
