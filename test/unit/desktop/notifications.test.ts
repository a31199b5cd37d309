import { beforeEach, expect, test } from 'vitest';
import { digestOf, type Notice, Notifier } from '../../../src/main/desktop/notifications.ts';
import type { Confirmation, GatehouseEvent, ServerSummary } from '../../../src/shared/contract/index.ts';

let shown: Notice[];
let isFocused: boolean;
let timers: (() => void)[];

beforeEach(() => {
  shown = [];
  isFocused = false;
  timers = [];
});

function notifier(servers: readonly ServerSummary[] = []): Notifier {
  return new Notifier(
    {
      show: (notice) => shown.push(notice),
      isWindowFocused: () => isFocused,
      setTimer: (run) => {
        timers.push(run);
        return { cancel: () => timers.splice(timers.indexOf(run), 1) };
      },
    },
    servers,
  );
}

function server(name: string, pending: number, changed = 0, others = 0): ServerSummary {
  // Only the name and the counts are read.
  return { name, tools: { pending, changed }, waiting: pending + changed + others } as ServerSummary;
}

function confirmation(id: string, state: Confirmation['state'] = 'waiting'): GatehouseEvent {
  const summary = 'The command line wants to add the server sqlite.';
  return {
    type: 'confirmation',
    confirmation: { id, at: 1, by: 'cli', action: 'servers.add', summary, facts: [], state, error: null },
  };
}

const runTimers = () => {
  for (const run of timers.splice(0)) run();
};

test('a waiting decision is announced once', () => {
  const it = notifier();
  it.take(confirmation('k1'));
  it.take(confirmation('k1'));
  expect(shown).toEqual([
    { title: 'Gatehouse waits for you', body: 'The command line wants to add the server sqlite.', route: '/' },
  ]);
});

test('nothing is announced for a decision that was made', () => {
  notifier().take(confirmation('k1', 'confirmed'));
  expect(shown).toEqual([]);
});

test('nothing is announced while the person looks at the window', () => {
  isFocused = true;
  const it = notifier();
  it.take(confirmation('k1'));
  it.take({ type: 'server', server: server('github', 5) });
  runTimers();
  expect(shown).toEqual([]);
});

test('tools of several servers come as one digest', () => {
  const it = notifier();
  it.take({ type: 'server', server: server('github', 4) });
  it.take({ type: 'server', server: server('postgres', 2, 1) });
  it.take({ type: 'server', server: server('files', 2) });
  expect(shown).toEqual([]);
  runTimers();
  expect(shown.map(({ title }) => title)).toEqual(['9 tools from 3 servers']);
  expect(shown[0]?.route).toBe('/approvals');
});

test('prompts and resources are in the digest, and are not called tools', () => {
  const it = notifier([server('github', 2)]);
  it.take({ type: 'server', server: server('github', 2, 0, 1) });
  runTimers();
  it.take({ type: 'server', server: server('docs', 3, 0, 4) });
  runTimers();
  expect(shown.map(({ title }) => title)).toEqual([
    '1 new or changed thing from github',
    '7 new or changed things from docs',
  ]);
});

test('what waited already at start is not announced', () => {
  const it = notifier([server('github', 4)]);
  it.take({ type: 'server', server: server('github', 4) });
  runTimers();
  expect(shown).toEqual([]);
});

test('tools reviewed before the digest are not in it', () => {
  const it = notifier();
  it.take({ type: 'server', server: server('github', 4) });
  it.take({ type: 'server', server: server('github', 0) });
  runTimers();
  expect(shown).toEqual([]);
});

test('a removed server is not in the digest', () => {
  const it = notifier();
  it.take({ type: 'server', server: server('github', 4) });
  it.take({ type: 'server-removed', name: 'github' });
  runTimers();
  expect(shown).toEqual([]);
});

test('a later batch is a digest of its own, with the new ones only', () => {
  const it = notifier();
  it.take({ type: 'server', server: server('github', 4) });
  runTimers();
  it.take({ type: 'server', server: server('github', 5) });
  runTimers();
  expect(shown.map(({ title }) => title)).toEqual(['4 tools from github', '1 tool from github']);
});

test('no digest is shown after the end', () => {
  const it = notifier();
  it.take({ type: 'server', server: server('github', 4) });
  it[Symbol.dispose]();
  runTimers();
  expect(shown).toEqual([]);
});

test('there is no digest of nothing', () => {
  expect(digestOf(new Map([['github', { all: 0, tools: 0 }]]))).toBeUndefined();
});
