import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signInToConsole } from '../../fixtures/console-client.ts';
import { root, runCommand, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';

const cli = join(root, 'out/main/cli.js');
const exitCodes = { failed: 1, usage: 2, notRunning: 3 };

let folder: ReturnType<typeof temporaryDir>;
beforeEach(() => {
  folder = temporaryDir();
});
afterEach(() => folder[Symbol.dispose]());

const remains = () => ['runtime.json', 'gatehouse.sock'].filter((name) => existsSync(join(folder.path, name)));

/** Starts `serve` without waiting for it and gives what it said when it ended. */
function startAndEnd(...args: string[]) {
  const child = spawn(process.execPath, [cli, 'serve', '--data-dir', folder.path, '--port', '0', ...args]);
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  return { child, outcome: Promise.all([ended, text(child.stdout), text(child.stderr)]) };
}

describe('gatehouse serve', () => {
  it('prints one JSON line when it is ready, and the console address in it signs in', async () => {
    await using gate = await serve(folder.path);
    const ready = JSON.parse(gate.line) as Record<string, unknown>;
    expect(Object.keys(ready).toSorted()).toEqual(['console', 'dataDir', 'endpoint', 'pid', 'version']);
    expect(ready).toMatchObject({ pid: gate.pid, dataDir: folder.path });
    expect(ready.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    using person = await signInToConsole(gate.consoleLogin);
    expect(await person.client.system.status()).toMatchObject({ mode: 'headless', endpoint: ready.endpoint });
    await expect(signInToConsole(gate.consoleLogin)).rejects.toThrow(/401/);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('stops cleanly on %s and leaves nothing behind', async (signal) => {
    const gate = await serve(folder.path);
    expect(remains()).toHaveLength(2);
    const ended = new Promise((done) => gate.child.once('exit', (code) => done(code)));
    gate.child.kill(signal);
    expect(await ended).toBe(0);
    expect(remains()).toEqual([]);
  });

  it('that was killed leaves files that nobody takes for a running instance', async () => {
    const gate = await serve(folder.path);
    const ended = new Promise((done) => gate.child.once('exit', done));
    gate.child.kill('SIGKILL');
    await ended;
    expect(remains()).not.toEqual([]);
    expect((await runCommand(folder.path, ['status'])).code).toBe(exitCodes.notRunning);
    await using again = await serve(folder.path);
    expect((await runCommand(folder.path, ['status'])).code).toBe(0);
    expect(again.pid).not.toBe(gate.pid);
  });

  it('runs once per data folder: of two that start together one wins, and the other names it', async () => {
    const both = [startAndEnd('--json'), startAndEnd('--json')];
    const [code, out, err] = await Promise.race(both.map(({ outcome }) => outcome));
    expect(code).toBe(exitCodes.failed);
    const winner = both.find(({ child }) => child.exitCode === null);
    expect(err).toContain(`process ${winner?.child.pid}`);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'failed', pid: winner?.child.pid } });
    expect((await runCommand(folder.path, ['status'])).code).toBe(0);
    winner?.child.kill('SIGTERM');
    expect((await winner?.outcome)?.[0]).toBe(0);
  });

  it('says which port is taken and what to do', async () => {
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { code, err } = await runCommand(folder.path, ['serve', '--port', `${port}`]);
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain(`${port}`);
    expect(err).toContain('--port 0');
    expect(remains()).toEqual([]);
    await new Promise((done) => taken.close(done));
  });

  it.each([
    ['below a folder that takes none', () => '/proc/nowhere/data'],
    ['that is a file', () => cli],
    ['below a file', () => join(cli, 'data')],
  ])('says at once that a data folder %s cannot be used', async (_what, path) => {
    const { code, err } = await runCommand(path(), ['serve', '--port', '0']);
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain('--data-dir');
  });

  it('warns at its start when the command line may widen access', async () => {
    const { child, outcome } = startAndEnd('--cli-admin', '--json');
    await until(async () => (await runCommand(folder.path, ['status'])).code === 0);
    child.kill('SIGTERM');
    expect((await outcome)[2]).toContain('--cli-admin');
  });

  it('ends cleanly when it is told to stop while it is still starting', async () => {
    const { child, outcome } = startAndEnd('--json');
    await until(() => existsSync(join(folder.path, 'gatehouse.lock')));
    child.kill('SIGTERM');
    expect((await outcome)[0]).toBe(0);
    expect(remains()).toEqual([]);
  });
});

describe('the gatehouse command', () => {
  it('says on an old Node what it needs instead of crashing', async () => {
    const pretend = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.1.0'}})`;
    const child = spawn(process.execPath, ['--import', pretend, cli, 'status']);
    const ended = new Promise((done) => child.once('exit', done));
    expect(await text(child.stderr)).toMatch(/^gatehouse needs Node 22\.12 or newer, and this is Node 20\.1\.0.*\n$/);
    expect(await ended).toBe(1);
  });

  it.each([
    [['nonsense'], exitCodes.usage],
    [['server', 'add'], exitCodes.usage],
    [['server', 'add', 'x'], exitCodes.usage],
    [['server', 'add', 'x', '--sandbox', 'docker', '--', 'node'], exitCodes.failed],
    [['tool', 'approve'], exitCodes.usage],
    [['tool', 'show', 'no-colon'], exitCodes.notRunning],
    [['tool', 'list', '--state', 'nice'], exitCodes.usage],
    [['pause', '--for', 'soon'], exitCodes.usage],
    [['serve', '--port', '70000'], exitCodes.usage],
    [['stdio', '--token', 'x'], exitCodes.usage],
    [['ask', 'list'], exitCodes.notRunning],
    [['ask', 'allow'], exitCodes.usage],
    [['app', 'connect', 'claude', '--dry-run'], exitCodes.failed],
    [['status'], exitCodes.notRunning],
    [['log', 'verify'], exitCodes.notRunning],
  ])('%j ends with %d', async (args, code) => {
    const outcome = await runCommand(folder.path, args);
    expect(outcome.code, outcome.err).toBe(code);
    expect(outcome.err).not.toBe('');
  });

  it('names in its help only what is built', async () => {
    const { out } = await runCommand(folder.path, ['--help']);
    expect(out).toContain('serve');
    expect(out).toMatch(/^ {2}ask /m);
    expect((await runCommand(folder.path, ['app', '--help'])).out).not.toContain('connect');
  });

  it('gives a JSON value for failures too', async () => {
    const { out } = await runCommand(folder.path, ['status', '--json']);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'not_running' } });
    for (const wrong of [['nonsense'], ['tool', 'list', '--state', 'nice'], ['log', 'export'], ['server', 'add']]) {
      const usage = await runCommand(folder.path, [...wrong, '--json']);
      expect(JSON.parse(usage.out)).toMatchObject({ error: { code: 'usage', message: expect.stringMatching(/\w/) } });
      expect(usage.code).toBe(exitCodes.usage);
    }
  });
});
