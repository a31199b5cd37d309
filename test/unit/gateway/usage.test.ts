import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Usage } from '../../../src/main/gateway/usage.ts';

describe('usage', () => {
  it('never counts fewer calls than began in the last minute', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (gaps) => {
        const usage = new Usage();
        const starts: number[] = [];
        let now = 1_700_000_000_000;
        for (const gap of gaps) {
          now += gap;
          const exact = starts.filter((start) => start > now - 60_000).length;
          const { lastMinute } = usage.read('ann', now);
          expect(lastMinute).toBeGreaterThanOrEqual(exact);
          expect(lastMinute).toBeLessThanOrEqual(starts.filter((start) => start > now - 62_000).length);
          usage.begin('ann', now);
          starts.push(now);
        }
      }),
    );
  });

  it('has room again when it says so', () => {
    const usage = new Usage();
    usage.begin('ann', 5_500);
    const { freesInMs } = usage.read('ann', 10_000);
    expect(usage.read('ann', 10_000 + freesInMs - 1).lastMinute).toBe(1);
    expect(usage.read('ann', 10_000 + freesInMs).lastMinute).toBe(0);
  });

  it('frees a slot once, however often its call ends', () => {
    const usage = new Usage();
    const first = usage.begin('ann', 0);
    usage.begin('ann', 0);
    first();
    first();
    expect(usage.read('ann', 0).inFlight).toBe(1);
    expect(usage.read('bob', 0)).toEqual({ lastMinute: 0, inFlight: 0, freesInMs: 0 });
  });

  it('goes on counting when the clock is set back', () => {
    const usage = new Usage();
    usage.begin('ann', 100_000);
    usage.begin('ann', 50_000);
    expect(usage.read('ann', 50_000).lastMinute).toBe(2);
  });
});
