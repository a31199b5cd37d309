/**
 * The security checklist for a local MCP endpoint, line by line against the built product: what a web page, another
 * program without a token, an app and a server can try at `/mcp`. Lines about sign-in, the console and the sandbox are
 * tested where they live; docs/security-model.md names the tests of each promise.
 */
import { openSync, readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInToConsole } from '../../fixtures/console-client.ts';
import {
  gatehouse,
  runCommand,
  type Served,
  type Started,
  serve,
  start,
  temporaryDir,
} from '../../fixtures/gatehouse-process.ts';
import { openSession } from '../../fixtures/legacy-session.ts';
import { until } from '../../fixtures/until.ts';

const fixture = (name: string) => join(import.meta.dirname, '../../fixtures/servers', name);
const version = '2026-07-28';
const envelope = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

describe('The local endpoint', () => {
  const folder = temporaryDir();
  let gate: Served;
  let web: Started;
  let token: string;
  let otherToken: string;

  beforeAll(async () => {
    gate = await serve(folder.path, { stderr: openSync(join(folder.path, 'stderr.log'), 'w') });
    web = await start([fixture('http.mjs'), 'plain']);
    // A secret's value comes over standard input, never on the command line.
    const added = ['server', 'add', 'web', '--url', web.line, '--secret', 'X-Own', '--json'];
    expect(await runCommand(folder.path, added, 'upstream-credential-1\n')).toMatchObject({ code: 0 });
    await gatehouse(folder.path, 'server', 'add', 'local', '--', process.execPath, fixture('hostile.mjs'), 'echo');
    for (const server of ['web', 'local']) {
      await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', server, '--effect', 'read');
    }
    ({ token } = (await gatehouse(folder.path, 'app', 'token', 'first')) as { token: string });
    ({ token: otherToken } = (await gatehouse(folder.path, 'app', 'token', 'second')) as { token: string });
  });
  afterAll(async () => {
    await web?.[Symbol.asyncDispose]();
    await gate?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** node:http, because fetch lets nobody set Host or Origin. A header given as undefined is not sent. */
  function send(
    method: string,
    path: string,
    headers: Record<string, string | undefined> = {},
    body?: string,
  ): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const sent = Object.entries({ authorization: `Bearer ${token}`, ...headers }).filter(
      ([, value]) => value !== undefined,
    );
    const url = new URL(path, gate.endpoint);
    const request = httpRequest(url, { method, headers: Object.fromEntries(sent) }, (response) => {
      text(response).then(
        (whole) => resolve({ status: response.statusCode, headers: response.headers, body: whole }),
        reject,
      );
    });
    request.once('error', reject);
    request.end(body);
    return promise;
  }
  const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const modern = (
    method: string,
    params: Record<string, unknown> = {},
    more: Record<string, string | undefined> = {},
    path = '/mcp',
  ) =>
    send(
      'POST',
      path,
      {
        ...json,
        'mcp-protocol-version': version,
        'mcp-method': method,
        ...(typeof params.name === 'string' && { 'mcp-name': params.name }),
        ...more,
      },
      JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: envelope } }),
    );
  const echo = (message: string, more: Record<string, string | undefined> = {}, path = '/mcp/servers/web') =>
    modern('tools/call', { name: 'echo', arguments: { message } }, more, path);
  const recorded = async () => ((await gatehouse(folder.path, 'log')) as unknown[]).length;

  it.each(['POST', 'GET', 'DELETE', 'OPTIONS'])(
    'validates Origin on every %s and answers 403 to foreign ones',
    async (method) => {
      for (const origin of [
        'null',
        'https://example.com',
        'http://127.0.0.1.example.com',
        'http://localhost.evil:80',
        'file://',
      ]) {
        const answer = await send(method, '/mcp', { origin, ...json }, method === 'POST' ? '{}' : undefined);
        expect({ origin, status: answer.status }).toEqual({ origin, status: 403 });
      }
    },
  );

  it('listens on 127.0.0.1 only and not on another address of this computer', async () => {
    const { port } = new URL(gate.endpoint);
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ address }) => address !== '127.0.0.1');
    for (const address of ['::1', ...others.filter(({ family }) => family === 'IPv4').map((it) => it.address)]) {
      const outcome = await new Promise((resolve) => {
        const socket = connect(Number(port), address, () => resolve('open'));
        socket.on('error', () => resolve('refused')).on('close', () => socket.destroy());
      });
      expect(`${address} ${String(outcome)}`).toBe(`${address} refused`);
    }
  });

  it('checks Host with its port, against rebinding of a name to this computer', async () => {
    const { port } = new URL(gate.endpoint);
    for (const host of [
      'example.com',
      `example.com:${port}`,
      '127.0.0.1',
      'localhost',
      `127.0.0.1:${Number(port) + 1}`,
      `0.0.0.0:${port}`,
    ]) {
      const answer = await echo('x', { host });
      expect({ host, status: answer.status }).toEqual({ host, status: 403 });
    }
  });

  it('sends no CORS header and no cookie, and reads none', async () => {
    const answers = [
      await send('OPTIONS', '/mcp', { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' }),
      await echo('x', { origin: 'http://localhost:5173' }),
      await send('POST', '/mcp', { ...json, authorization: undefined, cookie: `token=${token}` }, '{}'),
    ];
    for (const { headers } of answers) {
      const names = Object.keys(headers);
      expect(names.filter((name) => name.startsWith('access-control') || name === 'set-cookie')).toEqual([]);
    }
    expect(answers.map(({ status }) => status)).toEqual([405, 200, 401]);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json+x',
    'text/json',
    undefined,
  ])('takes application/json only, so that no page can send a simple request: %s is 415', async (type) => {
    expect((await echo('x', { 'content-type': type })).status).toBe(415);
  });

  it('needs a token on every method, says so with WWW-Authenticate, and never takes one from the address', async () => {
    for (const method of ['POST', 'GET', 'DELETE']) {
      const answer = await send(method, '/mcp', { ...json, authorization: undefined });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
      expect(String(answer.headers['www-authenticate'])).not.toContain('resource_metadata');
    }
    const inAddress = await send('POST', `/mcp?access_token=${token}`, { ...json, authorization: undefined }, '{}');
    expect(inAddress.status).toBe(400);
    for (const wrong of [`${token}x`, token.slice(0, -1), token.toUpperCase(), '', `${token},${token}`]) {
      expect((await echo('x', { authorization: `Bearer ${wrong}` })).status).toBe(401);
    }
  });

  it('keeps tokens hashed and lets a person revoke one at once', async () => {
    const issued = (await gatehouse(folder.path, 'app', 'token', 'short lived')) as { token: string };
    const headers = { authorization: `Bearer ${issued.token}` };
    expect((await echo('x', headers)).status).toBe(200);
    for (const file of readdirSync(folder.path, { withFileTypes: true })) {
      // The bridge's own copies are 0600 files for it to read; nothing else may hold a token.
      if (!file.isFile()) continue;
      const bytes = readFileSync(join(folder.path, file.name));
      expect({ file: file.name, holds: bytes.includes(issued.token) }).toEqual({ file: file.name, holds: false });
    }
    using person = await signInToConsole(gate.consoleLogin);
    await person.client.apps.revoke({ id: 'short-lived' });
    expect((await echo('x', headers)).status).toBe(401);
  });

  it('offers no OAuth: discovery is 404, and there is no way to authorize, register or redirect through it', async () => {
    for (const path of [
      '/.well-known/oauth-protected-resource',
      '/.well-known/oauth-protected-resource/mcp',
      '/.well-known/oauth-authorization-server',
      '/.well-known/openid-configuration',
      '/authorize',
      '/token',
      '/register',
      '/callback',
      '/mcp/../authorize',
      '/',
    ]) {
      for (const method of ['GET', 'POST']) {
        expect(`${method} ${path} ${(await send(method, path, json)).status}`).toBe(`${method} ${path} 404`);
      }
    }
  });

  it('passes no header of an app to a server: not its token, cookie, host or session, nor one it made up', async () => {
    const mark = 'mark-of-the-app';
    await echo('hop', {
      cookie: `a=${mark}`,
      'x-forwarded-for': mark,
      'proxy-authorization': mark,
      'mcp-session-id': mark,
      'x-own': mark,
    });
    const seen = await (await fetch(new URL('/seen', web.line))).text();
    expect(seen).toContain('hop');
    expect(seen).toContain('upstream-credential-1');
    expect(seen).not.toContain(mark);
    expect(seen).not.toContain(token);
    expect(seen).not.toContain(new URL(gate.endpoint).host);
  });

  it('gives sessions random visible names that open nothing without the token that made them', async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => openSession(gate.endpoint, { token })));
    const ids = sessions.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[\x21-\x7e]{22,}$/);
    const [first] = sessions;
    const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
    const asOther = { ...json, 'mcp-session-id': first?.id, 'mcp-protocol-version': '2025-11-25' };
    expect((await send('POST', '/mcp', asOther, ping)).status).toBe(200);
    expect((await send('POST', '/mcp', { ...asOther, authorization: `Bearer ${otherToken}` }, ping)).status).toBe(404);
    expect((await send('POST', '/mcp', { ...asOther, authorization: undefined }, ping)).status).toBe(401);
    expect((await send('DELETE', '/mcp', { ...asOther, authorization: `Bearer ${otherToken}` })).status).toBe(404);
    expect((await send('POST', '/mcp', { ...asOther, 'mcp-session-id': `${first?.id}x` }, ping)).status).toBe(404);
  });

  it('compares headers with the body before anything is decided on them', async () => {
    const mismatches: Record<string, string | undefined>[] = [
      { 'mcp-method': 'tools/list' },
      { 'mcp-name': 'other' },
      { 'mcp-name': 'ECHO' },
      { 'mcp-name': undefined },
      { 'mcp-method': undefined },
      { 'mcp-protocol-version': '2025-11-25' },
      { 'mcp-protocol-version': undefined },
      { 'mcp-protocol-version': '2099-01-01' },
    ];
    for (const headers of mismatches) {
      const answer = await echo('mismatch', headers);
      expect({ headers, status: answer.status }).toEqual({ headers, status: 400 });
    }
    expect(await (await fetch(new URL('/seen', web.line))).text()).not.toContain('mismatch');
  });

  it('bounds bodies, headers, nesting and streams, and serves on', async () => {
    expect((await echo('x'.repeat(5 * 1024 * 1024))).status).toBe(413);
    expect((await echo('x', { 'mcp-param-x': 'x'.repeat(300_000) }).catch(() => ({ status: 431 }))).status).toBe(431);
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const nested = await send('POST', '/mcp', { ...json, 'mcp-protocol-version': version }, deep);
    expect(nested.status).toBeGreaterThanOrEqual(200);
    expect(nested.status).toBeLessThan(500);
    const open = new AbortController();
    const listens = Array.from({ length: 300 }, (_, id) => {
      const body = {
        jsonrpc: '2.0',
        id,
        method: 'subscriptions/listen',
        params: { notifications: { toolsListChanged: true }, _meta: envelope },
      };
      const headers = {
        ...json,
        authorization: `Bearer ${token}`,
        'mcp-protocol-version': version,
        'mcp-method': 'subscriptions/listen',
      };
      return fetch(gate.endpoint, { method: 'POST', headers, body: JSON.stringify(body), signal: open.signal }).then(
        (response) => response.status,
        () => 0,
      );
    });
    const statuses = await Promise.all(listens);
    expect(statuses.filter((status) => status >= 500 && status !== 503)).toEqual([]);
    expect((await echo('still here', { authorization: `Bearer ${otherToken}` })).status).toBe(200);
    open.abort();
    await until(async () => (await echo('still here')).status === 200, { what: 'the app to have room again' });
  });

  it('marks what it lists as private, so that no shared cache gives it to another app', async () => {
    for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']) {
      const { result } = JSON.parse((await modern(method)).body) as { result: { cacheScope?: string } };
      expect({ method, scope: result.cacheScope }).toEqual({ method, scope: 'private' });
    }
  });

  it('starts servers without a shell, with a small environment of their own', async () => {
    const answer = await modern('tools/call', { name: 'env', arguments: {} }, {}, '/mcp/servers/local');
    expect(answer.body).not.toContain(token);
    const argv = await modern('tools/call', { name: 'argv', arguments: {} }, {}, '/mcp/servers/local');
    expect(argv.status).toBe(200);
    const hostile = ['$(touch pwned)', '`touch pwned`', '; touch pwned', '| touch pwned', '&& touch pwned', '\'"$HOME'];
    const launch = [process.execPath, fixture('hostile.mjs'), 'echo', ...hostile];
    await gatehouse(folder.path, 'server', 'add', 'shellish', '--', ...launch);
    await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'shellish', '--effect', 'read');
    const shown = await modern('tools/call', { name: 'argv', arguments: {} }, {}, '/mcp/servers/shellish');
    const { result } = JSON.parse(shown.body) as { result: { content: { text: string }[] } };
    for (const argument of hostile) expect(result.content[0]?.text).toContain(JSON.stringify(argument).slice(1, -1));
    expect(readdirSync(folder.path)).not.toContain('pwned');
    await gatehouse(folder.path, 'server', 'remove', 'shellish');
  });

  it('gives agents no way to add, approve, trust, reconfigure, or read how things are set up', async () => {
    const before = await gatehouse(folder.path, 'server', 'list');
    const { result } = JSON.parse((await modern('tools/list')).body) as { result: { tools: { name: string }[] } };
    expect(result.tools.map(({ name }) => name).sort()).toEqual([
      'call_tool_destructive',
      'call_tool_read',
      'call_tool_write',
      'describe_tools',
      'read_result',
      'retrieve_tools',
    ]);
    const guesses = [
      'servers.add',
      'servers/add',
      'tools/approve',
      'tools.approve',
      'gate/resume',
      'settings/set',
      'apps/issueToken',
      'policy/get',
      'config/read',
      'rpc',
    ];
    for (const method of guesses) expect(`${method} ${(await modern(method)).status}`).toBe(`${method} 404`);
    for (const path of [
      '/rpc',
      '/mcp/rpc',
      '/api',
      '/admin',
      '/mcp/servers',
      '/mcp/servers/',
      '/mcp/servers/web/tools',
      '/login',
    ]) {
      expect(`${path} ${(await send('POST', path, json, '{}')).status}`).toBe(`${path} 404`);
    }
    for (const name of ['approve_tool', 'add_server', 'resume', 'get_config', 'gatehouse:approve']) {
      const answer = await modern('tools/call', { name: 'call_tool_write', arguments: { name, arguments: {} } });
      expect(answer.body).toContain('not_in_profile');
    }
    expect(await gatehouse(folder.path, 'server', 'list')).toMatchObject(
      (before as { name: string }[]).map(({ name }) => ({ name })),
    );
  });

  it('writes neither tokens nor secrets into its own log or the call log', async () => {
    const entries = await recorded();
    await echo('nothing secret', { authorization: `Bearer ${token}broken` });
    await echo('counted');
    expect(await recorded()).toBe(entries + 1);
    const { out } = await runCommand(folder.path, ['log', 'export', '--format', 'jsonl']);
    expect(out).toContain('counted');
    const said = readFileSync(join(folder.path, 'stderr.log'), 'utf8');
    expect(said).toContain('turned away');
    for (const secret of [token, otherToken, 'upstream-credential-1']) expect(out + said).not.toContain(secret);
  });
});
