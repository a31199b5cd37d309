import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatehouse, runCommand, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';

const waits = 5;

describe('An agent with a shell cannot widen its own access', () => {
  const folder = temporaryDir();
  let gate: Served;
  const run = (...args: string[]) => runCommand(folder.path, args);

  beforeAll(async () => {
    gate = await serve(folder.path);
    await gatehouse(folder.path, 'server', 'add', 'everything', '--', ...npmServer('everything'));
    await gatehouse(folder.path, 'tool', 'approve', 'everything:echo', '--effect', 'read');
    await gate[Symbol.asyncDispose]();
    gate = await serve(folder.path, { cliAdmin: false });
  });
  afterAll(async () => {
    await gate?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it.each([
    ['adding a server', ['server', 'add', 'mine', '--', 'node', 'evil.mjs']],
    ['approving a tool', ['tool', 'approve', 'everything:get-sum', '--effect', 'read']],
    ['approving everything', ['tool', 'approve', '--all', '--server', 'everything']],
    ['a token', ['app', 'token', 'me']],
  ])('%s waits for a person, says so, and changes nothing', async (_what, args) => {
    const { code, err, out } = await run(...args);
    expect(code, err + out).toBe(waits);
    expect(err + out).toMatch(/window or (the )?console/i);
    expect(await gatehouse(folder.path, 'server', 'list')).toHaveLength(1);
    expect(await gatehouse(folder.path, 'app', 'list')).toEqual([]);
    const approved = await gatehouse(folder.path, 'tool', 'list', '--state', 'approved');
    expect(approved).toHaveLength(1);
  });

  it('pausing is always open, resuming waits', async () => {
    expect((await run('pause')).code).toBe(0);
    expect((await run('resume')).code).toBe(waits);
    expect(await gatehouse(folder.path, 'status')).toMatchObject({ gate: { paused: true } });
  });

  it('blocking is always open', async () => {
    expect((await run('tool', 'block', 'everything:echo')).code).toBe(0);
    expect(await gatehouse(folder.path, 'tool', 'list', '--state', 'blocked')).toHaveLength(1);
  });
});
