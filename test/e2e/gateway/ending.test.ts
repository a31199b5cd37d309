import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectAgent } from '../../fixtures/agent.ts';
import { gatehouse, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { until } from '../../fixtures/until.ts';

interface CallRow {
  readonly tool: string | null;
  readonly status: string;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A zombie still answers to signal 0; it runs nothing any more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};
const pidOf = async (dataDir: string, name: string): Promise<number> => {
  const { pid } = (await gatehouse(dataDir, 'server', 'show', name)) as { pid: number };
  return pid;
};

describe('The end of Gatehouse', () => {
  it('a clean stop ends every child process and leaves no runtime files', async () => {
    using folder = temporaryDir();
    const gate = await serve(folder.path);
    const pids: number[] = [];
    for (const name of ['everything', 'memory', 'thinking'] as const) {
      await gatehouse(folder.path, 'server', 'add', name, '--', ...npmServer(name));
      pids.push(await pidOf(folder.path, name));
    }
    expect(pids.every(isAlive)).toBe(true);
    await gate[Symbol.asyncDispose]();
    expect(gate.child.exitCode).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(existsSync(join(folder.path, 'runtime.json'))).toBe(false);
  });

  it('kill -9 loses no completed call and marks the running one interrupted', async () => {
    using folder = temporaryDir();
    const gate = await serve(folder.path);
    await gatehouse(folder.path, 'server', 'add', 'everything', '--', ...npmServer('everything'));
    await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'everything', '--effect', 'read');
    const agent = await connectAgent(gate);
    for (let i = 0; i < 20; i++) await agent.read('everything:echo', { message: `number ${i}` });
    const long = agent.read('everything:trigger-long-running-operation', { duration: 60, steps: 60 });
    long.catch(() => undefined);
    const running = async () =>
      ((await gatehouse(folder.path, 'log')) as CallRow[]).filter((call) => call.status === 'running');
    await until(async () => (await running()).length === 1, { timeoutMs: 20_000 });
    const server = await pidOf(folder.path, 'everything');
    gate.child.kill('SIGKILL');
    await gate[Symbol.asyncDispose]();
    await agent.client.close().catch(() => undefined);

    await using again = await serve(folder.path);
    const calls = (await gatehouse(folder.path, 'log')) as CallRow[];
    expect(calls.filter((call) => call.tool === 'echo' && call.status === 'done')).toHaveLength(20);
    expect(calls.filter((call) => call.status === 'interrupted')).toHaveLength(1);
    expect(await gatehouse(folder.path, 'log', 'verify')).toMatchObject({ ok: true });
    expect(again.endpoint).toMatch(/^http:/);
    // A busy server does not notice that its input ended; the next start does not leave it behind.
    await until(() => !isAlive(server), { timeoutMs: 5_000 });
  });

  it('a damaged database is set aside and reported, and Gatehouse starts', async () => {
    using folder = temporaryDir();
    await (await serve(folder.path))[Symbol.asyncDispose]();
    const damaged = 'this is not a database at all '.repeat(200);
    writeFileSync(join(folder.path, 'gatehouse.db'), damaged);
    await using _gate = await serve(folder.path);
    const status = (await gatehouse(folder.path, 'status')) as { problems: { title: string; nextStep: string }[] };
    expect(status.problems).toHaveLength(1);
    const kept = /gatehouse\.db\.damaged-[^\s"]+/.exec(JSON.stringify(status.problems))?.[0];
    if (kept === undefined) throw new Error('The problem does not name the file that was set aside.');
    expect(readFileSync(join(folder.path, kept.replace(/[.,]$/, '')), 'utf8')).toBe(damaged);
  });
});
