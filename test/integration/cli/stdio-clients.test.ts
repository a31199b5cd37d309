/** `gatehouse stdio` with the clients that apps are built on, against a real instance and a real server. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as TransportV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatehouse, out, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';

const folder = temporaryDir();
const bridge = {
  command: process.execPath,
  args: [join(out, 'main/cli.js'), 'stdio', '--app', 'My Editor', '--data-dir', folder.path],
};
let gate: Served;

beforeAll(async () => {
  gate = await serve(folder.path);
  await gatehouse(folder.path, 'server', 'add', 'everything', '--', ...npmServer('everything'));
  await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'everything', '--effect', 'read');
  await gatehouse(folder.path, 'app', 'token', 'My Editor', '--save');
});
afterAll(async () => {
  await gate[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const call = (message: string) => ({
  name: 'call_tool_read',
  arguments: { name: 'everything:echo', arguments: { message } },
});

describe('an app that speaks stdio', () => {
  it('calls through the bridge with SDK v1, and again after Gatehouse restarted', async () => {
    const client = new ClientV1({ name: 'v1', version: '1.0.0' });
    await client.connect(new TransportV1(bridge));
    try {
      expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('retrieve_tools');
      expect(JSON.stringify(await client.callTool(call('from v1')))).toContain('from v1');
      await gate[Symbol.asyncDispose]();
      gate = await serve(folder.path);
      expect(JSON.stringify(await client.callTool(call('after the restart')))).toContain('after the restart');
    } finally {
      await client.close();
    }
  });

  it.each([
    ['legacy', '2025-11-25'],
    ['auto', '2026-07-28'],
  ] as const)('calls through the bridge with SDK v2, negotiation %s', async (mode, version) => {
    const client = new ClientV2({ name: 'v2', version: '1.0.0' }, { versionNegotiation: { mode } });
    await client.connect(new TransportV2(bridge));
    try {
      expect(client.getNegotiatedProtocolVersion()).toBe(version);
      expect(JSON.stringify(await client.callTool(call(`from v2 ${version}`)))).toContain(`from v2 ${version}`);
      await gate[Symbol.asyncDispose]();
      gate = await serve(folder.path);
      expect(JSON.stringify(await client.callTool(call('after the restart')))).toContain('after the restart');
    } finally {
      await client.close();
    }
  });

  it('appears in the log under its own name', async () => {
    const calls = (await gatehouse(folder.path, 'log', '--tool', 'everything:echo')) as { app: string }[];
    expect(new Set(calls.map((entry) => entry.app)).size).toBe(1);
  });

  it('gets its answers although it closed stdin right after asking', async () => {
    const child = spawn(bridge.command, bridge.args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const ended = new Promise((done) => child.once('exit', done));
    child.stdin.end(
      [
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"sh","version":"1"}}}',
        '{"jsonrpc":"2.0","method":"notifications/initialized"}',
        '{"jsonrpc":"2.0","id":2,"method":"tools/list"}',
      ].join('\n'),
    );
    const [answered, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const answers = answered
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; result?: object });
    expect(answers.map(({ id }) => id).toSorted()).toEqual([1, 2]);
    for (const { result } of answers) expect(result).toBeDefined();
    expect(err).toBe('');
    expect(await ended).toBe(0);
  });

  it('without a token is told how to get one', async () => {
    const args = [join(out, 'main/cli.js'), 'stdio', '--app', 'stranger', '--data-dir', folder.path];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}\n');
    expect(JSON.parse(await text(child.stdout))).toMatchObject({
      id: 1,
      error: { message: expect.stringContaining('gatehouse app token "stranger" --save') },
    });
  });
});
