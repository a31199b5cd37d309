export type TimeRange = 'hour' | 'today' | 'week' | 'all';

export const timeRanges: readonly { value: TimeRange; label: string }[] = [
  { value: 'hour', label: 'Last hour' },
  { value: 'today', label: 'Today' },
  { value: 'week', label: 'Last 7 days' },
  { value: 'all', label: 'Everything' },
];

const minute = 60_000;
const day = 86_400_000;

/** Where a range begins; undefined for the whole log. Rounded, so that it stays the same for a while. */
export function startOf(range: TimeRange, now: number): number | undefined {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  switch (range) {
    case 'hour':
      return Math.floor(now / minute) * minute - 60 * minute;
    case 'today':
      return midnight;
    case 'week':
      return midnight - 6 * day;
    case 'all':
      return undefined;
  }
}

/** What the chart shows: the range up to now; for the whole log the last 30 days, for a young day at least two hours. */
export function chartWindow(since: number | undefined, now: number): { since: number; until: number } {
  const until = (Math.floor(now / minute) + 1) * minute;
  const from = since ?? until - 30 * day;
  return { since: Math.min(from, until - 120 * minute), until };
}
