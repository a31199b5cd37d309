/** The bridge against a gateway that is scripted, so that it can forget sessions, die and come back on command. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bridge } from '../../../src/main/cli/stdio/bridge.ts';
import { GatewayLink } from '../../../src/main/cli/stdio/gateway-link.ts';
import { claimInstance, type Instance } from '../../../src/main/instance/index.ts';
import { temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';

interface Received {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly message: Record<string, unknown> | undefined;
}

/** A gateway as far as the bridge sees it: sessions that it can forget, and answers a test can script. */
class ScriptedGateway implements AsyncDisposable {
  readonly received: Received[] = [];
  /** Answers a message differently; true when it did. */
  script: (received: Received, response: ServerResponse) => boolean = () => false;
  #sessions = 0;
  readonly #known = new Set<string>();
  readonly #http = createServer((request, response) => void this.#answer(request, response));
  #instance: Instance | undefined;

  async start(dataDir: string): Promise<this> {
    await new Promise<void>((done) => this.#http.listen(0, '127.0.0.1', done));
    const { port } = this.#http.address() as AddressInfo;
    this.#instance = await claimInstance(dataDir);
    const endpoint = `http://127.0.0.1:${port}/mcp`;
    await this.#instance.open(() => {}, { version: '0', startedAt: 1, endpoint: () => endpoint, console: null });
    return this;
  }

  forgetSessions(): void {
    this.#known.clear();
  }

  methods(): unknown[] {
    return this.received.map(({ method, message }) => message?.method ?? (message ? 'response' : method));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((done) => this.#http.close(done));
    await this.#instance?.[Symbol.asyncDispose]();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const message = body === '' ? undefined : (JSON.parse(body) as Record<string, unknown>);
    const received = { method: request.method ?? '', headers: request.headers, message };
    this.received.push(received);
    if (this.script(received, response)) return;
    const json = (value: unknown, headers = {}) =>
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    if (message?.method === 'initialize') {
      const session = `session-${++this.#sessions}`;
      this.#known.add(session);
      json(
        { jsonrpc: '2.0', id: message.id, result: { protocolVersion: '2025-11-25' } },
        { 'mcp-session-id': session },
      );
      return;
    }
    const session = request.headers['mcp-session-id'];
    const isModern = request.headers['mcp-protocol-version'] === '2026-07-28';
    if (!isModern && (typeof session !== 'string' || !this.#known.has(session))) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"jsonrpc":"2.0","id":null,"error":{"code":-31001,"message":"Session not found"}}');
    } else if (request.method === 'GET') response.writeHead(405).end();
    else if (request.method === 'DELETE' || message?.id === undefined || message.method === undefined) {
      response.writeHead(202).end();
    } else json({ jsonrpc: '2.0', id: message.id, result: { echo: message.method } });
  }
}

let dir: ReturnType<typeof temporaryDir>;
let dataDir: string;
let lines: string[];
let warnings: string[];
let link: GatewayLink;
let bridge: Bridge;
beforeEach(() => {
  dir = temporaryDir();
  dataDir = join(dir.path, 'data');
  lines = [];
  warnings = [];
  link = new GatewayLink({ dataDir, patienceMs: 300, token: () => 'token' });
  bridge = new Bridge({ link, write: (line) => lines.push(line), warn: (said) => warnings.push(said) });
});
afterEach(async () => {
  await bridge.close(0);
  link.close();
  dir[Symbol.dispose]();
});

const request = (id: number | string, method: string, params: object = {}) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });
const modern = (id: number, method: string, params: object = {}) =>
  request(id, method, { ...params, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } });
const notification = (method: string, params: object = {}) => JSON.stringify({ jsonrpc: '2.0', method, params });
const answerTo = (id: number | string) =>
  lines.map((line) => JSON.parse(line) as Record<string, unknown>).find((message) => message.id === id);

async function openSession(): Promise<void> {
  await bridge.accept(request(0, 'initialize', { protocolVersion: '2025-11-25' }));
  await bridge.accept(notification('notifications/initialized'));
}

describe('a client of the session revisions', () => {
  it('gets a session it never sees, and its token travels in a header', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await openSession();
    await bridge.accept(request('a', 'tools/list'));
    expect(answerTo('a')).toMatchObject({ result: { echo: 'tools/list' } });
    const last = gateway.received.at(-1);
    expect(last?.headers).toMatchObject({
      authorization: 'Bearer token',
      'mcp-session-id': 'session-1',
      'mcp-protocol-version': '2025-11-25',
    });
  });

  it('may send everything at once: nothing overtakes the handshake', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await Promise.all([
      bridge.accept(request(0, 'initialize')),
      bridge.accept(notification('notifications/initialized')),
      bridge.accept(request(1, 'tools/list')),
    ]);
    const posted = gateway.methods().filter((method) => method !== 'GET');
    expect(posted).toEqual(['initialize', 'notifications/initialized', 'tools/list']);
  });

  it('does not notice that the gateway forgot its session: it is opened and set up again', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await openSession();
    await bridge.accept(request(1, 'resources/subscribe', { uri: 'file:///a' }));
    await bridge.accept(request(2, 'resources/subscribe', { uri: 'file:///b' }));
    await bridge.accept(request(3, 'resources/unsubscribe', { uri: 'file:///b' }));
    gateway.forgetSessions();
    gateway.received.length = 0;
    const before = lines.length;
    await Promise.all([bridge.accept(request(4, 'tools/call')), bridge.accept(request(5, 'tools/call'))]);
    expect(answerTo(4)).toMatchObject({ result: { echo: 'tools/call' } });
    expect(answerTo(5)).toMatchObject({ result: { echo: 'tools/call' } });
    // The answers to the replayed messages are not for the client.
    expect(lines.length - before).toBe(2);
    const methods = gateway.methods().filter((method) => method !== 'GET');
    expect(methods.filter((method) => method === 'initialize')).toHaveLength(1);
    expect(methods.filter((method) => method === 'resources/subscribe')).toHaveLength(1);
  });

  it('answers the gateway’s own questions over the same session', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await openSession();
    await bridge.accept('{"jsonrpc":"2.0","id":"q1","result":{"roots":[]}}');
    expect(gateway.received.at(-1)).toMatchObject({
      message: { id: 'q1', result: { roots: [] } },
      headers: { 'mcp-session-id': 'session-1' },
    });
  });

  it('hears what comes before an answer, in order', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await openSession();
    gateway.script = ({ message }, response) => {
      if (message?.method !== 'tools/call') return false;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{}}\n\n');
      response.end('data: {"jsonrpc":"2.0","id":9,\ndata: "result":{}}\n\n');
      return true;
    };
    lines.length = 0;
    await bridge.accept(request(9, 'tools/call'));
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { jsonrpc: '2.0', method: 'notifications/progress', params: {} },
      { jsonrpc: '2.0', id: 9, result: {} },
    ]);
    for (const line of lines) expect(line).not.toContain('\n');
  });

  it('ends its session when it goes', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await openSession();
    await bridge.close(0);
    expect(gateway.received.at(-1)).toMatchObject({ method: 'DELETE', headers: { 'mcp-session-id': 'session-1' } });
  });
});

describe('a client of 2026-07-28', () => {
  it('needs no session, and its messages are mirrored into headers', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await bridge.accept(modern(1, 'tools/call', { name: 'files:read' }));
    expect(answerTo(1)).toMatchObject({ result: { echo: 'tools/call' } });
    expect(gateway.received[0]?.headers).toMatchObject({ 'mcp-method': 'tools/call', 'mcp-name': 'files:read' });
    expect(gateway.received[0]?.headers['mcp-session-id']).toBeUndefined();
  });

  it('withdraws a request by a message, which closes the response and is answered with silence', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    let closed = false;
    gateway.script = (_received, response) => {
      response.once('close', () => {
        closed = true;
      });
      return true;
    };
    const asked = bridge.accept(modern(1, 'tools/call', { name: 'slow' }));
    await until(() => gateway.received.length === 1);
    await bridge.accept(notification('notifications/cancelled', { requestId: 1 }));
    await asked;
    await until(() => closed);
    expect(lines).toEqual([]);
    expect(gateway.received).toHaveLength(1);
  });

  it('gets the gateway’s own error when HTTP refuses', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    gateway.script = (_received, response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end('{"jsonrpc":"2.0","id":null,"error":{"code":-32020,"message":"They disagree."}}');
      return true;
    };
    await bridge.accept(modern(1, 'tools/list'));
    expect(answerTo(1)).toMatchObject({ error: { code: -32020, message: 'They disagree.' } });
  });
});

describe('without a gateway', () => {
  it('a request gets an error in bounded time that says what to do', async () => {
    await bridge.accept(request(1, 'initialize'));
    expect(answerTo(1)).toMatchObject({
      error: { message: expect.stringContaining('gatehouse serve'), data: { retryable: true } },
    });
  });

  it('a request waits for one that is just starting', async () => {
    link = new GatewayLink({ dataDir, patienceMs: 10_000, token: () => 'token' });
    bridge = new Bridge({ link, write: (line) => lines.push(line), warn: (said) => warnings.push(said) });
    const asked = bridge.accept(modern(1, 'tools/list'));
    await using _gateway = await new ScriptedGateway().start(dataDir);
    await asked;
    expect(answerTo(1)).toMatchObject({ result: { echo: 'tools/list' } });
  });

  it('a call whose connection broke is not repeated, and the client is told that it may have happened', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    gateway.script = (_received, response) => {
      response.destroy();
      return true;
    };
    await bridge.accept(modern(1, 'tools/call', { name: 'pay' }));
    expect(gateway.received).toHaveLength(1);
    expect(answerTo(1)).toMatchObject({
      error: { message: expect.stringContaining('not known'), data: { retryable: false } },
    });
  });

  it('a list whose connection broke is asked for again', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    gateway.script = (_received, response) => {
      if (gateway.received.length > 1) return false;
      response.destroy();
      return true;
    };
    await bridge.accept(modern(1, 'tools/list'));
    expect(answerTo(1)).toMatchObject({ result: { echo: 'tools/list' } });
  });

  it('a gateway that came back on another port is found again', async () => {
    const first = await new ScriptedGateway().start(dataDir);
    await openSession();
    await first[Symbol.asyncDispose]();
    await using _second = await new ScriptedGateway().start(dataDir);
    await bridge.accept(request(1, 'tools/call'));
    expect(answerTo(1)).toMatchObject({ result: { echo: 'tools/call' } });
  });

  it('a program that took the gateway’s port is never sent the token', async () => {
    const gateway = await new ScriptedGateway().start(dataDir);
    await bridge.accept(modern(1, 'tools/list'));
    const port = Number(gateway.received[0]?.headers.host?.split(':')[1]);
    await gateway[Symbol.asyncDispose]();
    const seen: string[] = [];
    const thief = createServer((incoming, response) => {
      seen.push(incoming.headers.authorization ?? 'nothing');
      response.end();
    });
    await new Promise<void>((done) => thief.listen(port, '127.0.0.1', done));
    await bridge.accept(modern(2, 'tools/list'));
    expect(answerTo(2)).toHaveProperty('error');
    expect(seen).toEqual([]);
    await new Promise((done) => thief.close(done));
  });
});

it('says that a line is no message, and goes on', async () => {
  await using _gateway = await new ScriptedGateway().start(dataDir);
  await bridge.accept('not json');
  await bridge.accept(modern(1, 'tools/list'));
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ id: null, error: { code: -32700 } });
  expect(answerTo(1)).toBeDefined();
});
