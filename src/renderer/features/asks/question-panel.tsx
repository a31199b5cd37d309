import type { Answered, Ask } from '@shared/contract/index.ts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { Button } from '../../components/ui/button.tsx';
import { EffectMark } from '../../components/ui/effect-mark.tsx';
import { toastFailed } from '../../components/ui/toast.tsx';
import { UntrustedText } from '../../components/ui/untrusted-text.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { api, queryClient } from '../../lib/client.ts';
import { plural, timeOf } from '../../lib/format.ts';
import { useDelayed } from '../../lib/use-delayed.ts';
import { useNow } from '../../lib/use-now.ts';
import { headlineOf, type Question, questionsOf, shownArguments, spokenTime } from './question.ts';

/** The oldest question that waits; one at a time, the others are counted. */
export function QuestionPanel() {
  const waiting = useQuery(api.asks.list.queryOptions()).data?.waiting ?? [];
  const questions = questionsOf(waiting);
  const [first] = questions;
  return first ? <OneQuestion key={first.group} question={first} of={questions.length} /> : null;
}

const refresh = () => queryClient.invalidateQueries({ queryKey: api.asks.key() });
const onError = (error: Error) => toastFailed(error.message);
/** Another front may have been first. */
const onSuccess = ({ gone }: Answered) => {
  const [one] = gone;
  if (one) toastFailed(`${plural(gone.length, 'call')} no longer waited${one.outcome ? `: ${one.outcome}` : ''}.`);
};

/**
 * Buttons are dead for the first second and after every change of what is shown, so that no click meant for something else
 * answers. Deny and Allow once have one size; Return alone allows nothing, because nothing here takes the focus by itself.
 */
function OneQuestion({ question, of }: { question: Question; of: number }) {
  const { asks, deadline, isSerious } = question;
  const [ask] = asks;
  const ids = asks.map(({ id }) => id);
  const title = useId();
  const facts = useId();
  const now = useNow(1000);
  const seconds = Math.max(0, Math.ceil((deadline - now) / 1000));
  const hasAppeared = useDelayed(1000, question.group);
  const isStill = useDelayed(500, ids.join());
  const whole = useQuery(api.asks.get.queryOptions({ input: { id: ask.id }, enabled: ask.argumentsTruncated }));
  // Nobody agrees to what they could not read.
  const isReadable =
    !asks.some(({ argumentsTruncated }) => argumentsTruncated) || (asks.length === 1 && whole.isSuccess);
  const allow = useMutation(api.asks.allow.mutationOptions({ onSettled: refresh, onError, onSuccess }));
  const deny = useMutation(api.asks.deny.mutationOptions({ onSettled: refresh, onError, onSuccess }));
  const isDead = !hasAppeared || !isStill || allow.isPending || deny.isPending;
  const give = (scope: 'once' | 'session' | '15m' | 'always') => allow.mutate({ ids, scope });
  return (
    <section className="panel panel-b question" role="alertdialog" aria-labelledby={title} aria-describedby={facts}>
      <div className="row">
        <StatusShape kind="you" />
        <h2 id={title} className="grow">
          <VisibleText text={headlineOf(question)} />
        </h2>
        <span className="num" role="timer">
          {of > 1 && `1 of ${of} · `}
          {seconds} s until it is denied
        </span>
        <span className="sr" role="status">
          {spokenTime(seconds)}
        </span>
      </div>
      <div id={facts}>
        <p className="mt-1">
          <EffectMark effect={ask.effect} />{' '}
          <span className="mono">
            <VisibleText text={`${ask.server} › ${ask.name}`} />
          </span>
        </p>
        {asks.map((one) => (
          <UntrustedText
            key={one.id}
            className="code mono mt-2"
            lines={asks.length === 1 ? 8 : 2}
            text={shownArguments((one.id === ask.id && whole.data?.argumentsJson) || one.argumentsJson)}
          />
        ))}
        <p className="meta mt-2">
          {ask.reasons.map(({ text }) => text).join(' ')} {sessionOf(ask)}
        </p>
      </div>
      <div className="row wrap mt-2">
        <Button
          size="lg"
          tone={isSerious ? 'danger' : 'default'}
          disabled={isDead}
          onClick={() => deny.mutate({ ids })}
        >
          {asks.length === 1 ? 'Deny' : `Deny all ${asks.length}`}
        </Button>
        <Button
          size="lg"
          tone={isSerious ? 'default' : 'primary'}
          disabled={isDead || !isReadable}
          onClick={() => give('once')}
        >
          {asks.length === 1 ? 'Allow once' : `Allow ${asks.length}`}
        </Button>
        <Button size="sm" tone="ghost" disabled={isDead || !isReadable} onClick={() => give('15m')}>
          Allow this tool for 15 minutes
        </Button>
        {ask.session && (
          <Button size="sm" tone="ghost" disabled={isDead || !isReadable} onClick={() => give('session')}>
            Allow this tool for the session
          </Button>
        )}
        <Button size="sm" tone="ghost" disabled={isDead || !isReadable} onClick={() => give('always')}>
          Always allow these arguments
        </Button>
        <Button size="sm" tone="ghost" disabled={isDead} onClick={() => deny.mutate({ ids, pause: true })}>
          <span>
            Deny and pause <VisibleText text={ask.app.name} />
          </span>
        </Button>
      </div>
    </section>
  );
}

function sessionOf({ session, before }: Ask): string {
  const used = `In the last week: ${plural(before.calls, 'call')} of this tool, ${before.refused} refused.`;
  return session ? `Session since ${timeOf(session.since)}, ${plural(session.calls, 'call')}. ${used}` : used;
}
