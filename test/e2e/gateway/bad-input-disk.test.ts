/** A data folder on a real file system that has no room left, or cannot be written. Needs root, as in the test machine. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, type TestContext } from 'vitest';
import { connectAgent } from '../../fixtures/agent.ts';
import { changingServer } from '../../fixtures/changing-server.ts';
import { gatehouse, out, runCommand, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';

interface Status {
  readonly problems: readonly { readonly id: string; readonly title: string; readonly nextStep: string }[];
  readonly log: { readonly intact: boolean | null };
}

/** A small disk that is gone when its scope ends. */
function smallDisk(context: TestContext): Disposable & { readonly path: string; fill(): void; empty(): void } {
  const folder = temporaryDir();
  const path = join(folder.path, 'disk');
  mkdirSync(path);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path]).status !== 0) {
    folder[Symbol.dispose]();
    context.skip('Mounting needs root.');
  }
  const filler = join(path, 'filler');
  return {
    path,
    fill() {
      for (const size of [64 * 1024, 4096, 512, 1]) {
        try {
          for (;;) writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
        } catch {
          // Full for pieces of this size.
        }
      }
    },
    empty: () => rmSync(filler),
    [Symbol.dispose]() {
      spawnSync('umount', [path]);
      folder[Symbol.dispose]();
    },
  };
}

/** A server that keeps a list of the calls that really reached it. */
function wordsServer(folder: string) {
  const definition = join(folder, 'tools.json');
  const inputSchema = { type: 'object', properties: { q: { type: 'string' } } };
  writeFileSync(definition, JSON.stringify([{ name: 'lookup', description: 'Looks a word up.', inputSchema }]));
  return {
    command: changingServer(definition),
    calls: () => readFileSync(`${definition}.calls`, 'utf8').trimEnd().split('\n'),
  };
}

/** Runs `serve` until it ends by itself. */
async function failingServe(dataDir: string, uid?: number) {
  const child = spawn(process.execPath, [join(out, 'main/cli.js'), 'serve', '--data-dir', dataDir, '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  return { err: await text(child.stderr), code: await ended };
}

describe('A full disk', () => {
  it('at the start is said with what to do, whether there are data already or not', async (context) => {
    using disk = smallDisk(context);
    disk.fill();
    const first = await failingServe(disk.path);
    expect(first).toMatchObject({ code: 1, err: expect.stringMatching(/no space left .*Free some space/) });
    disk.empty();
    await (await serve(disk.path))[Symbol.asyncDispose]();
    disk.fill();
    expect(await failingServe(disk.path)).toMatchObject({ code: 1, err: expect.stringContaining('Free some space') });
    disk.empty();
    await using _gate = await serve(disk.path);
    expect(await gatehouse(disk.path, 'status')).toMatchObject({ problems: [] });
  });

  it('lets no call out unrecorded, opens nothing, closes what is asked, and is over when there is space', async (context) => {
    using disk = smallDisk(context);
    using work = temporaryDir();
    const server = wordsServer(work.path);
    let gate = await serve(disk.path);
    const run = (...args: string[]) => runCommand(disk.path, args);
    const status = async () => (await gatehouse(disk.path, 'status')) as Status;
    try {
      await gatehouse(disk.path, 'server', 'add', 'words', '--', ...server.command);
      await gatehouse(disk.path, 'tool', 'approve', '--all', '--server', 'words', '--effect', 'read');
      await using agent = await connectAgent(gate);
      await gatehouse(disk.path, 'app', 'token', 'leaving');
      expect(await agent.read('words:lookup', { q: 'before' })).toMatchObject({ isError: false });
      disk.fill();
      // What room the database had left in its files is used up first; from then on nothing passes any more.
      const passed = async () => !(await agent.read('words:lookup', { q: 'full' })).isError;
      await until(async () => !(await passed()));
      const reached = server.calls().length;
      for (let n = 0; n < 5; n += 1) {
        expect(await agent.read('words:lookup', { q: 'never' })).toMatchObject({
          isError: true,
          code: 'server_down',
          text: expect.stringContaining('nothing was sent'),
        });
      }
      expect(server.calls()).toHaveLength(reached);
      expect(JSON.stringify(server.calls())).not.toContain('never');

      expect(await status()).toMatchObject({
        problems: [{ id: 'log-unwritable', nextStep: expect.stringContaining('Free some space') }],
      });
      // A list that could not be brought up to date is not a log that was changed.
      expect(await gatehouse(disk.path, 'log', 'verify')).toMatchObject({ ok: true });
      expect((await run('doctor')).out).toContain('BAD   No call goes out');
      expect(await run('pause')).toMatchObject({ code: 0 });
      expect(await run('tool', 'block', 'words:lookup')).toMatchObject({ code: 0 });
      expect(await run('app', 'revoke', 'leaving')).toMatchObject({ code: 0 });
      for (const opening of [['resume'], ['tool', 'approve', 'words:lookup'], ['app', 'token', 'new']]) {
        expect(await run(...opening)).toMatchObject({ code: 1, err: expect.stringContaining('Free some space') });
      }

      disk.empty();
      await until(async () => (await status()).problems.length === 0);
      // What was closed on the full disk is closed for good, and on record.
      gate.child.kill('SIGKILL');
      await gate[Symbol.asyncDispose]();
      gate = await serve(disk.path);
      expect(await gatehouse(disk.path, 'status')).toMatchObject({ gate: { paused: true }, problems: [] });
      expect(await gatehouse(disk.path, 'tool', 'list', '--state', 'blocked')).toMatchObject([{ id: 'words:lookup' }]);
      const apps = (await gatehouse(disk.path, 'app', 'list')) as { name: string; revokedAt: number | null }[];
      expect(apps.find((app) => app.name === 'leaving')?.revokedAt).toBeTypeOf('number');
      expect(await gatehouse(disk.path, 'log', 'verify')).toMatchObject({ ok: true });
      expect(await gatehouse(disk.path, 'log')).toHaveLength(reached);
      await gatehouse(disk.path, 'resume');
      await gatehouse(disk.path, 'tool', 'approve', 'words:lookup', '--effect', 'read');
      await using later = await connectAgent(gate);
      expect(await later.read('words:lookup', { q: 'after' })).toMatchObject({ isError: false });
    } finally {
      await gate[Symbol.asyncDispose]();
    }
  });

  it('that fills during a call does not leave that call running for ever in the log', async (context) => {
    using disk = smallDisk(context);
    await using gate = await serve(disk.path);
    const hostile = join(import.meta.dirname, '../../fixtures/servers/hostile.mjs');
    await gatehouse(disk.path, 'server', 'add', 'slow', '--', process.execPath, hostile, 'slow');
    await gatehouse(disk.path, 'tool', 'approve', '--all', '--server', 'slow', '--effect', 'read');
    await using agent = await connectAgent(gate);
    const calls = async () => (await gatehouse(disk.path, 'log', '--tool', 'slow:slow')) as { status: string }[];
    const slow = agent.read('slow:slow', { ms: 3_000, silent: true });
    await until(async () => (await calls()).some((call) => call.status === 'running'));
    disk.fill();
    await until(async () => (await agent.read('slow:echo', { message: 'x'.repeat(5_000) })).isError);
    expect(await slow).toMatchObject({ isError: false });
    disk.empty();
    await until(async () => (await calls()).every((call) => call.status === 'done'));
  });
});

describe('A data folder that cannot be written', () => {
  it('is said at the start with what to do', async (context) => {
    if (process.getuid?.() !== 0) context.skip('Becoming somebody else needs root.');
    using folder = temporaryDir();
    const nobody = 65_534;
    chmodSync(folder.path, 0o755);
    const dataDir = join(folder.path, 'data');
    await (await serve(dataDir))[Symbol.asyncDispose]();
    const others = await failingServe(dataDir, nobody);
    expect(others).toMatchObject({ code: 1, err: expect.stringContaining('--data-dir') });
    const own = join(folder.path, 'own');
    mkdirSync(own, { mode: 0o500 });
    chownSync(own, nobody, nobody);
    const refused = await failingServe(own, nobody);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(own);
    expect(refused.err).toMatch(/Make the folder writable|--data-dir/);
  });

  it('while it runs lets no call out, says so, and is over when it can be written again', async (context) => {
    using disk = smallDisk(context);
    using work = temporaryDir();
    const server = wordsServer(work.path);
    await using gate = await serve(disk.path);
    await gatehouse(disk.path, 'server', 'add', 'words', '--', ...server.command);
    await gatehouse(disk.path, 'tool', 'approve', '--all', '--server', 'words', '--effect', 'read');
    await using agent = await connectAgent(gate);
    expect(await agent.read('words:lookup', { q: 'before' })).toMatchObject({ isError: false });
    // Files that are open can still be written after a remount, so a limit on the size of files stands for a failing disk.
    const limit = (bytes: string) =>
      spawnSync('prlimit', ['--pid', String(gate.pid), `--fsize=${bytes}:unlimited`]).status;
    if (limit('1') !== 0) context.skip('There is no prlimit here.');
    await until(async () => (await agent.read('words:lookup', { q: 'x'.repeat(9_000) })).isError);
    const reached = server.calls().length;
    expect(await agent.read('words:lookup', { q: 'y'.repeat(9_000) })).toMatchObject({ code: 'server_down' });
    expect(server.calls()).toHaveLength(reached);
    expect(await gatehouse(disk.path, 'status')).toMatchObject({ problems: [{ id: 'log-unwritable' }] });
    limit('unlimited');
    await until(async () => !(await agent.read('words:lookup', { q: 'after' })).isError);
    expect(await gatehouse(disk.path, 'status')).toMatchObject({ problems: [] });
    expect(readFileSync(join(disk.path, 'servers.json'), 'utf8')).toContain('words');
  });
});
