import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import type { UpstreamStatus } from '../../../src/main/upstreams/index.ts';
import { until } from '../../fixtures/until.ts';
import { callerOf, hostile, isRunning, openGate } from './gate.ts';

describe('a server that may run', () => {
  test('starts at first use, once for everybody who waits', async () => {
    await using gate = await openGate({ x: hostile('echo') });
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'asleep', pid: null, startedAt: null });
    const seen: UpstreamStatus[] = [];
    using _ = gate.upstreams.onStatus((status) => seen.push(status));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => gate.call('x', 'echo', { message: `m${n}` })),
    );
    expect(answers).toEqual(Array.from({ length: 20 }, (_, n) => `m${n}`));
    expect(seen.map((status) => status.health)).toEqual(['starting', 'ready']);
    expect(seen[1]?.pid).toBeGreaterThan(0);
  });

  test('says how long a request waited for its start', async () => {
    await using gate = await openGate({ x: hostile('echo') });
    const request = { method: 'tools/call', params: { name: 'echo', arguments: {} } };
    const first = await gate.upstreams.request('x', request, gate.context());
    const second = await gate.upstreams.request('x', request, gate.context());
    expect(first.startMs).toBeGreaterThan(10);
    expect(second.startMs).toBe(0);
  });

  test('is not held up by another that cannot start', async () => {
    await using gate = await openGate(
      { dead: hostile('never-initializes'), live: hostile('echo') },
      { startTimeoutMs: 3_000 },
    );
    const dead = gate.failure('dead', 'echo');
    let deadIsDone = false;
    void dead.then(() => {
      deadIsDone = true;
    });
    expect(await gate.call('live', 'echo', { message: 'fine' })).toBe('fine');
    expect(deadIsDone).toBe(false);
    await dead;
  });

  test('goes on starting when the one who asked for it leaves', async () => {
    await using gate = await openGate({ x: hostile('echo') });
    const abort = new AbortController();
    const left = gate.failure('x', 'echo', {}, { signal: abort.signal });
    abort.abort();
    expect(await left).toMatchObject({ code: 'cancelled', notSent: true });
    await until(() => gate.upstreams.status('x')?.health === 'ready');
  });

  test('is tried at once after one crash, then with growing patience; restart() forgets', async () => {
    let now = 1_000_000;
    await using gate = await openGate(
      { x: hostile('dies-mid-call') },
      {
        clock: () => now,
        random: () => 1,
        restartPolicy: { windowMs: 300_000, firstDelayMs: 1_000, maxDelayMs: 4_000 },
      },
    );
    const crash = () => gate.failure('x', 'die');
    await crash();
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'asleep', nextRetryAt: null });
    await crash();
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'failing', nextRetryAt: now + 1_000 });
    expect(gate.upstreams.status('x')?.problem).toContain('failure 2 within 5 minutes');

    const refused = await gate.failure('x', 'echo');
    expect(refused).toMatchObject({ code: 'server_down', notSent: true });
    expect(refused.message).toContain('The next try is in 1 s');
    expect(gate.upstreams.status('x')?.pid).toBeNull();

    for (const wait of [1_000, 2_000, 4_000]) {
      now += wait;
      await crash();
      expect(gate.upstreams.status('x')?.nextRetryAt).toBe(now + Math.min(4_000, wait * 2));
    }
    await gate.upstreams.restart('x');
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'ready', problem: null, nextRetryAt: null });
    await crash();
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'asleep', nextRetryAt: null });
  });

  test('is forgiven crashes that are long ago', async () => {
    let now = 1_000_000;
    await using gate = await openGate({ x: hostile('dies-mid-call') }, { clock: () => now });
    await gate.failure('x', 'die');
    now += 400_000;
    await gate.failure('x', 'die');
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'asleep', nextRetryAt: null });
  });

  test('restart() of a server that cannot start resolves; its status says why', async () => {
    await using gate = await openGate({ x: hostile('ends-at-start', 'broken') });
    await gate.upstreams.restart('x');
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'failing' });
    expect(gate.upstreams.status('x')?.problem).toContain('fatal: broken');
  });

  test('ends requests with server_down when it is stopped, and starts again on next use', async () => {
    await using gate = await openGate({ x: hostile('slow') });
    await gate.call('x', 'echo');
    const running = gate.failure('x', 'slow', { ms: 60_000 });
    await until(() => gate.upstreams.status('x')?.running === 1);
    await gate.upstreams.stop('x');
    expect(await running).toMatchObject({ code: 'server_down', notSent: false });
    expect(await gate.call('x', 'echo', { message: 'again' })).toBe('again');
  });

  test('can be stopped in the middle of its start', async () => {
    await using gate = await openGate({ x: hostile('never-initializes') }, { startTimeoutMs: 60_000 });
    const waiting = gate.failure('x', 'echo');
    await until(() => gate.upstreams.logs('x').length > 0);
    await gate.upstreams.stop('x');
    expect(await waiting).toMatchObject({ code: 'server_down' });
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'asleep', pid: null, nextRetryAt: null });
  });

  test('used again while it is being stopped ends up running', async () => {
    await using gate = await openGate({ x: hostile('ignores-sigterm') });
    await gate.call('x', 'echo');
    const first = gate.upstreams.status('x')?.pid ?? 0;
    const stopped = gate.upstreams.stop('x');
    expect(await gate.call('x', 'echo', { message: 'again' })).toBe('again');
    await stopped;
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'ready' });
    expect(gate.upstreams.status('x')?.pid).not.toBe(first);
    expect(isRunning(first)).toBe(false);
  });

  test('answers only as the process whose definitions were compared', async () => {
    await using gate = await openGate({ x: hostile('echo') }, { clock: () => 1_000 });
    await gate.upstreams.list('x');
    const startedAt = gate.upstreams.status('x')?.startedAt ?? 0;
    expect(await gate.call('x', 'echo', { message: 'same' }, { expectStartedAt: startedAt })).toBe('same');
    await gate.upstreams.restart('x');
    expect(gate.upstreams.status('x')?.startedAt).not.toBe(startedAt);
    expect(await gate.failure('x', 'echo', {}, { expectStartedAt: startedAt })).toMatchObject({
      code: 'server_down',
      notSent: true,
    });
  });
});

describe('allow', () => {
  test('refuses servers that are not in the map, and stops those that left it', async () => {
    await using gate = await openGate({ x: hostile('echo') });
    expect(await gate.failure('y', 'echo')).toMatchObject({ code: 'server_down', notSent: true });
    await gate.call('x', 'echo');
    const pid = gate.upstreams.status('x')?.pid ?? 0;
    await gate.upstreams.allow(new Map());
    expect(isRunning(pid)).toBe(false);
    expect(gate.upstreams.status('x')).toBeUndefined();
    expect((await gate.failure('x', 'echo')).message).toContain('may not run');
  });

  test('stops a server whose launch changed, down to the value of a variable', async () => {
    await using gate = await openGate({ x: { ...hostile('echo'), env: { MODE: 'one' } } });
    await gate.call('x', 'echo');
    const pid = gate.upstreams.status('x')?.pid ?? 0;
    await gate.upstreams.allow(new Map([['x', { ...hostile('echo'), env: { MODE: 'two' } }]]));
    expect(isRunning(pid)).toBe(false);
    expect(gate.upstreams.status('x')?.health).toBe('asleep');
    expect(await gate.call('x', 'env')).toMatchObject({ MODE: 'two' });
  });

  test('leaves a server alone whose launch is the same', async () => {
    await using gate = await openGate({ x: hostile('echo') });
    await gate.call('x', 'echo');
    const before = gate.upstreams.status('x')?.pid;
    await gate.upstreams.allow(new Map([['x', { ...hostile('echo'), gatehouse: { callTimeoutMs: 5 } }]]));
    expect(gate.upstreams.status('x')?.pid).toBe(before);
  });

  test('keeps a disabled server down and says so', async () => {
    await using gate = await openGate({ x: { ...hostile('echo'), disabled: true } });
    expect(gate.upstreams.status('x')?.health).toBe('disabled');
    expect((await gate.failure('x', 'echo')).message).toContain('disabled');
  });
});

describe('a call', () => {
  test('is cancelled upstream when its caller aborts', async () => {
    await using gate = await openGate({ x: hostile('slow') });
    await gate.call('x', 'echo');
    const abort = new AbortController();
    const startedAt = performance.now();
    const aborted = gate.failure('x', 'slow', { ms: 60_000 }, { signal: abort.signal });
    setTimeout(() => abort.abort(), 100);
    expect(await aborted).toMatchObject({ code: 'cancelled' });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(await gate.call('x', 'cancelled')).toHaveLength(1);
    expect(gate.upstreams.status('x')?.running).toBe(0);
  });

  test('times out when silent, is cancelled upstream, and lives on with progress', async () => {
    await using gate = await openGate({ x: hostile('slow') });
    await gate.call('x', 'echo');
    const onProgress = () => undefined;
    const silent = await gate.failure('x', 'slow', { ms: 5_000, silent: true }, { timeoutMs: 300, onProgress });
    expect(silent).toMatchObject({ code: 'timeout', notSent: false });
    expect(await gate.call('x', 'cancelled')).toHaveLength(1);

    const lively = await gate.call('x', 'slow', { ms: 1_500 }, { timeoutMs: 700, onProgress });
    expect(lively).toMatchObject({ token: expect.any(Number) });

    const capped = await gate.failure('x', 'slow', { ms: 5_000 }, { timeoutMs: 700, maxTotalMs: 900, onProgress });
    expect(capped.code).toBe('timeout');
    const stuck = await gate.failure('x', 'stuck', { ms: 5_000 }, { timeoutMs: 300, onProgress });
    expect(stuck.code).toBe('timeout');
  });

  test('gets results as they were sent: unknown fields, unknown content, unknown result types', async () => {
    await using gate = await openGate({ x: hostile('odd-results') });
    const { result } = await gate.upstreams.request(
      'x',
      { method: 'tools/call', params: { name: 'raw', arguments: {} } },
      gate.context(),
    );
    expect(JSON.stringify(result)).toBe(
      '{"zeta":1,"resultType":"task","content":[{"type":"hologram","data":{"deep":[1,2,{"x":null}]}}],"structuredContent":[1,"two"],"_meta":{"example.com/x":{"keep":true}},"alpha":2}',
    );
    const params = { b: 1, a: { _meta: { x: 1 } }, _meta: { traceparent: '00-x', 'example.com/k': [1] } };
    const echoed = await gate.upstreams.request('x', { method: 'example/params', params }, gate.context());
    expect(JSON.stringify(echoed.result.params)).toBe(JSON.stringify(params));
  });

  test('gets errors as they were sent', async () => {
    await using gate = await openGate({ x: hostile('odd-results') });
    expect(await gate.failure('x', 'fails')).toMatchObject({
      code: 'upstream_error',
      rpcError: { code: -32002, message: 'Resource not found', data: { uri: 'x://y' } },
    });
    expect((await gate.failure('x', 'nothing')).message).toContain('neither a result nor an error');
    expect(await gate.call('x', 'batch')).toBe('in a batch');
  });

  test('hears the log messages that are surely its own; the rest is in the server’s log', async () => {
    await using gate = await openGate({ x: hostile('logs') });
    const heard: unknown[] = [];
    const caller = callerOf('editor', 'one');
    await gate.call('x', 'log', { data: 'for me' }, { caller, onLog: (message) => heard.push(message.data) });
    expect(heard).toEqual(['for me']);
    expect(gate.upstreams.logs('x').map((line) => line.text)).toContain('[warning] for me');
  });
});

describe('list changes', () => {
  test('are told once for a burst, and the next listing shows the pulled rug', async () => {
    await using gate = await openGate({ x: hostile('rug-pull') });
    const told: string[] = [];
    using _ = gate.upstreams.onListChanged((server) => told.push(server));
    const first = await gate.upstreams.list('x');
    await gate.call('x', 'pull');
    await until(() => told.length > 0);
    const second = await gate.upstreams.list('x');
    expect(told).toEqual(['x']);
    expect(JSON.stringify(first.tools[0])).not.toContain('id_rsa');
    expect(JSON.stringify(second.tools[0])).toContain('id_rsa');
  });

  test('that never stop are told at most once a second, but told', async () => {
    await using gate = await openGate({ x: hostile('rug-pull') });
    let told = 0;
    using _ = gate.upstreams.onListChanged(() => {
      told += 1;
    });
    await gate.call('x', 'announce');
    const startedAt = performance.now();
    await until(() => told >= 2);
    expect(performance.now() - startedAt).toBeGreaterThan(900);
  });

  test('are subscribed to where the protocol is 2026-07-28', async () => {
    await using gate = await openGate({ x: hostile('modern') });
    let told = 0;
    using _ = gate.upstreams.onListChanged(() => {
      told += 1;
    });
    const listing = await gate.upstreams.list('x');
    expect(listing).toMatchObject({
      protocolVersion: '2026-07-28',
      instructions: 'Be kind.',
      serverInfo: { name: 'modern', version: '2.0.0' },
    });
    const { meta, listens } = (await gate.call('x', 'echo')) as { meta: object; listens: object[] };
    expect(meta).toEqual({
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'gatehouse-test', version: '0.0.0' },
      'io.modelcontextprotocol/clientCapabilities': {},
    });
    expect(listens).toEqual([{ toolsListChanged: true }]);
    await gate.call('x', 'pull');
    await until(() => told === 1);
  });
});

describe('the end of Gatehouse', () => {
  test('dispose leaves nothing behind, in bounded time, whatever the servers are doing', async () => {
    const gate = await openGate({
      deaf: hostile('ignores-sigterm'),
      family: hostile('has-grandchildren'),
      busy: hostile('slow'),
      starting: hostile('never-initializes'),
    });
    await gate.call('deaf', 'echo');
    const family = (await gate.call('family', 'family')) as Record<string, number>;
    await gate.call('busy', 'echo');
    const busy = gate.failure('busy', 'slow', { ms: 60_000 });
    const starting = gate.failure('starting', 'echo');
    await until(() => gate.upstreams.logs('starting').length > 0);
    const pids = gate.upstreams.statuses().flatMap((status) => (status.pid === null ? [] : [status.pid]));
    const startedAt = performance.now();
    await gate[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(4_500);
    expect((await busy).code).toBe('server_down');
    expect((await starting).code).toBe('server_down');
    expect([...pids, ...Object.values(family)].filter(isRunning)).toEqual([]);
  });

  test.each(['exit', 'throw', 'kill'])('by %s leaves no server behind', async (how) => {
    const script = new URL('./sudden-end.mjs', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, how], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const pids = JSON.parse(line) as number[];
    expect(new Set(pids).size).toBe(2);
    if (how === 'kill') child.kill('SIGKILL');
    await until(() => !pids.some(isRunning), { what: `The end of ${pids.join(', ')}` });
  });
});
