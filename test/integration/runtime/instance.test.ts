import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { AlreadyRunning, claimInstance, type Instance } from '../../../src/main/instance/index.ts';
import {
  ensurePrivateDir,
  findRunningInstance,
  readRuntimeFile,
  runtimeFileOf,
} from '../../../src/main/runtime/index.ts';
import { temporaryDir } from '../../fixtures/gatehouse-process.ts';

let dir: ReturnType<typeof temporaryDir>;
let dataDir: string;
beforeEach(() => {
  dir = temporaryDir();
  dataDir = join(dir.path, 'data');
});
afterEach(() => dir[Symbol.dispose]());

const facts = { version: '0.1.0', startedAt: 1, endpoint: () => 'http://127.0.0.1:1/mcp', console: null };
const hello = (client: WebSocket) => client.send('hello');
const modeOf = (path: string) => statSync(path).mode & 0o777;

async function open(instance: Instance): Promise<void> {
  await instance.open(hello, facts);
}

/** The first message from the admin socket, or the status it was refused with. */
function firstMessage(socketPath: string, options: { origin?: string; path?: string } = {}): Promise<string> {
  const client = new WebSocket(`ws://gatehouse${options.path ?? '/rpc'}`, {
    createConnection: () => connect(socketPath),
    origin: options.origin,
  });
  return new Promise((done, failed) => {
    client.once('message', (data) => {
      client.terminate();
      done(data.toString());
    });
    client.once('unexpected-response', (_request, response) => done(`${response.statusCode}`));
    client.once('error', failed);
  });
}

describe('an instance', () => {
  it('makes its folder, its socket and runtime.json private to the owner, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      await using instance = await claimInstance(dataDir);
      await open(instance);
      const { socket } = readRuntimeFile(dataDir) ?? expect.fail('no runtime.json');
      expect([modeOf(dataDir), modeOf(socket), modeOf(runtimeFileOf(dataDir))]).toEqual([0o700, 0o600, 0o600]);
    } finally {
      process.umask(before);
    }
  });

  it('narrows a folder that others could enter', async () => {
    mkdirSync(dataDir, { mode: 0o755 });
    await using _instance = await claimInstance(dataDir);
    expect(modeOf(dataDir)).toBe(0o700);
  });

  it('accepts a data folder behind a link, but never a link in a place for everybody', async () => {
    const real = join(dir.path, 'real');
    mkdirSync(real);
    symlinkSync(real, dataDir);
    await using _instance = await claimInstance(dataDir);
    expect(modeOf(real)).toBe(0o700);
    await expect(ensurePrivateDir(dataDir, { mayBeLink: false })).rejects.toThrow(/not a folder/);
  });

  it('is found while it runs, and leaves nothing behind', async () => {
    const instance = await claimInstance(dataDir);
    await open(instance);
    const found = await findRunningInstance(dataDir);
    expect(found).toMatchObject({ endpoint: 'http://127.0.0.1:1/mcp', pid: process.pid, dataDir });
    await instance[Symbol.asyncDispose]();
    expect(await findRunningInstance(dataDir)).toBeUndefined();
    expect(existsSync(join(dataDir, 'runtime.json'))).toBe(false);
    expect(existsSync(join(dataDir, 'gatehouse.sock'))).toBe(false);
  });

  it('writes the new endpoint when the port moved', async () => {
    let endpoint = 'http://127.0.0.1:1/mcp';
    await using instance = await claimInstance(dataDir);
    await instance.open(hello, { ...facts, endpoint: () => endpoint });
    endpoint = 'http://127.0.0.1:2/mcp';
    instance.refresh();
    expect(readRuntimeFile(dataDir)?.endpoint).toBe(endpoint);
  });

  it('has a data folder to itself: a second claim names it', async () => {
    await using instance = await claimInstance(dataDir);
    await open(instance);
    const error = await claimInstance(dataDir).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AlreadyRunning);
    expect(error).toMatchObject({ running: { pid: process.pid } });
  });

  it('that holds the folder without answering is reported as that', async () => {
    await using _starting = await claimInstance(dataDir);
    await expect(claimInstance(dataDir, 100)).rejects.toThrow(/does not answer/);
  });

  it('takes the folder over from one that is just stopping', async () => {
    const first = await claimInstance(dataDir);
    const second = claimInstance(dataDir);
    await first[Symbol.asyncDispose]();
    await using _instance = await second;
  });

  it('is not fooled by a runtime.json and a socket left by a killed process', async () => {
    mkdirSync(dataDir, { mode: 0o700 });
    const socket = join(dataDir, 'gatehouse.sock');
    writeFileSync(socket, '');
    // A living process with the same id: what a crash long ago and a reused process id look like.
    writeFileSync(
      runtimeFileOf(dataDir),
      JSON.stringify({ endpoint: null, console: null, socket, pid: process.pid, version: '0', startedAt: 1 }),
    );
    expect(await findRunningInstance(dataDir)).toBeUndefined();
    await using instance = await claimInstance(dataDir);
    await open(instance);
    expect(await firstMessage(socket)).toBe('hello');
  });

  it('works in a folder too deep for a unix socket', async () => {
    const deep = join(dir.path, ...Array.from({ length: 12 }, () => 'a-rather-long-name'), 'data');
    await using instance = await claimInstance(deep);
    await open(instance);
    const found = await findRunningInstance(deep);
    expect(found?.socket.startsWith(deep)).toBe(false);
    expect(found && (await firstMessage(found.socket))).toBe('hello');
  });
});

describe('the admin socket', () => {
  it('refuses whatever names an origin, and every other path', async () => {
    await using instance = await claimInstance(dataDir);
    await open(instance);
    const socket = join(dataDir, 'gatehouse.sock');
    expect(await firstMessage(socket, { origin: 'http://evil.test' })).toBe('403');
    expect(await firstMessage(socket, { path: '/other' })).toBe('403');
  });
});
