import type { CatalogItem } from '@shared/contract/index.ts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../../lib/client.ts';
import { type InputValues, inputProblems, sentValues } from './input-values.ts';

const typingPauseMs = 250;

function useTypingPause<Value>(value: Value, key: string): Value {
  const [paused, setPaused] = useState({ value, key });
  useEffect(() => {
    if (paused.key === key) return;
    const timer = setTimeout(() => setPaused({ value, key }), typingPauseMs);
    return () => clearTimeout(timer);
  }, [paused.key, value, key]);
  return paused.value;
}

/**
 * Exactly what would run with these values, renewed as the person types. `plan` is only given while it belongs to what
 * the form holds now; `shown` may lag behind and is for the eye only.
 */
export function useEntryPlan(item: CatalogItem, name: string, values: InputValues) {
  const key = JSON.stringify([name, values]);
  const settled = useTypingPause({ name, values, key }, key);
  const isComplete = Object.keys(inputProblems(item.inputs, settled.values)).length === 0 && settled.name !== '';
  const query = useQuery(
    api.catalog.plan.queryOptions({
      input: { id: item.id, name: settled.name, inputs: sentValues(item.inputs, settled.values, 'masked') },
      enabled: isComplete,
      placeholderData: keepPreviousData,
      staleTime: 0,
      gcTime: 0,
      retry: false,
    }),
  );
  const isCurrent =
    isComplete && settled.key === key && query.isSuccess && !query.isPlaceholderData && !query.isFetching;
  return {
    shown: isComplete ? query.data : undefined,
    plan: isCurrent ? query.data : undefined,
    error: isComplete ? query.error : null,
  };
}
