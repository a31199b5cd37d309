import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerConfig } from '@shared/contract/index.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { until } from '../../fixtures/until.ts';
import { openGate } from './gate.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-npm-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const configOf = ([command, ...args]: string[], more: Partial<ServerConfig> = {}): ServerConfig => ({
  command,
  args,
  ...more,
});

describe('real servers over stdio', () => {
  test('server-everything lists and answers', async () => {
    await using gate = await openGate({ x: configOf(npmServer('everything')) });
    const listing = await gate.upstreams.list('x');
    expect(listing.protocolVersion).toBe('2025-11-25');
    expect(listing.tools.length).toBeGreaterThan(10);
    expect(listing.prompts.length).toBeGreaterThan(0);
    expect(listing.resources.length).toBeGreaterThan(0);
    expect(listing.resourceTemplates.length).toBeGreaterThan(0);
    expect(await gate.call('x', 'echo', { message: 'hi' })).toBe('Echo: hi');
    const progress: unknown[] = [];
    await gate.call(
      'x',
      'trigger-long-running-operation',
      { duration: 1, steps: 4 },
      { onProgress: (one) => progress.push(one.progress) },
    );
    expect(progress).toEqual([1, 2, 3, 4]);
  });

  test('server-filesystem reads what is in its folder and refuses the rest', async () => {
    writeFileSync(join(folder, 'hello.txt'), 'hello from disk');
    await using gate = await openGate({ x: configOf(npmServer('filesystem', folder)) });
    expect(await gate.call('x', 'read_text_file', { path: join(folder, 'hello.txt') })).toBe('hello from disk');
    expect(String(await gate.call('x', 'read_text_file', { path: '/etc/passwd' }))).toContain('Access denied');
  });

  test('server-memory remembers over a restart', async () => {
    const env = { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') };
    await using gate = await openGate({ x: configOf(npmServer('memory'), { env }) });
    const entities = [{ name: 'Ada', entityType: 'person', observations: ['counts'] }];
    await gate.call('x', 'create_entities', { entities });
    await gate.upstreams.restart('x');
    expect(JSON.stringify(await gate.call('x', 'read_graph'))).toContain('Ada');
  });
});

describe('server-everything over HTTP', () => {
  const serve = async (mode: 'streamableHttp' | 'sse') => {
    const port = await freePort();
    const [command = '', ...args] = npmServer('everything', mode);
    const child = spawn(command, args, { env: { ...process.env, PORT: String(port) }, stdio: 'ignore' });
    await until(() => fetch(`http://127.0.0.1:${port}/none`).then(() => true), { what: `${mode} on port ${port}` });
    return {
      url: `http://127.0.0.1:${port}/${mode === 'sse' ? 'sse' : 'mcp'}`,
      [Symbol.asyncDispose]: async () => {
        child.kill('SIGKILL');
        await until(() => child.exitCode !== null || child.signalCode !== null);
      },
    };
  };

  test.each([
    ['streamableHttp', undefined],
    ['sse', undefined],
    ['sse', 'sse'],
  ] as const)('%s (type %s) lists, answers, reports progress', async (mode, type) => {
    await using server = await serve(mode);
    await using gate = await openGate({ x: { url: server.url, ...(type && { type }) } });
    expect((await gate.upstreams.list('x')).tools.length).toBeGreaterThan(10);
    expect(await gate.call('x', 'echo', { message: 'hi' })).toBe('Echo: hi');
    const progress: unknown[] = [];
    await gate.call(
      'x',
      'trigger-long-running-operation',
      { duration: 1, steps: 4 },
      { onProgress: (one) => progress.push(one.progress) },
    );
    expect(progress).toEqual([1, 2, 3, 4]);
  });

  test('sse that breaks off ends the calls on it', async () => {
    const server = await serve('sse');
    await using gate = await openGate({ x: { url: server.url } });
    await gate.call('x', 'echo', { message: 'hi' });
    const running = gate.failure('x', 'trigger-long-running-operation', { duration: 60, steps: 2 });
    await until(() => gate.upstreams.status('x')?.running === 1);
    await server[Symbol.asyncDispose]();
    expect((await running).code).toBe('server_down');
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}
