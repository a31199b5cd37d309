/** Errors of servers, and refusals of requests that are no tool calls, as apps get them. */
import { describe, expect, it } from 'vitest';
import { UpstreamError } from '../../../src/main/upstreams/index.ts';
import {
  everything,
  memoryApprovals,
  memoryProfiles,
  memoryUpstreams,
  promptRecord,
  resourceRecord,
  toolRecord,
} from '../../doubles/rooms.ts';
import { modern, post, refusalOf, startGateway } from '../../fixtures/gateway.ts';
import { openSession } from '../../fixtures/legacy-session.ts';

const direct = () => memoryProfiles({ ...everything, surface: 'direct' });
const failing = (code: number, message = 'no', data?: unknown) =>
  memoryUpstreams(() => {
    const rpcError = { code, message, ...(data !== undefined && { data }) };
    throw new UpstreamError('upstream_error', message, { notSent: false, rpcError });
  });
const notes = () => memoryApprovals([toolRecord('notes:search', 'read')]);

async function callModern(endpoint: string, name: string, args: Record<string, unknown> = {}) {
  const { body, headers } = modern('tools/call', { name, arguments: args });
  const answered = await post(endpoint, body, headers);
  return { status: answered.status, ...(answered.json() as { error?: unknown; result?: Record<string, unknown> }) };
}

describe("a server's own error", () => {
  it.each([
    ['an unknown tool', -32602, 200],
    ['an unknown method', -32601, 200],
    ["the server's own code", 4711, 200],
    ['a missing capability, which this revision answers with 400', -32021, 400],
  ])('is passed on where the app speaks to the tool itself: %s', async (_what, code, status) => {
    const data = { requiredCapabilities: { sampling: {} }, deep: [1] };
    await using running = await startGateway({
      approvals: notes(),
      profiles: direct(),
      upstreams: failing(code, 'as the server says', data),
    });
    for (const [url, name] of [
      [running.endpoint, 'notes__search'],
      [`${running.endpoint}/servers/notes`, 'search'],
    ] as const) {
      const answered = await callModern(url, name);
      expect(answered.error).toEqual({ code, message: 'as the server says', data });
      expect(answered.status).toBe(status);
      expect(running.audit.last().end).toMatchObject({ status: 'failed', code: 'upstream_error' });
    }
  });

  it('is told as a refusal in discover mode, where the app did not name the tool to the server', async () => {
    await using running = await startGateway({ approvals: notes(), upstreams: failing(-32602) });
    const { result = {} } = await callModern(running.endpoint, 'call_tool_read', { name: 'notes:search' });
    expect(refusalOf(result)).toMatchObject({ code: 'upstream_error' });
  });

  it.each([-32020, -32022])(
    'is not passed on when it is about the connection between Gatehouse and the server: %i',
    async (code) => {
      await using running = await startGateway({ approvals: notes(), profiles: direct(), upstreams: failing(code) });
      const { result = {} } = await callModern(running.endpoint, 'notes__search');
      expect(refusalOf(result)).toMatchObject({ code: 'upstream_error' });
    },
  );

  it('that asks to open an address first reaches the apps whose revision knows it, and only those', async () => {
    const data = { elicitations: [{ mode: 'url', elicitationId: 'e', url: 'https://example.com', message: 'open' }] };
    await using running = await startGateway({ approvals: notes(), upstreams: failing(-32042, 'open first', data) });
    const session = await openSession(running.endpoint);
    const params = { name: 'call_tool_read', arguments: { name: 'notes:search' } };
    expect(await session.request('tools/call', params)).toMatchObject({ error: { code: -32042, data } });
    const { result = {} } = await callModern(running.endpoint, 'call_tool_read', { name: 'notes:search' });
    expect(refusalOf(result)).toMatchObject({ code: 'upstream_error' });
  });
});

describe('a request that is no tool call', () => {
  const rooms = () => ({
    approvals: memoryApprovals([
      promptRecord('notes', 'greet'),
      { ...promptRecord('notes', 'new'), state: 'pending' as const },
      resourceRecord('notes', 'note://1'),
    ]),
  });
  const at = (endpoint: string) => `${endpoint}/servers/notes`;
  const ask = async (endpoint: string, method: string, params: Record<string, unknown>) => {
    const { body, headers } = modern(method, params);
    const name = params.uri ?? params.name;
    const answered = await post(endpoint, body, { ...headers, ...(typeof name === 'string' && { 'mcp-name': name }) });
    return {
      status: answered.status,
      ...(answered.json() as { error?: { code: number; data?: object }; result?: object }),
    };
  };

  it('goes the same way as a call and leaves a record of its own', async () => {
    await using running = await startGateway(rooms());
    running.upstreams.answer = (_server, { method }) => ({ messages: [], of: method });
    const { result } = await ask(at(running.endpoint), 'prompts/get', { name: 'greet', arguments: { who: 'x' } });
    expect(result).toEqual({ resultType: 'complete', messages: [], of: 'prompts/get' });
    const record = running.audit.last();
    expect(record).toMatchObject({ method: 'prompts/get', server: 'notes', tool: 'greet', effect: 'read' });
    expect(record.trail.map((step) => step.stage)).toContain('approval');
    expect(record.end).toMatchObject({ status: 'done' });
  });

  it('says how long a read holds when the server does not: not at all, and for this app only', async () => {
    await using running = await startGateway(rooms());
    running.upstreams.answer = () => ({ contents: [] });
    const { result } = await ask(at(running.endpoint), 'resources/read', { uri: 'note://1' });
    expect(result).toEqual({ resultType: 'complete', ttlMs: 0, cacheScope: 'private', contents: [] });
    running.upstreams.answer = () => ({ contents: [], ttlMs: 5, cacheScope: 'public', resultType: 'complete' });
    const again = await ask(at(running.endpoint), 'resources/read', { uri: 'note://1' });
    expect(again.result).toEqual({ contents: [], ttlMs: 5, cacheScope: 'public', resultType: 'complete' });
  });

  it('is refused with an error of Gatehouse, which says why as a refusal does', async () => {
    await using running = await startGateway(rooms());
    const held = await ask(at(running.endpoint), 'prompts/get', { name: 'new' });
    expect(held.error).toMatchObject({ code: -31001, data: { 'gatehouse/refusal': { code: 'quarantined' } } });
    running.gate.pause('console');
    const paused = await ask(at(running.endpoint), 'prompts/get', { name: 'greet' });
    expect(paused.error).toMatchObject({
      code: -31001,
      data: { 'gatehouse/refusal': { code: 'paused', whoCanFix: 'person', tool: 'greet' } },
    });
    expect(running.upstreams.requests).toEqual([]);
  });

  it('needs a profile that may read', async () => {
    await using running = await startGateway({
      ...rooms(),
      profiles: memoryProfiles({ ...everything, effects: ['write'] }),
    });
    const { error } = await ask(at(running.endpoint), 'prompts/get', { name: 'greet' });
    expect(error).toMatchObject({ code: -32602, data: { 'gatehouse/refusal': { code: 'not_in_profile' } } });
    expect(running.upstreams.requests).toEqual([]);
  });

  it('for a resource nobody offers is not found, in the words of the revision', async () => {
    await using running = await startGateway({ ...rooms(), upstreams: failing(-32002, 'gone', { uri: 'note://1' }) });
    const session = await openSession(at(running.endpoint));
    expect(await session.request('resources/read', { uri: 'note://9' })).toMatchObject({
      error: { code: -32002, data: { uri: 'note://9' } },
    });
    expect((await ask(at(running.endpoint), 'resources/read', { uri: 'note://9' })).error).toMatchObject({
      code: -32602,
      data: { uri: 'note://9' },
    });
    // And the same when the server says so.
    expect(await session.request('resources/read', { uri: 'note://1' })).toMatchObject({ error: { code: -32002 } });
    expect((await ask(at(running.endpoint), 'resources/read', { uri: 'note://1' })).error).toEqual({
      code: -32602,
      message: 'gone',
      data: { uri: 'note://1' },
    });
  });
});

describe('a header that mirrors an argument', () => {
  const schema = {
    type: 'object' as const,
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      at: { type: 'object', properties: { count: { type: 'integer', 'x-mcp-header': 'Count' } } },
    },
  };
  const rooms = () => ({
    approvals: memoryApprovals([toolRecord('notes:search', 'read', { inputSchema: schema })]),
    profiles: direct(),
  });
  const call = async (endpoint: string, args: Record<string, unknown>, headers: Record<string, string>) => {
    const request = modern('tools/call', { name: 'notes__search', arguments: args });
    return post(endpoint, request.body, { ...request.headers, ...headers });
  };

  it.each([
    ['missing', { region: 'eu' }, {}],
    ['of another value', { region: 'eu' }, { 'mcp-param-region': 'us' }],
    ['of another case', { region: 'eu' }, { 'mcp-param-region': 'EU' }],
    ['not valid base64', { region: 'eu' }, { 'mcp-param-region': '=?base64?e?=' }],
    ['of another number', { at: { count: 42 } }, { 'mcp-param-count': '43' }],
  ])('is refused with 400 when it is %s', async (_what, args, headers) => {
    await using running = await startGateway(rooms());
    const answered = await call(running.endpoint, args, headers);
    expect(answered.status).toBe(400);
    expect(answered.json()).toMatchObject({ error: { code: -32020 } });
    expect(running.upstreams.requests).toEqual([]);
  });

  it.each([
    ['says the same', { region: 'eu' }, { 'mcp-param-region': 'eu' }],
    ['says the same in base64', { region: 'é' }, { 'mcp-param-region': '=?base64?w6k=?=' }],
    ['says the same number', { at: { count: 42 } }, { 'mcp-param-count': '42.0' }],
    ['has no argument to mirror', { other: 1 }, { 'mcp-param-region': 'us' }],
  ])('lets the call through when it %s', async (_what, args, headers) => {
    await using running = await startGateway(rooms());
    expect((await call(running.endpoint, args, headers)).status).toBe(200);
    expect(running.upstreams.requests).toHaveLength(1);
  });

  it('is not looked at for a tool that is held, so that its schema stays hidden', async () => {
    const held = { ...toolRecord('notes:search', 'read', { inputSchema: schema }), state: 'pending' as const };
    await using running = await startGateway({ ...rooms(), approvals: memoryApprovals([held]) });
    const answered = await call(running.endpoint, { region: 'eu' }, {});
    expect(refusalOf(answered.json().result as Record<string, unknown>)).toMatchObject({ code: 'quarantined' });
  });
});
