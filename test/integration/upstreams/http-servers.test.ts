import { describe, expect, test } from 'vitest';
import { start } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';
import { httpFixture, openGate } from './gate.ts';

interface Seen {
  readonly method: string;
  readonly rpc?: string;
  readonly headers: Record<string, string>;
}
const seenBy = async (url: string) => (await (await fetch(new URL('/seen', url))).json()) as Seen[];

describe('a server behind streamable HTTP', () => {
  test('is listed and called, with its own headers and nothing of ours', async () => {
    await using server = await start([httpFixture, 'plain']);
    await using gate = await openGate(
      { x: { url: server.line, headers: { Authorization: `Bearer \${secret:x.token}`, 'X-Team': 'a' } } },
      { resolveSecret: async () => 'the-token' },
    );
    expect((await gate.upstreams.list('x')).tools).toHaveLength(1);
    const { result } = await gate.upstreams.request(
      'x',
      { method: 'tools/call', params: { name: 'echo', arguments: { message: 'hi' } } },
      gate.context(),
    );
    expect(result).toEqual({ content: [{ type: 'text', text: 'hi' }], odd: 1 });
    const call = (await seenBy(server.line)).find((request) => request.rpc === 'tools/call');
    expect(call?.headers).toMatchObject({ authorization: 'Bearer the-token', 'x-team': 'a' });
    expect(call?.headers).not.toHaveProperty('cookie');
    expect(JSON.stringify(gate.upstreams.logs('x'))).not.toContain('the-token');
  });

  test('that is not there fails as not sent, with the reason', async () => {
    const server = await start([httpFixture, 'plain']);
    await server[Symbol.asyncDispose]();
    await using gate = await openGate({ x: { url: server.line } });
    const error = await gate.failure('x', 'echo');
    expect(error).toMatchObject({ code: 'server_down', notSent: true });
    expect(error.message).toContain('cannot be reached (ECONNREFUSED)');
  });

  test('that goes away while it is in use is down, then tried again', async () => {
    await using gate = await openGate({}, {});
    const server = await start([httpFixture, 'plain']);
    await gate.upstreams.allow(new Map([['x', { url: server.line }]]));
    await gate.call('x', 'echo');
    await server[Symbol.asyncDispose]();
    await gate.failure('x', 'echo');
    await until(() => gate.upstreams.status('x')?.health !== 'ready');
    expect(gate.upstreams.status('x')?.problem).toContain('x stopped');
  });

  test.each([
    ['refuses', /credentials \(HTTP 401\)/],
    ['fails', /HTTP 503. It said: .*maintenance/],
    ['not-mcp', /not MCP/],
  ])('that %s gets a sentence that says so', async (mode, sentence) => {
    await using server = await start([httpFixture, mode]);
    await using gate = await openGate({ x: { url: server.line } });
    expect((await gate.failure('x', 'echo')).message).toMatch(sentence);
  });

  test.each([
    ['401', '2025-11-25', 1],
    ['403', '2025-11-25', 1],
    ['503', '2025-11-25', 1],
    // It refuses the version it names as its own; that may pass, so it is asked once more.
    ['400', '2026-07-28', 2],
    ['400', '2027-01-01', 1],
  ])(
    'that answers HTTP %s with a version error for %s is not offered the older handshake',
    async (status, version, probes) => {
      await using server = await start([httpFixture, 'refuses-version', `${status} ${version}`]);
      await using gate = await openGate({ x: { url: server.line } });
      expect((await gate.failure('x', 'echo')).code).toBe('server_down');
      expect((await seenBy(server.line)).map(({ rpc }) => rpc)).toEqual(Array(probes).fill('server/discover'));
    },
  );

  test('that is modern gets marked arguments as headers, also after its marks changed', async () => {
    await using server = await start([httpFixture, 'modern']);
    await using gate = await openGate({ x: { url: server.line } });
    const listing = await gate.upstreams.list('x');
    expect(listing.tools.map((tool) => (tool as { name: string }).name)).toEqual(['echo', 'unmarked']);
    expect(listing.texts?.tools.map((text) => JSON.parse(text))).toEqual(listing.tools);
    expect(gate.upstreams.logs('x').map((line) => line.text)).toContainEqual(
      expect.stringContaining('The tool invalid was left out'),
    );
    const first = (await gate.call('x', 'echo', { where: 'north' })) as Record<string, string>;
    expect(first).toMatchObject({ 'mcp-param-region': 'north', 'mcp-name': 'echo', 'mcp-method': 'tools/call' });
    const second = (await gate.call('x', 'echo', { where: 'south' })) as Record<string, string>;
    expect(second).toMatchObject({ 'mcp-param-place': 'south' });
    // A connection that has listed nothing learns the marks from the refusal.
    await gate.upstreams.restart('x');
    expect(await gate.call('x', 'echo', { where: 'east' })).toMatchObject({ 'mcp-param-place': 'east' });
  });

  test('that is modern and misses a capability says so to the caller in its own words', async () => {
    await using server = await start([httpFixture, 'modern']);
    await using gate = await openGate({ x: { url: server.line } });
    expect(await gate.failure('x', 'needs')).toMatchObject({
      code: 'upstream_error',
      rpcError: { code: -32021, data: { requiredCapabilities: { sampling: {} } } },
    });
  });

  test('that redirects to another origin is not followed', async () => {
    await using other = await start([httpFixture, 'plain']);
    await using server = await start([httpFixture, 'redirects', other.line]);
    await using gate = await openGate({ x: { url: server.line, headers: { Authorization: 'Bearer secret' } } });
    expect((await gate.failure('x', 'echo')).code).toBe('server_down');
    expect(await seenBy(other.line)).toEqual([]);
  });

  test.each(['307', '308'])('that moved within its origin with %s is followed', async (status) => {
    await using server = await start([httpFixture, 'moved', status]);
    await using gate = await openGate({ x: { url: server.line } });
    expect(await gate.call('x', 'echo', { message: 'hi' })).toBe('hi');
  });

  test('that redirects in a way that would lose the message is not followed', async () => {
    await using server = await start([httpFixture, 'moved', '302']);
    await using gate = await openGate({ x: { url: server.line } });
    expect((await gate.failure('x', 'echo')).message).toMatch(/HTTP 302.*not followed/);
    expect((await seenBy(server.line)).map(({ method }) => method)).not.toContain('GET');
  });

  test('that closes a stream early is asked for the rest, and the call is not made twice', async () => {
    await using server = await start([httpFixture, 'polls']);
    await using gate = await openGate({ x: { url: server.line } });
    expect(await gate.call('x', 'echo')).toBe('late');
    const seen = await seenBy(server.line);
    expect(seen.filter((one) => one.rpc === 'tools/call')).toHaveLength(1);
  });

  test('is heard on its session’s own stream', async () => {
    await using server = await start([httpFixture, 'announces']);
    await using gate = await openGate({ x: { url: server.line } });
    const changed = new Promise<string>((resolve) => void gate.upstreams.onListChanged(resolve));
    await gate.call('x', 'echo');
    expect(await changed).toBe('x');
  });

  test.each([
    ['compresses', /gzip-encoded, which was not asked for/],
    ['garbled', /not MCP: It is not UTF-8/],
    ['answers-another', /without an answer/],
  ])('that %s fails the request at once and lives on', async (mode, sentence) => {
    await using server = await start([httpFixture, mode]);
    await using gate = await openGate({ x: { url: server.line } });
    expect((await gate.failure('x', 'echo')).message).toMatch(sentence);
    expect((await gate.upstreams.list('x')).tools).toHaveLength(1);
  });

  test.each(['json', 'sse'])('that sends 80 MB as %s fails the request with the limit and lives on', async (kind) => {
    await using server = await start([httpFixture, 'huge', kind]);
    await using gate = await openGate({ x: { url: server.line } });
    await gate.upstreams.list('x');
    const error = await gate.failure('x', 'echo');
    expect(error.code).toBe('upstream_error');
    expect(error.message).toContain('larger than 64 MB');
    expect((await gate.upstreams.list('x')).tools).toHaveLength(1);
  });

  test('that ends its stream without an answer fails the request', async () => {
    await using server = await start([httpFixture, 'ends-stream']);
    await using gate = await openGate({ x: { url: server.line } });
    expect(await gate.failure('x', 'echo')).toMatchObject({ code: 'upstream_error', notSent: false });
  });

  test('that never answers times out and is told', async () => {
    await using server = await start([httpFixture, 'hangs']);
    await using gate = await openGate({ x: { url: server.line } });
    await gate.upstreams.list('x');
    expect((await gate.failure('x', 'echo', {}, { timeoutMs: 300 })).code).toBe('timeout');
    await until(async () => (await seenBy(server.line)).some((one) => one.rpc === 'notifications/cancelled'));
  });

  test('that forgets our session gets a new one, without a call lost or made twice', async () => {
    await using server = await start([httpFixture, 'forgets-sessions']);
    await using gate = await openGate({ x: { url: server.line } });
    expect(await gate.call('x', 'echo', { message: 'forget' })).toBe('forget');
    expect(await gate.call('x', 'echo', { message: 'after' })).toBe('after');
    const seen = await seenBy(server.line);
    expect(seen.filter((one) => one.rpc === 'initialize')).toHaveLength(2);
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'ready', problem: null });
  });

  test('on another computer without https is refused before anything is sent', async () => {
    await using gate = await openGate({ x: { url: 'http://192.0.2.1/mcp' } });
    expect((await gate.failure('x', 'echo')).message).toContain('plain http to another computer');
  });
});
