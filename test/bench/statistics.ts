/** Median of numbers; NaN for none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** A quantile by nearest rank, `q` in 0…1. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** Runs `work` `times` times one after another and gives each duration in milliseconds. */
export async function timed(times: number, work: () => Promise<unknown>): Promise<number[]> {
  const durations: number[] = [];
  for (let i = 0; i < times; i++) {
    const before = performance.now();
    await work();
    durations.push(performance.now() - before);
  }
  return durations;
}

/** Keeps `width` pieces of work in flight until `total` are done; gives calls per second. */
export async function throughput(
  width: number,
  total: number,
  work: (lane: number) => Promise<unknown>,
): Promise<number> {
  let left = total;
  const before = performance.now();
  await Promise.all(
    Array.from({ length: width }, async (_, lane) => {
      while (left-- > 0) await work(lane);
    }),
  );
  return (total / (performance.now() - before)) * 1000;
}
