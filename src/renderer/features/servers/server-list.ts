import type { ServerSummary } from '@shared/contract/index.ts';
import { type ServerGroup, statusOf } from './server-status.ts';
import type { RowGroup } from './steady-groups.ts';

export type ServerFilter = 'all' | 'needs-you' | 'ready' | 'not-isolated';

const groupTitles: readonly [group: ServerGroup, name: string][] = [
  ['needs-you', 'Needs you'],
  ['failing', 'Failing'],
  ['ready', 'Ready'],
  ['asleep', 'Asleep, start on the first call'],
  ['off', 'Not used'],
];

export function fitsFilter(server: ServerSummary, filter: ServerFilter): boolean {
  if (filter === 'all') return true;
  if (filter === 'not-isolated') return server.isolation === 'none';
  const { group } = statusOf(server);
  return filter === 'ready' ? group === 'ready' : group === 'needs-you' || group === 'failing';
}

function fitsSearch(server: ServerSummary, search: string): boolean {
  const text = `${server.name} ${server.title ?? ''} ${server.commandLine}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Names of the servers to show, attention first, alphabetical inside a group. Empty groups are left out. */
export function groupServers(servers: readonly ServerSummary[], filter: ServerFilter, search: string): RowGroup[] {
  const shown = servers
    .filter((server) => fitsFilter(server, filter) && fitsSearch(server, search))
    .sort((a, b) => a.name.localeCompare(b.name));
  return groupTitles
    .map(([key, name]) => ({
      key,
      name,
      rows: shown.filter((server) => statusOf(server).group === key).map((server) => server.name),
    }))
    .filter((group) => group.rows.length > 0);
}
