import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ServerConfig } from '@shared/contract/index.ts';
import { describe, expect, test } from 'vitest';
import type { CallerSide, UpstreamStatus } from '../../../src/main/upstreams/index.ts';
import { temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';
import { callerOf, isRunning, living, openGate, type TestGate } from './gate.ts';

const own = (config: ServerConfig, gatehouse: ServerConfig['gatehouse']): ServerConfig => ({ ...config, gatehouse });
const perApp = own(living('plain'), { instances: 'app' });
const perSession = own(living('plain'), { instances: 'session' });

/** Calls a tool on the process that serves this caller. */
function callFor(gate: TestGate, caller: CallerSide, tool: string, args?: object): Promise<unknown> {
  return gate.call('x', tool, args, { caller, instance: gate.upstreams.instanceFor('x', caller) });
}

describe('a server with processes of its own', () => {
  test('is one for all unless its config says otherwise', async () => {
    await using gate = await openGate({ x: living('plain') });
    expect(gate.upstreams.instanceFor('x', callerOf('a', 's1'))).toBe('');
    expect(await callFor(gate, callerOf('a', 's1'), 'pid')).toBe(await callFor(gate, callerOf('b', 's2'), 'pid'));
  });

  test('for each app gives each its process, whatever the session', async () => {
    await using gate = await openGate({ x: perApp });
    const first = await callFor(gate, callerOf('a', 's1'), 'pid');
    expect(await callFor(gate, callerOf('a', 's2'), 'pid')).toBe(first);
    expect(await callFor(gate, callerOf('a'), 'pid')).toBe(first);
    expect(await callFor(gate, callerOf('b', 's3'), 'pid')).not.toBe(first);
  });

  test('for each session gives each its process; callers without a session share their app’s', async () => {
    await using gate = await openGate({ x: perSession });
    const pids = await Promise.all(
      [callerOf('a', 's1'), callerOf('a', 's2'), callerOf('a'), callerOf('b')].map((caller) =>
        callFor(gate, caller, 'pid'),
      ),
    );
    expect(new Set(pids).size).toBe(4);
    expect(await callFor(gate, callerOf('a'), 'pid')).toBe(pids[2]);
  });

  test('ends a session’s process with the session, and no other', async () => {
    await using gate = await openGate({ x: perSession });
    const [ended, other] = [callerOf('a', 's1'), callerOf('a', 's2')];
    const pid = (await callFor(gate, ended, 'pid')) as number;
    const otherPid = (await callFor(gate, other, 'pid')) as number;
    const waiting = gate.failure('x', 'wait', { ms: 60_000 }, { caller: ended, instance: 'session:s1' });
    await until(() => gate.upstreams.status('x', 'session:s1')?.running === 1);
    gate.upstreams.endSession('s1');
    expect(await waiting).toMatchObject({ code: 'server_down', notSent: false });
    await until(() => !isRunning(pid));
    expect(gate.upstreams.status('x', 'session:s1')).toBeUndefined();
    expect(await callFor(gate, other, 'pid')).toBe(otherPid);
  });

  test('stops all of them when it is stopped or may not run any more, and restarts those that ran', async () => {
    await using gate = await openGate({ x: perApp });
    const start = () =>
      Promise.all(['a', 'b'].map(async (app) => (await callFor(gate, callerOf(app), 'pid')) as number));
    const first = await start();
    await gate.upstreams.stop('x');
    expect(first.filter(isRunning)).toEqual([]);

    const second = await start();
    await gate.upstreams.restart('x');
    expect(second.filter(isRunning)).toEqual([]);
    const third = await start();
    expect(gate.upstreams.status('x', 'app:a')?.pid).toBe(third[0]);

    await gate.upstreams.allow(new Map());
    expect(third.filter(isRunning)).toEqual([]);
    expect((await gate.failure('x', 'pid', {}, { instance: 'app:a' })).message).toContain('may not run');
  });

  test('starts anew when whom it serves is changed', async () => {
    await using gate = await openGate({ x: perApp });
    const pid = (await callFor(gate, callerOf('a'), 'pid')) as number;
    await gate.upstreams.allow(new Map([['x', living('plain')]]));
    expect(isRunning(pid)).toBe(false);
    // A caller that asked for its process before the change is told, not served by everybody's.
    expect(await gate.failure('x', 'pid', {}, { instance: 'app:a' })).toMatchObject({
      code: 'server_down',
      notSent: true,
    });
  });

  test('tells how it is as a whole, and each of its processes exactly', async () => {
    await using gate = await openGate({ x: perApp });
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'asleep', pid: null, instances: 0 });
    const a = await callFor(gate, callerOf('a'), 'pid');
    const b = await callFor(gate, callerOf('b'), 'pid');
    const waiting = ['app:a', 'app:b'].map((instance) => gate.call('x', 'wait', { ms: 300 }, { instance }));
    await until(() => gate.upstreams.status('x')?.running === 2);
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'ready', pid: a, instances: 2, running: 2 });
    expect(gate.upstreams.status('x', '')).toMatchObject({ health: 'asleep', pid: null, instances: 0 });
    expect(gate.upstreams.status('x', 'app:b')).toMatchObject({ health: 'ready', pid: b, instances: 1, running: 1 });
    await Promise.all(waiting);

    await gate.failure('x', 'die', {}, { instance: 'app:b' });
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'ready', pid: a, instances: 1 });
    // What is wrong with one is said, though the other works.
    expect(gate.upstreams.status('x')?.problem).toContain('exit code 7');
  });

  test('pushes each change once, and none that is none', async () => {
    await using gate = await openGate({ x: perApp });
    const seen: UpstreamStatus[] = [];
    using _ = gate.upstreams.onStatus((status) => seen.push(status));
    await callFor(gate, callerOf('a'), 'pid');
    await callFor(gate, callerOf('a'), 'pid');
    await callFor(gate, callerOf('b'), 'pid');
    await gate.upstreams.stop('x');
    await gate.upstreams.stop('x');
    const shown = seen.map(({ health, instances }) => `${health} ${instances}`);
    expect(shown.slice(0, 3)).toEqual(['starting 0', 'ready 1', 'ready 2']);
    expect(shown.at(-1)).toBe('asleep 0');
    const facts = seen.map(({ lastUsedAt: _used, running: _running, ...shownFacts }) => JSON.stringify(shownFacts));
    expect(facts.filter((fact, at) => fact === facts[at - 1])).toEqual([]);
  });

  test('of which there are too many lose the one that was used longest ago, never one that works', async () => {
    await using gate = await openGate({ x: perSession });
    const session = (n: number) => callerOf('a', `s${n}`);
    const busy = gate.call('x', 'wait', { ms: 4_000 }, { caller: session(0), instance: 'session:s0' });
    const pids: number[] = [];
    for (let n = 1; n < 32; n += 1) pids[n] = (await callFor(gate, session(n), 'pid')) as number;
    await callFor(gate, session(1), 'pid');
    await callFor(gate, session(32), 'pid');
    await until(() => !isRunning(pids[2] ?? 0));
    expect(pids.filter((pid) => pid !== undefined && isRunning(pid))).toHaveLength(30);
    expect(isRunning(pids[1] ?? 0)).toBe(true);
    expect(await busy).toBe('waited');
  }, 40_000);
});

describe('a server that works where its app works', () => {
  const here = (folder: string, gatehouse: ServerConfig['gatehouse'] = {}): ServerConfig => ({
    ...living('plain'),
    cwd: folder,
    gatehouse: { instances: 'app', workingDirectory: 'app-roots', ...gatehouse },
  });
  const rooted = (app: string, ...uris: unknown[]) => {
    const roots = uris.map((uri) => ({ uri }));
    const ask: CallerSide['ask'] = async (question) => {
      expect(question.method).toBe('roots/list');
      return { value: { roots }, json: JSON.stringify({ roots }) };
    };
    return callerOf(app, null, { capabilities: { roots: {} }, ask });
  };

  test('starts in the first folder the app names that exists, else where its config says', async () => {
    using folder = temporaryDir();
    const project = join(folder.path, 'my project ü');
    const file = join(folder.path, 'a file');
    mkdirSync(project);
    writeFileSync(file, '');
    await using gate = await openGate({ x: here(folder.path) });
    const good = pathToFileURL(project).href;
    const cwdFor = (caller: CallerSide) => callFor(gate, caller, 'cwd');
    expect(
      await cwdFor(rooted('a', 'https://example.com/', 7, 'file:///does/not/exist', pathToFileURL(file).href, good)),
    ).toBe(realpathSync(project));
    const configured = realpathSync(folder.path);
    expect(await cwdFor(rooted('b', `file://evil.example${project}`, `file:////evil.example/share`))).toBe(configured);
    expect(await cwdFor(callerOf('c'))).toBe(configured);
    const refuses = callerOf('d', null, { capabilities: { roots: {} } });
    expect(await cwdFor(refuses)).toBe(configured);
  });

  test('is asked for at its listing as well, and stays there after a crash', async () => {
    using folder = temporaryDir();
    const project = join(folder.path, 'project');
    mkdirSync(project);
    await using gate = await openGate({ x: here(folder.path) });
    const caller = rooted('a', pathToFileURL(project).href);
    await gate.upstreams.list('x', undefined, 'app:a', caller);
    expect(await callFor(gate, callerOf('a'), 'cwd')).toBe(realpathSync(project));
    await gate.failure('x', 'die', {}, { instance: 'app:a' });
    expect(await gate.call('x', 'cwd', {}, { instance: 'app:a' })).toBe(realpathSync(project));
    // What nobody's app asks for runs where the config says.
    expect(await gate.call('x', 'cwd')).toBe(realpathSync(folder.path));
  });

  test('needs a process of the app’s own', async () => {
    using folder = temporaryDir();
    await using gate = await openGate({ x: here(folder.path, { instances: 'shared' }) });
    expect((await gate.failure('x', 'cwd')).message).toContain('Set "instances" to "app" or "session"');
  });
});

test('a session’s own legacy server hears that its roots changed, and no other does', async () => {
  await using gate = await openGate({ x: perSession });
  const [one, other] = [callerOf('a', 's1'), callerOf('a', 's2')];
  await callFor(gate, one, 'pid');
  await callFor(gate, other, 'pid');
  gate.upstreams.rootsChanged('s1');
  expect(await callFor(gate, one, 'heard')).toContain('notifications/roots/list_changed');
  expect(await callFor(gate, other, 'heard')).not.toContain('notifications/roots/list_changed');
});
