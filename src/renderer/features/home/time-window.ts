const minute = 60_000;

/** Local midnight: stable for a day, so it can be part of a query key. */
export function startOfToday(now: number = Date.now()): number {
  return new Date(now).setHours(0, 0, 0, 0);
}

/** The last 60 minutes up to the end of the current one; stable for a minute. */
export function lastHour(now: number): { since: number; until: number } {
  const until = (Math.floor(now / minute) + 1) * minute;
  return { since: until - 60 * minute, until };
}
