import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  appSchemeRegistration,
  contentSecurityPolicy,
  fileForUrl,
  serveRenderer,
} from '../../../src/main/desktop/app-protocol.ts';
import { appPageUrl, isAppUrl } from '../../../src/main/desktop/app-url.ts';

let folder: string;

beforeAll(() => {
  const base = mkdtempSync(join(tmpdir(), 'gatehouse-protocol-'));
  folder = join(base, 'renderer');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'assets', 'main-abc.js'), 'export {};');
  writeFileSync(join(base, 'secret.json'), '{}');
  mkdirSync(join(base, 'renderer-private'));
  writeFileSync(join(base, 'renderer-private', 'index.html'), 'private');
});
afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const get = (url: string) => serveRenderer(folder)({ method: 'GET', url });

test('the page and its scripts are served with their types', async () => {
  const page = await get(appPageUrl('/approvals'));
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await page.text()).toBe('<!doctype html>');
  const script = await get('app://gatehouse/assets/main-abc.js');
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
});

test('every answer carries the content security policy, refusals too', async () => {
  for (const url of [appPageUrl(), 'app://gatehouse/missing.js', 'app://gatehouse/../secret.json']) {
    const { headers } = await get(url);
    expect(headers.get('content-security-policy')).toBe(contentSecurityPolicy);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

describe('the content security policy', () => {
  const directives = new Map(contentSecurityPolicy.split('; ').map((part) => [part.split(' ')[0], part]));

  test('allows scripts from the app only: no inline, no eval, no remote', () => {
    expect(directives.get('script-src')).toBe("script-src 'self'");
  });

  test('allows no connection, frame, object, form or base', () => {
    for (const name of [
      'default-src',
      'connect-src',
      'frame-src',
      'frame-ancestors',
      'object-src',
      'base-uri',
      'form-action',
    ]) {
      expect(directives.get(name)).toBe(`${name} 'none'`);
    }
  });

  test('names no host', () => {
    expect(contentSecurityPolicy).not.toMatch(/https?:|ws:|\*/);
  });
});

test.each([
  'app://gatehouse/../secret.json',
  'app://gatehouse/..%2fsecret.json',
  'app://gatehouse/%2e%2e/secret.json',
  'app://gatehouse/assets/..%2f..%2fsecret.json',
  'app://gatehouse/..%5csecret.json',
  'app://gatehouse/%2e%2e%2frenderer-private/index.html',
  'app://gatehouse//etc/passwd',
  'app://gatehouse/C:/Windows/win.ini',
  'app://gatehouse/index.html%00.js',
  'app://gatehouse/%E0%A4%A',
  'app://elsewhere/index.html',
  'app://gatehouse.evil.example/index.html',
  'app://gatehouse:80@evil.example/index.html',
  'file:///etc/passwd',
  'https://gatehouse/index.html',
])('%s reads nothing outside the renderer', async (url) => {
  expect((await get(url)).status).toBe(404);
  const file = fileForUrl(folder, url);
  if (file !== undefined) expect(file.startsWith(join(folder, '/'))).toBe(true);
});

test('a kind of file the renderer has none of is not served', () => {
  expect(fileForUrl(folder, 'app://gatehouse/assets/main.js.map')).toBeUndefined();
  expect(fileForUrl(folder, 'app://gatehouse/')).toBeUndefined();
});

test('only GET is answered', async () => {
  expect((await serveRenderer(folder)({ method: 'POST', url: appPageUrl() })).status).toBe(405);
});

test('the scheme is an origin of its own and cannot pass the policy by', () => {
  expect(appSchemeRegistration.privileges).toMatchObject({ standard: true, secure: true });
  expect(appSchemeRegistration.privileges?.bypassCSP).toBeUndefined();
});

test('our address is told from those that only look like it', () => {
  expect(isAppUrl('app://gatehouse/index.html#/servers')).toBe(true);
  for (const url of [
    'app://gatehouse.evil.example/',
    'app://gatehouse@evil.example/',
    'https://gatehouse/',
    'app:gatehouse',
    '',
  ]) {
    expect(isAppUrl(url)).toBe(false);
  }
});
