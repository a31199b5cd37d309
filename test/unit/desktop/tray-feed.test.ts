import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RecentCalls } from '../../../src/main/desktop/recent-calls.ts';
import { TrayFeed } from '../../../src/main/desktop/tray-feed.ts';
import type { TrayState } from '../../../src/main/desktop/tray-view.ts';
import type { CallSummary, Confirmation, GatehouseEvent, Status } from '../../../src/shared/contract/index.ts';

const waiting = (id: string, at: number, state: Confirmation['state'] = 'waiting'): Confirmation => ({
  id,
  at,
  by: 'cli',
  action: 'servers.add',
  summary: `Add ${id}.`,
  facts: [],
  state,
  error: null,
});

const call = (id: string, status: CallSummary['status'], code: CallSummary['code'] = null): CallSummary => ({
  id,
  seq: 1,
  at: 0,
  app: 'cursor',
  sessionId: null,
  method: 'tools/call',
  server: 'github',
  tool: 'search',
  effect: 'read',
  status,
  code,
  durationMs: 1,
  argumentBytes: 0,
  resultBytes: null,
  onWhat: '',
});

let shown: TrayState[];
let send: (event: GatehouseEvent) => void;
let listeners: number;
let pausedSince: number | null;
let apps: { id: string; name: string; revokedAt: number | null }[];
let feed: TrayFeed;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000_000 });
  shown = [];
  listeners = 0;
  pausedSince = null;
  apps = [{ id: 'cursor', name: 'Cursor', revokedAt: null }];
  const client = {
    confirmations: { list: async () => [waiting('k1', 5), waiting('k0', 2), waiting('old', 1, 'denied')] },
    settings: { get: async () => ({ port: 4283 }) },
    apps: { list: async () => apps },
  };
  feed = new TrayFeed({
    backend: {
      // Only the gate's `since` is read here.
      status: () => ({ gate: { since: pausedSince } }) as Status,
      onEvent: (listener) => {
        listeners += 1;
        send = listener;
        return {
          [Symbol.dispose]: () => {
            listeners -= 1;
          },
        };
      },
      // The feed calls these three procedures.
      client: () => client as unknown as ReturnType<ConstructorParameters<typeof TrayFeed>[0]['backend']['client']>,
    },
    clock: Date.now,
    show: (state) => shown.push(state),
    failed: (error) => {
      throw error;
    },
  });
});
afterEach(() => {
  feed[Symbol.dispose]();
  vi.useRealTimers();
});

const last = () => shown.at(-1);
const turn = () => vi.advanceTimersByTimeAsync(0);

test('the first state has what waits, oldest first, and the apps', async () => {
  await feed.start();
  expect(last()?.waiting.map(({ id }) => id)).toEqual(['k0', 'k1']);
  expect(last()?.apps).toEqual([{ id: 'cursor', name: 'Cursor' }]);
  expect(last()?.port).toBe(4283);
});

test('a burst of events becomes one new state', async () => {
  await feed.start();
  shown.length = 0;
  for (const id of ['a', 'b', 'c']) send({ type: 'confirmation', confirmation: waiting(id, 10) });
  await turn();
  expect(shown).toHaveLength(1);
  expect(last()?.waiting).toHaveLength(5);
});

test('a decision that was made no longer waits', async () => {
  await feed.start();
  send({ type: 'confirmation', confirmation: waiting('k1', 5, 'confirmed') });
  await turn();
  expect(last()?.waiting.map(({ id }) => id)).toEqual(['k0']);
});

test('a revoked app is not offered', async () => {
  await feed.start();
  apps = [{ id: 'cursor', name: 'Cursor', revokedAt: 3 }];
  send({ type: 'apps' });
  await turn();
  expect(last()?.apps).toEqual([]);
});

test('two hundred calls a second do not rewrite the menu two hundred times', async () => {
  await feed.start();
  shown.length = 0;
  for (let i = 0; i < 200; i++) send({ type: 'calls', calls: [call(`c${i}`, 'running'), call(`c${i}`, 'done')] });
  await turn();
  expect(shown).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(shown).toHaveLength(1);
  expect(last()?.recentCalls).toBe(200);
});

test('the count of calls ages out without anything happening', async () => {
  await feed.start();
  send({ type: 'calls', calls: [call('c1', 'done')] });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(last()?.recentCalls).toBe(1);
  await vi.advanceTimersByTimeAsync(12 * 60_000);
  expect(last()?.recentCalls).toBe(0);
});

test('refusals are counted from the beginning of a pause', async () => {
  await feed.start();
  send({ type: 'calls', calls: [call('c0', 'refused', 'paused')] });
  pausedSince = 500;
  send({ type: 'tools', server: 'github' });
  await turn();
  send({ type: 'calls', calls: [call('c1', 'refused', 'paused'), call('c2', 'refused', 'blocked')] });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(last()?.refusedWhilePaused).toBe(1);
});

test('after disposal nobody listens and no timer is left', async () => {
  await feed.start();
  send({ type: 'calls', calls: [call('c1', 'done')] });
  send({ type: 'tools', server: 'github' });
  feed[Symbol.dispose]();
  expect(listeners).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('calls are counted once, when they end, and for ten minutes', () => {
  const recent = new RecentCalls();
  recent.note([call('a', 'running'), call('b', 'done'), call('c', 'failed')], 0);
  expect(recent.inLastTenMinutes(9 * 60_000)).toBe(2);
  expect(recent.inLastTenMinutes(10 * 60_000)).toBe(0);
});
