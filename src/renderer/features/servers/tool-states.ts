import type { ToolSummary } from '@shared/contract/index.ts';
import { assertNever } from '@shared/words.ts';
import type { StatusKind } from '../../components/icon/status-shape.tsx';
import { dayOf, timeOf } from '../../lib/format.ts';

function when(at: number, now: number): string {
  const day = dayOf(at, now);
  return day === 'today' ? timeOf(at) : day;
}

/** Where a tool stands, as a shape and a few words. */
export function toolState(tool: ToolSummary, now: number): { kind: StatusKind; text: string; waits: boolean } {
  if (tool.heldByServer) return { kind: 'you', text: 'Held with its server', waits: false };
  switch (tool.state) {
    case 'approved':
      return { kind: 'ok', text: 'Approved', waits: false };
    case 'pending':
      return { kind: 'you', text: 'New, held', waits: true };
    case 'changed':
      return {
        kind: 'you',
        text: tool.changedAt === null ? 'Changed, held' : `Changed ${when(tool.changedAt, now)}, held`,
        waits: true,
      };
    case 'blocked':
      return { kind: 'blocked', text: 'Blocked', waits: false };
    default:
      return assertNever(tool.state);
  }
}

const order = { changed: 0, pending: 1, blocked: 2, approved: 3 } as const;

/** Waiting tools first, then by name. */
export function sortTools(tools: readonly ToolSummary[]): ToolSummary[] {
  return [...tools].sort((a, b) => order[a.state] - order[b.state] || a.name.localeCompare(b.name));
}
