import { describe, expect, it } from 'vitest';
import { curveOf, growthOf, isFlat } from '../../soak/memory-curve.ts';

const samplesOf = (mbAt: (done: number) => number) =>
  Array.from({ length: 200 }, (_, at) => ({ done: at / 200, mb: mbAt(at / 200) }));

describe('The memory of a run', () => {
  it('is flat when it settles after the first calls', () => {
    const samples = samplesOf((done) => Math.min(90, 40 + done * 400));
    expect(growthOf(samples)).toEqual([90, 90]);
    expect(isFlat(growthOf(samples), 50_000)).toBe(true);
    expect(curveOf(samples)).toHaveLength(20);
  });

  it('is not flat when it grows with every call', () => {
    expect(isFlat(growthOf(samplesOf((done) => 40 + done * 200)), 50_000)).toBe(false);
  });
});
