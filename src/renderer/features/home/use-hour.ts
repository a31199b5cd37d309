import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../../lib/client.ts';
import { useNow } from '../../lib/use-now.ts';
import { lastHour } from './time-window.ts';

/** Calls of the last hour, per minute and in sum. */
export function useHour() {
  const { since, until } = lastHour(useNow(5000));
  const buckets =
    useQuery({
      ...api.calls.histogram.queryOptions({ input: { since, until, buckets: 60 } }),
      placeholderData: keepPreviousData,
    }).data ?? [];
  const sum = (of: 'passed' | 'asked' | 'refused') => buckets.reduce((total, bucket) => total + bucket[of], 0);
  return { buckets, passed: sum('passed'), asked: sum('asked'), refused: sum('refused') };
}
