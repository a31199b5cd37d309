import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';
import { httpFixture, living, openGate } from './gate.ts';

const executions = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);

test('a call whose server dies while it runs is made exactly once', async () => {
  using folder = temporaryDir();
  const file = join(folder.path, 'executions');
  await using gate = await openGate({ x: living('writes', file) });
  expect(await gate.failure('x', 'write', { and: 'die' })).toMatchObject({ code: 'server_down', notSent: false });
  expect(executions(file)).toBe(1);
  expect(await gate.call('x', 'write')).toBe('written');
  expect(executions(file)).toBe(2);
});

test('a call that meets a process that has just been killed is made once, by the next one', async () => {
  using folder = temporaryDir();
  const file = join(folder.path, 'executions');
  await using gate = await openGate({ x: living('writes', file) });
  for (let round = 1; round <= 5; round += 1) {
    await gate.upstreams.restart('x');
    const pid = gate.upstreams.status('x')?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    // Into the moment between its end and our knowing of it: answered by the next process, or surely not answered.
    const outcome = await gate.call('x', 'write').catch((error: unknown) => error);
    if (outcome !== 'written') expect(outcome).toMatchObject({ code: 'server_down' });
    expect(executions(file)).toBeLessThanOrEqual(round);
    await until(() => gate.upstreams.status('x')?.pid !== pid);
  }
});

/** A server over HTTP that forgets its sessions when told; gives its URL and what it was asked. */
async function forgetful() {
  const child = spawn(process.execPath, [httpFixture, 'forgets-sessions'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const calls = async () => {
    const seen = (await (await fetch(new URL('/seen', url))).json()) as { rpc?: string; body: { params?: unknown } }[];
    return seen.filter(({ rpc }) => rpc === 'tools/call').map(({ body }) => body.params);
  };
  return { url, calls, [Symbol.dispose]: () => void child.kill() };
}

test('a call that meets a lost session is made once, in the next session', async () => {
  using server = await forgetful();
  await using gate = await openGate({ x: { url: server.url } });
  await gate.call('x', 'echo', { message: 'forget' });
  expect(await gate.call('x', 'echo', { message: 'after' })).toBe('after');
  expect(gate.upstreams.status('x')).toMatchObject({ health: 'ready', problem: null, restarts: 0 });
  // The first of the two was answered with 404: it was not run.
  expect(await server.calls()).toHaveLength(3);
});

test('a call for compared definitions is not sent in the next session before they are compared again', async () => {
  using server = await forgetful();
  await using gate = await openGate({ x: { url: server.url } });
  await gate.call('x', 'echo', { message: 'forget' });
  const expectStartedAt = gate.upstreams.status('x')?.startedAt ?? 0;
  const failure = await gate.failure('x', 'echo', { message: 'after' }, { expectStartedAt });
  expect(failure).toMatchObject({ code: 'server_down', notSent: true });
  expect(gate.upstreams.status('x')).toMatchObject({ health: 'asleep', startedAt: null });
  await gate.upstreams.list('x');
  const next = gate.upstreams.status('x')?.startedAt ?? 0;
  expect(next).toBeGreaterThan(expectStartedAt);
  expect(await gate.call('x', 'echo', { message: 'after' }, { expectStartedAt: next })).toBe('after');
});

test('a listing that meets a lost session is answered in the next one', async () => {
  using server = await forgetful();
  await using gate = await openGate({ x: { url: server.url } });
  await gate.call('x', 'echo', { message: 'forget' });
  expect((await gate.upstreams.list('x')).tools).toHaveLength(1);
});
