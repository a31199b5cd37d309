import { describe, expect, it } from 'vitest';
import { behindIn, type Lane, type Measured, renderLanes } from '../../bench/comparison-table.ts';

const measured = (rest: Partial<Measured> = {}): Measured => ({
  p50: 1,
  p95: 2,
  wide: 1_000,
  lanes: 1_000,
  big: 20,
  cpu: 0.5,
  calls: 500,
  failed: 0,
  firstFailure: undefined,
  resident: 90,
  start: 300,
  ...rest,
});
const lane = (rest: Partial<Lane>): Lane => ({
  target: 'Gatehouse',
  upstream: 'http',
  wire: 'modern',
  figures: measured(),
  without: undefined,
  ...rest,
});

describe('The comparison of the call path', () => {
  it('is behind where it is slower, takes fewer calls or needs more, and in nothing else', () => {
    const peer = measured({ p50: 0.5, wide: 2_000, lanes: 500, big: 40, start: 600 });
    const behind = behindIn(measured({ p95: 1.9, cpu: 0.4, resident: 80 }), peer);
    expect(behind).toEqual([
      { title: 'p50 ms', ratio: 2 },
      { title: '1×32 /s', ratio: 2 },
    ]);
  });

  it('leaves out what one of the two has no figure for', () => {
    expect(behindIn(measured({ resident: undefined }), measured()).map(({ title }) => title)).not.toContain('RSS MB');
  });

  it('prints failures, their first reason, and the reason why a target has no figures', () => {
    const text = renderLanes('Call path', [
      lane({ target: 'peer', figures: measured({ failed: 3, firstFailure: 'The echo came back changed.' }) }),
      lane({ target: 'other', wire: undefined, figures: undefined, without: 'cannot: it starts stdio servers only' }),
    ]);
    expect(text).toContain('3 of 500');
    expect(text).toContain('peer, http, modern: first failure: The echo came back changed.');
    expect(text).toContain('cannot: it starts stdio servers only');
  });
});
