import { describe, expect, it } from 'vitest';
import { socketPathFor } from '../../../src/main/runtime/index.ts';

const facts = { platform: 'linux', runtimeDir: '/run/user/1000', tmpDir: '/tmp', user: 'mara' } as const;
const deep = `/home/mara/${'deep/'.repeat(30)}`;

describe('the admin socket', () => {
  it('lies in the data folder when the path is short enough for a unix socket', () => {
    expect(socketPathFor('/data', facts)).toEqual({ path: '/data/gatehouse.sock', privateDir: null });
  });

  it('moves to a short private place when the data folder is too deep', () => {
    const { path, privateDir } = socketPathFor(deep, facts);
    expect(privateDir).toBe('/run/user/1000/gatehouse');
    expect(path.startsWith('/run/user/1000/gatehouse/')).toBe(true);
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(103);
  });

  it('has a different short place for each data folder, and without XDG_RUNTIME_DIR one for each user', () => {
    expect(socketPathFor(deep, facts).path).not.toBe(socketPathFor(`${deep}er`, facts).path);
    expect(socketPathFor(deep, { ...facts, runtimeDir: undefined }).privateDir).toBe('/tmp/gatehouse-mara');
  });

  it('is a pipe nobody can guess on Windows', () => {
    const windows = { ...facts, platform: 'win32' } as const;
    expect(socketPathFor('C:\\data', windows).path).toMatch(/^\\\\\.\\pipe\\gatehouse-[0-9a-f]{32}$/);
    expect(socketPathFor('C:\\data', windows).path).not.toBe(socketPathFor('C:\\data', windows).path);
  });
});
