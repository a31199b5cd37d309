import type { Effect } from '@shared/words.ts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue } from 'react';
import type { IconName } from '../../components/icon/icon.tsx';
import type { Key } from '../../components/ui/kbd.tsx';
import { onWhatOf } from '../../lib/call-words.ts';
import { api } from '../../lib/client.ts';
import { ago, count, plural } from '../../lib/format.ts';
import { useGateControl, useStatus } from '../../lib/gate.ts';
import { offerTitle, offerWords } from '../../lib/offers.ts';
import { useServerIcon } from '../../lib/server-icon.ts';
import { sections } from '../../shell/sections.ts';
import { matchOf, type PaletteQuery } from './palette-query.ts';

export interface PaletteItem {
  id: string;
  group: 'Do' | 'Servers' | 'AI apps' | 'Tools, prompts and resources' | 'Calls' | 'Go to';
  face: { icon: IconName } | { effect: Effect | null };
  label: string;
  /** A name from a server: drawn in mono. */
  isName?: boolean;
  detail?: string;
  keys?: readonly Key[];
  /** Other words it should be found by. */
  also?: string;
  run: () => void;
}

const minute = 60_000;
/** Of each kind, so that one kind does not push the others out of sight. */
const mostTools = 6;
const mostCommands = 5;

function useCommands(): PaletteItem[] {
  const status = useStatus();
  const apps = useQuery(api.apps.list.queryOptions()).data?.filter((app) => app.revokedAt === null) ?? [];
  const { pause, resume } = useGateControl();
  const navigate = useNavigate();
  const items: PaletteItem[] = [];
  const add = (id: string, icon: IconName, label: string, run: () => void, rest: Partial<PaletteItem> = {}) =>
    items.push({ id, group: 'Do', face: { icon }, label, run, ...rest });
  const everyone = { detail: apps.length > 0 ? `all ${plural(apps.length, 'app')}` : undefined };
  if (status?.gate.paused) {
    add('resume', 'play', 'Resume', () => resume({}), { keys: ['mod', 'shift', 'P'], also: 'open gate', ...everyone });
  } else {
    add('pause', 'pause', 'Pause all tools', () => pause({}), {
      keys: ['mod', 'shift', 'P'],
      also: 'stop',
      ...everyone,
    });
    add('pause-15', 'pause', 'Pause for 15 minutes', () => pause({ forMs: 15 * minute }));
    add('pause-60', 'pause', 'Pause for 1 hour', () => pause({ forMs: 60 * minute }));
    for (const app of apps) {
      const isPaused = status?.gate.apps[app.id] !== undefined;
      add(
        `pause ${app.id}`,
        isPaused ? 'play' : 'pause',
        `${isPaused ? 'Resume' : 'Pause'} ${app.name}`,
        () => (isPaused ? resume({ app: app.id }) : pause({ app: app.id })),
        { detail: app.sessions > 0 ? plural(app.sessions, 'session') : undefined },
      );
    }
  }
  add('add-server', 'plus', 'Add a server from the catalog', () => void navigate({ to: '/catalog', search: {} }));
  add(
    'add-command',
    'terminal',
    'Add a server by command or address',
    () => void navigate({ to: '/servers', search: { add: '1' } }),
  );
  add('connect', 'plug', 'Connect an AI app', () => void navigate({ to: '/apps', search: {} }));
  return items;
}

function usePlaces(): PaletteItem[] {
  const navigate = useNavigate();
  return [
    ...sections.map(
      (section, index): PaletteItem => ({
        id: `go ${section.to}`,
        group: 'Go to',
        face: { icon: section.icon },
        label: section.label,
        keys: ['mod', String(index + 1)],
        run: () => void navigate({ to: section.to }),
      }),
    ),
    {
      id: 'go refused',
      group: 'Go to',
      face: { icon: 'ban' },
      label: 'Refused calls',
      detail: 'Activity',
      run: () => void navigate({ to: '/activity', search: { kind: 'refused' } }),
    },
    {
      id: 'go settings',
      group: 'Go to',
      face: { icon: 'settings' },
      label: 'Settings',
      also: 'theme port preferences',
      run: () => void navigate({ to: '/settings', search: {} }),
    },
  ];
}

function useParties(): PaletteItem[] {
  const navigate = useNavigate();
  const iconOf = useServerIcon();
  const servers = useQuery(api.servers.list.queryOptions()).data ?? [];
  const apps = useQuery(api.apps.list.queryOptions()).data ?? [];
  return [
    ...servers.map(
      (server): PaletteItem => ({
        id: `server ${server.name}`,
        group: 'Servers',
        face: { icon: iconOf(server) },
        label: server.name,
        detail: plural(server.tools.total, 'tool'),
        run: () => void navigate({ to: '/servers/$name', params: { name: server.name }, search: {} }),
      }),
    ),
    ...apps.map(
      (app): PaletteItem => ({
        id: `app ${app.id}`,
        group: 'AI apps',
        face: { icon: 'apps' },
        label: app.name,
        detail: `${plural(app.calls.today, 'call')} today`,
        run: () => void navigate({ to: '/apps', search: { app: app.id } }),
      }),
    ),
  ];
}

const toolState = { pending: 'Held, new', changed: 'Held, changed', blocked: 'Blocked', approved: 'Approved' } as const;

function useTools(query: PaletteQuery): PaletteItem[] {
  const navigate = useNavigate();
  const isWanted = query.scope === 'everything' && query.text.length > 1;
  const tools = useQuery({ ...api.tools.list.queryOptions({ input: {} }), enabled: isWanted }).data;
  if (!isWanted || !tools) return [];
  return tools
    .filter((tool) => matchOf(`${offerTitle(tool)} ${tool.title ?? ''}`, query.text))
    .slice(0, mostTools)
    .map(
      (tool): PaletteItem => ({
        id: `tool ${tool.id}`,
        group: 'Tools, prompts and resources',
        face: tool.kind === 'tool' ? { effect: tool.effect } : { icon: offerWords[tool.kind].icon },
        label: offerTitle(tool),
        isName: true,
        detail: toolState[tool.state],
        run: () =>
          tool.state === 'approved'
            ? void navigate({
                to: '/servers/$name',
                params: { name: tool.server },
                search: { tab: tool.kind === 'tool' ? 'tools' : 'offers' },
              })
            : void navigate({ to: '/approvals', search: { server: tool.server, tool: tool.id } }),
      }),
    );
}

function useCalls(query: PaletteQuery): PaletteItem[] {
  const navigate = useNavigate();
  const number = query.scope === 'call' && /^[\d,. ]+$/.test(query.text) ? Number(query.text.replace(/\D/g, '')) : null;
  const search = query.scope === 'everything' && query.text.length > 1 ? query.text : null;
  const input = number !== null ? { before: number + 1, limit: 1 } : { search: search ?? '', limit: 4 };
  const found = useQuery({
    ...api.calls.list.queryOptions({ input }),
    enabled: number !== null || search !== null,
    placeholderData: keepPreviousData,
    staleTime: 5000,
  }).data;
  if ((number === null && search === null) || !found) return [];
  return found.calls
    .filter((call) => number === null || call.seq === number)
    .map(
      (call): PaletteItem => ({
        id: `call ${call.id}`,
        group: 'Calls',
        face: { icon: 'activity' },
        label: [call.tool ?? call.method, onWhatOf(call)].filter(Boolean).join(' '),
        isName: true,
        detail: `${call.app ?? 'Unknown app'}, ${ago(call.at)}, call ${count(call.seq)}`,
        run: () => void navigate({ to: '/activity', search: { call: call.id } }),
      }),
    );
}

/** Everything the palette offers for what was typed, in the order it is shown. */
export function usePaletteItems(query: PaletteQuery): PaletteItem[] {
  const later = useDeferredValue(query);
  const commands = useCommands();
  const places = usePlaces();
  const parties = useParties();
  const tools = useTools(later);
  const calls = useCalls(later);
  const fits = (item: PaletteItem) => matchOf(`${item.label} ${item.also ?? ''}`, query.text) !== null;
  switch (query.scope) {
    case 'commands':
      return commands.filter(fits);
    case 'apps':
      return parties.filter((item) => item.group === 'AI apps' && fits(item));
    case 'servers':
      return parties.filter((item) => item.group === 'Servers' && fits(item));
    case 'call':
      return calls;
    case 'everything':
      // With nothing typed only what can be done and where one can go: a list of everything helps nobody.
      return query.text === ''
        ? [...commands, ...places]
        : [
            ...commands.filter(fits).slice(0, mostCommands),
            ...parties.filter(fits),
            ...tools,
            ...calls,
            ...places.filter(fits),
          ];
  }
}
