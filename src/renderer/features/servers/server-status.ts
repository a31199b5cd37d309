import type { ServerSummary } from '@shared/contract/index.ts';
import { assertNever } from '@shared/words.ts';
import type { StatusKind } from '../../components/icon/status-shape.tsx';
import { plural } from '../../lib/format.ts';

/** Attention first: needs you, failing, ready, asleep, not used. */
export type ServerGroup = 'needs-you' | 'failing' | 'ready' | 'asleep' | 'off';

export interface ServerStatus {
  kind: StatusKind;
  /** Shape's word, short enough for a list. */
  text: string;
  group: ServerGroup;
}

type Facts = Pick<ServerSummary, 'approval' | 'health' | 'isolation' | 'restarts' | 'tools' | 'waiting' | 'instances'>;

/** Tools that wait for the person; those behind a held launch are counted with the launch. */
export function waitingTools(server: Pick<ServerSummary, 'tools' | 'approval'>): number {
  return server.approval === 'approved' ? server.tools.pending + server.tools.changed : 0;
}

function readyWords({ isolation, instances }: Facts): string {
  if (isolation === 'remote') return instances > 1 ? `Ready, ${plural(instances, 'connection')}` : 'Ready';
  return instances > 1 ? `Running, ${plural(instances, 'process', 'processes')}` : 'Running';
}

function running(server: Facts): ServerStatus {
  switch (server.health) {
    case 'ready':
      return { kind: 'ok', text: readyWords(server), group: 'ready' };
    case 'starting':
      return { kind: 'starting', text: 'Starting', group: 'ready' };
    case 'asleep':
      return { kind: 'idle', text: 'Asleep', group: 'asleep' };
    case 'failing':
      return {
        kind: 'problem',
        text: server.restarts > 0 ? `Failing. Started ${plural(server.restarts + 1, 'time')}` : 'Failing',
        group: 'failing',
      };
    case 'disabled':
      return { kind: 'off', text: 'Not used', group: 'off' };
    case 'held':
      return { kind: 'you', text: 'Held', group: 'needs-you' };
    default:
      return assertNever(server.health);
  }
}

export function statusOf(server: Facts): ServerStatus {
  if (server.health === 'disabled') return running(server);
  switch (server.approval) {
    case 'pending':
      return { kind: 'you', text: 'Held. Its launch is new', group: 'needs-you' };
    case 'changed':
      return { kind: 'you', text: 'Held. Its launch changed', group: 'needs-you' };
    case 'blocked':
      return { kind: 'blocked', text: 'Blocked by you', group: 'off' };
    case 'approved':
      break;
    default:
      assertNever(server.approval);
  }
  const now = running(server);
  if (now.group === 'failing') return now;
  const { changed, pending } = server.tools;
  if (server.waiting > changed + pending) {
    return { kind: 'you', text: `${now.text}. ${plural(server.waiting, 'thing')} to decide`, group: 'needs-you' };
  }
  if (changed > 0) return { kind: 'you', text: `${now.text}. ${plural(changed, 'tool')} changed`, group: 'needs-you' };
  if (pending > 0) {
    return {
      kind: 'you',
      text: `${now.text}. ${plural(pending, 'tool is', 'tools are')} new`,
      group: 'needs-you',
    };
  }
  return now;
}
