/** Thousands of requests nobody should send, at every entry of the endpoint: an answer each, never a 500, never a hang. */
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryApprovals, toolRecord } from '../../doubles/rooms.ts';
import { goodHeaders, modern, post, type RunningGateway, startGateway } from '../../fixtures/gateway.ts';
import { openSession } from '../../fixtures/legacy-session.ts';

let running: RunningGateway;
beforeAll(async () => {
  running = await startGateway({
    approvals: memoryApprovals([toolRecord('notes:search', 'read')]),
    options: { times: { headersMs: 1_000, requestMs: 2_000 } },
  });
  running.upstreams.answer = () => ({ content: [] });
});
afterAll(() => running[Symbol.asyncDispose]());

/** Milliseconds one answer may take. */
const LIMIT_MS = 10_000;
const quickly = <T>(work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`No answer within ${LIMIT_MS} ms`)), LIMIT_MS).unref();
    }),
  ]);

const isSound = (status: number): boolean => status >= 200 && status < 500;

async function stillServes(): Promise<void> {
  const { body, headers } = modern('tools/call', { name: 'call_tool_read', arguments: { name: 'notes:search' } });
  expect((await quickly(post(running.endpoint, body, headers))).status).toBe(200);
}

const methods = fc.constantFrom(
  ...['initialize', 'server/discover', 'ping', 'tools/list', 'tools/call', 'resources/list', 'resources/read'],
  ...['resources/templates/list', 'resources/subscribe', 'resources/unsubscribe', 'prompts/list', 'prompts/get'],
  ...['completion/complete', 'logging/setLevel', 'notifications/initialized', 'notifications/cancelled'],
  ...['notifications/progress', 'notifications/roots/list_changed', 'tasks/get', '__proto__', ''],
);
const anything = fc.jsonValue({ maxDepth: 4 });
const paramNames = fc.constantFrom(
  ...['name', 'arguments', 'uri', 'cursor', '_meta', 'ref', 'argument', 'level', 'requestId', 'protocolVersion'],
  ...['capabilities', 'clientInfo', 'inputResponses', 'requestState', 'notifications', '__proto__', 'constructor'],
);
const params = fc.oneof(anything, fc.dictionary(paramNames, anything), fc.constant(undefined));
const ids = fc.oneof(fc.integer(), fc.string(), fc.double(), fc.constant(null), fc.constant(undefined), anything);
const message = fc.record({
  jsonrpc: fc.oneof({ weight: 8, arbitrary: fc.constant('2.0') }, { weight: 1, arbitrary: anything }),
  id: ids,
  method: fc.oneof({ weight: 8, arbitrary: methods }, { weight: 1, arbitrary: anything }),
  params,
});

describe('whatever is sent to the endpoint', () => {
  it('as a stateless request gets an answer with a reason', async () => {
    await fc.assert(
      fc.asyncProperty(message, fc.boolean(), async (sent, hasEnvelope) => {
        const { _meta } = modern('x').body.params;
        const isObject = typeof sent.params === 'object' && sent.params !== null && !Array.isArray(sent.params);
        const body = hasEnvelope && isObject ? { ...sent, params: { ...(sent.params as object), _meta } } : sent;
        const name = isObject ? (sent.params as { name?: unknown }).name : undefined;
        const answered = await quickly(
          post(running.endpoint, body, {
            'mcp-protocol-version': '2026-07-28',
            ...(typeof sent.method === 'string' && /^[\x21-\x7e]+$/.test(sent.method) && { 'mcp-method': sent.method }),
            ...(typeof name === 'string' && /^[\x21-\x7e]+$/.test(name) && { 'mcp-name': name }),
          }),
        );
        expect(isSound(answered.status)).toBe(true);
        if (answered.status >= 400) expect(answered.json()).toMatchObject({ error: { message: expect.any(String) } });
        expect(answered.text).not.toMatch(/\bat .*\.[jt]s:\d+/);
      }),
      { numRuns: 2_000 },
    );
    await stillServes();
  });

  it('in a session gets an answer with a reason', async () => {
    let session = await openSession(running.endpoint);
    await fc.assert(
      fc.asyncProperty(fc.oneof(message, fc.array(message, { maxLength: 4 })), async (sent) => {
        const answered = await quickly(post(running.endpoint, sent, session.headers, AbortSignal.timeout(LIMIT_MS)));
        expect(isSound(answered.status)).toBe(true);
        if (answered.status === 404) session = await openSession(running.endpoint);
      }),
      { numRuns: 2_000 },
    );
    await stillServes();
  });

  it('as text that is hardly JSON gets an answer with a reason', async () => {
    const good = JSON.stringify(
      modern('tools/call', { name: 'call_tool_read', arguments: { name: 'notes:search' } }).body,
    );
    const mangled = fc
      .tuple(fc.nat(good.length), fc.nat(8), fc.string({ unit: 'binary', maxLength: 8 }))
      .map(([at, cut, put]) => `${good.slice(0, at)}${put.toWellFormed()}${good.slice(at + cut)}`);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          mangled,
          fc.string({ unit: 'binary' }).map((it) => it.toWellFormed()),
        ),
        async (body) => {
          const headers = {
            'mcp-protocol-version': '2026-07-28',
            'mcp-method': 'tools/call',
            'mcp-name': 'call_tool_read',
          };
          expect(isSound((await quickly(post(running.endpoint, body, headers))).status)).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
    await stillServes();
  });

  it('as bytes on the socket leaves it serving', async () => {
    const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${running.port}\r\nAuthorization: ${goodHeaders.authorization}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }).map((it) => Buffer.from(it)),
      fc
        .tuple(fc.nat(head.length), fc.uint8Array({ minLength: 1, maxLength: 6 }))
        .map(([at, put]) => Buffer.concat([Buffer.from(head.slice(0, at)), put, Buffer.from(head.slice(at))])),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (sent) => {
        const answer = await quickly(rawExchange(sent));
        if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 [234]\d\d /);
      }),
      { numRuns: 1_000 },
    );
    await stillServes();
  });
});

/** Writes bytes, ends the writing side, and gives what comes back until the connection closes. */
function rawExchange(bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(running.port, '127.0.0.1', () => socket.end(bytes));
    socket.setEncoding('latin1').on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('error', () => undefined).on('close', () => resolve(answer));
  });
}
