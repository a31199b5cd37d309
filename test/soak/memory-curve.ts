/** Memory over the course of a run. Pure. */
import { median } from '../bench/statistics.ts';

export interface Sample {
  /** Part of the calls made so far, 0…1. */
  readonly done: number;
  readonly mb: number;
}

const windows = 20;

/** Median MB of each twentieth of the run; a window without samples is left out. */
export function curveOf(samples: readonly Sample[]): number[] {
  return Array.from({ length: windows }, (_, at) => inWindow(samples, at / windows, (at + 1) / windows)).filter(
    (mb) => !Number.isNaN(mb),
  );
}

/** Median MB right around half of the calls, and of the last fifth. */
export function growthOf(samples: readonly Sample[]): [middle: number, end: number] {
  return [inWindow(samples, 0.4, 0.6), inWindow(samples, 0.8, 1.01)];
}

/**
 * Resident memory settles within some ten thousand calls; a shorter run can only show a gross leak in it. The live heap
 * is the finer measure.
 */
export function isFlat([middle, end]: readonly [number, number], calls: number): boolean {
  return calls >= 20_000 ? end <= middle * 1.25 + 20 : end <= middle * 1.5 + 30;
}

function inWindow(samples: readonly Sample[], from: number, to: number): number {
  return median(samples.flatMap(({ done, mb }) => (done >= from && done < to ? [mb] : [])));
}
