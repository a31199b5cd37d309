/** Calls since local midnight, by what is counted. Survives a restart. */
import { z } from 'zod';
import type { KeptState } from '../storage/index.ts';

const KEPT_NAME = 'day counts';
const keptSchema = z.object({ day: z.string(), counts: z.array(z.tuple([z.string(), z.number().int().min(0)])) });

export interface DayCounts {
  read(key: string, now: number): number;
  /** Counts one call and keeps it at once: a daily limit must not begin anew because Gatehouse ended without warning. */
  add(key: string, now: number): void;
}

export interface DayCountsOptions {
  readonly kept: KeptState;
  readonly log: { warn(facts: object, message: string): void };
}

export function createDayCounts({ kept, log }: DayCountsOptions): DayCounts {
  const found = kept.read(KEPT_NAME);
  const parsed = found.kind === 'kept' ? keptSchema.safeParse(found.value) : undefined;
  let day = parsed?.success ? parsed.data.day : '';
  let counts = new Map(parsed?.success ? parsed.data.counts : []);

  /** A clock that is set back does not give the day's calls back. */
  const turn = (now: number): void => {
    const today = dayOf(now);
    if (today <= day) return;
    day = today;
    counts = new Map();
  };

  return {
    read(key, now) {
      turn(now);
      return counts.get(key) ?? 0;
    },
    add(key, now) {
      turn(now);
      counts.set(key, (counts.get(key) ?? 0) + 1);
      try {
        kept.write(KEPT_NAME, { day, counts: [...counts] });
      } catch (error) {
        log.warn({ error }, 'The count of calls today could not be kept; a restart would forget the last ones');
      }
    },
  };
}

/** `2026-11-30` in local time, which sorts as days do. */
export function dayOf(now: number): string {
  const date = new Date(now);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Milliseconds until the next local midnight. */
export function untilMidnight(now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime() - now;
}
