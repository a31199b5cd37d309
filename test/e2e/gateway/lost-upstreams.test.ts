/** What becomes of a call whose server loses its session, dies, or was asleep: through the whole of Gatehouse. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { connectAgent } from '../../fixtures/agent.ts';
import { gatehouse, serve, start, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';

const fixtures = resolve(import.meta.dirname, '../../fixtures/servers');

test('a write that meets a lost session succeeds and is made once', async () => {
  using data = temporaryDir();
  await using server = await start([join(fixtures, 'http.mjs'), 'forgets-sessions']);
  await using gate = await serve(data.path);
  await gatehouse(data.path, 'server', 'add', 'notes', '--url', server.line);
  await gatehouse(data.path, 'tool', 'approve', 'notes:echo', '--effect', 'write');
  await using agent = await connectAgent(gate);

  const calls = async () => {
    const seen = (await (await fetch(new URL('/seen', server.line))).json()) as Record<string, unknown>[];
    return seen.filter(({ rpc }) => rpc === 'tools/call');
  };
  expect(await agent.write('notes:echo', { message: 'forget' })).toMatchObject({ isError: false });
  expect(await agent.write('notes:echo', { message: 'after' })).toMatchObject({ isError: false, text: 'after' });
  // One that made the server forget, one answered with 404 and so not run, one that was run.
  expect(await calls()).toHaveLength(3);
});

test('a write whose server dies while it runs is made once and said to be uncertain', async () => {
  using data = temporaryDir();
  const file = join(data.path, 'executions');
  const executions = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);
  await using gate = await serve(data.path);
  await gatehouse(
    data.path,
    ...['server', 'add', 'diary', '--', process.execPath, join(fixtures, 'living.mjs'), 'writes', file],
  );
  await gatehouse(data.path, 'tool', 'approve', 'diary:write', '--effect', 'write');
  await using agent = await connectAgent(gate);

  expect(await agent.write('diary:write', { and: 'die' })).toMatchObject({ isError: true, code: 'server_down' });
  expect(executions()).toBe(1);
  expect(await agent.write('diary:write', {})).toMatchObject({ isError: false, text: 'written' });
  expect(executions()).toBe(2);
});

test('a server that nobody used sleeps, and is started, compared and called at its next use', async () => {
  using data = temporaryDir();
  await using gate = await serve(data.path);
  await gatehouse(
    data.path,
    ...['server', 'add', 'short', '--', process.execPath, join(fixtures, 'living.mjs'), 'plain'],
  );
  await gatehouse(data.path, 'tool', 'approve', 'short:pid', '--effect', 'read');
  const file = join(data.path, 'servers.json');
  const declared = JSON.parse(readFileSync(file, 'utf8')) as { mcpServers: Record<string, object> };
  const short = { ...declared.mcpServers.short, gatehouse: { idleMinutes: 0.02 } };
  writeFileSync(file, JSON.stringify({ mcpServers: { short } }));
  await using agent = await connectAgent(gate);
  const first = await agent.read('short:pid', {});
  const server = async () => (await gatehouse(data.path, 'server', 'show', 'short')) as Record<string, unknown>;
  await until(async () => (await server()).health === 'asleep', { timeoutMs: 30_000 });
  expect(await server()).toMatchObject({ approval: 'approved', problem: null, pid: null });
  const second = await agent.read('short:pid', {});
  expect([first.isError, second.isError]).toEqual([false, false]);
  expect(second.text).not.toBe(first.text);
});
