import type { Problem } from '@shared/contract/index.ts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { GateMark } from '../components/icon/gate-mark.tsx';
import { Banner } from '../components/ui/banner.tsx';
import { Button } from '../components/ui/button.tsx';
import { ErrorDetails } from '../components/ui/empty-state.tsx';
import { api, queryClient } from '../lib/client.ts';
import { useStatus } from '../lib/gate.ts';

function useMovePort() {
  return useMutation(
    api.system.movePort.mutationOptions({
      onSuccess: (status) => queryClient.setQueryData(api.system.status.queryKey(), status),
    }),
  );
}

/** The gate is not listening: who has the port is in the problem, the way out is another port. */
export function GateDown({ problem }: { problem: Problem | undefined }) {
  const port = useQuery(api.settings.get.queryOptions()).data?.port ?? 4283;
  const move = useMovePort();
  return (
    <div className="err" role="alert">
      <div className="err-h">
        <span className="c-brick">
          <GateMark state="problem" size={52} />
        </span>
        <div>
          <h2>{problem?.title ?? 'The gate is not listening'}</h2>
          <p>Your AI apps cannot use their tools until this is solved. While the gate is down, nothing gets through.</p>
        </div>
      </div>
      <h3 className="mt-6 mb-2">What you can do</h3>
      <ul className="engs">
        <li className="on">
          <div className="grow">
            <b>Move the gate to port {port + 1}</b>
            <p>AI apps that were given the old address need the new one. Approvals and servers stay as they are.</p>
          </div>
          <Button tone="primary" busy={move.isPending} onClick={() => move.mutate({ port: port + 1 })}>
            Move to {port + 1}
          </Button>
        </li>
        <li>
          <div className="grow">
            <b>Free port {port} yourself</b>
            <p>{problem?.nextStep ?? 'Stop the program that uses it, then try again. Nothing else changes.'}</p>
          </div>
          <Button icon="restart" busy={move.isPending} onClick={() => move.mutate({ port })}>
            Try again
          </Button>
        </li>
      </ul>
      {move.error && <p className="c-brick mt-3">That did not work. {move.error.message}</p>}
      <ErrorDetails error={problem?.detail ?? 'No details were given.'} isWide />
    </div>
  );
}

/** What is broken or limited, in one line each. Servers tells more about its own file, so it leaves that out. */
export function ProblemBanners({ withoutConfig = false }: { withoutConfig?: boolean }) {
  const status = useStatus();
  if (!status) return null;
  return (
    <>
      {status.problems.map((problem) => (
        <Banner key={problem.id} tone={problem.severity === 'broken' ? 'brick' : 'brass'} title={problem.title}>
          {problem.nextStep}
        </Banner>
      ))}
      {status.config && !withoutConfig && (
        <Banner tone="brass" title={`servers.json has a mistake in line ${status.config.line}`}>
          {status.config.message} The last good version stays in force. Correct the file and save it.
        </Banner>
      )}
    </>
  );
}
