/** The direct surface, chosen by a profile in policy.json, as an SDK v1 client in a session sees it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatehouse, runCommand, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { until } from '../../fixtures/until.ts';

describe('An app whose profile says direct', () => {
  const folder = temporaryDir();
  const client = new Client({ name: 'v1', version: '1.0.0' });
  let gate: Served;
  let changes = 0;
  /** Without read_result, which pages long answers on every surface. */
  const names = async () =>
    (await client.listTools()).tools.map((tool) => tool.name).filter((name) => name !== 'read_result');
  const call = async (name: string, args: Record<string, unknown>) => client.callTool({ name, arguments: args });

  beforeAll(async () => {
    const profiles = { straight: { surface: 'direct', servers: ['everything'], effects: ['read'] } };
    writeFileSync(join(folder.path, 'policy.json'), JSON.stringify({ profiles }));
    gate = await serve(folder.path);
    for (const name of ['everything', 'memory'] as const) {
      await gatehouse(folder.path, 'server', 'add', name, '--', ...npmServer(name));
    }
    await gatehouse(folder.path, 'tool', 'approve', 'everything:echo', 'memory:read_graph', '--effect', 'read');
    await gatehouse(folder.path, 'tool', 'approve', 'everything:get-env', '--effect', 'destructive');
    const issued = await gatehouse(folder.path, 'app', 'token', 'v1', '--profile', 'straight');
    const { token } = issued as { token: string };
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
      changes += 1;
    });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    const transport = new StreamableHTTPClientTransport(new URL(gate.endpoint), { requestInit });
    // The v1 SDK declares its own transport with an optional field as undefined, which exact types reject.
    await client.connect(transport as Parameters<typeof client.connect>[0]);
  });
  afterAll(async () => {
    await client.close();
    await gate?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('sees and calls exactly the tools it may, under their direct names', async () => {
    expect(await names()).toEqual(['everything__echo']);
    expect(await call('everything__echo', { message: 'straight on' })).toMatchObject({
      content: [{ text: expect.stringContaining('straight on') }],
    });
    for (const name of ['everything__get-sum', 'everything__get-env', 'memory__read_graph', 'call_tool_read']) {
      expect(await call(name, {})).toMatchObject({ isError: true });
    }
  });

  it('hears that its list changed when a tool is approved, and when one is blocked', async () => {
    const before = changes;
    await gatehouse(folder.path, 'tool', 'approve', 'everything:get-sum', '--effect', 'read');
    await until(() => changes > before);
    expect(await names()).toEqual(['everything__echo', 'everything__get-sum']);
    expect(await call('everything__get-sum', { a: 2, b: 3 })).toMatchObject({
      content: [{ text: expect.stringContaining('5') }],
    });
    const approved = changes;
    await gatehouse(folder.path, 'tool', 'block', 'everything:echo');
    await until(() => changes > approved);
    expect(await names()).toEqual(['everything__get-sum']);
    expect(await call('everything__echo', { message: 'x' })).toMatchObject({ isError: true });
  });

  it('hears nothing of tools that are not its own', async () => {
    const before = changes;
    await gatehouse(folder.path, 'tool', 'approve', 'memory:search_nodes', '--effect', 'read');
    await gatehouse(folder.path, 'tool', 'approve', 'everything:get-tiny-image', '--effect', 'read');
    // The second change is heard; with the first one it would have been two.
    await until(() => changes > before);
    expect(changes).toBe(before + 1);
  });

  it('sees something else as soon as policy.json says so', async () => {
    const profiles = { straight: { surface: 'discover', servers: ['everything'], effects: ['read'] } };
    const before = changes;
    writeFileSync(join(folder.path, 'policy.json'), JSON.stringify({ profiles }));
    await until(() => changes > before);
    expect(await names()).toContain('retrieve_tools');
    expect(await names()).not.toContain('everything__get-sum');
    const pinned = ['everything:get-sum', 'memory:read_graph'];
    const changed = changes;
    writeFileSync(
      join(folder.path, 'policy.json'),
      JSON.stringify({ profiles: { straight: { ...profiles.straight, surface: 'hybrid', pinned } } }),
    );
    await until(() => changes > changed);
    expect(await names()).toContain('retrieve_tools');
    expect((await names()).filter((name) => name.includes('__'))).toEqual(['everything__get-sum']);
    expect(await call('everything__get-sum', { a: 2, b: 3 })).toMatchObject({
      content: [{ text: expect.stringContaining('5') }],
    });
    expect((await runCommand(folder.path, ['status'])).code).toBe(0);
  });
});
