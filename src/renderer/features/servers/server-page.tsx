import type { ServerDetail } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Button } from '../../components/ui/button.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { api } from '../../lib/client.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { Page } from '../../shell/page.tsx';
import { CallsTab } from './calls-tab.tsx';
import { LogTab } from './log-tab.tsx';
import { OffersTab } from './offers-tab.tsx';
import { OverviewTab } from './overview-tab.tsx';
import { ProblemBanner } from './problem-banner.tsx';
import { ServerHeader } from './server-header.tsx';
import { ToolsTab } from './tools-tab.tsx';
import { useServerActions } from './use-server-actions.ts';

const tabNames = ['overview', 'tools', 'offers', 'log', 'calls'] as const;
type TabName = (typeof tabNames)[number];

const parent = { label: 'Servers', to: '/servers' } as const;

export function ServerPage() {
  const { name } = useParams({ from: '/servers/$name' });
  const server = useQuery(api.servers.get.queryOptions({ input: { name }, retry: false }));
  const isKnown = useQuery(api.servers.list.queryOptions()).data?.some((it) => it.name === name);
  const isGone = isKnown === false && !server.isFetching;
  return (
    <Page title={name} parent={parent}>
      {server.isPending && <Skeleton label={`Loading ${name}`} />}
      {isGone && <NoSuchServer name={name} />}
      {!isGone && server.isError && (
        <ErrorState title={`${name} cannot be read`} error={server.error} onRetry={() => void server.refetch()}>
          Gatehouse did not answer. If the server runs, it keeps running.
        </ErrorState>
      )}
      {!isGone && server.data && <Server key={name} server={server.data} />}
    </Page>
  );
}

function NoSuchServer({ name }: { name: string }) {
  const navigate = useNavigate();
  return (
    <div className="centre">
      <EmptyState
        icon="server"
        title={`No server is called ${name}`}
        actions={<Button onClick={() => void navigate({ to: '/servers' })}>Show all servers</Button>}
      >
        It was removed, or servers.json names it differently now.
      </EmptyState>
    </div>
  );
}

function Server({ server }: { server: ServerDetail }) {
  const navigate = useNavigate();
  const search = useSearch({ from: '/servers/$name' });
  const actions = useServerActions(server.name, () => void navigate({ to: '/servers' }));
  const offered = useQuery(api.tools.list.queryOptions({ input: { server: server.name } }));
  const tools = offered.data?.filter((one) => one.kind === 'tool') ?? [];
  const others = offered.data?.filter((one) => one.kind !== 'tool') ?? [];
  const tab = tabNames.find((it) => it === search.tab) ?? 'overview';
  const openTab = (next: TabName) =>
    void navigate({
      to: '/servers/$name',
      params: { name: server.name },
      search: next === 'overview' ? {} : { tab: next },
      replace: true,
    });
  useKeys({
    r: () => {
      if (server.approval !== 'approved' || server.health === 'disabled') return false;
      actions.restart();
    },
  });
  const hasLog = server.kind === 'stdio';
  return (
    <div className="page server">
      <ServerHeader server={server} actions={actions} />
      <ProblemBanner server={server} actions={actions} onShowLog={() => openTab('log')} />
      <div className="mt-3">
        <Tabs
          label={`Parts of ${server.name}`}
          value={(tab === 'log' && !hasLog) || (tab === 'offers' && others.length === 0) ? 'overview' : tab}
          onChange={openTab}
          tabs={[
            {
              value: 'overview',
              label: 'Overview',
              content: <OverviewTab server={server} tools={tools} actions={actions} onOpenTab={openTab} />,
            },
            {
              value: 'tools',
              label: 'Tools',
              count: server.tools.total,
              content: offered.isError ? (
                <ErrorState
                  title="The tools cannot be read"
                  error={offered.error}
                  onRetry={() => void offered.refetch()}
                >
                  Nothing about them has changed.
                </ErrorState>
              ) : (
                <ToolsTab server={server} tools={tools} />
              ),
            },
            ...(others.length > 0
              ? [
                  {
                    value: 'offers' as const,
                    label: 'Prompts and resources',
                    count: others.length,
                    content: <OffersTab offers={others} />,
                  },
                ]
              : []),
            ...(hasLog ? [{ value: 'log' as const, label: 'Log', content: <LogTab name={server.name} /> }] : []),
            { value: 'calls', label: 'Calls', content: <CallsTab server={server.name} /> },
          ]}
        />
      </div>
    </div>
  );
}
