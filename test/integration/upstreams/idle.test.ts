import type { ServerConfig } from '@shared/contract/index.ts';
import { expect, test } from 'vitest';
import type { UpstreamStatus } from '../../../src/main/upstreams/index.ts';
import { until } from '../../fixtures/until.ts';
import { ManualTimers } from '../../unit/upstreams/manual-timers.ts';
import { isRunning, living, openGate } from './gate.ts';

const MINUTE = 60_000;
const idle = (idleMinutes?: number): ServerConfig => ({
  ...living('plain'),
  ...(idleMinutes !== undefined && { gatehouse: { idleMinutes } }),
});

async function withTimers(config: ServerConfig) {
  const timers = new ManualTimers();
  const gate = await openGate({ x: config }, { timers });
  const health: string[] = [];
  gate.upstreams.onStatus((status: UpstreamStatus) => health.push(`${status.health} ${status.problem}`));
  return { timers, gate, health, [Symbol.asyncDispose]: () => gate[Symbol.asyncDispose]() };
}

test('a server nobody uses for ten minutes sleeps, without a problem, and wakes with the next use', async () => {
  await using world = await withTimers(idle());
  const { timers, gate, health } = world;
  const pid = (await gate.call('x', 'pid')) as number;
  timers.pass(6 * MINUTE);
  await gate.call('x', 'pid');
  timers.pass(9.9 * MINUTE);
  expect(gate.upstreams.status('x')).toMatchObject({ health: 'ready', pid });
  timers.pass(0.1 * MINUTE);
  expect(gate.upstreams.status('x')).toMatchObject({ health: 'asleep', problem: null, pid: null, instances: 0 });
  expect(health.at(-1)).toBe('asleep null');
  await until(() => !isRunning(pid));
  expect(await gate.call('x', 'pid')).not.toBe(pid);
  expect(gate.upstreams.status('x')).toMatchObject({ health: 'ready', restarts: 0 });
});

test('a use that meets the stop waits for it and starts the server anew', async () => {
  await using world = await withTimers(idle(1));
  const { timers, gate } = world;
  const pid = (await gate.call('x', 'pid')) as number;
  timers.pass(MINUTE);
  const next = gate.call('x', 'pid');
  expect(isRunning(pid)).toBe(true);
  expect(await next).not.toBe(pid);
  expect(isRunning(pid)).toBe(false);
});

test('a server at work is not idle, however long it works', async () => {
  await using world = await withTimers(idle(1));
  const { timers, gate } = world;
  const pid = await gate.call('x', 'pid');
  const working = gate.call('x', 'wait', { ms: 300 }, { timeoutMs: 100 * MINUTE, maxTotalMs: 100 * MINUTE });
  await until(() => gate.upstreams.status('x')?.running === 1);
  timers.pass(5 * MINUTE);
  expect(await working).toBe('waited');
  timers.pass(0.9 * MINUTE);
  expect(gate.upstreams.status('x')?.pid).toBe(pid);
  timers.pass(0.2 * MINUTE);
  expect(gate.upstreams.status('x')?.health).toBe('asleep');
});

test('a server that is only listed sleeps as well', async () => {
  await using world = await withTimers(idle());
  const { timers, gate } = world;
  await gate.upstreams.list('x');
  timers.pass(10 * MINUTE);
  expect(gate.upstreams.status('x')?.health).toBe('asleep');
});

test('a server set to never sleep does not, until that is changed, which does not restart it', async () => {
  await using world = await withTimers(idle(0));
  const { timers, gate } = world;
  const pid = await gate.call('x', 'pid');
  timers.pass(100_000 * MINUTE);
  await gate.upstreams.allow(new Map([['x', idle(5)]]));
  expect(gate.upstreams.status('x')?.pid).toBe(pid);
  await gate.call('x', 'pid');
  timers.pass(5 * MINUTE);
  expect(gate.upstreams.status('x')?.health).toBe('asleep');
});

test('an idle time longer than a timer can wait is kept', async () => {
  await using world = await withTimers(idle(100_000));
  const { timers, gate } = world;
  await gate.call('x', 'pid');
  timers.pass(99_999 * MINUTE);
  expect(gate.upstreams.status('x')?.health).toBe('ready');
  timers.pass(MINUTE);
  expect(gate.upstreams.status('x')?.health).toBe('asleep');
});
