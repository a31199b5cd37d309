/** The stage `limits` of `decide()`: what the profile and the limit rules leave room for. Pure. */
import type { LoopGuard } from '@shared/contract/index.ts';
import { untilMidnight } from './day-counts.ts';
import type { LoopFacts } from './loops.ts';
import type { FittingLimit } from './rules.ts';

/** What was used of one count. */
export interface CountNow {
  readonly lastMinute: number;
  readonly inFlight: number;
  readonly today: number;
  /** Milliseconds until the last minute holds fewer calls. */
  readonly freesInMs: number;
}

/** Something that is counted and may not go past its limits. Null: no limit. */
export interface Counted {
  readonly key: string;
  readonly perDay: number | null;
}

export interface LimitRefusal {
  readonly code: 'rate_limited' | 'loop';
  readonly message: string;
  readonly retryAfterMs: number;
}

/** How long a caller with too many calls in flight is asked to wait, in milliseconds. */
const BUSY_RETRY_MS = 250;

interface Limits {
  readonly callsPerMinute: number | null;
  readonly concurrentCalls: number | null;
  readonly callsPerDay: number | null;
}

/** `who`: begins the sentence, e.g. "This app". `now` in milliseconds since epoch. */
export function overLimit(who: string, limits: Limits, used: CountNow, now: number): LimitRefusal | null {
  const { callsPerMinute, concurrentCalls, callsPerDay } = limits;
  if (callsPerMinute !== null && used.lastMinute >= callsPerMinute) {
    const message = `${who} made ${used.lastMinute} calls in the last minute and may make ${callsPerMinute}.`;
    return { code: 'rate_limited', message, retryAfterMs: used.freesInMs };
  }
  if (concurrentCalls !== null && used.inFlight >= concurrentCalls) {
    const message = `${who} has ${used.inFlight} calls in flight and may have ${concurrentCalls}. Wait for one to end.`;
    return { code: 'rate_limited', message, retryAfterMs: BUSY_RETRY_MS };
  }
  if (callsPerDay !== null && used.today >= callsPerDay) {
    const message = `${who} made ${used.today} calls today and may make ${callsPerDay} a day. It goes on at midnight.`;
    return { code: 'rate_limited', message, retryAfterMs: untilMidnight(now) };
  }
  return null;
}

/** The limits of a rule, as the profile has them. */
export const limitsOf = ({ rule }: FittingLimit): Limits => ({
  callsPerMinute: rule.callsPerMinute ?? null,
  concurrentCalls: rule.concurrentCalls ?? null,
  callsPerDay: rule.callsPerDay ?? null,
});

/** The refusal of a call that would go on with a loop. */
export function overLoop(guard: LoopGuard, facts: LoopFacts, now: number): LimitRefusal | null {
  const retryAfterMs = Math.max((facts.oldestAt ?? now) + guard.windowSeconds * 1000 - now, 0);
  if (facts.repeats >= guard.repeats) {
    const message = `This very call was answered ${facts.repeats} times with the same result, so it is stopped as a loop. Do something else, or wait.`;
    return { code: 'loop', message, retryAfterMs };
  }
  if (facts.pingPong >= guard.pingPong) {
    const message = `The last ${facts.pingPong} calls went back and forth between this one and one other without anything new, so this is stopped as a loop. Do something else, or wait.`;
    return { code: 'loop', message, retryAfterMs };
  }
  return null;
}

/** The shortest times the limits leave a call, in milliseconds; null: what the server and the settings say. */
export function callTimes(limits: readonly FittingLimit[]): {
  readonly timeoutMs: number | null;
  readonly maxTotalMs: number | null;
} {
  const shortest = (values: readonly (number | undefined)[]): number | null => {
    const given = values.filter((value) => value !== undefined);
    return given.length === 0 ? null : Math.min(...given) * 1000;
  };
  return {
    timeoutMs: shortest(limits.map(({ rule }) => rule.timeoutSeconds)),
    maxTotalMs: shortest(limits.map(({ rule }) => rule.maxSeconds)),
  };
}
