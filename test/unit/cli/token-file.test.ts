import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readTokenFile, tokenFileOf, writeTokenFile } from '../../../src/main/cli/stdio/token-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gatehouse-token-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

it('keeps a token in a file and a folder that only the owner can open', async () => {
  const file = await writeTokenFile(dir, 'Claude Desktop', 'secret');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  expect(readTokenFile(dir, ' claude desktop ')).toBe('secret');
});

it('refuses a token that others could have read', async () => {
  chmodSync(await writeTokenFile(dir, 'app', 'secret'), 0o644);
  expect(() => readTokenFile(dir, 'app')).toThrow(/can be read by others/);
});

it('knows no token of an app that has none', () => {
  expect(readTokenFile(dir, 'app')).toBeUndefined();
});

it('gives every app its own file inside the folder, whatever its name', () => {
  const names = ['a b', 'a.b', 'a-b', '日本語', '中文', '../../etc/passwd', 'x'.repeat(64)];
  const files = names.map((name) => tokenFileOf('/data', name));
  expect(new Set(files).size).toBe(names.length);
  for (const file of files) expect(file).toMatch(/^\/data\/tokens\/[a-z0-9-]+\.token$/);
});
