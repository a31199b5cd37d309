import type { ServerSummary } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Icon } from '../../components/icon/icon.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Segmented } from '../../components/ui/choice.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { SearchField } from '../../components/ui/field.tsx';
import { Status } from '../../components/ui/status.tsx';
import { api } from '../../lib/client.ts';
import { count } from '../../lib/format.ts';
import { useStatus } from '../../lib/gate.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { Page } from '../../shell/page.tsx';
import { AddServerSheet } from './add-server-sheet.tsx';
import { ConfigBanner } from './config-banner.tsx';
import { fitsFilter, groupServers, type ServerFilter } from './server-list.ts';
import { ServersTable } from './servers-table.tsx';

const filters: readonly [filter: ServerFilter, label: string][] = [
  ['all', 'All'],
  ['needs-you', 'Needs you'],
  ['ready', 'Ready'],
  ['not-isolated', 'Not isolated'],
];

export function ServersPage() {
  const navigate = useNavigate();
  const { add } = useSearch({ from: '/servers' });
  const status = useStatus();
  const servers = useQuery(api.servers.list.queryOptions());
  const openAdd = () => void navigate({ to: '/servers', search: (search) => ({ ...search, add: '1' }) });
  useKeys({ a: openAdd });
  return (
    <Page
      title="Servers"
      fill
      actions={
        <Button tone="primary" icon="plus" keys={['A']} onClick={openAdd}>
          Add server
        </Button>
      }
    >
      {status?.config && <ConfigBanner problem={status.config} />}
      {servers.isPending && <Skeleton label="Loading servers" />}
      {servers.isError && (
        <ErrorState title="The servers cannot be read" error={servers.error} onRetry={() => void servers.refetch()}>
          Gatehouse did not answer. What runs keeps running.
        </ErrorState>
      )}
      {servers.data?.length === 0 && <NoServers onAdd={openAdd} />}
      {servers.data && servers.data.length > 0 && <ServerList servers={servers.data} />}
      <AddServerSheet
        open={add !== undefined}
        onClose={() => void navigate({ to: '/servers', search: ({ add: _, ...rest }) => rest, replace: true })}
      />
    </Page>
  );
}

function NoServers({ onAdd }: { onAdd: () => void }) {
  const navigate = useNavigate();
  return (
    <div className="centre">
      <EmptyState
        icon="server"
        title="No servers yet"
        actions={
          <>
            <Button tone="primary" onClick={() => void navigate({ to: '/catalog' })}>
              Open catalog
            </Button>
            <Button onClick={onAdd}>Add by command or address</Button>
          </>
        }
      >
        Add one from the catalog, or by the command or address its documentation names.
      </EmptyState>
    </div>
  );
}

function ServerList({ servers }: { servers: readonly ServerSummary[] }) {
  const navigate = useNavigate();
  const { search = '' } = useSearch({ from: '/servers' });
  const [filter, setFilter] = useState<ServerFilter>('all');
  const setSearch = (next: string) =>
    void navigate({ to: '/servers', search: (before) => ({ ...before, search: next || undefined }), replace: true });
  const groups = groupServers(servers, filter, search.trim());
  return (
    <>
      <div className="toolbar">
        <Segmented
          label="Which servers"
          value={filter}
          onChange={setFilter}
          options={filters.map(([value, label]) => ({
            value,
            label: (
              <>
                {label} <span className="n">{servers.filter((server) => fitsFilter(server, value)).length}</span>
              </>
            ),
          }))}
        />
        <span className="grow" />
        <SearchField
          label="Find a server"
          value={search}
          onChange={setSearch}
          keys={['/']}
          isPageFilter
          className="w-[220px]"
        />
      </div>
      {groups.length === 0 ? (
        <div className="centre">
          <EmptyState
            icon="filter"
            title="No server fits"
            actions={
              <Button
                onClick={() => {
                  setFilter('all');
                  setSearch('');
                }}
              >
                Show all {servers.length}
              </Button>
            }
          >
            {search ? `None of ${servers.length} servers matches “${search}”.` : 'None is in this state now.'}
          </EmptyState>
        </div>
      ) : (
        <ServersTable servers={servers} groups={groups} question={`${filter} ${search}`} />
      )}
      <ServersFooter servers={servers} />
    </>
  );
}

function ServersFooter({ servers }: { servers: readonly ServerSummary[] }) {
  const isPaused = useStatus()?.gate.paused === true;
  const processes = servers.filter((server) => server.pid !== null).length;
  const calls = servers.reduce((sum, server) => sum + server.calls.lastHour, 0);
  return (
    <div className="statbar">
      <span>
        <Icon name="server" size="s" />
        <b>{count(servers.length)}</b> {servers.length === 1 ? 'server' : 'servers'}
      </span>
      <span>
        <Icon name="layers" size="s" />
        <b>{count(processes)}</b> running on this machine
      </span>
      <span>
        <Icon name="activity" size="s" />
        <b>{count(calls)}</b> calls in the last hour
      </span>
      {isPaused && <Status kind="paused">Paused: servers keep running and receive nothing</Status>}
    </div>
  );
}
