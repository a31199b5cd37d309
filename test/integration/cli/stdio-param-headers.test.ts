/** `Mcp-Param-*`: what the SDK's own HTTP client mirrors, the bridge mirrors for a client on stdio, header for header. */
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { BridgeUnderTest, modern, ScriptedGateway } from './stdio-scripted-gateway.ts';

let dir: ReturnType<typeof temporaryDir>;
let gateway: ScriptedGateway;
let bridge: BridgeUnderTest;
beforeEach(async () => {
  dir = temporaryDir();
  const dataDir = join(dir.path, 'data');
  gateway = await new ScriptedGateway().start(dataDir);
  bridge = new BridgeUnderTest(dataDir);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await bridge[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  dir[Symbol.dispose]();
});

const leaf = (type: string, header: unknown) => ({ type, 'x-mcp-header': header });
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });

const good = {
  region: leaf('string', 'Region'),
  count: leaf('integer', 'Count'),
  dry: leaf('boolean', 'Dry-Run'),
  where: object({ zone: object({ name: leaf('string', 'Zone') }) }),
  plain: { type: 'string' },
};
const schemas: Record<string, object> = {
  good: object(good),
  'on a number': object({ a: leaf('number', 'A') }),
  'on an object': object({ a: { ...object({}), 'x-mcp-header': 'A' } }),
  'twice under one name': object({ a: leaf('string', 'A'), b: leaf('string', 'a') }),
  'not a token': object({ a: leaf('string', 'A\r\nEvil: 1') }),
  'not text': object({ a: leaf('string', 5) }),
  'under items': object({ a: { type: 'array', items: leaf('string', 'A') } }),
  'under oneOf': object({ a: leaf('string', 'A') }, { oneOf: [object({ b: leaf('string', 'B') })] }),
  'under $defs': object({ a: leaf('string', 'A') }, { $defs: { x: leaf('string', 'X') } }),
  'under else': object({ a: leaf('string', 'A') }, { if: {}, else: object({ b: leaf('string', 'B') }) }),
  'at the root': { ...object({ a: leaf('string', 'A') }), 'x-mcp-header': 'Root' },
};
const values: readonly object[] = [
  { region: 'eu west', count: 3, dry: true, where: { zone: { name: 'a' } }, plain: 'x' },
  { region: 'größe', count: -1, dry: false },
  { region: '', count: 1.5 },
  { region: ' padded', where: { zone: {} } },
  { region: 'a\tb', count: Number.MAX_SAFE_INTEGER + 1 },
  { region: '=?base64?eA==?=', where: { zone: { name: '=?base64?open' } } },
  { region: 'line\nbreak', where: 'not an object' },
  { region: { no: 'primitive' }, count: '7', dry: 'yes' },
  { region: null },
  {},
];
const mirrored = (headers: IncomingHttpHeaders | undefined) =>
  Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => /^mcp-(param-|name|method|protocol)/.test(name)));
const lastCall = () => gateway.received.findLast(({ message }) => message?.method === 'tools/call')?.headers;

const serve = (tools: object[]) => {
  gateway.script = ({ message }, response) => {
    if (message?.id === undefined) return false;
    const facts = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
    const results: Record<string, object> = {
      'server/discover': { ...facts, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
      'tools/list': { ...facts, tools },
      'tools/call': { resultType: 'complete', content: [] },
    };
    const result = results[String(message.method)];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
    return true;
  };
};

it('are those of the SDK for every kind of value and every broken annotation', async () => {
  // The SDK says which tools it leaves out.
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const tools = Object.entries(schemas).map(([name, inputSchema]) => ({ name, inputSchema }));
  serve(tools);
  const client = new Client({ name: 't', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${gateway.port}/mcp`)));
  await client.listTools();
  await bridge.accept(modern(1, 'tools/list'));
  const calls = [
    ...values.map((args) => ({ name: 'good', arguments: args })),
    ...tools.map(({ name }) => ({ name, arguments: { a: 'value', b: 'value' } })),
  ];
  let headers = 0;
  for (const [index, call] of calls.entries()) {
    await client.callTool({ name: call.name, arguments: { ...call.arguments } });
    const wanted = mirrored(lastCall());
    headers += Object.keys(wanted).filter((name) => name.startsWith('mcp-param-')).length;
    await bridge.accept(modern(index + 10, 'tools/call', call));
    expect(mirrored(lastCall()), JSON.stringify(call)).toEqual(wanted);
  }
  // Both sides saying nothing would agree too.
  expect(headers).toBeGreaterThan(10);
  await client.close();
});

it('follow the newest list', async () => {
  serve([{ name: 'good', inputSchema: schemas.good }]);
  await bridge.accept(modern(1, 'tools/list'));
  serve([{ name: 'good', inputSchema: object({}) }]);
  await bridge.accept(modern(2, 'tools/list'));
  await bridge.accept(modern(3, 'tools/call', { name: 'good', arguments: { region: 'x' } }));
  expect(lastCall()).not.toHaveProperty('mcp-param-region');
});

it('are learned when the gateway misses them, and the call is made once more', async () => {
  serve([{ name: 'good', inputSchema: schemas.good }]);
  const listed = gateway.script;
  gateway.script = (received, response) => {
    const { message, headers } = received;
    if (message?.method !== 'tools/call' || headers['mcp-param-region'] !== undefined)
      return listed(received, response);
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code: -32020, message: 'Missing.' } }));
    return true;
  };
  await bridge.accept(modern(1, 'tools/call', { name: 'good', arguments: { region: 'x' } }));
  expect(gateway.methods()).toEqual(['tools/call', 'tools/list', 'tools/call']);
  expect(bridge.messages()).toEqual([expect.objectContaining({ id: 1, result: expect.anything() })]);
  await bridge.accept(modern(2, 'tools/call', { name: 'other', arguments: { region: 'x' } }));
  expect(bridge.answerTo(2)).toMatchObject({ error: { code: -32020 } });
});
