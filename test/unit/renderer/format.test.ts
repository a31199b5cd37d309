import { describe, expect, it } from 'vitest';
import { ago, bytes, countdown, duration, listed, plural, spelled } from '../../../src/renderer/lib/format.ts';

const noon = new Date(2026, 10, 20, 12, 0, 0).getTime();
const minute = 60_000;

describe('Times and numbers on the screen', () => {
  it.each([
    [0.8, '0.8 ms'],
    [184, '184 ms'],
    [1840, '1.84 s'],
    [30_000, '30 s'],
    [120_000, '2 min'],
    [125_000, '2 min 5 s'],
    [119_700, '2 min'],
    [3_600_000, '1 h'],
    [5_400_000, '1 h 30 min'],
  ])('%d milliseconds are %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('says how long ago up to an hour, then the clock, then the day', () => {
    expect(ago(noon - 4000, noon)).toBe('just now');
    expect(ago(noon - 12 * minute, noon)).toBe('12 min ago');
    expect(ago(noon - 90 * minute, noon)).toBe('10:30');
    expect(ago(noon - 1440 * minute, noon)).toBe('yesterday at 12:00');
  });

  it('counts', () => {
    expect(plural(1, 'tool')).toBe('1 tool');
    expect(plural(48_213, 'entry', 'entries')).toBe('48,213 entries');
    expect(spelled(9, 'tool')).toBe('nine tools');
    expect(spelled(13, 'tool')).toBe('13 tools');
    expect(listed(['github', 'linear', 'slack'])).toBe('github, linear and slack');
    expect(bytes(22_800)).toBe('22.3 KB');
    expect(countdown(42)).toBe('0:42');
  });
});
