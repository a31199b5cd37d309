import type { CallDetail } from '@shared/contract/index.ts';
import { type OfferKind, offerIdOf } from '@shared/words.ts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { z } from 'zod';
import { Icon } from '../../components/icon/icon.tsx';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { CallEffect, CallName } from '../../components/ui/call-name.tsx';
import { CopyButton } from '../../components/ui/command-block.tsx';
import { DecisionTrail } from '../../components/ui/decision-trail.tsx';
import { ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { JsonView } from '../../components/ui/json-view.tsx';
import { Drawer } from '../../components/ui/sheet.tsx';
import { Monogram } from '../../components/ui/tile.tsx';
import { UntrustedText } from '../../components/ui/untrusted-text.tsx';
import { decisionOf } from '../../lib/call-decision.ts';
import { callFeed } from '../../lib/call-feed.ts';
import { callSentence, kindOfCall } from '../../lib/call-words.ts';
import { api } from '../../lib/client.ts';
import { bytes, capitalised, count, dayOf, millisOf, shortHash, timeWithSeconds } from '../../lib/format.ts';
import { offerWords } from '../../lib/offers.ts';
import { useVerifyLog } from '../../lib/use-verify-log.ts';
import { CallTiming } from './call-timing.tsx';

interface CallDrawerProps {
  id: string | undefined;
  onClose: () => void;
  onMove: (step: 1 | -1) => void;
  /** Shows the calls of the same tool. */
  onFilter: (call: CallDetail) => void;
}

function whyTitle(call: CallDetail): string {
  switch (call.status) {
    case 'running':
      return 'Why it was let through';
    case 'refused':
      return 'Why it was refused';
    default:
      return call.trail.some((step) => step.verdict === 'refuse') ? 'Why it ended' : 'Why it was allowed';
  }
}

function answerOf(call: CallDetail): string {
  if (call.status === 'running') return 'Still running';
  if (call.resultBytes === null) return 'None';
  return `${bytes(call.resultBytes)}${call.status === 'failed' ? ', error' : ''}`;
}

function Facts({ call }: { call: CallDetail }) {
  const decision = decisionOf(call);
  return (
    <dl className="kv four">
      <div>
        <dt>Who</dt>
        <dd>
          <Monogram name={call.app ?? '?'} />
          <span className="cut" title={call.client ?? undefined}>
            {call.app ?? 'Unknown app'}
          </span>
        </dd>
      </div>
      <div>
        <dt>Session</dt>
        <dd>
          <span className="cut" title={call.sessionId ?? undefined}>
            {call.sessionId ? shortHash(call.sessionId) : 'Without session'}
          </span>
        </dd>
      </div>
      <div>
        <dt>Decision</dt>
        <dd className={decision.tone && `c-${decision.tone}`}>{decision.word}</dd>
      </div>
      <div>
        <dt>Answer</dt>
        <dd>{answerOf(call)}</dd>
      </div>
    </dl>
  );
}

function Proof({ call }: { call: CallDetail }) {
  const verify = useVerifyLog();
  const result = verify.data;
  const isBroken = result?.ok === false;
  return (
    <section className="proof">
      <span className={isBroken ? 'c-brick' : 'c-moss'}>
        <Icon name="link" />
      </span>
      <div className="grow" role="status">
        <b>
          {result
            ? isBroken
              ? `The chain breaks at entry ${count(result.firstBadSeq ?? 0)}`
              : `All ${count(result.entries)} entries are intact`
            : `Entry ${count(call.seq)} of the log`}
        </b>
        <div className="meta mono" title={`${call.previousHash} → ${call.hash}`}>
          {result?.problem ?? (
            <>
              {shortHash(call.previousHash)} → <b>{shortHash(call.hash)}</b>
            </>
          )}
        </div>
      </div>
      <Button size="sm" busy={verify.isPending} onClick={() => verify.mutate(undefined)}>
        Verify
      </Button>
    </section>
  );
}

function CallBody({ call }: { call: CallDetail }) {
  return (
    <>
      <Facts call={call} />
      <section>
        <h3>{whyTitle(call)}</h3>
        <DecisionTrail steps={call.trail} />
        {call.refusal && (
          <div className="note brick mt-2">
            <span>
              <Icon name="ban" />
            </span>
            <div className="grow">
              <div className="meta">The agent was told</div>
              <UntrustedText text={call.refusal} />
            </div>
          </div>
        )}
      </section>
      <CallTiming call={call} />
      <section>
        <h3>
          Arguments
          {call.argumentsTruncated && <span className="meta">shortened for the log</span>}
          <span className="grow" />
          <CopyButton text={call.argumentsJson} label="Copy arguments" />
        </h3>
        <JsonView key={call.id} json={call.argumentsJson} />
      </section>
      {call.resultJson !== null && (
        <section>
          <h3>
            Result
            {call.resultTruncated && <span className="meta">shortened for the log</span>}
            <span className="grow" />
            <CopyButton text={call.resultJson} label="Copy result" />
          </h3>
          <JsonView key={call.id} json={call.resultJson} lines={6} />
        </section>
      )}
      <Proof key={call.id} call={call} />
      <section className="row g6 meta">
        Request <code className="cut">{call.id}</code>
        <CopyButton text={call.id} label="Copy request number" />
      </section>
    </>
  );
}

const named = z.object({ uri: z.string().optional(), name: z.string().optional() });

/** A long name is shortened in the log; the arguments hold it whole, unless they were too long themselves. */
function wholeNameOf({ tool, argumentsJson }: CallDetail): string | null {
  if (!tool?.endsWith('…')) return tool;
  try {
    const { uri, name } = named.parse(JSON.parse(argumentsJson));
    return uri ?? name ?? null;
  } catch {
    return null;
  }
}

function reviewOf(call: CallDetail, server: string, kind: OfferKind) {
  const name = wholeNameOf(call);
  return name === null ? { server } : { server, tool: offerIdOf(server, kind, name) };
}

function Footer({ call, onFilter }: { call: CallDetail; onFilter: (call: CallDetail) => void }) {
  const navigate = useNavigate();
  const kind = kindOfCall(call);
  const { one } = offerWords[kind];
  const needsReview = call.code === 'quarantined' || call.code === 'changed' || call.code === 'blocked';
  const needsServer = call.code === 'server_down' || call.code === 'timeout' || call.code === 'upstream_error';
  return (
    <>
      {call.tool && (
        <Button icon="filter" onClick={() => onFilter(call)}>
          Calls of this {one}
        </Button>
      )}
      <CopyButton text={JSON.stringify(call, null, 2)} label="Copy as JSON" />
      <span className="grow" />
      {needsReview && call.server && call.tool && (
        <Button
          tone="primary"
          onClick={() => void navigate({ to: '/approvals', search: reviewOf(call, call.server ?? '', kind) })}
        >
          Review this {one}
        </Button>
      )}
      {needsServer && call.server && (
        <Button
          tone="primary"
          onClick={() => void navigate({ to: '/servers/$name', params: { name: call.server ?? '' }, search: {} })}
        >
          Look at {call.server}
        </Button>
      )}
    </>
  );
}

/** One call: what happened, why it was let through, what went in and out. */
export function CallDrawer({ id, onClose, onMove, onFilter }: CallDrawerProps) {
  const {
    data: call,
    error,
    refetch,
  } = useQuery({
    ...api.calls.get.queryOptions({ input: { id: id ?? '' } }),
    enabled: id !== undefined,
  });
  useEffect(
    () =>
      callFeed.subscribe((calls) => {
        if (calls.some((it) => it.id === id)) void refetch();
      }),
    [id, refetch],
  );
  const sentence = call && callSentence(call);
  return (
    <Drawer
      open={id !== undefined}
      onClose={onClose}
      className="call"
      lead={call?.server && <CallEffect call={call} />}
      title={<span className="mono">{call ? <CallName call={call} /> : 'Call'}</span>}
      subtitle={
        call && (
          <>
            {capitalised(dayOf(call.at))} {timeWithSeconds(call.at)}
            {millisOf(call.at)}, call {count(call.seq)}
            {sentence && `. ${sentence}`}
          </>
        )
      }
      actions={
        <>
          <IconButton icon="chevron-up" label="Previous call" tone="ghost" size="sm" onClick={() => onMove(-1)} />
          <IconButton icon="chevron-down" label="Next call" tone="ghost" size="sm" onClick={() => onMove(1)} />
        </>
      }
      footer={call && <Footer call={call} onFilter={onFilter} />}
    >
      {call ? (
        <CallBody call={call} />
      ) : error ? (
        <ErrorState title="This call cannot be read" error={error} onRetry={() => void refetch()}>
          It may have been removed from the log, or the log cannot be read right now.
        </ErrorState>
      ) : (
        <Skeleton label="Reading the call" />
      )}
    </Drawer>
  );
}
