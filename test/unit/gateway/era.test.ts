import * as sdk from '@modelcontextprotocol/server';
import { classifyInboundRequest } from '@modelcontextprotocol/server';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify } from '../../../src/main/gateway/era.ts';
import { LEGACY_VERSIONS, META, MODERN_VERSION } from '../../../src/main/gateway/protocol.ts';

const versions = fc.constantFrom('2026-07-28', '2025-11-25', '2027-01-01', '2024-11-05', 'nonsense');
const meta = fc.record(
  {
    [META.protocolVersion]: fc.oneof(versions, fc.constant(3)),
    [META.clientCapabilities]: fc.constantFrom<unknown>({}, { sampling: {} }, 'no'),
    [META.clientInfo]: fc.constantFrom<unknown>({ name: 'a', version: '1' }, { name: 1 }),
    [META.logLevel]: fc.constantFrom('info', 'loud'),
    progressToken: fc.constantFrom<unknown>('p', 1, null),
    other: fc.constant(1),
  },
  { requiredKeys: [] },
);
const params = fc.option(
  fc.record({ name: fc.constantFrom<unknown>('a', 'b', 5), _meta: meta }, { requiredKeys: [] }),
  { nil: undefined },
);
const body = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record(
      {
        jsonrpc: fc.constant('2.0'),
        id: fc.constantFrom<unknown>(1, 'x'),
        method: fc.constantFrom('tools/call', 'tools/list', 'initialize', 'server/discover', 'notifications/cancelled'),
        params,
      },
      { requiredKeys: ['jsonrpc', 'method'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>({ jsonrpc: '2.0', id: 1, result: {} }, {}, 'x', null, 5, {
      jsonrpc: '1.0',
      id: 1,
      method: 'ping',
    }),
  },
);
const header = (values: string[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const headers = fc.record({
  protocolVersion: header(['2026-07-28', ' 2026-07-28 ', '2025-11-25', '2027-01-01']),
  method: header(['tools/call', 'tools/list']),
  name: header(['a', 'b', '=?base64?YQ==?=', '=?base64?!?=']),
});

describe('classify', () => {
  it('uses the names and versions of the SDK', () => {
    expect(META).toEqual({
      protocolVersion: sdk.PROTOCOL_VERSION_META_KEY,
      clientInfo: sdk.CLIENT_INFO_META_KEY,
      clientCapabilities: sdk.CLIENT_CAPABILITIES_META_KEY,
      logLevel: sdk.LOG_LEVEL_META_KEY,
      serverInfo: sdk.SERVER_INFO_META_KEY,
      subscriptionId: sdk.SUBSCRIPTION_ID_META_KEY,
    });
    expect(sdk.SUPPORTED_PROTOCOL_VERSIONS).toEqual(expect.arrayContaining([...LEGACY_VERSIONS]));
    expect(MODERN_VERSION).toBe('2026-07-28');
  });

  it("decides every message's era as the SDK does, and refuses what it refuses with the same code", () => {
    fc.assert(
      fc.property(body, headers, (message, given) => {
        const ours = classify(message, given);
        const theirs = classifyInboundRequest({
          httpMethod: 'POST',
          protocolVersionHeader: given.protocolVersion,
          mcpMethodHeader: given.method,
          mcpNameHeader: given.name,
          body: message,
        });
        if (theirs.kind === 'reject') {
          expect(ours).toMatchObject({ kind: 'reject', code: theirs.code, status: theirs.httpStatus });
          return;
        }
        if (theirs.kind === 'legacy') {
          expect(ours.kind).toBe(theirs.reason === 'response' ? 'response' : 'legacy');
          return;
        }
        // What the SDK's serving entry refuses a step later, Gatehouse refuses here.
        if (ours.kind === 'reject') expect([-32020, -32022]).toContain(ours.code);
        else expect(ours.kind === 'modern' || theirs.classification.era === 'legacy').toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  const modern = (params: object = {}, method = 'tools/call') => ({
    jsonrpc: '2.0',
    id: 7,
    method,
    params: { ...params, _meta: { [META.protocolVersion]: MODERN_VERSION, [META.clientCapabilities]: {} } },
  });
  const all = { protocolVersion: MODERN_VERSION, method: 'tools/call', name: 'a' };

  it.each([
    ['a missing version header', modern({ name: 'a' }), { ...all, protocolVersion: undefined }],
    ['a missing method header', modern({ name: 'a' }), { ...all, method: undefined }],
    ['another method in the header', modern({ name: 'a' }), { ...all, method: 'tools/list' }],
    ['a missing name header', modern({ name: 'a' }), { ...all, name: undefined }],
    ['another name in the header', modern({ name: 'b' }), all],
    ['a name header that is not valid base64', modern({ name: 'a' }), { ...all, name: '=?base64?!!!?=' }],
  ])('refuses %s with HeaderMismatch', (_what, message, given) => {
    expect(classify(message, given)).toMatchObject({ kind: 'reject', status: 400, code: -32020, id: 7 });
  });

  it('reads a name in base64', () => {
    const name = 'größe 😀';
    const encoded = `=?base64?${Buffer.from(name).toString('base64')}?=`;
    expect(classify(modern({ name }), { ...all, name: encoded })).toMatchObject({ kind: 'modern' });
  });

  it('refuses a revision it does not know, naming those it does', () => {
    const message = modern({ name: 'a' });
    const later = {
      ...message,
      params: { ...message.params, _meta: { ...message.params._meta, [META.protocolVersion]: '2027-01-01' } },
    };
    expect(classify(later, { ...all, protocolVersion: '2027-01-01' })).toMatchObject({
      code: -32022,
      data: { supported: [MODERN_VERSION], requested: '2027-01-01' },
    });
  });

  it('refuses batches, also old ones', () => {
    expect(
      classify([{ jsonrpc: '2.0', id: 1, method: 'ping' }], {
        protocolVersion: undefined,
        method: undefined,
        name: undefined,
      }),
    ).toMatchObject({
      kind: 'reject',
      code: -32600,
    });
  });
});
