/** The bridge against a gateway that is scripted, so that it can forget sessions, die and come back on command. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';
import { BridgeUnderTest, modern, notification, request, ScriptedGateway } from './stdio-scripted-gateway.ts';

let dir: ReturnType<typeof temporaryDir>;
let dataDir: string;
let bridge: BridgeUnderTest;
beforeEach(() => {
  dir = temporaryDir();
  dataDir = join(dir.path, 'data');
  bridge = new BridgeUnderTest(dataDir);
});
afterEach(async () => {
  await bridge[Symbol.asyncDispose]();
  dir[Symbol.dispose]();
});

const accept = (line: string) => bridge.accept(line);
const answerTo = (id: number | string) => bridge.answerTo(id);

describe('a client of the session revisions', () => {
  it('gets a session it never sees, and its token travels in a header', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await bridge.openSession();
    await accept(request('a', 'tools/list'));
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
      accept(request(0, 'initialize')),
      accept(notification('notifications/initialized')),
      accept(request(1, 'tools/list')),
    ]);
    const posted = gateway.methods().filter((method) => method !== 'GET');
    expect(posted).toEqual(['initialize', 'notifications/initialized', 'tools/list']);
  });

  it('does not notice that the gateway forgot its session: it is opened and set up again', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await bridge.openSession();
    await accept(request(1, 'resources/subscribe', { uri: 'file:///a' }));
    await accept(request(2, 'resources/subscribe', { uri: 'file:///b' }));
    await accept(request(3, 'resources/unsubscribe', { uri: 'file:///b' }));
    gateway.forgetSessions();
    gateway.received.length = 0;
    const before = bridge.lines.length;
    await Promise.all([accept(request(4, 'tools/call')), accept(request(5, 'tools/call'))]);
    expect(answerTo(4)).toMatchObject({ result: { echo: 'tools/call' } });
    expect(answerTo(5)).toMatchObject({ result: { echo: 'tools/call' } });
    // The answers to the replayed messages are not for the client; that the resource may have changed is.
    const others = bridge.lines.slice(before).filter((line) => !line.includes('"echo"'));
    expect(others).toEqual([notification('notifications/resources/updated', { uri: 'file:///a' })]);
    expect(bridge.lines.length - before).toBe(3);
    const methods = gateway.methods().filter((method) => method !== 'GET');
    expect(methods.filter((method) => method === 'initialize')).toHaveLength(1);
    expect(methods.filter((method) => method === 'resources/subscribe')).toHaveLength(1);
  });

  it('answers the gateway’s own questions over the same session', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await bridge.openSession();
    gateway.script = ({ message }, response) => {
      if (message?.method === 'tools/call') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"jsonrpc":"2.0","id":"q1","method":"roots/list"}\n\n');
        answer = () => response.end('data: {"jsonrpc":"2.0","id":7,"result":{}}\n\n');
        return true;
      }
      if (message?.id === 'q1') answer?.();
      return false;
    };
    let answer: (() => void) | undefined;
    const called = accept(request(7, 'tools/call'));
    await until(() => answerTo('q1'), { what: 'The question' });
    await accept('{"jsonrpc":"2.0","id":"q1","result":{"roots":[]}}');
    await called;
    expect(answerTo(7)).toBeDefined();
    expect(gateway.received.find(({ message }) => message?.id === 'q1')).toMatchObject({
      message: { id: 'q1', result: { roots: [] } },
      headers: { 'mcp-session-id': 'session-1' },
    });
  });

  it('hears what comes before an answer, in order', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await bridge.openSession();
    gateway.script = ({ message }, response) => {
      if (message?.method !== 'tools/call') return false;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{}}\n\n');
      response.end('data: {"jsonrpc":"2.0","id":9,\ndata: "result":{}}\n\n');
      return true;
    };
    bridge.lines.length = 0;
    await accept(request(9, 'tools/call'));
    expect(bridge.lines.map((line) => JSON.parse(line))).toEqual([
      { jsonrpc: '2.0', method: 'notifications/progress', params: {} },
      { jsonrpc: '2.0', id: 9, result: {} },
    ]);
    for (const line of bridge.lines) expect(line).not.toContain('\n');
  });

  it('ends its session when it goes', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await bridge.openSession();
    await bridge.bridge.close(0);
    expect(gateway.received.at(-1)).toMatchObject({ method: 'DELETE', headers: { 'mcp-session-id': 'session-1' } });
  });
});

describe('a client of 2026-07-28', () => {
  it('needs no session, and its messages are mirrored into headers', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await accept(modern(1, 'tools/call', { name: 'files:read' }));
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
    const asked = accept(modern(1, 'tools/call', { name: 'slow' }));
    await until(() => gateway.received.length === 1);
    await accept(notification('notifications/cancelled', { requestId: 1 }));
    await asked;
    await until(() => closed);
    expect(bridge.lines).toEqual([]);
    expect(gateway.received).toHaveLength(1);
  });

  it('gets the gateway’s own error when HTTP refuses', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    gateway.script = (_received, response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end('{"jsonrpc":"2.0","id":null,"error":{"code":-32020,"message":"They disagree."}}');
      return true;
    };
    await accept(modern(1, 'tools/list'));
    expect(answerTo(1)).toMatchObject({ error: { code: -32020, message: 'They disagree.' } });
  });
});

describe('without a gateway', () => {
  it('a request gets an error in bounded time that says what to do', async () => {
    await accept(request(1, 'initialize'));
    expect(answerTo(1)).toMatchObject({
      error: { message: expect.stringContaining('gatehouse serve'), data: { retryable: true } },
    });
  });

  it('a request waits for one that is just starting', async () => {
    await bridge[Symbol.asyncDispose]();
    bridge = new BridgeUnderTest(dataDir, { patienceMs: 10_000 });
    const asked = accept(modern(1, 'tools/list'));
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
    await accept(modern(1, 'tools/call', { name: 'pay' }));
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
    await accept(modern(1, 'tools/list'));
    expect(answerTo(1)).toMatchObject({ result: { echo: 'tools/list' } });
  });

  it('a gateway that came back on another port is found again', async () => {
    const first = await new ScriptedGateway().start(dataDir);
    await bridge.openSession();
    await first[Symbol.asyncDispose]();
    await using _second = await new ScriptedGateway().start(dataDir);
    await accept(request(1, 'tools/call'));
    expect(answerTo(1)).toMatchObject({ result: { echo: 'tools/call' } });
  });

  it('a program that took the gateway’s port is never sent the token', async () => {
    const gateway = await new ScriptedGateway().start(dataDir);
    await accept(modern(1, 'tools/list'));
    const port = Number(gateway.received[0]?.headers.host?.split(':')[1]);
    await gateway[Symbol.asyncDispose]();
    const seen: string[] = [];
    const thief = createServer((incoming, response) => {
      seen.push(incoming.headers.authorization ?? 'nothing');
      response.end();
    });
    await new Promise<void>((done) => thief.listen(port, '127.0.0.1', done));
    await accept(modern(2, 'tools/list'));
    expect(answerTo(2)).toHaveProperty('error');
    expect(seen).toEqual([]);
    await new Promise((done) => thief.close(done));
  });
});

it('says that a line is no message, and goes on', async () => {
  await using _gateway = await new ScriptedGateway().start(dataDir);
  await accept('not json');
  await accept(modern(1, 'tools/list'));
  expect(JSON.parse(bridge.lines[0] ?? '')).toMatchObject({ id: null, error: { code: -32700 } });
  expect(answerTo(1)).toBeDefined();
});
