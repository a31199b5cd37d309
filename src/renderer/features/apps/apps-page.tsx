import type { AppSummary } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { api } from '../../lib/client.ts';
import { useStatus } from '../../lib/gate.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { Page } from '../../shell/page.tsx';
import { AppDetail } from './app-detail.tsx';
import { AppList } from './app-list.tsx';
import { sortApps } from './app-status.ts';
import { ConnectSheet } from './connect-sheet.tsx';

export function AppsPage() {
  const navigate = useNavigate();
  const search = useSearch({ from: '/apps' });
  const apps = useQuery(api.apps.list.queryOptions());
  const [renew, setRenew] = useState<AppSummary | null>(null);
  const select = (id: string) => void navigate({ to: '/apps', search: { app: id }, replace: true });
  const openConnect = () => void navigate({ to: '/apps', search: (before) => ({ ...before, connect: '1' }) });
  const close = () => {
    setRenew(null);
    void navigate({ to: '/apps', search: ({ connect: _, ...rest }) => rest, replace: true });
  };
  return (
    <Page title="AI apps" fill>
      {apps.isPending && <Skeleton label="Loading AI apps" />}
      {apps.isError && (
        <ErrorState title="The AI apps cannot be read" error={apps.error} onRetry={() => void apps.refetch()}>
          Apps that are connected keep working.
        </ErrorState>
      )}
      {apps.data?.length === 0 && (
        <div className="centre">
          <EmptyState
            icon="apps"
            title="No AI app is connected"
            actions={
              <Button tone="primary" onClick={openConnect}>
                Connect an app
              </Button>
            }
          >
            Give Claude Code, Cursor or any other app the address of the gate and a token of its own.
          </EmptyState>
        </div>
      )}
      {apps.data && apps.data.length > 0 && (
        <Apps apps={apps.data} selected={search.app} onSelect={select} onConnect={openConnect} onRenew={setRenew} />
      )}
      {(search.connect !== undefined || renew) && (
        <ConnectSheet
          key={renew?.id ?? 'new'}
          apps={apps.data ?? []}
          renew={renew ?? undefined}
          onClose={close}
          onIssued={(app) =>
            void navigate({ to: '/apps', search: (before) => ({ ...before, app: app.id }), replace: true })
          }
        />
      )}
    </Page>
  );
}

interface AppsProps {
  apps: readonly AppSummary[];
  selected: string | undefined;
  onSelect: (id: string) => void;
  onConnect: () => void;
  onRenew: (app: AppSummary) => void;
}

function Apps({ apps, selected, onSelect, onConnect, onRenew }: AppsProps) {
  const gate = useStatus()?.gate;
  const sorted = sortApps(apps);
  const app = sorted.find((it) => it.id === selected) ?? sorted[0];
  const step = (by: 1 | -1) => () => {
    const next = sorted[sorted.findIndex((it) => it.id === app?.id) + by];
    if (!next) return false;
    onSelect(next.id);
  };
  useKeys({ j: step(1), ArrowDown: step(1), k: step(-1), ArrowUp: step(-1) });
  return (
    <div className="review">
      <AppList apps={apps} selected={app?.id} gate={gate} onSelect={onSelect} onConnect={onConnect} />
      {app && <AppDetail key={app.id} app={app} onRenew={() => onRenew(app)} />}
    </div>
  );
}
