import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import type { UpstreamsOptions, WrittenJson } from '../../../src/main/upstreams/index.ts';
import { until } from '../../fixtures/until.ts';
import { ManualTimers } from '../../unit/upstreams/manual-timers.ts';
import { isRunning, living, openGate, type TestGate } from './gate.ts';

const MINUTE = 60_000;
const signal = new AbortController().signal;
const quick = { windowMs: 300_000, firstDelayMs: 50, maxDelayMs: 200 };

async function open(mode: string, options: Partial<UpstreamsOptions> = {}, ...args: string[]) {
  const gate = await openGate({ x: living(mode, ...args) }, { restartPolicy: quick, ...options });
  return {
    gate,
    /** Follows a resource; gives what was heard, newest last. */
    async follow(uri: string) {
      const heard: WrittenJson[] = [];
      const watch = await gate.upstreams.watchResource('x', uri, { onUpdated: (params) => heard.push(params) }, signal);
      return { heard, [Symbol.dispose]: () => watch[Symbol.dispose]() };
    },
    [Symbol.asyncDispose]: () => gate[Symbol.asyncDispose](),
  };
}
const touch = (gate: TestGate, ...uris: string[]) => gate.call('x', 'touch', { uris });
const uris = (heard: readonly WrittenJson[]) => heard.map(({ value }) => value.uri);

describe.each(['watched', 'listened'])('a followed resource of a server that is %s', (mode) => {
  test('is told to everybody who follows it and to nobody else, starting the server', async () => {
    await using world = await open(mode);
    const [one, same, other] = [await world.follow('x://a'), await world.follow('x://a'), await world.follow('x://b')];
    await touch(world.gate, 'x://a', 'x://nobody');
    await touch(world.gate, 'x://b', 'x://a');
    await until(() => one.heard.length === 2 && other.heard.length === 1);
    expect([uris(one.heard), uris(same.heard), uris(other.heard)]).toEqual([
      ['x://a', 'x://a'],
      ['x://a', 'x://a'],
      ['x://b'],
    ]);
  });

  test('that the server refuses is refused, and the others go on', async () => {
    await using world = await open(mode);
    const good = await world.follow('x://a');
    await expect(world.follow('x://refused')).rejects.toMatchObject({ name: 'UpstreamError', code: 'upstream_error' });
    await touch(world.gate, 'x://a');
    await until(() => good.heard.length === 1);
  });

  test('is followed again after its process died, which is started again for that', async () => {
    await using world = await open(mode);
    const watch = await world.follow('x://a');
    const pid = world.gate.upstreams.status('x')?.pid ?? 0;
    await world.gate.failure('x', 'die');
    await until(() => world.gate.upstreams.status('x')?.health === 'ready');
    expect(world.gate.upstreams.status('x')?.pid).not.toBe(pid);
    await until(async () => {
      await touch(world.gate, 'x://a');
      // Each return of the server is one of them.
      return watch.heard.length > 1;
    });
  });

  test('keeps being tried when its server keeps failing, with patience', async () => {
    await using world = await open(mode);
    const watch = await world.follow('x://a');
    for (let round = 0; round < 3; round += 1) {
      await until(() => world.gate.upstreams.status('x')?.health === 'ready');
      await world.gate.failure('x', 'die');
    }
    await until(() => world.gate.upstreams.status('x')?.health === 'ready');
    await until(async () => {
      await touch(world.gate, 'x://a');
      // Each return of the server is one of them.
      return watch.heard.length > 3;
    });
  });

  test('is followed again after a restart by the person', async () => {
    await using world = await open(mode);
    const watch = await world.follow('x://a');
    await world.gate.upstreams.restart('x');
    await until(async () => {
      await touch(world.gate, 'x://a');
      // Each return of the server is one of them.
      return watch.heard.length > 1;
    });
  });

  test('is told as changed once the server is back, since a change while it was away was missed', async () => {
    await using world = await open(mode);
    const [watch, other] = [await world.follow('x://a'), await world.follow('x://a/b')];
    expect([watch.heard, other.heard]).toEqual([[], []]);
    await world.gate.upstreams.restart('x');
    await until(() => watch.heard.length > 0 && other.heard.length > 0);
    expect([watch.heard, other.heard]).toEqual([
      [{ value: { uri: 'x://a' }, json: '{"uri":"x://a"}' }],
      [{ value: { uri: 'x://a/b' }, json: '{"uri":"x://a/b"}' }],
    ]);
  });

  test('is nobody’s any more when its server may not run', async () => {
    await using world = await open(mode);
    const watch = await world.follow('x://a');
    const pid = world.gate.upstreams.status('x')?.pid ?? 0;
    await world.gate.upstreams.allow(new Map());
    expect(isRunning(pid)).toBe(false);
    watch[Symbol.dispose]();
    await expect(world.follow('x://a')).rejects.toMatchObject({ code: 'server_down' });
  });

  test('is given up when its follower leaves during the start', async () => {
    await using world = await open(mode);
    const abort = new AbortController();
    const following = world.gate.upstreams.watchResource('x', 'x://a', { onUpdated: () => undefined }, abort.signal);
    abort.abort();
    await expect(following).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a followed resource of the legacy era', () => {
  const asked = (gate: TestGate) => gate.call('x', 'asked') as Promise<string[]>;

  test('is subscribed to once and unsubscribed from when the last follower leaves', async () => {
    await using world = await open('watched');
    const [one, two] = await Promise.all([world.follow('x://a'), world.follow('x://a')]);
    expect(await asked(world.gate)).toEqual(['subscribe x://a']);
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    expect(await asked(world.gate)).toEqual(['subscribe x://a']);
    two[Symbol.dispose]();
    await until(async () => (await asked(world.gate)).length === 2);
    expect(await asked(world.gate)).toEqual(['subscribe x://a', 'unsubscribe x://a']);
  });

  test('left and followed again at once ends up followed', async () => {
    await using world = await open('watched');
    const first = await world.follow('x://a');
    first[Symbol.dispose]();
    const second = await world.follow('x://a');
    await touch(world.gate, 'x://a');
    await until(() => second.heard.length === 1);
    const history = await asked(world.gate);
    expect(history.filter((entry) => entry.startsWith('subscribe')).length).toBe(
      history.filter((entry) => entry.startsWith('unsubscribe')).length + 1,
    );
  });

  test('keeps its server awake until nobody follows it', async () => {
    const timers = new ManualTimers();
    await using world = await open('watched', { timers });
    const watch = await world.follow('x://a');
    timers.pass(60 * MINUTE);
    expect(world.gate.upstreams.status('x')?.health).toBe('ready');
    watch[Symbol.dispose]();
    timers.pass(9 * MINUTE);
    expect(world.gate.upstreams.status('x')?.health).toBe('ready');
    timers.pass(2 * MINUTE);
    expect(world.gate.upstreams.status('x')).toMatchObject({ health: 'asleep', problem: null });
  });

  test('does not start a server that the person stopped, and is followed again at its next use', async () => {
    const timers = new ManualTimers();
    await using world = await open('watched', { timers });
    const watch = await world.follow('x://a');
    await world.gate.upstreams.stop('x');
    timers.pass(60 * MINUTE);
    expect(world.gate.upstreams.status('x')?.health).toBe('asleep');
    await touch(world.gate, 'x://a');
    // Once because the server is back, once because it was touched.
    await until(() => watch.heard.length === 2);
  });

  test('comes with the server’s own error when it is refused', async () => {
    await using world = await open('watched');
    await expect(world.follow('x://refused')).rejects.toMatchObject({
      rpcError: { code: -32002, message: 'No such resource', data: { uri: 'x://refused' } },
    });
  });

  test('is told as the server wrote it, also when a part of it changed', async () => {
    await using world = await open('watched');
    const folder = await world.follow('file:///project');
    await touch(world.gate, 'file:///project/a.txt', 'file:///project-two', 'file:///project');
    await until(() => folder.heard.length === 2);
    expect(folder.heard.map(({ json }) => json)).toEqual([
      '{"uri":"file:///project/a.txt","n":1.0}',
      '{"uri":"file:///project","n":1.0}',
    ]);
  });
});

describe('followed resources of the era of 2026-07-28', () => {
  const listens = (gate: TestGate) =>
    gate.call('x', 'listens') as Promise<{ filters: Record<string, unknown>[]; open: number[] }>;

  test('share one request, with the lists, replaced when what is followed changes', async () => {
    await using world = await open('listened');
    const watches = await Promise.all(['x://b', 'x://a', 'x://c'].map((uri) => world.follow(uri)));
    const last = (filters: readonly unknown[]) => filters.at(-1);
    const { filters } = await listens(world.gate);
    expect(last(filters)).toEqual({
      toolsListChanged: true,
      resourceSubscriptions: ['x://a', 'x://b', 'x://c'],
    });
    expect(filters.length).toBeLessThanOrEqual(2);
    watches[0]?.[Symbol.dispose]();
    await until(async () => {
      const now = await listens(world.gate);
      return now.open.length === 1 && JSON.stringify(last(now.filters)).includes('["x://a","x://c"]');
    });
    for (const watch of watches) watch[Symbol.dispose]();
    await until(async () => {
      const now = await listens(world.gate);
      return now.open.length === 1 && JSON.stringify(last(now.filters)) === '{"toolsListChanged":true}';
    });
  });

  test('lose no update and double none while the request is replaced', async () => {
    await using world = await open('listened', {}, '30');
    const steady = await world.follow('x://steady');
    let sent = 0;
    for (let round = 0; round < 6; round += 1) {
      const following = world.follow(`x://${round}`);
      for (let n = 0; n < 15; n += 1) {
        await touch(world.gate, 'x://steady');
        sent += 1;
      }
      await following;
    }
    await until(() => steady.heard.length >= sent);
    expect(steady.heard).toHaveLength(sent);
  });

  test('are asked for again when the server ends the request, and its lists are compared', async () => {
    await using world = await open('listened');
    let announced = 0;
    using _ = world.gate.upstreams.onListChanged(() => {
      announced += 1;
    });
    const watch = await world.follow('x://a');
    await world.gate.call('x', 'end');
    await until(() => announced === 1);
    await until(async () => (await listens(world.gate)).open.length === 1, { timeoutMs: 9_000 });
    await touch(world.gate, 'x://a');
    await until(() => watch.heard.length === 1);
  });
});

describe('a followed resource behind HTTP', () => {
  /** Starts the server on a port; gives what it was asked and makes it say that a resource changed. */
  async function start(port: number) {
    const { command = '', args = [] } = living('http', String(port));
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const textOf = async (path: string, init?: RequestInit) => (await fetch(new URL(path, url), init)).text();
    return {
      url,
      seen: async () => JSON.parse(await textOf('/seen')) as string[],
      /** True when somebody follows it there. */
      touch: async (uri: string) =>
        (await textOf(`/touch?uri=${encodeURIComponent(uri)}`, { method: 'POST' })) === 'true',
      async end() {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      },
    };
  }

  test('is followed again when the server came back without our session, though nobody asks it anything', async () => {
    const first = await start(0);
    await using gate = await openGate({ x: { url: first.url } }, { restartPolicy: quick });
    const heard: WrittenJson[] = [];
    using _ = await gate.upstreams.watchResource('x', 'x://a', { onUpdated: (params) => heard.push(params) }, signal);
    await until(() => first.touch('x://a'));
    await until(() => heard.length === 1);
    await first.end();
    const second = await start(Number(new URL(first.url).port));
    await until(() => second.touch('x://a'));
    // Touched before the end, told that it may have changed meanwhile, touched again.
    await until(() => heard.length === 3);
    expect((await second.seen()).filter((method) => method === 'resources/subscribe')).toHaveLength(1);
    await second.end();
  });
});
