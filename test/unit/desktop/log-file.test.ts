import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLogFile } from '../../../src/main/log-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-desktop-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the log file', () => {
  test('is readable by its owner alone and names errors', () => {
    openLogFile(folder).error({ error: new Error('disk full') }, 'It failed');
    const file = join(folder, 'gatehouse.log');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('disk full');
  });

  test('is set aside at start when it has grown large', () => {
    const file = join(folder, 'gatehouse.log');
    writeFileSync(file, 'x'.repeat(6 * 1024 * 1024));
    openLogFile(folder).info({}, 'fresh');
    expect(statSync(`${file}.1`).size).toBe(6 * 1024 * 1024);
    expect(statSync(file).size).toBeLessThan(1000);
  });
});
