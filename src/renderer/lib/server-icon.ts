import type { ServerSummary } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import type { IconName } from '../components/icon/icon.tsx';
import { iconShapes } from '../components/icon/icon-shapes.tsx';
import { api } from './client.ts';

/** A catalog's icon name when we have drawn it, else the fallback. */
export function iconNamed(name: string | undefined, fallback: IconName): IconName {
  // `in` narrows the key, not the string: the name was just found in the table of names.
  return name !== undefined && name in iconShapes ? (name as IconName) : fallback;
}

/** The icon of a server: its catalog entry's, else by the way it runs. */
export function useServerIcon(): (server: Pick<ServerSummary, 'catalogId' | 'kind'>) => IconName {
  const catalog = useQuery(api.catalog.list.queryOptions()).data;
  return (server) =>
    iconNamed(
      catalog?.find((item) => item.id === server.catalogId)?.icon,
      server.kind === 'stdio' ? 'terminal' : 'cloud',
    );
}
