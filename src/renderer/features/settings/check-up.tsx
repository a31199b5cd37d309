import { useQuery } from '@tanstack/react-query';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { api } from '../../lib/client.ts';

/** What Gatehouse needs from this computer, and what is missing. */
export function CheckUp() {
  const {
    data: checks,
    error,
    refetch,
    isFetching,
  } = useQuery({
    ...api.system.doctor.queryOptions(),
    // Nobody pushes what is installed on the computer, so every visit looks again.
    staleTime: 0,
  });
  if (error) {
    return (
      <ErrorState title="The check-up did not run" error={error} onRetry={() => void refetch()}>
        Nothing else is affected.
      </ErrorState>
    );
  }
  if (!checks) return <Skeleton label="Looking at this computer" />;
  return (
    <section aria-label="Check-up">
      <h2 className="row">
        Check-up
        <span className="grow" />
        <Button size="sm" icon="restart" busy={isFetching} onClick={() => void refetch()}>
          Check again
        </Button>
      </h2>
      <ul className="panel">
        {checks.map((check) => (
          <li key={check.id} className="set">
            <StatusShape kind={check.ok ? 'ok' : 'problem'} />
            <div className="grow">
              <b>{check.title}</b>
              <p>{check.detail}</p>
              {check.nextStep && <p className="dim">{check.nextStep}</p>}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
