import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Console, openConsole } from '../../../src/main/console/index.ts';
import { temporaryDir } from '../../fixtures/gatehouse-process.ts';

let dir: ReturnType<typeof temporaryDir>;
let front: Console;
let now: number;
beforeEach(async () => {
  now = 1_000_000;
  dir = temporaryDir();
  const rendererDir = join(dir.path, 'renderer');
  mkdirSync(join(rendererDir, 'assets'), { recursive: true });
  writeFileSync(join(rendererDir, 'index.html'), '<!doctype html><title>The app</title>');
  writeFileSync(join(rendererDir, 'assets', 'index-abc.js'), 'app()');
  writeFileSync(join(dir.path, 'secret.json'), '"secret"');
  symlinkSync(join(dir.path, 'secret.json'), join(rendererDir, 'link.json'));
  front = await openConsole({
    rendererDir,
    port: 0,
    clock: () => now,
    attach: (client) => client.send('hello'),
  });
});
afterEach(async () => {
  await front[Symbol.asyncDispose]();
  dir[Symbol.dispose]();
});

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** One request as it is: fetch would tidy up paths and refuse to lie about Host and Origin. */
async function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { port } = new URL(front.address);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request({
    host: '127.0.0.1',
    port,
    path,
    method: options.method ?? 'GET',
    headers: options.headers,
  });
  outgoing.once('response', async (response) =>
    resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await text(response) }),
  );
  outgoing.once('error', reject);
  outgoing.end(options.body);
  return promise;
}

function tokenOf(url: string): string {
  return new URL(url).hash.slice(1);
}

async function redeem(token: string, headers: Record<string, string> = {}): Promise<Answer> {
  const body = JSON.stringify({ token });
  return ask('/login', {
    method: 'POST',
    body,
    headers: {
      origin: front.address,
      'content-type': 'application/json',
      'content-length': `${Buffer.byteLength(body)}`,
      ...headers,
    },
  });
}

interface SignedIn {
  readonly cookie: string;
  readonly pageKey: string;
}

async function signIn(): Promise<SignedIn> {
  const answer = await redeem(tokenOf(front.loginUrl()));
  expect(answer.status).toBe(200);
  const [cookie = ''] = String(answer.headers['set-cookie']).split(';');
  return { cookie, pageKey: (JSON.parse(answer.body) as { pageKey: string }).pageKey };
}

/** The first message of the WebSocket, or the status it was refused with. */
function openSocket({ cookie, pageKey }: Partial<SignedIn>, overrides: { origin?: string; host?: string } = {}) {
  const client = new WebSocket(
    `${front.address.replace('http', 'ws')}/rpc`,
    pageKey ? ['gatehouse', `key.${pageKey}`] : [],
    {
      origin: overrides.origin ?? front.address,
      headers: { ...(cookie ? { cookie } : {}), ...(overrides.host ? { host: overrides.host } : {}) },
    },
  );
  return new Promise<string>((done) => {
    client.once('message', (data) => {
      client.terminate();
      done(`${data.toString()} over ${client.protocol}`);
    });
    client.once('unexpected-response', (_request, response) => done(`${response.statusCode}`));
    client.on('error', () => {});
  });
}

describe('signing in', () => {
  it('works once with the printed address, and sets a cookie that scripts and other sites cannot use', async () => {
    const token = tokenOf(front.loginUrl());
    const first = await redeem(token);
    expect(first.status).toBe(200);
    expect(first.headers['set-cookie']?.[0]).toMatch(/^gatehouse_\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect((await redeem(token)).status).toBe(401);
  });

  it('does not work after 15 minutes', async () => {
    const token = tokenOf(front.loginUrl());
    now += 15 * 60_000 + 1;
    expect((await redeem(token)).status).toBe(401);
  });

  it('does not use the token up when only the address is fetched', async () => {
    const url = front.loginUrl();
    expect((await ask('/login')).status).toBe(200);
    expect((await redeem(tokenOf(url))).status).toBe(200);
  });

  it.each([
    ['a page of another site', { origin: 'http://evil.test' }, 403],
    ['a page of another local port', { origin: 'http://127.0.0.1:1' }, 403],
    ['a form, which needs no permission to be sent', { 'content-type': 'text/plain' }, 415],
    ['a body of unknown length', { 'content-length': '', 'transfer-encoding': 'chunked' }, 413],
  ])('is refused to %s', async (_what, headers, status) => {
    const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
    if ('transfer-encoding' in headers) {
      const answer = await ask('/login', {
        method: 'POST',
        body: '{}',
        headers: { origin: front.address, 'content-type': 'application/json', ...given },
      });
      expect(answer.status).toBe(status);
    } else expect((await redeem(tokenOf(front.loginUrl()), given)).status).toBe(status);
  });
});

describe('the pages', () => {
  it('are shown to a signed-in browser only', async () => {
    expect((await ask('/')).status).toBe(401);
    expect((await ask('/assets/index-abc.js')).status).toBe(401);
    const { cookie } = await signIn();
    expect((await ask('/', { headers: { cookie } })).body).toContain('The app');
    expect((await ask('/assets/index-abc.js', { headers: { cookie } })).body).toBe('app()');
  });

  it('come with a strict policy, and only hashed files may be kept', async () => {
    const { cookie } = await signIn();
    const page = await ask('/', { headers: { cookie } });
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    expect(page.headers['cache-control']).toBe('no-store');
    expect((await ask('/assets/index-abc.js', { headers: { cookie } })).headers['cache-control']).toContain(
      'immutable',
    );
  });

  it.each([
    '/../secret.json',
    '/assets/../../secret.json',
    '/..%2fsecret.json',
    '/%2e%2e/secret.json',
    '/..\\secret.json',
    '//etc/passwd',
    '/link.json',
    '/index.html%00.js',
  ])('never lead out of their folder: %s', async (path) => {
    const { cookie } = await signIn();
    const answer = await ask(path, { headers: { cookie } });
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('secret"');
  });

  it('are not shown to a name that was rebound to this computer', async () => {
    const { cookie } = await signIn();
    expect((await ask('/', { headers: { cookie, host: 'evil.test' } })).status).toBe(403);
  });
});

describe('the WebSocket', () => {
  it('opens with cookie and page key together, and never says the key back', async () => {
    expect(await openSocket(await signIn())).toBe('hello over gatehouse');
  });

  it.each([
    ['the cookie alone, which other local ports get to see', { pageKey: undefined }],
    ['the page key alone', { cookie: undefined }],
    ['a wrong page key', { pageKey: 'wrong' }],
  ])('stays closed with %s', async (_what, change) => {
    expect(await openSocket({ ...(await signIn()), ...change })).toBe('401');
  });

  it.each([
    ['another site', { origin: 'http://evil.test' }],
    ['another local port', { origin: 'http://127.0.0.1:1' }],
    ['a rebound name', { host: 'evil.test' }],
  ])('stays closed to %s', async (_what, overrides) => {
    expect(await openSocket(await signIn(), overrides)).toBe('403');
  });
});

it('takes any free port when the wanted one is taken', async () => {
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  const address = taken.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await using other = await openConsole({
    rendererDir: join(dir.path, 'renderer'),
    port,
    attach: () => {},
  });
  expect(new URL(other.address).port).not.toBe(`${port}`);
  await new Promise((done) => taken.close(done));
});

it('says what to do when the renderer was not built', async () => {
  mkdirSync(join(dir.path, 'empty'));
  await expect(openConsole({ rendererDir: join(dir.path, 'empty'), port: 0, attach: () => {} })).rejects.toThrow(
    /npm run build/,
  );
});
