/** The SDK's own clients, old and new, and the Inspector against a listening gateway. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  everything,
  memoryApprovals,
  memoryProfiles,
  memoryUpstreams,
  serverRecord,
  textResult,
  toolRecord,
} from '../../doubles/rooms.ts';
import { type RunningGateway, startGateway } from '../../fixtures/gateway.ts';
import { until } from '../../fixtures/until.ts';

const run = promisify(execFile);
const authorization = 'Bearer token-ann';
const requestInit = { headers: { authorization } };

let running: RunningGateway;
beforeAll(async () => {
  const upstreams = memoryUpstreams(async (_server, request, context) => {
    context.onProgress?.({ progress: 1, total: 2 });
    context.onProgress?.({ progress: 2, total: 2, message: 'nearly' });
    return {
      ...textResult(`hello ${JSON.stringify(request.params?.arguments)}`),
      structuredContent: { ok: true },
      extra: 1,
    };
  });
  running = await startGateway({
    approvals: memoryApprovals([toolRecord('notes:search', 'read'), toolRecord('notes:add', 'write')]),
    upstreams,
  });
});
afterAll(() => running[Symbol.asyncDispose]());

async function oldClient(endpoint: string) {
  const client = new OldClient({ name: 'old', version: '1.0.0' });
  const transport = new OldTransport(new URL(endpoint), { requestInit });
  // The SDK's transport types predate exactOptionalPropertyTypes and do not fit its own interface.
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return { client, transport };
}

describe('the SDK clients', () => {
  it('v1 connects with a session, lists, calls with progress, and ends its session', async () => {
    const { client, transport } = await oldClient(running.endpoint);
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toContain('call_tool_read');
    const progress: unknown[] = [];
    const result = await client.callTool(
      { name: 'call_tool_read', arguments: { name: 'notes:search', arguments: { q: 1 } } },
      undefined,
      {
        onprogress: (step) => progress.push(step),
      },
    );
    expect(result).toMatchObject({ content: [{ text: 'hello {"q":1}' }], structuredContent: { ok: true }, extra: 1 });
    expect(progress).toEqual([
      { progress: 1, total: 2 },
      { progress: 2, total: 2, message: 'nearly' },
    ]);
    await client.ping();
    expect(running.gateway.sessions()).toContainEqual({ app: 'ann', client: 'old/1.0.0', era: 'legacy' });
    await transport.terminateSession();
    expect(running.gateway.sessions()).toEqual([]);
    await client.close();
  });

  it.each([
    ['legacy', { mode: 'legacy' as const }],
    ['auto', { mode: 'auto' as const }],
    ['pinned modern', { mode: { pin: '2026-07-28' } }],
  ])('v2 in %s mode connects, lists, and calls with progress', async (_name, versionNegotiation) => {
    const client = new ModernClient({ name: 'new', version: '2.0.0' }, { versionNegotiation });
    await client.connect(new ModernTransport(new URL(running.endpoint), { requestInit }));
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual([
      'retrieve_tools',
      'describe_tools',
      'call_tool_read',
      'call_tool_write',
      'call_tool_destructive',
      'read_result',
    ]);
    const progress: unknown[] = [];
    const result = await client.callTool(
      { name: 'call_tool_write', arguments: { name: 'notes:add', arguments: { text: 'é' } } },
      { onprogress: (step) => progress.push(step) },
    );
    expect(result.content).toEqual([{ type: 'text', text: 'hello {"text":"é"}' }]);
    expect(progress).toHaveLength(2);
    await client.close();
  });

  it('a session hears that its list changed in direct mode, and a subscription of the stateless revision too', async () => {
    await using direct = await startGateway({
      approvals: memoryApprovals([toolRecord('notes:search')]),
      profiles: memoryProfiles({ ...everything, surface: 'direct' }),
    });
    const { client: old } = await oldClient(direct.endpoint);
    let oldHeard = 0;
    old.setNotificationHandler(ToolListChangedNotificationSchema, () => void oldHeard++);
    let newHeard = 0;
    const client = new ModernClient(
      { name: 'new', version: '2' },
      {
        versionNegotiation: { mode: { pin: '2026-07-28' } },
        listChanged: { tools: { onChanged: () => void newHeard++, autoRefresh: false, debounceMs: 0 } },
      },
    );
    await client.connect(new ModernTransport(new URL(direct.endpoint), { requestInit }));
    await until(() => direct.gateway.sessions().length >= 1);
    await until(() => {
      direct.approvals.put(toolRecord(`notes:more${performance.now()}`));
      return oldHeard > 0 && newHeard > 0;
    });
    expect((await old.listTools()).tools.length).toBeGreaterThan(2);
    await old.close();
    await client.close();
  });

  it('the Inspector lists and calls', async () => {
    const inspect = async (...args: string[]) => {
      const cli = ['node_modules/.bin/mcp-inspector', '--cli', running.endpoint, '--transport', 'http'];
      const { stdout } = await run(process.execPath, [...cli, '--header', `Authorization: ${authorization}`, ...args], {
        timeout: 50_000,
      });
      return JSON.parse(stdout);
    };
    const listed = await inspect('--method', 'tools/list');
    expect(listed.tools).toHaveLength(6);
    const called = await inspect(
      '--method',
      'tools/call',
      '--tool-name',
      'call_tool_read',
      '--tool-arg',
      'name=notes:search',
    );
    expect(called.content[0].text).toContain('hello');
  });
});

describe('the SDK clients, before servers that ask back', () => {
  const direct = { ...everything, surface: 'direct' as const };
  const approvals = (protocolVersion: string) =>
    memoryApprovals([toolRecord('notes:search', 'read')], [serverRecord('notes', { protocolVersion })]);
  const params = {
    message: 'Your name?',
    requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
  };
  const question = { value: params, json: JSON.stringify(params) };
  /** A server of an older revision: it asks in the middle of the call. */
  const asksInBetween = memoryUpstreams(async (_server, _request, { caller, signal }) => {
    const answer = await caller?.ask({ method: 'elicitation/create', params: question }, signal);
    return textResult(JSON.stringify(answer?.value));
  });
  /** A server of the stateless revision: it answers with the question. */
  const asksInstead = memoryUpstreams((_server, { params: sent }) =>
    sent?.inputResponses === undefined
      ? {
          resultType: 'input_required',
          inputRequests: { name: { method: 'elicitation/create', params } },
          requestState: 'state of the server',
        }
      : textResult(JSON.stringify([(sent.inputResponses as { name: unknown }).name, sent.requestState])),
  );

  it.each([
    ['v1, before an older server', 'old', asksInBetween, '{"action":"accept","content":{"name":"Ann"}}'],
    [
      'v1, before a stateless server',
      'old',
      asksInstead,
      '[{"action":"accept","content":{"name":"Ann"}},"state of the server"]',
    ],
    ['v2, before an older server', 'new', asksInBetween, '{"action":"accept","content":{"name":"Ann"}}'],
    [
      'v2, before a stateless server',
      'new',
      asksInstead,
      '[{"action":"accept","content":{"name":"Ann"}},"state of the server"]',
    ],
  ] as const)('%s answer by themselves and get the result', async (_name, kind, upstreams, expected) => {
    await using gateway = await startGateway({
      approvals: approvals(upstreams === asksInstead ? '2026-07-28' : '2025-11-25'),
      profiles: memoryProfiles(direct),
      upstreams,
    });
    const asked: unknown[] = [];
    const accept = (request: { params: unknown }) => {
      asked.push(request.params);
      return { action: 'accept' as const, content: { name: 'Ann' } };
    };
    const info = { name: 'asked', version: '1.0.0' };
    const capabilities = { elicitation: {} };
    const use = { name: 'notes__search', arguments: {} };
    let text: string;
    if (kind === 'old') {
      const client = new OldClient(info, { capabilities });
      client.setRequestHandler(ElicitRequestSchema, accept);
      const transport = new OldTransport(new URL(gateway.endpoint), { requestInit });
      // The SDK's transport types predate exactOptionalPropertyTypes and do not fit its own interface.
      await client.connect(transport as Parameters<typeof client.connect>[0]);
      text = JSON.stringify((await client.callTool(use)).content);
      await client.close();
    } else {
      const client = new ModernClient(info, { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } });
      client.setRequestHandler('elicitation/create', accept);
      await client.connect(new ModernTransport(new URL(gateway.endpoint), { requestInit }));
      text = JSON.stringify((await client.callTool(use)).content);
      await client.close();
    }
    expect(asked).toMatchObject([{ message: 'notes asks: Your name?' }]);
    expect(JSON.parse(text)).toEqual([{ type: 'text', text: expected }]);
  });
});
