import { describe, expect, it } from 'vitest';
import { admit, type FrontDoorRequest } from '../../../src/main/gateway/front-door.ts';

const rules = { port: 4283, authenticate: (token: string) => (token === 'good' ? { id: 'ann' } : undefined) };
const headers = { host: '127.0.0.1:4283', authorization: 'Bearer good', 'content-type': 'application/json' };

function knock(over: Partial<FrontDoorRequest> = {}) {
  const request = { method: 'POST', url: '/mcp', ...over, headers: { ...headers, ...over.headers } };
  const admission = admit(request, rules);
  return admission.admitted ? 'admitted' : admission.rejection.status;
}
const withHeaders = (over: Record<string, string | undefined>) => knock({ headers: over });

describe('the front door', () => {
  it('admits a well-formed request and tells who it is and what it wants', () => {
    expect(admit({ method: 'POST', url: '/mcp', headers }, rules)).toEqual({
      admitted: true,
      method: 'POST',
      target: { kind: 'profile' },
      app: { id: 'ann' },
    });
    expect(admit({ method: 'GET', url: '/mcp/servers/git.hub-1', headers }, rules)).toMatchObject({
      method: 'GET',
      target: { kind: 'server', server: 'git.hub-1' },
    });
  });

  it.each(['127.0.0.1:4283', 'localhost:4283', 'LOCALHOST:4283', '[::1]:4283'])('admits the host %s', (host) => {
    expect(withHeaders({ host })).toBe('admitted');
  });

  it.each([
    'evil.example',
    'evil.example:4283',
    '127.0.0.1',
    '127.0.0.1:4284',
    'localhost.evil.example:4283',
    '127.0.0.1.evil.example:4283',
    '0.0.0.0:4283',
    'user@127.0.0.1:4283',
    '',
    undefined,
  ])('refuses the host %s', (host) => {
    expect(withHeaders({ host })).toBe(403);
  });

  it.each(['http://localhost:6274', 'http://127.0.0.1', 'https://localhost', 'http://[::1]:5173'])(
    'admits the origin %s',
    (origin) => {
      expect(withHeaders({ origin })).toBe('admitted');
    },
  );

  it.each([
    'null',
    'http://evil.example',
    'https://localhost.evil.example',
    'http://localhost@evil.example',
    'http://localhost:4283/path',
    'file://',
    'chrome-extension://abcdef',
    'http://127.0.0.1.evil.example',
    'http://2130706433x',
    '',
  ])('refuses the origin %s', (origin) => {
    expect(withHeaders({ origin })).toBe(403);
  });

  it.each([
    '/',
    '/mcp/',
    '/mcp2',
    '/mcp/servers',
    '/mcp/servers/',
    '/mcp/servers/a/b',
    '/mcp/servers/..%2f',
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-authorization-server',
    '//mcp',
    'http://127.0.0.1:4283/mcp',
  ])('has nothing at %s', (url) => {
    expect(knock({ url })).toBe(404);
    expect(knock({ url, headers: { authorization: undefined } })).toBe(404);
  });

  it.each(['PUT', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'CONNECT'])('does not serve %s', (method) => {
    expect(knock({ method })).toBe(405);
  });

  it.each([
    ['none', undefined],
    ['a wrong one', 'Bearer bad'],
    ['another scheme', 'Basic good'],
    ['an empty one', 'Bearer '],
    ['one with a space', 'Bearer good good'],
    ['one that is far too long', `Bearer ${'x'.repeat(600)}`],
  ])('answers 401 with a challenge when the token is %s', (_what, authorization) => {
    const admission = admit({ method: 'POST', url: '/mcp', headers: { ...headers, authorization } }, rules);
    expect(admission).toMatchObject({ admitted: false, rejection: { status: 401 } });
    expect(!admission.admitted && admission.rejection.headers?.['WWW-Authenticate']).toMatch(
      /^Bearer realm="gatehouse"/,
    );
  });

  it.each(['token', 'access_token', 'API_KEY', 'Authorization'])(
    'refuses a token in the query as %s, even beside a good header',
    (key) => {
      expect(knock({ url: `/mcp?${key}=good` })).toBe(400);
    },
  );

  it('does not mind other query parameters', () => {
    expect(knock({ url: '/mcp?trace=1' })).toBe('admitted');
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/json-patch+json',
    'application/jsonx',
    '',
    undefined,
  ])('answers 415 to the content type %s', (type) => {
    expect(withHeaders({ 'content-type': type })).toBe(415);
  });

  it.each(['application/json', 'Application/JSON; charset=utf-8'])('reads %s', (type) => {
    expect(withHeaders({ 'content-type': type })).toBe('admitted');
  });

  it('does not unpack bodies', () => {
    expect(withHeaders({ 'content-encoding': 'gzip' })).toBe(415);
  });

  it('refuses a body that announces more than 4 MiB', () => {
    expect(withHeaders({ 'content-length': String(4 * 1024 * 1024) })).toBe('admitted');
    expect(withHeaders({ 'content-length': String(4 * 1024 * 1024 + 1) })).toBe(413);
  });
});
