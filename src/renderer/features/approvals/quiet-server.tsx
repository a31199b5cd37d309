import type { ServerSummary } from '@shared/contract/index.ts';
import { useNavigate } from '@tanstack/react-router';
import { Button } from '../../components/ui/button.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';

/** A server was asked for of which nothing waits: it is still starting, it fails, or all was decided. */
export function QuietServer({ name, server }: { name: string; server: ServerSummary | undefined }) {
  const navigate = useNavigate();
  const open = () => void navigate({ to: '/servers/$name', params: { name } });
  if (server?.health === 'starting') {
    return (
      <EmptyState icon="hourglass" title={`${name} is starting`}>
        What it offers comes here as soon as it has named it.
      </EmptyState>
    );
  }
  if (server?.health === 'failing') {
    return (
      <EmptyState
        icon="warn"
        tone="brick"
        title={`${name} does not start`}
        actions={<Button onClick={open}>See why</Button>}
      >
        {server.problem ?? 'Its log says why.'}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="gate"
      title={`Nothing of ${name} is waiting`}
      actions={server && <Button onClick={open}>Open {name}</Button>}
    >
      New and changed tools, prompts and resources show up here before any agent can use them.
    </EmptyState>
  );
}
