import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Envelope, paramsTextFor } from '../../../src/main/upstreams/envelope.ts';
import type { JsonObject } from '../../../src/main/upstreams/json-rpc.ts';
import { LinkError } from '../../../src/main/upstreams/link.ts';
import { deliver } from '../../../src/main/upstreams/message-text.ts';
import { setUp, TestCaller } from './test-link.ts';

const KEY = 'io.modelcontextprotocol/';
const modern = () => new Envelope({ name: 'gatehouse', version: '1' });
const sentParams = (text: string | undefined) => /"params":(.*)\}$/.exec(text ?? '')?.[1];

describe('what crosses the connection', () => {
  test('is the result as the server wrote it: big numbers, key order, spacing, escapes', async () => {
    const { link, connection } = setUp();
    const pending = connection.request('tools/call', {}, { timeoutMs: 1_000 });
    const result = '{ "z":12345678901234567890, "a": 1.0e2,"t":"\\u00fc\\/", "z2":{"result":{}} }';
    link.say(`{"result": ${result} ,"id":1,"jsonrpc":"2.0"}`);
    expect((await pending).json).toBe(result);
  });

  test('is the last of two results, as a parser has it', async () => {
    const { link, connection } = setUp();
    const pending = connection.request('tools/call', {}, { timeoutMs: 1_000 });
    link.say('{"jsonrpc":"2.0","id":1,"result":{"n":1},"result":{"n":2}}');
    expect(await pending).toEqual({ value: { n: 2 }, json: '{"n":2}' });
  });

  test('is on one line, so that no line break of a server ends a message elsewhere', () => {
    const texts: string[] = [];
    deliver('{\n "jsonrpc": "2.0",\r\n "method": "a\\nb"\n}', (_, text) => texts.push(text));
    deliver('[{"jsonrpc":"2.0","method":"a"},\n{"jsonrpc":"2.0","id":1,\n"result":{}}]', (_, text) => texts.push(text));
    expect(texts).toEqual([
      '{  "jsonrpc": "2.0",  "method": "a\\nb" }',
      '{"jsonrpc":"2.0","method":"a"}',
      '{"jsonrpc":"2.0","id":1, "result":{}}',
    ]);
  });

  test('is the params as the app wrote them', () => {
    const { link, connection } = setUp();
    const json = '{"name":"t", "arguments":{"n":12345678901234567890,"b":1.50} ,"_meta":{ "x/y" : 1e400 }}';
    const params = JSON.parse(json) as JsonObject;
    void connection.request('tools/call', { params, paramsJson: json }, { timeoutMs: 1_000 }).catch(() => undefined);
    expect(sentParams(link.messages[0]?.text)).toBe(json);
  });

  test.each([
    ['{"name":"t"}', '{"name":"t","_meta":{OWN}}'],
    ['{ }', '{ "_meta":{OWN}}'],
    ['{"_meta":{},"n":1}', '{"_meta":{OWN},"n":1}'],
    ['{"_meta": {"k":1.0, "progressToken":"x"} ,"n":1}', '{"_meta": {"k":1.0,OWN} ,"n":1}'],
    [`{"_meta":{"${KEY}clientInfo":{"name":"app"},"${KEY}logLevel":"debug"}}`, '{"_meta":{OWN}}'],
    ['{"_meta":{"traceparent":"00-1"},"n":1,"_meta":{"tracestate":"a=b"}}', '{"n":1,"_meta":{"tracestate":"a=b",OWN}}'],
    ['{"_meta":{"__proto__":{"a":1}}}', '{"_meta":{"__proto__":{"a":1},OWN}}'],
  ])('has of _meta only what belongs to this leg written anew: %s', (json, expected) => {
    const { link, connection } = setUp();
    const given = { params: JSON.parse(json) as JsonObject, paramsJson: json };
    const options = { timeoutMs: 1_000, onProgress: () => undefined };
    void connection.request('tools/call', given, options).catch(() => undefined);
    expect(sentParams(link.messages[0]?.text)).toBe(expected.replace('OWN', '"progressToken":1'));
  });

  test('means the same as before but for this leg’s own members, whatever the params', () => {
    const spaced = fc.tuple(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.option(fc.dictionary(fc.string(), fc.jsonValue())),
    );
    fc.assert(
      fc.property(spaced, fc.boolean(), fc.constantFrom(undefined, 1, '\t'), ([fields, meta], isLast, space) => {
        const { _meta: _, ...rest } = fields;
        const params = { ...(isLast && rest), ...(meta && { _meta: { progressToken: 'x', ...meta } }), ...rest };
        const text = paramsTextFor(params, JSON.stringify(params, null, space), '"progressToken":7') ?? '';
        const { progressToken: _theirs, ...kept } = meta ?? {};
        const expected = JSON.parse(JSON.stringify({ ...params, _meta: { ...kept, progressToken: 7 } }));
        expect(JSON.parse(text)).toEqual(expected);
      }),
    );
  });

  test('tells a modern server who asks, with the capabilities of the caller of this request that can be carried', () => {
    const { link, connection } = setUp();
    connection.stampWith(modern());
    const declared = {
      sampling: { tools: {} },
      elicitation: { url: {} },
      roots: 'yes',
      tasks: {},
      extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['a'] }, 'com.example/x': {} },
    };
    const send = (method: string, caller?: TestCaller, logLevel?: string | null) =>
      void connection.request(method, {}, { timeoutMs: 1_000, caller, logLevel }).catch(() => undefined);
    send('tools/call', new TestCaller(null, declared), 'warning');
    send('tools/call', new TestCaller(null, {}), null);
    send('tools/call');
    send('tools/list');
    const metas = link.sent.map((message) => (message.params as { _meta: JsonObject })._meta);
    expect(metas[0]).toEqual({
      [`${KEY}protocolVersion`]: '2026-07-28',
      [`${KEY}clientInfo`]: { name: 'gatehouse', version: '1' },
      [`${KEY}clientCapabilities`]: {
        sampling: { tools: {} },
        elicitation: { url: {} },
        extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['a'] } },
      },
      [`${KEY}logLevel`]: 'warning',
    });
    expect(metas.slice(1).map((meta) => Object.keys(meta[`${KEY}clientCapabilities`] as JsonObject))).toEqual([
      [],
      [],
      ['roots', 'sampling', 'elicitation', 'extensions'],
    ]);
  });

  test('relays what a modern server misses in the caller, and keeps its version trouble to itself', async () => {
    const { connection, request, answer } = setUp();
    connection.stampWith(modern());
    const missing = { code: -32021, message: 'Needs sampling', data: { requiredCapabilities: { sampling: {} } } };
    const first = request(undefined);
    answer(1, { error: missing });
    await expect(first).rejects.toMatchObject({ code: 'upstream_error', rpcError: missing });
    const second = request(undefined);
    answer(2, { error: { code: -32022, message: 'Unsupported', data: { supported: ['2027-01-01'] } } });
    await expect(second).rejects.toMatchObject({ code: 'upstream_error', rpcError: undefined });
  });

  test('mirrors marked arguments into headers, and learns the marks anew when the server refuses them', async () => {
    const { link, connection, answer } = setUp(true);
    connection.stampWith(modern());
    const tool = (header: string) => ({
      name: 't',
      inputSchema: { type: 'object', properties: { where: { type: 'string', 'x-mcp-header': header } } },
    });
    connection.learnTools([tool('Region')]);
    const params = { name: 't', arguments: { where: 'Zürich' } };
    const pending = connection.request('tools/call', { params }, { timeoutMs: 1_000 });
    expect(link.messages[0]?.headers).toEqual({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 't',
      'mcp-param-region': `=?base64?${Buffer.from('Zürich').toString('base64')}?=`,
    });
    answer(1, { error: { code: -32020, message: 'Header mismatch' } });
    await expect.poll(() => link.sent[1]?.method).toBe('tools/list');
    answer(2, { result: { tools: [tool('Place')] } });
    await expect.poll(() => link.sent[2]?.method).toBe('tools/call');
    expect(Object.keys(link.messages[2]?.headers ?? {})).toContain('mcp-param-place');
    answer(3, { error: { code: -32020, message: 'Header mismatch' } });
    await expect(pending).rejects.toMatchObject({ rpcError: { code: -32020 } });
    expect(link.sent).toHaveLength(3);
  });

  test('passes progress on at a bounded rate, and the newest value before the result', async () => {
    const { link, timers, request, answer } = setUp();
    const heard: unknown[] = [];
    const pending = request(undefined, { onProgress: ({ progress }) => heard.push(progress), maxTotalMs: 60_000 });
    for (let n = 1; n <= 1_000; n += 1) {
      link.say({ method: 'notifications/progress', params: { progressToken: 1, progress: n } });
    }
    expect(heard).toHaveLength(200);
    timers.pass(10);
    expect(heard.at(-1)).toBe(1_000);
    link.say({ method: 'notifications/progress', params: { progressToken: 1, progress: 1_001 } });
    expect(heard.at(-1)).toBe(1_000);
    answer(1, { result: {} });
    expect(heard.at(-1)).toBe(1_001);
    await pending;
    timers.pass(1_000);
    expect(heard).toHaveLength(202);
  });

  test('gives a log message to the request on whose stream it came, from the level it wants, at a bounded rate', () => {
    const { link, notifications, request } = setUp(true);
    const heard: string[] = [];
    const call = (name: string, logLevel: string | null | undefined) =>
      void request(undefined, { logLevel, onLog: ({ data }) => heard.push(`${name} ${data}`) }).catch(() => undefined);
    call('one', 'warning');
    call('two', null);
    call('three', undefined);
    const log = (level: string, data: unknown, origin?: number) =>
      link.say({ method: 'notifications/message', params: { level, data } }, origin);
    log('info', 'a', 1);
    log('error', 'b', 1);
    log('error', 'c', 2);
    log('debug', 'd', 3);
    log('error', 'e');
    expect(heard).toEqual(['one b', 'three d']);
    expect(notifications).toHaveLength(5);
    for (let n = 0; n < 1_000; n += 1) log('error', 'x', 1);
    expect(heard).toHaveLength(201);
  });

  test('leaves nothing behind when a connection ends with a flood of progress held back', async () => {
    const { link, timers, request } = setUp();
    const heard: unknown[] = [];
    const pending = request(undefined, { onProgress: () => heard.push(1) });
    for (let n = 1; n <= 300; n += 1) {
      link.say({ method: 'notifications/progress', params: { progressToken: 1, progress: n } });
    }
    link.receiver?.closed(new LinkError('gone', 'it ended.', { notSent: false }));
    await expect(pending).rejects.toMatchObject({ code: 'server_down' });
    timers.pass(10_000);
    expect(heard).toHaveLength(200);
  });
});
