import type { ServerSummary, ToolSummary } from '@shared/contract/index.ts';
import { byKind, hasNewInstructions } from '../../lib/offers.ts';
import type { RowGroup } from '../servers/steady-groups.ts';

/** Something a person has to look at: how a server starts, what it tells agents, or one of its tools and other offers. */
export type QueueItem =
  | { kind: 'launch'; id: string; server: string; isNew: boolean }
  | { kind: 'instructions'; id: string; server: string }
  | { kind: 'tool'; id: string; server: string; tool: ToolSummary };

export interface Queue {
  items: ReadonlyMap<string, QueueItem>;
  /** One group per server; servers with something held at their launch first. */
  groups: readonly RowGroup[];
  /** Ids in the order they are shown. */
  order: readonly string[];
}

export const launchId = (server: string): string => `launch ${server}`;
const instructionsId = (server: string): string => `instructions ${server}`;

/** The part of a server the queue depends on. */
export type QueueServer = Pick<ServerSummary, 'name' | 'approval' | 'instructionsState' | 'catalogId' | 'kind'>;

const isHeld = (server: QueueServer) => server.approval === 'pending' || server.approval === 'changed';
const waits = (tool: ToolSummary) => !tool.heldByServer && (tool.state === 'pending' || tool.state === 'changed');

/**
 * Everything that waits: held launches before the rest; inside a server its instructions, then changed before new, tools
 * before its other offers, else by name.
 */
export function queueOf(servers: readonly QueueServer[], tools: readonly ToolSummary[]): Queue {
  const items = new Map<string, QueueItem>();
  const byServer = new Map<string, ToolSummary[]>();
  for (const tool of tools) {
    if (!waits(tool)) continue;
    const own = byServer.get(tool.server);
    if (own) own.push(tool);
    else byServer.set(tool.server, [tool]);
  }
  const held = new Map(servers.filter(isHeld).map((server) => [server.name, server]));
  // Behind a held launch nothing can be decided about tools yet: they may be different when it runs.
  const speaking = new Set(servers.filter(hasNewInstructions).map((server) => server.name));
  const names = [...new Set([...held.keys(), ...speaking, ...byServer.keys()])];
  names.sort((a, b) => Number(held.has(b)) - Number(held.has(a)) || a.localeCompare(b));
  const groups = names.map((name): RowGroup => {
    const rows: string[] = [];
    const server = held.get(name);
    if (server) {
      const id = launchId(name);
      items.set(id, { kind: 'launch', id, server: name, isNew: server.approval === 'pending' });
      rows.push(id);
      return { key: name, name, rows };
    }
    if (speaking.has(name)) {
      const id = instructionsId(name);
      items.set(id, { kind: 'instructions', id, server: name });
      rows.push(id);
    }
    const own = byServer.get(name) ?? [];
    const changedFirst = (tool: ToolSummary) => Number(tool.state !== 'changed');
    own.sort((a, b) => changedFirst(a) - changedFirst(b) || byKind(a, b) || a.name.localeCompare(b.name));
    for (const tool of own) {
      items.set(tool.id, { kind: 'tool', id: tool.id, server: name, tool });
      rows.push(tool.id);
    }
    return { key: name, name, rows };
  });
  return { items, groups, order: groups.flatMap((group) => group.rows) };
}

export function toolsIn(queue: Queue, rows: readonly string[]): ToolSummary[] {
  return rows.flatMap((id) => {
    const item = queue.items.get(id);
    return item?.kind === 'tool' ? [item.tool] : [];
  });
}

/** What was seen, keyed by id, for an approval that is bound to it. */
export function fingerprintsOf(tools: readonly ToolSummary[]): Record<string, string> {
  return Object.fromEntries(tools.map((tool) => [tool.id, tool.fingerprint]));
}

/** Where to go when `id` was decided: the next one, or the one before at the end. */
export function neighbourOf(order: readonly string[], id: string): string | undefined {
  const at = order.indexOf(id);
  if (at === -1) return order[0];
  return order[at + 1] ?? order[at - 1];
}

/** "1 changed, 6 new" */
export function groupSummary(tools: readonly ToolSummary[]): string {
  const changed = tools.filter((tool) => tool.state === 'changed').length;
  const fresh = tools.length - changed;
  return [changed > 0 && `${changed} changed`, fresh > 0 && `${fresh} new`].filter(Boolean).join(', ');
}
