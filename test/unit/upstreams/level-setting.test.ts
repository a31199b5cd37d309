import { expect, it } from 'vitest';
import { LevelSetting } from '../../../src/main/upstreams/level-setting.ts';
import { ManualTimers } from './manual-timers.ts';

function setting() {
  const timers = new ManualTimers();
  const told: string[] = [];
  const level = new LevelSetting({ timers, set: async (text) => void told.push(text) });
  return { timers, told, want: (text: string | null | undefined) => level.want(text) };
}

it('nothing is set while nobody wants logs, or wants what is no level', () => {
  const { told, want } = setting();
  expect([want(undefined), want(null), want('loud')]).toEqual([undefined, undefined, undefined]);
  expect(told).toEqual([]);
});

it('who wants more waits until the server was told; the others do not', async () => {
  const { told, want } = setting();
  await want('warning');
  expect(want('error')).toBeUndefined();
  const raised = want('debug');
  expect(raised).toBeInstanceOf(Promise);
  expect(want('debug')).toBeInstanceOf(Promise);
  await raised;
  expect(want('debug')).toBeUndefined();
  expect(told).toEqual(['warning', 'debug']);
});

it('less is set when nobody wanted more for a while', async () => {
  const { timers, told, want } = setting();
  await want('debug');
  timers.pass(59_000);
  want('error');
  want('debug');
  timers.pass(59_000);
  want('error');
  expect(told).toEqual(['debug']);
  timers.pass(1_000);
  expect(want('error')).toBeUndefined();
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(['debug', 'error']);
});
