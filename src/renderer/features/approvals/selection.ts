import { splitOfferId, toolIdOf } from '@shared/words.ts';
import type { Queue } from './queue.ts';

/** What the address names: `server`, or `server` and `tool` (a tool's own name, or the id of anything it offers). */
export interface ApprovalsSearch {
  server?: string;
  tool?: string;
}

export type Selection =
  | { kind: 'launch' | 'instructions'; id: string; server: string }
  | { kind: 'tool'; id: string; server: string }
  /** A server of which nothing waits. */
  | { kind: 'server'; server: string };

function toolSelection(search: ApprovalsSearch): Selection | null {
  if (search.tool === undefined) return null;
  const named = splitOfferId(search.tool);
  if (search.server === undefined) return named ? { kind: 'tool', id: search.tool, server: named.server } : null;
  const isWholeId = named?.server === search.server;
  return {
    kind: 'tool',
    id: isWholeId ? search.tool : toolIdOf(search.server, search.tool),
    server: search.server,
  };
}

/** The item to review: what the address names, else the first of that server, else the first of all. */
export function selectionOf(queue: Queue, search: ApprovalsSearch): Selection | null {
  const tool = toolSelection(search);
  if (tool) return tool;
  const first =
    search.server === undefined ? queue.order[0] : queue.groups.find((group) => group.name === search.server)?.rows[0];
  const item = first === undefined ? undefined : queue.items.get(first);
  if (item) return { kind: item.kind, id: item.id, server: item.server };
  return search.server === undefined ? null : { kind: 'server', server: search.server };
}

/** The address of an item, so that a reload or a link shows the same. */
export function searchOf(queue: Queue, id: string | undefined): ApprovalsSearch {
  const item = id === undefined ? undefined : queue.items.get(id);
  if (!item) return {};
  // Both stand first among what their server has in the queue.
  if (item.kind !== 'tool') return { server: item.server };
  return { server: item.server, tool: item.id };
}
