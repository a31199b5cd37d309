import type { ToolDetail } from '@shared/contract/index.ts';
import { type Actor, assertNever } from '@shared/words.ts';
import { dayOf, timeOf } from '../../lib/format.ts';

const actors: Record<Actor, string> = {
  window: 'You',
  console: 'You',
  tray: 'You',
  cli: 'The command line',
  file: 'A changed file',
  system: 'Gatehouse',
};

export const actorName = (actor: Actor): string => actors[actor];

const on = (at: number, now: number): string => {
  const day = dayOf(at, now);
  return day === 'today' ? `today at ${timeOf(at)}` : day === 'yesterday' ? `yesterday at ${timeOf(at)}` : `on ${day}`;
};

/** The line under a tool's name: what happened, by whom, and what it means now. */
export function standingOf(detail: ToolDetail, now: number): string {
  const decided = detail.decidedAt === null ? '' : on(detail.decidedAt, now);
  const by = detail.decidedBy === null ? 'Someone' : actorName(detail.decidedBy);
  if (detail.heldByServer) return 'Its server is held, so no AI app can use it. Decide about the server first.';
  switch (detail.state) {
    case 'pending':
      return `First seen ${on(detail.firstSeenAt, now)}. No AI app can find or use it until you approve it.`;
    case 'changed': {
      const changed = detail.changedAt === null ? 'It changed since.' : `It changed ${on(detail.changedAt, now)}.`;
      return `${decided ? `${by} approved it ${decided}. ` : ''}${changed} It is held until you look at it.`;
    }
    case 'approved':
      return `${by} approved it ${decided}. AI apps can use it.`;
    case 'blocked':
      return `${by} blocked it ${decided}. No AI app can find or use it.`;
    default:
      return assertNever(detail.state);
  }
}

/** "2 calls were refused since 14:20." or null. */
export function refusedSince(detail: ToolDetail, now: number): string | null {
  if (detail.refusedSinceHeld === 0) return null;
  const since = detail.changedAt ?? detail.firstSeenAt;
  const calls = detail.refusedSinceHeld === 1 ? '1 call was' : `${detail.refusedSinceHeld} calls were`;
  const day = dayOf(since, now);
  return `${calls} refused since ${day === 'today' ? timeOf(since) : day}. Agents are told that you have to approve it.`;
}
