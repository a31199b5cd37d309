import { expect, test } from 'vitest';
import { instanceKeyOf, summaryOf } from '../../../src/main/upstreams/instances.ts';
import type { UpstreamStatus } from '../../../src/main/upstreams/types.ts';

const status = (more: Partial<UpstreamStatus>): UpstreamStatus => ({
  name: 'x',
  health: 'asleep',
  problem: null,
  pid: null,
  startedAt: null,
  lastUsedAt: null,
  restarts: 0,
  nextRetryAt: null,
  running: 0,
  instances: 0,
  ...more,
});

test('a server is as its best process is, with everybody’s counts', () => {
  const summary = summaryOf([
    status({ lastUsedAt: 5, restarts: 1 }),
    status({ health: 'failing', problem: 'It ended.', nextRetryAt: 9, restarts: 2 }),
    status({ health: 'ready', pid: 7, startedAt: 3, lastUsedAt: 4, running: 2, instances: 1 }),
    status({ health: 'ready', pid: 8, startedAt: 4, running: 1, instances: 1 }),
  ]);
  expect(summary).toEqual(
    status({
      health: 'ready',
      // What is wrong with one is not hidden by the others.
      problem: 'It ended.',
      pid: 7,
      startedAt: 3,
      lastUsedAt: 5,
      restarts: 3,
      running: 3,
      instances: 2,
    }),
  );
});

test('a server that only fails says so and when it is tried again', () => {
  const failing = status({ health: 'failing', problem: 'It ended.', nextRetryAt: 9 });
  expect(summaryOf([status({}), failing])).toMatchObject({ health: 'failing', problem: 'It ended.', nextRetryAt: 9 });
});

test.each([
  [undefined, 's', ''],
  ['shared', 's', ''],
  ['app', 's', 'app:a'],
  ['app', null, 'app:a'],
  ['session', 's', 'session:s'],
  ['session', null, 'app:a'],
] as const)('under %s a caller of the session %s is served by %j', (instances, session, key) => {
  expect(instanceKeyOf({ command: 'x', gatehouse: { instances } }, { app: 'a', session })).toBe(key);
});
