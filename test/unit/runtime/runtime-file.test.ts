import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRuntimeFile, runtimeFileOf, writeRuntimeFile } from '../../../src/main/runtime/index.ts';
import { parseRuntimeInfo } from '../../../src/main/runtime/runtime-file.ts';

const info = {
  endpoint: 'http://127.0.0.1:4283/mcp',
  console: 'http://127.0.0.1:4284',
  socket: '/data/gatehouse.sock',
  pid: process.pid,
  version: '0.1.0',
  startedAt: 1_700_000_000_000,
};
/** Larger than any process id Linux gives. */
const deadPid = 2 ** 22 + 1;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gatehouse-runtime-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('runtime.json', () => {
  it('comes back as it was written, readable by its owner only', () => {
    writeRuntimeFile(dir, info);
    expect(readRuntimeFile(dir)).toEqual(info);
    expect(statSync(runtimeFileOf(dir)).mode & 0o777).toBe(0o600);
  });

  it('counts for nothing when its process is gone', () => {
    writeRuntimeFile(dir, { ...info, pid: deadPid });
    expect(readRuntimeFile(dir)).toBeUndefined();
  });

  it('counts for nothing when there is none', () => {
    expect(readRuntimeFile(dir)).toBeUndefined();
  });

  it.each([
    ['text that is no JSON', 'x'],
    ['a list', '[]'],
    ['a missing socket', JSON.stringify({ ...info, socket: undefined })],
    ['a process id that would mean a whole group', JSON.stringify({ ...info, pid: -1 })],
    ['an endpoint on another computer', JSON.stringify({ ...info, endpoint: 'http://example.com/mcp' })],
    ['an endpoint that only looks local', JSON.stringify({ ...info, endpoint: 'http://127.0.0.1.example.com/mcp' })],
  ])('is not believed with %s', (_what, text) => {
    expect(parseRuntimeInfo(text)).toBeUndefined();
  });
});
