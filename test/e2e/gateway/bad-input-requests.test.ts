/** What knocks at the endpoint of the built product and must not get in, in both eras. */
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { gatehouse, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly sessionId: string | undefined;
}

const version = '2026-07-28';
const envelope = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const message = (method: string, params: object = {}) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
const initialize = message('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'raw', version: '1' },
});

describe('A request that is not in order', () => {
  const folder = temporaryDir();
  let gate: Served;
  let agent: Agent;
  let token: string;

  beforeAll(async () => {
    gate = await serve(folder.path);
    await gatehouse(folder.path, 'server', 'add', 'everything', '--', ...npmServer('everything'));
    await gatehouse(folder.path, 'tool', 'approve', 'everything:echo', '--effect', 'read');
    ({ token } = (await gatehouse(folder.path, 'app', 'token', 'raw')) as { token: string });
    agent = await connectAgent(gate);
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await gate?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  let before: number;
  beforeEach(async () => {
    before = ((await gatehouse(folder.path, 'log')) as unknown[]).length;
  });

  /** node:http, because fetch lets nobody set Host. A header given as undefined is not sent. */
  async function post(body: string, headers: Record<string, string | undefined> = {}): Promise<Answer> {
    const sent = Object.entries({
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const request = httpRequest(gate.endpoint, { method: 'POST', headers: Object.fromEntries(sent) }, (response) => {
      const sessionId = response.headers['mcp-session-id'];
      text(response).then((answered) => {
        resolve({
          status: response.statusCode,
          body: answered,
          sessionId: typeof sessionId === 'string' ? sessionId : undefined,
        });
      }, reject);
    });
    request.once('error', reject);
    request.end(body);
    return promise;
  }

  it.each([
    ['no token', { authorization: undefined }, 401, 'needs the token'],
    ['an unknown token', { authorization: `Bearer gh_${'x'.repeat(43)}` }, 401, 'does not know this token'],
    ['another host', { host: 'evil.example:80' }, 403, 'Use that address'],
    ['another origin', { origin: 'https://evil.example' }, 403, 'other origins'],
    ['another content type', { 'content-type': 'text/plain' }, 415, 'application/json'],
    ['a content type of forms', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'application/json'],
  ])('with %s is turned away, says why, and does nothing', async (_what, headers, status, reason) => {
    for (const body of [initialize, message('tools/list', { _meta: envelope })]) {
      const answered = await post(body, headers);
      expect(answered.status, answered.body).toBe(status);
      expect(answered.body).toContain(reason);
      expect(answered.sessionId).toBeUndefined();
    }
    expect(await gatehouse(folder.path, 'log')).toHaveLength(before);
    expect(await agent.read('everything:echo', { message: 'still here' })).toMatchObject({ isError: false });
  });

  it('with a body of 5 MiB, or one that is no JSON, is turned away', async () => {
    const large = await post(message('tools/call', { name: 'x', arguments: { a: 'x'.repeat(5 * 1024 * 1024) } }));
    expect([large.status, large.body.length < 1_000]).toEqual([413, true]);
    for (const body of ['', '{', 'not json', '{"jsonrpc":"2.0"', '\u0000']) {
      const answered = await post(body);
      expect([body, answered.status]).toEqual([body, 400]);
      expect(JSON.parse(answered.body)).toMatchObject({ error: { code: -32700 } });
    }
    expect(await agent.read('everything:echo', { message: 'still here' })).toMatchObject({ isError: false });
  });

  it('for an unknown method gets method not found, in a session and without one', async () => {
    const { sessionId } = await post(initialize);
    const old = await post(message('tools/destroy'), { 'mcp-session-id': sessionId });
    expect([old.status, JSON.parse(old.body)]).toMatchObject([200, { id: 1, error: { code: -32601 } }]);
    const headers = { 'mcp-protocol-version': version, 'mcp-method': 'tools/destroy' };
    const modern = await post(message('tools/destroy', { _meta: envelope }), headers);
    expect([modern.status, JSON.parse(modern.body)]).toMatchObject([404, { id: 1, error: { code: -32601 } }]);
    expect(await gatehouse(folder.path, 'log')).toHaveLength(before);
  });
});
