import { expect, it } from 'vitest';
import { durationOf } from '../../../src/main/cli/duration.ts';

it.each([
  ['30s', 30_000],
  ['15m', 900_000],
  ['2h', 7_200_000],
  ['1h30m', 5_400_000],
  ['1d', 86_400_000],
])('reads %s', (text, ms) => {
  expect(durationOf(text)).toBe(ms);
});

it.each(['', '15', 'm', '0m', '-5m', '1.5h', '15 m', '1m2h'])('does not take %j for a duration', (text) => {
  expect(durationOf(text)).toBeUndefined();
});
