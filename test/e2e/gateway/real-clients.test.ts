import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAgent } from '../../fixtures/agent.ts';
import { gatehouse, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';

const run = promisify(execFile);
const ownTools = [
  'call_tool_destructive',
  'call_tool_read',
  'call_tool_write',
  'describe_tools',
  'read_result',
  'retrieve_tools',
];

describe('Real clients list and call through the gateway', () => {
  const folder = temporaryDir();
  let gate: Served;

  beforeAll(async () => {
    gate = await serve(folder.path);
    await gatehouse(folder.path, 'server', 'add', 'everything', '--', ...npmServer('everything'));
    await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'everything', '--effect', 'read');
  });
  afterAll(async () => {
    await gate[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('SDK v1 client over a session', async () => {
    const { token } = (await gatehouse(folder.path, 'app', 'token', 'v1')) as { token: string };
    const client = new ClientV1({ name: 'v1', version: '1.0.0' });
    const headers = { authorization: `Bearer ${token}` };
    const transport = new TransportV1(new URL(gate.endpoint), { requestInit: { headers } });
    // The v1 SDK declares its own transport with an optional field as undefined, which exact types reject.
    await client.connect(transport as Parameters<typeof client.connect>[0]);
    try {
      const { tools } = await client.listTools();
      expect(tools.map((tool) => tool.name).toSorted()).toEqual(ownTools);
      const result = await client.callTool({
        name: 'call_tool_read',
        arguments: { name: 'everything:echo', arguments: { message: 'from v1' } },
      });
      expect(JSON.stringify(result.content)).toContain('from v1');
    } finally {
      await client.close();
    }
  });

  it.each([
    ['legacy', '2025-11-25'],
    ['auto', '2026-07-28'],
    [{ pin: '2026-07-28' }, '2026-07-28'],
  ] as const)('SDK v2 client, negotiation %j, speaks %s', async (mode, version) => {
    await using agent = await connectAgent(gate, { app: 'v2', mode });
    expect(agent.client.getNegotiatedProtocolVersion()).toBe(version);
    const { tools } = await agent.client.listTools();
    expect(tools.map((tool) => tool.name).toSorted()).toEqual(ownTools);
    const result = await agent.read('everything:echo', { message: `from v2 ${version}` });
    expect(result.text).toContain(`from v2 ${version}`);
  });

  it('the MCP Inspector command line', async () => {
    const { token } = (await gatehouse(folder.path, 'app', 'token', 'inspector')) as { token: string };
    const inspect = async (...args: string[]) => {
      const { stdout } = await run('node_modules/.bin/mcp-inspector', [
        '--cli',
        gate.endpoint,
        '--transport',
        'http',
        '--header',
        `Authorization: Bearer ${token}`,
        ...args,
      ]);
      return stdout;
    };
    const listed = await inspect('--method', 'tools/list');
    for (const name of ownTools) expect(listed).toContain(`"${name}"`);
    const called = await inspect('--method', 'tools/call', '--tool-name', 'retrieve_tools', '--tool-arg', 'query=echo');
    expect(called).toContain('everything:echo');
  });

  it('a client sees one server under its original names at its own address', async () => {
    await using agent = await connectAgent(gate, { app: 'direct', path: '/servers/everything' });
    const { tools } = await agent.client.listTools();
    expect(tools.map((tool) => tool.name)).toContain('echo');
    expect((await agent.use('echo', { message: 'unprefixed' })).text).toContain('unprefixed');
  });
});
