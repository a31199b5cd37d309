import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createFileVault, type Vault } from '../../../src/main/secrets/index.ts';
import { createSignIns, type SignIns } from '../../../src/main/upstreams/index.ts';
import type { Timers } from '../../../src/main/upstreams/timers.ts';
import type { ServerConfig } from '../../../src/shared/contract/index.ts';
import { temporaryDir } from '../../fixtures/gatehouse-process.ts';
import {
  type OAuthServer,
  type OAuthServerOptions,
  startOAuthServer,
} from '../../fixtures/oauth-server/oauth-server.ts';
import { ManualTimers } from '../../unit/upstreams/manual-timers.ts';
import { openGate, type TestGate } from './gate.ts';

/** A server behind a sign-in, a Gatehouse in front of it, and the time of its sign-ins. */
interface Scene extends AsyncDisposable {
  readonly server: OAuthServer;
  readonly config: ServerConfig;
  readonly signIns: SignIns;
  readonly gate: TestGate;
  readonly timers: ManualTimers;
  readonly warnings: string[];
  /** Does what a person does: begins, follows the browser, comes back. Gives the page they see last. */
  signIn(): Promise<{ status: number; text: string }>;
}

interface SceneOptions extends OAuthServerOptions {
  readonly vault?: Vault;
  readonly ports?: readonly number[];
  readonly config?: Partial<ServerConfig>;
  readonly server?: OAuthServer;
}

async function scene(options: SceneOptions = {}): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const server = options.server ?? stack.use(await startOAuthServer(options));
  const timers = new ManualTimers(Date.now());
  const warnings: string[] = [];
  const { vault = memoryVault() } = options;
  const signIns = stack.use(
    createSignIns({
      vault,
      resolveSecret: async () => undefined,
      clock: () => timers.now(),
      timers: timers as Timers,
      warn: (facts, message) => void warnings.push(`${message} ${JSON.stringify(facts)}`),
      callbackPorts: options.ports ?? [0],
    }),
  );
  const config: ServerConfig = { url: server.url, ...options.config };
  const gate = stack.use(
    await openGate({ x: config }, { authorizationFor: (name, of, url) => signIns.authorizationFor(name, of, url) }),
  );
  const owned = stack.move();
  return {
    server,
    config,
    signIns,
    gate,
    timers,
    warnings,
    async signIn() {
      const { url, done } = await signIns.start('x', config);
      const response = await fetch(url);
      const page = { status: response.status, text: await response.text() };
      await done;
      await gate.upstreams.restart('x');
      return page;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function memoryVault(): Vault {
  const values = new Map<string, string>();
  return {
    get: async (name) => values.get(name),
    set: async (name, value) => void values.set(name, value),
    delete: async (name) => values.delete(name),
    names: async () => [...values.keys()],
    key: async () => Buffer.alloc(32),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** A sign-in that was begun and the address a browser is sent back to, not followed yet. */
async function begun({ signIns, config }: Scene): Promise<{ back: URL; done: Promise<void>; url: URL }> {
  const { url, done } = await signIns.start('x', config);
  done.catch(() => undefined);
  const response = await fetch(url, { redirect: 'manual' });
  return { back: new URL(response.headers.get('location') ?? ''), done, url: new URL(url) };
}

describe('a server that wants a sign-in', () => {
  test('waits for the person: it says so, opens no flow, and is not asked again and again', async () => {
    await using here = await scene();
    const first = await here.gate.failure('x', 'read');
    expect(first).toMatchObject({ code: 'server_down', notSent: true });
    expect(first.message).toContain('x needs you to sign in');
    expect(here.gate.upstreams.status('x')).toMatchObject({
      health: 'failing',
      problem: expect.stringContaining('sign in'),
    });
    expect(here.signIns.stateOf('x')).toBe('needed');
    for (let i = 0; i < 10; i += 1) await here.gate.failure('x', 'read');
    expect(here.server.seenAt('/mcp').length).toBeLessThanOrEqual(3);
    expect(here.server.seen.every(({ path }) => path === '/mcp')).toBe(true);
  });

  test('is used once the person signed in, with a token for it alone', async () => {
    await using here = await scene();
    await here.gate.failure('x', 'read');
    const page = await here.signIn();
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('You can close this window') });
    expect(await here.gate.call('x', 'read')).toBe('read done');
    expect(here.signIns.stateOf('x')).toBe('signed-in');
    const [asked] = here.server.seenAt('/authorize');
    expect(asked?.params).toMatchObject({
      resource: here.server.url,
      scope: 'read',
      code_challenge_method: 'S256',
      response_type: 'code',
    });
    expect(here.server.seenAt('/token')[0]?.params).toMatchObject({ resource: here.server.url });
    const elsewhere = here.server.seen.filter(
      ({ path, authorization }) => path !== '/mcp' && authorization !== undefined,
    );
    expect(elsewhere).toEqual([]);
  });

  test('is not asked for a sign-in where servers.json says how it is reached', async () => {
    await using here = await scene({ config: { headers: { authorization: 'Bearer own' } } });
    expect((await here.gate.failure('x', 'read')).message).toContain('did not accept our credentials');
    expect(here.signIns.stateOf('x')).toBe('none');
    await expect(here.signIns.start('x', here.config)).rejects.toThrow(/Authorization header/);
  });

  test('gets one sign-in however often it is begun', async () => {
    await using here = await scene();
    const [one, two] = await Promise.all([here.signIns.start('x', here.config), here.signIns.start('x', here.config)]);
    expect(two).toBe(one);
    expect(here.server.seenAt('/register')).toHaveLength(1);
    here.signIns.cancel('x');
    await expect(one.done).rejects.toThrow(/cancelled/);
  });
});

describe('a browser that comes back', () => {
  test('with another state is turned away, and the right one still counts, once', async () => {
    await using here = await scene();
    const { back, done } = await begun(here);
    const wrong = new URL(back);
    wrong.searchParams.set('state', 'A'.repeat(back.searchParams.get('state')?.length ?? 0));
    expect((await fetch(wrong)).status).toBe(400);
    expect(here.server.seenAt('/token')).toHaveLength(0);
    const [first, second] = await Promise.all([fetch(back), fetch(back)]);
    expect([first.status, second.status].sort()).toEqual([200, 400]);
    await done;
    expect(here.server.seenAt('/token')).toHaveLength(1);
  });

  test.each([
    ['of another issuer', (params: URLSearchParams) => params.set('iss', 'https://evil.example')],
    ['without the issuer that was promised', (params: URLSearchParams) => params.delete('iss')],
    [
      'with an error of another issuer',
      (params: URLSearchParams) => {
        params.delete('code');
        params.set('error', 'call_0900_now');
        params.set('iss', 'https://evil.example');
      },
    ],
  ])('%s gets no token, and nothing it says is shown', async (_what, comesBack) => {
    await using here = await scene({ comesBack });
    const { back, done } = await begun(here);
    const page = await fetch(back);
    expect(page.status).toBe(400);
    expect(await page.text()).not.toContain('call_0900_now');
    const error: unknown = await done.catch((reason: unknown) => reason);
    expect(String(error)).toContain('The sign-in at x failed');
    expect(String(error)).not.toContain('call_0900_now');
    expect(here.server.seenAt('/token')).toHaveLength(0);
  });

  test('with a refusal ends the sign-in with the reason', async () => {
    await using here = await scene({
      comesBack: (params) => {
        params.delete('code');
        params.set('error', 'access_denied');
      },
    });
    const { back, done } = await begun(here);
    expect((await fetch(back)).status).toBe(400);
    await expect(done).rejects.toThrow(/access_denied/);
  });

  test('too late, after a cancel or under another name finds nothing', async () => {
    await using here = await scene();
    const { back, done } = await begun(here);
    const rebound = await new Promise<number | undefined>((resolve) => {
      const { request } = process.getBuiltinModule('node:http');
      request(back, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(rebound).toBe(404);
    here.timers.pass(5 * 60_000);
    await expect(done).rejects.toThrow(/within 5 minutes/);
    await expect
      .poll(() =>
        fetch(back).then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed');
    expect(here.server.seenAt('/token')).toHaveLength(0);
  });

  test('finds another port where the usual one is taken, and Gatehouse registers for that one', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    await using here = await scene({ ports: [port, 0] });
    await here.signIn();
    await new Promise((resolve) => taken.close(resolve));
    await here.signIn();
    await here.signIn();
    const uris = here.server.seenAt('/authorize').map(({ params }) => params.redirect_uri);
    expect(uris[0]).not.toContain(`:${port}/`);
    expect(uris[1]).toBe(`http://127.0.0.1:${port}/callback`);
    expect(uris[2]).toBe(uris[1]);
    expect(here.server.seenAt('/register')).toHaveLength(2);
  });
});

describe('a sign-in service', () => {
  test.each([
    ['of another issuer', { issuer: 'https://evil.example' }, /issuer/i],
    ['without PKCE', { code_challenge_methods_supported: undefined }, /PKCE/],
    ['with weak PKCE only', { code_challenge_methods_supported: ['plain'] }, /PKCE/],
    ['that takes no new apps', { registration_endpoint: undefined }, /client id into servers.json/],
    ['with a page that is no web page', { authorization_endpoint: 'file:///etc/passwd' }, /file|url|https/i],
    ['with a page in clear text', { authorization_endpoint: 'http://login.example/authorize' }, /not https/],
  ])('%s is refused before a browser opens', async (_what, changes, reason) => {
    await using here = await scene({ metadata: (own) => ({ ...own, ...changes }) });
    await expect(here.signIns.start('x', here.config)).rejects.toThrow(reason);
    expect(here.server.seenAt('/authorize')).toHaveLength(0);
  });

  test('that sends its requests to another origin is not followed there', async () => {
    await using other = await startOAuthServer();
    await using here = await scene({ redirectsMetadataTo: `${other.origin}/.well-known/oauth-authorization-server` });
    await expect(here.signIns.start('x', here.config)).rejects.toThrow();
    expect(other.seen).toEqual([]);
  });

  test('gets a client id that was registered by hand, and no other service does', async () => {
    await using other = await startOAuthServer();
    let authorizationServer: string | undefined;
    const oauth = { clientId: 'by-hand' };
    await using here = await scene({
      config: { gatehouse: { oauth } },
      authorizationServer: () => authorizationServer,
    });
    await here.signIn();
    expect(here.server.seenAt('/register')).toHaveLength(0);
    expect(here.server.seenAt('/authorize')[0]?.params.client_id).toBe('by-hand');
    authorizationServer = other.origin;
    await expect(here.signIns.start('x', here.config)).rejects.toThrow(/its client id was used at/);
    expect(other.seenAt('/authorize')).toHaveLength(0);
  });

  test('that replaces another is registered with anew', async () => {
    await using other = await startOAuthServer();
    let authorizationServer: string | undefined;
    await using here = await scene({ authorizationServer: () => authorizationServer });
    await here.signIn();
    authorizationServer = other.origin;
    const { url } = await begun(here);
    expect(url.origin).toBe(other.origin);
    expect(url.searchParams.get('client_id')).not.toBe(here.server.seenAt('/authorize')[0]?.params.client_id);
    expect(other.seenAt('/register')).toHaveLength(1);
  });
});

describe('tokens', () => {
  test('that end soon are renewed once for all who wait', async () => {
    await using here = await scene({ expiresIn: 3_600 });
    await here.signIn();
    here.timers.pass(3_590_000);
    await Promise.all(Array.from({ length: 10 }, () => here.gate.call('x', 'read')));
    const renewals = here.server.seenAt('/token').filter(({ params }) => params.grant_type === 'refresh_token');
    expect(renewals).toHaveLength(1);
    expect(renewals[0]?.params.resource).toBe(here.server.url);
  });

  test('that are refused are renewed once, and every call still gets its answer', async () => {
    await using here = await scene();
    await here.signIn();
    here.server.expireTokens();
    const answers = await Promise.all(Array.from({ length: 10 }, () => here.gate.call('x', 'read')));
    expect(answers).toEqual(Array(10).fill('read done'));
    expect(here.server.seenAt('/token').filter(({ params }) => params.grant_type === 'refresh_token')).toHaveLength(1);
    expect(here.server.seenAt('/authorize')).toHaveLength(1);
  });

  test('that can be renewed no more need the person again, quietly', async () => {
    await using here = await scene();
    await here.signIn();
    here.server.expireTokens();
    here.server.revokeRefreshTokens();
    expect((await here.gate.failure('x', 'read')).message).toContain('it needs you to sign in');
    await here.gate.failure('x', 'read');
    expect(here.signIns.stateOf('x')).toBe('needed');
    expect(here.server.seenAt('/token').filter(({ params }) => params.grant_type === 'refresh_token')).toHaveLength(1);
    expect(here.server.seenAt('/authorize')).toHaveLength(1);
    await here.signIn();
    expect(await here.gate.call('x', 'read')).toBe('read done');
  });

  test('that give too little are asked for with all scopes together, and not again when that did not help', async () => {
    await using here = await scene({ writeScope: 'write' });
    await here.gate.failure('x', 'read');
    await here.signIn();
    expect((await here.gate.failure('x', 'write')).message).toContain('it asks for the rights write');
    expect(here.signIns.stateOf('x')).toBe('more-needed');
    expect(here.signIns.wantedScopeOf('x')).toBe('read write');
    // What needs no more goes on working.
    expect(await here.gate.call('x', 'read')).toBe('read done');
    await here.signIn();
    expect(await here.gate.call('x', 'write')).toBe('write done');
    expect(here.server.seenAt('/authorize').at(-1)?.params.scope).toBe('read write');
  });

  test('that never give enough are not asked for in circles', async () => {
    await using here = await scene({ writeScope: 'write', isNeverEnough: true });
    await here.gate.failure('x', 'read');
    await here.signIn();
    await here.gate.failure('x', 'write');
    expect(here.signIns.stateOf('x')).toBe('more-needed');
    await here.signIn();
    expect((await here.gate.failure('x', 'write')).message).toContain('although you signed in with them');
    expect(here.signIns.stateOf('x')).toBe('signed-in');
    expect(await here.gate.call('x', 'read')).toBe('read done');
  });

  test('are gone after signing out, and a server at another address never gets them', async () => {
    await using here = await scene();
    await here.signIn();
    const authorization = await here.signIns.authorizationFor('x', here.config, 'https://other.example/mcp');
    expect(authorization?.header()).toBeUndefined();
    const again = await here.signIns.authorizationFor('x', here.config, here.server.url);
    expect(again?.header()).toMatch(/^Bearer access-/);
    expect(await here.signIns.forget('x')).toBe(true);
    expect(again?.header()).toBeUndefined();
    await here.gate.upstreams.stop('x');
    expect((await here.gate.failure('x', 'read')).message).toContain('needs you to sign in');
    expect(await here.signIns.forget('x')).toBe(false);
  });

  test('outlive a restart of Gatehouse, and are nowhere to be read', async () => {
    using folder = temporaryDir();
    await using server = await startOAuthServer({ issuesRefreshTokens: true });
    const open = () => createFileVault({ dir: folder.path, clock: Date.now });
    {
      await using vault = await open();
      await using here = await scene({ vault, server });
      await here.signIn();
      await here.gate.call('x', 'read');
      const said = JSON.stringify([here.gate.upstreams.logs('x'), here.gate.upstreams.status('x'), here.warnings]);
      for (const secret of server.secrets) expect(said).not.toContain(secret);
    }
    {
      await using vault = await open();
      await using here = await scene({ vault, server });
      expect(await here.gate.call('x', 'read')).toBe('read done');
      server.expireTokens();
      expect(await here.gate.call('x', 'read')).toBe('read done');
    }
    expect(server.seenAt('/authorize')).toHaveLength(1);
    expect(server.secrets.size).toBeGreaterThan(3);
    for (const file of readdirSync(folder.path)) {
      const text = readFileSync(join(folder.path, file), 'latin1');
      for (const secret of server.secrets) expect(text.includes(secret), file).toBe(false);
    }
  });
});
