/** The endpoint over a real socket: what is refused, in which words of HTTP, and what stays up while it is refused. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PortTakenError } from '../../../src/main/gateway/index.ts';
import { memoryApprovals, toolRecord } from '../../doubles/rooms.ts';
import { ask, goodHeaders, modern, post, type RunningGateway, startGateway } from '../../fixtures/gateway.ts';
import { until } from '../../fixtures/until.ts';

let running: RunningGateway;
beforeAll(async () => {
  running = await startGateway({
    approvals: memoryApprovals([toolRecord('notes:search')]),
    options: { times: { headersMs: 300, requestMs: 600 } },
  });
});
afterAll(() => running[Symbol.asyncDispose]());

/** Writes text on a socket and gives everything that comes back until it closes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error) => (answer ? resolve(answer) : reject(error)));
  });
}

const initialize = (id = 1, protocolVersion = '2025-11-25') => ({
  jsonrpc: '2.0',
  id,
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
});
async function openSession(headers: Record<string, string> = {}): Promise<string> {
  const answered = await post(running.endpoint, initialize(), headers);
  return answered.headers.get('mcp-session-id') ?? '';
}
const get = (headers: Record<string, string>, method = 'GET') =>
  fetch(running.endpoint, { method, headers: { authorization: goodHeaders.authorization, ...headers } });

describe('the endpoint', () => {
  it('listens on 127.0.0.1 only', async () => {
    const outside = new Promise((resolve) => {
      connect(running.port, '::1')
        .on('error', () => resolve('refused'))
        .on('connect', () => resolve('open'));
    });
    expect(await outside).toBe('refused');
  });

  it('never sends a CORS header, not even to a preflight', async () => {
    const preflight = await fetch(running.endpoint, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:6274', 'access-control-request-method': 'POST' },
    });
    const answered = await post(running.endpoint, modern('tools/list').body, {
      ...modern('tools/list').headers,
      origin: 'http://localhost:6274',
    });
    expect(preflight.status).toBe(405);
    expect(answered.status).toBe(200);
    for (const headers of [preflight.headers, answered.headers]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it.each([
    ['a body that is not JSON', '{', 400, -32700],
    ['an empty body', '', 400, -32700],
    ['a batch', [{ jsonrpc: '2.0', id: 1, method: 'ping' }], 400, -32600],
    ['JSON that is no message', { hello: 1 }, 400, -32600],
    ['an id of null', { jsonrpc: '2.0', id: null, method: 'ping' }, 400, -32600],
  ])('answers %s with %s', async (_what, body, status, code) => {
    const answered = await post(running.endpoint, body);
    expect(answered.status).toBe(status);
    expect(answered.json()).toMatchObject({ error: { code } });
  });

  it('answers a body with broken UTF-8 as one that is not JSON', async () => {
    const response = await fetch(running.endpoint, {
      method: 'POST',
      headers: goodHeaders,
      body: new Uint8Array([0x22, 0xff, 0x22]),
    });
    expect(response.status).toBe(400);
  });

  it('stays up under a body nested two million deep', async () => {
    const deep = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}}}`;
    const answered = await post(running.endpoint, deep, { 'mcp-session-id': await openSession() });
    expect(answered.status).toBeLessThanOrEqual(500);
    expect(await ask(running.endpoint, 'tools/list')).toHaveProperty('tools');
  });

  it('answers 413 to too large a body, announced or not', async () => {
    const big = 'x'.repeat(5 * 1024 * 1024);
    expect((await post(running.endpoint, big)).status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 80; i++) controller.enqueue(new Uint8Array(64 * 1024));
        controller.close();
      },
    });
    const chunked = await fetch(running.endpoint, {
      method: 'POST',
      headers: goodHeaders,
      body: stream,
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
  });

  it('gives up on a client that sends its headers or its body too slowly', async () => {
    const headers = await raw(running.port, 'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
    expect(headers).toMatch(/^HTTP\/1\.1 408/);
    const body = await raw(
      running.port,
      `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${running.port}\r\nAuthorization: Bearer token-ann\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    );
    expect(body).toMatch(/^HTTP\/1\.1 408/);
  });

  it.each([
    ['two Host headers', 'Host: 127.0.0.1:PORT\r\nHost: evil.example\r\n'],
    ['no Host header', ''],
    ['a header that is folded', 'Host: 127.0.0.1:PORT\r\nAuthorization: Bearer\r\n token-ann\r\n'],
    ['both lengths', 'Host: 127.0.0.1:PORT\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
  ])('refuses %s', async (_what, lines) => {
    const text = `POST /mcp HTTP/1.1\r\n${lines.replaceAll('PORT', String(running.port))}Connection: close\r\n\r\n`;
    expect(await raw(running.port, text)).toMatch(/^HTTP\/1\.1 4\d\d/);
  });

  it('says which port is taken and what to do', async () => {
    await using other = await startGateway();
    const taken = other.gateway.listen({ port: running.port });
    await expect(taken).rejects.toThrow(PortTakenError);
    await expect(taken).rejects.toThrow(
      `Port ${running.port} on 127.0.0.1 is used by another program. End that program, or choose another port`,
    );
    expect(await ask(other.endpoint, 'tools/list')).toHaveProperty('tools');
  });

  it('moves to another port and leaves the old one', async () => {
    await using moving = await startGateway();
    const moved = await moving.gateway.listen({ port: 0 });
    expect(moved.port).toBe(moving.gateway.address()?.port);
    expect(await ask(moved.endpoint, 'tools/list')).toHaveProperty('tools');
    await expect(ask(moving.endpoint, 'tools/list')).rejects.toThrow();
  });
});

describe('sessions', () => {
  it.each(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])(
    'speaks %s with who asks for it',
    async (version) => {
      const answered = await post(running.endpoint, initialize(1, version));
      expect(answered.json()).toMatchObject({
        result: { protocolVersion: version, serverInfo: { name: 'gatehouse' } },
      });
      expect(answered.headers.get('mcp-session-id')).toMatch(/^[\x21-\x7e]{32,}$/);
    },
  );

  it('offers its newest session revision to who asks for another', async () => {
    expect((await post(running.endpoint, initialize(1, '2030-01-01'))).json()).toMatchObject({
      result: { protocolVersion: '2025-11-25' },
    });
  });

  it('serves the methods of a session and answers others with method not found', async () => {
    const session = { 'mcp-session-id': await openSession() };
    const request = async (method: string, params = {}) =>
      (await post(running.endpoint, { jsonrpc: '2.0', id: 2, method, params }, session)).json();
    expect(await request('ping')).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
    expect(await request('prompts/list')).toMatchObject({ result: { prompts: [] } });
    expect(await request('resources/list')).toMatchObject({ result: { resources: [] } });
    expect(await request('logging/setLevel', { level: 'info' })).toMatchObject({ result: {} });
    expect(await request('logging/setLevel', { level: 'loud' })).toMatchObject({ error: { code: -32602 } });
    expect(await request('tools/list', { cursor: 'x' })).toMatchObject({ error: { code: -32602 } });
    expect(await request('tools/call', { name: 5 })).toMatchObject({ error: { code: -32602 } });
    expect(await request('nonsense')).toMatchObject({ error: { code: -32601 } });
    const notified = await post(running.endpoint, { jsonrpc: '2.0', method: 'notifications/initialized' }, session);
    expect([notified.status, notified.text]).toEqual([202, '']);
    expect((await post(running.endpoint, { jsonrpc: '2.0', id: 9, result: {} }, session)).status).toBe(202);
  });

  it('needs the session of the same app on the same path', async () => {
    const mine = await openSession();
    const ping = (headers: Record<string, string>, path = '') =>
      post(running.endpoint + path, { jsonrpc: '2.0', id: 1, method: 'ping' }, headers);
    expect((await ping({})).status).toBe(400);
    expect((await ping({ 'mcp-session-id': 'made-up' })).status).toBe(404);
    expect((await ping({ 'mcp-session-id': mine, authorization: 'Bearer token-bob' })).status).toBe(404);
    expect((await ping({ 'mcp-session-id': mine }, '/servers/notes')).status).toBe(404);
    expect((await ping({ 'mcp-session-id': mine, 'mcp-protocol-version': '1999-01-01' })).status).toBe(400);
    expect((await ping({ 'mcp-session-id': mine })).status).toBe(200);
  });

  it('ends with DELETE, by its own app only', async () => {
    const mine = await openSession();
    expect((await get({ 'mcp-session-id': mine, authorization: 'Bearer token-bob' }, 'DELETE')).status).toBe(404);
    expect((await get({ 'mcp-session-id': mine }, 'DELETE')).status).toBe(200);
    expect((await get({ 'mcp-session-id': mine }, 'DELETE')).status).toBe(404);
    expect(
      (await post(running.endpoint, { jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-session-id': mine })).status,
    ).toBe(404);
  });

  it('has one stream; who comes back gets a new one and the old one ends', async () => {
    const session = { 'mcp-session-id': await openSession(), accept: 'text/event-stream' };
    const first = await get(session);
    expect(first.headers.get('content-type')).toBe('text/event-stream');
    const second = await get(session);
    expect(await first.text()).toBe('');
    await get({ 'mcp-session-id': session['mcp-session-id'] }, 'DELETE');
    expect(await second.text()).toBe('');
  });

  it('has neither stream nor DELETE in the stateless revision', async () => {
    const version = { 'mcp-protocol-version': '2026-07-28' };
    expect((await get(version)).status).toBe(405);
    expect((await get(version, 'DELETE')).status).toBe(405);
    expect((await get({})).status).toBe(400);
  });

  it('are bounded: the one used longest ago ends first', async () => {
    await using full = await startGateway();
    const open = async () => (await post(full.endpoint, initialize())).headers.get('mcp-session-id') ?? '';
    const first = await open();
    const second = await open();
    const ping = async (id: string) =>
      (await post(full.endpoint, { jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-session-id': id })).status;
    for (let i = 0; i < 254; i++) await open();
    expect(await ping(first)).toBe(200);
    await open();
    expect(await ping(second)).toBe(404);
    expect(await ping(first)).toBe(200);
    expect(full.gateway.sessions()).toHaveLength(256);
  });

  it('end at once when the person disconnects the app', async () => {
    await using mine = await startGateway();
    const id = (await post(mine.endpoint, initialize())).headers.get('mcp-session-id') ?? '';
    const stream = await fetch(mine.endpoint, {
      headers: { authorization: goodHeaders.authorization, 'mcp-session-id': id },
    });
    mine.apps.revoke('ann');
    expect(await stream.text()).toBe('');
    expect(mine.gateway.sessions()).toEqual([]);
    expect(
      (await post(mine.endpoint, { jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-session-id': id })).status,
    ).toBe(401);
  });
});

describe('the stateless revision', () => {
  it('is discovered with what it serves', async () => {
    expect(await ask(running.endpoint, 'server/discover')).toMatchObject({
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: true } },
      resultType: 'complete',
      ttlMs: expect.any(Number),
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'gatehouse' } },
    });
  });

  it.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe', 'nonsense'])(
    'answers %s with 404 and method not found',
    async (method) => {
      const request = modern(method, { uri: 'x:y' });
      const answered = await post(running.endpoint, request.body, { ...request.headers, 'mcp-name': 'x:y' });
      expect(answered.status).toBe(404);
      expect(answered.json()).toMatchObject({ error: { code: -32601 } });
    },
  );

  it('refuses headers that disagree with the body', async () => {
    const { body, headers } = modern('tools/list');
    const answered = await post(running.endpoint, body, { ...headers, 'mcp-method': 'tools/call' });
    expect(answered.status).toBe(400);
    expect(answered.json()).toMatchObject({ id: 1, error: { code: -32020 } });
  });

  it('marks every list with a type, a time and a scope', async () => {
    for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']) {
      expect(await ask(running.endpoint, method)).toMatchObject({ resultType: 'complete', cacheScope: 'private' });
    }
  });

  it('acknowledges a subscription first and closes it with its result', async () => {
    await using mine = await startGateway();
    const { body, headers } = modern(
      'subscriptions/listen',
      { notifications: { toolsListChanged: true, promptsListChanged: false, somethingElse: true } },
      'sub',
    );
    const response = await fetch(mine.endpoint, {
      method: 'POST',
      headers: { ...goodHeaders, ...headers },
      body: JSON.stringify(body),
    });
    await until(() => mine.gateway.sessions().length === 1);
    await mine.gateway.close();
    const frames = [...(await response.text()).matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? ''));
    const subscription = { 'io.modelcontextprotocol/subscriptionId': 'sub' };
    expect(frames).toMatchObject([
      {
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: { toolsListChanged: true }, _meta: subscription },
      },
      { id: 'sub', result: { resultType: 'complete', _meta: subscription } },
    ]);
    expect(frames[0].params.notifications).toEqual({ toolsListChanged: true });
  });

  it('refuses a subscription that does not say to what', async () => {
    expect(await ask(running.endpoint, 'subscriptions/listen')).toMatchObject({ error: { code: -32602 } });
  });
});
