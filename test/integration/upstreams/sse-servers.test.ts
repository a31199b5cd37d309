import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { start } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';
import { httpFixture, openGate } from './gate.ts';

const fixture = join(resolve(import.meta.dirname, '../../fixtures/servers'), 'sse.mjs');

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly rpc: string;
  readonly headers: Record<string, string>;
}
const seenBy = async (url: string) => (await (await fetch(new URL('/seen', url))).json()) as Seen[];

describe('a server behind the older HTTP+SSE transport', () => {
  test('is listed and called at the address it names, with its own headers, and not probed for newer versions', async () => {
    await using server = await start([fixture, 'relative']);
    await using gate = await openGate(
      { x: { type: 'sse', url: server.line, headers: { Authorization: `Bearer \${secret:t}` } } },
      { resolveSecret: async () => 'the-token' },
    );
    expect((await gate.upstreams.list('x')).tools).toHaveLength(1);
    expect(await gate.call('x', 'echo', { message: 'hi' })).toBe('hi');
    const [opened, ...posts] = await seenBy(server.line);
    expect(opened).toMatchObject({ method: 'GET', url: '/deep/sse', headers: { accept: 'text/event-stream' } });
    expect(posts.map(({ rpc }) => rpc)).toEqual([
      'initialize',
      'notifications/initialized',
      'tools/list',
      'tools/call',
    ]);
    for (const { url, headers } of posts) {
      expect(url).toBe('/deep/messages/here?id=a%20b');
      expect(headers.authorization).toBe('Bearer the-token');
    }
  });

  test('has no say over where our credentials go', async () => {
    await using other = await start([httpFixture, 'plain']);
    const port = new URL(other.line).port;
    for (const [mode, address] of [
      ['elsewhere', other.line],
      ['elsewhere', `//127.0.0.1:${port}/mcp`],
      ['credentials', 'http://me:pw@127.0.0.1:1/'],
      ['script', ''],
    ] as const) {
      await using server = await start([fixture, mode, address]);
      await using gate = await openGate({ x: { type: 'sse', url: server.line, headers: { Authorization: 'secret' } } });
      expect((await gate.failure('x', 'echo')).message).toContain('another address than its own');
    }
    expect(await seenBy(other.line)).toEqual([]);
  });

  test.each([
    ['refuses', /credentials \(HTTP 401\)/],
    ['missing', /HTTP 404. It said: nothing here/],
    ['web-page', /not MCP: Unexpected content type: text\/html/],
    ['ends', /event stream broke off/],
  ])('that %s gets a sentence that says so', async (mode, sentence) => {
    await using server = await start([fixture, mode]);
    await using gate = await openGate({ x: { type: 'sse', url: server.line } });
    expect(await gate.failure('x', 'echo')).toMatchObject({
      code: 'server_down',
      message: expect.stringMatching(sentence),
    });
  });

  test('that never names its address is given up with the start timeout', async () => {
    await using server = await start([fixture, 'silent']);
    await using gate = await openGate({ x: { type: 'sse', url: server.line } }, { startTimeoutMs: 400 });
    expect((await gate.failure('x', 'echo')).message).toContain('did not answer within 0.4 s');
  });

  test('whose stream breaks ends its calls, and is back for the next', async () => {
    await using server = await start([fixture, 'breaks']);
    await using gate = await openGate({ x: { type: 'sse', url: server.line } });
    await gate.upstreams.list('x');
    expect(await gate.failure('x', 'echo')).toMatchObject({ code: 'server_down', notSent: false });
    expect((await gate.upstreams.list('x')).tools).toHaveLength(1);
  });

  test('that sends 80 MB in one event fails the request with the limit', async () => {
    await using server = await start([fixture, 'huge']);
    await using gate = await openGate({ x: { type: 'sse', url: server.line } });
    await gate.upstreams.list('x');
    const error = await gate.failure('x', 'echo');
    expect(error.code).toBe('upstream_error');
    expect(error.message).toContain('larger than 64 MB');
  });

  test('that refuses a message fails that request only', async () => {
    await using server = await start([fixture, 'fails']);
    await using gate = await openGate({ x: { type: 'sse', url: server.line } });
    expect((await gate.failure('x', 'echo')).message).toContain('HTTP 503. It said: down for maintenance');
    expect((await gate.upstreams.list('x')).tools).toHaveLength(1);
  });

  test('has a message that is not UTF-8 put aside, and one over many lines put on one', async () => {
    await using server = await start([fixture, 'garbled']);
    await using gate = await openGate({ x: { type: 'sse', url: server.line } });
    expect(await gate.call('x', 'echo', { message: 'after' })).toBe('after');
    await until(() => gate.upstreams.logs('x').some((line) => line.text.includes('not a JSON-RPC message')));
    await using pretty = await start([fixture, 'pretty']);
    await gate.upstreams.allow(new Map([['y', { type: 'sse' as const, url: pretty.line }]]));
    const request = { method: 'tools/call', params: { name: 'echo', arguments: { message: 'a\nb' } } };
    const { result, resultJson } = await gate.upstreams.request('y', request, gate.context());
    expect(result).toEqual({ content: [{ type: 'text', text: 'a\nb' }] });
    expect(resultJson).not.toMatch(/[\r\n]/);
    expect(JSON.parse(resultJson)).toEqual(result);
  });
});
