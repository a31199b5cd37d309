import type { RememberedAnswer } from '@shared/contract/index.ts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button } from '../../components/ui/button.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { toastFailed } from '../../components/ui/toast.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { api, queryClient } from '../../lib/client.ts';
import { timeOf } from '../../lib/format.ts';

function reachOf({ scope, until, argumentsJson }: RememberedAnswer): string {
  switch (scope) {
    case 'session':
      return 'until its session ends';
    case '15m':
      return until === null ? '' : `until ${timeOf(until)}`;
    case 'next':
      return `the next call with ${argumentsJson ?? 'the same arguments'}`;
    case 'always':
      return `always with ${argumentsJson ?? 'the same arguments'}`;
  }
}

/** What is allowed without a question, because the person answered earlier; nothing while there is nothing. */
export function RememberedAnswers() {
  const answers = useQuery(api.asks.answers.queryOptions()).data ?? [];
  const withdraw = useMutation(
    api.asks.withdraw.mutationOptions({
      onSettled: () => queryClient.invalidateQueries({ queryKey: api.asks.key() }),
      onError: (error) => toastFailed(error.message),
    }),
  );
  if (answers.length === 0) return null;
  return (
    <Panel title="Allowed without asking">
      <ul className="wl">
        {answers.map((answer) => (
          <li key={answer.id}>
            <div className="grow">
              <b className="cut">
                <VisibleText text={`${answer.app.name}, ${answer.offerId}`} />
              </b>
              <small className="cut">
                <VisibleText text={reachOf(answer)} />
              </small>
            </div>
            <Button
              size="sm"
              aria-label={`Withdraw ${answer.app.name}, ${answer.offerId}`}
              onClick={() => withdraw.mutate({ id: answer.id })}
            >
              Withdraw
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
