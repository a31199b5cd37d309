/** `gatehouse policy …` against a running gateway with a real server. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatehouse, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';

describe('The policy commands', () => {
  const folder = temporaryDir();
  let gate: Served;
  const explain = (tool: string, args: object) =>
    gatehouse(folder.path, 'policy', 'explain', 'Ann', tool, '--args', JSON.stringify(args));

  beforeAll(async () => {
    const rules = [{ verb: 'deny', tools: ['everything:echo'], arguments: [{ path: '$.message', prefix: 'secret' }] }];
    writeFileSync(join(folder.path, 'policy.json'), JSON.stringify({ rules }));
    // Nobody is there to answer, so no answer comes quickly.
    writeFileSync(join(folder.path, 'settings.json'), JSON.stringify({ askTimeoutMs: 1_000 }));
    gate = await serve(folder.path);
    await gatehouse(folder.path, 'server', 'add', 'everything', '--', ...npmServer('everything'));
    await gatehouse(folder.path, 'tool', 'approve', 'everything:echo', '--effect', 'read');
    await gatehouse(folder.path, 'tool', 'approve', 'everything:get-env', '--effect', 'destructive');
    await gatehouse(folder.path, 'app', 'token', 'Ann');
  });
  afterAll(async () => {
    await gate?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('say what would happen to a call', async () => {
    expect(await explain('everything:echo', { message: 'hi' })).toMatchObject({ verdict: 'pass', profile: 'default' });
    expect(await explain('everything:echo', { message: 'SECRET x' })).toMatchObject({
      verdict: 'refuse',
      code: 'denied_by_person',
    });
    expect(await explain('everything:get-env', {})).toMatchObject({ verdict: 'ask' });
    expect(await explain('everything:get-sum', {})).toMatchObject({ verdict: 'refuse', code: 'quarantined' });
  });

  it('say what an app sees, and record nothing', async () => {
    expect(await gatehouse(folder.path, 'policy', 'sees', 'Ann')).toMatchObject({
      approved: 2,
      servers: [
        {
          server: 'everything',
          tools: expect.arrayContaining([
            { id: 'everything:echo', effect: 'read', answer: 'allow' },
            { id: 'everything:get-env', effect: 'destructive', answer: 'ask' },
          ]),
        },
      ],
    });
    expect(await gatehouse(folder.path, 'log')).toEqual([]);
  });

  it('show the rules in their order, the built-in ones first', async () => {
    const shown = await gatehouse(folder.path, 'policy', 'show');
    expect(shown).toMatchObject({ problem: null, held: [] });
    const { rules } = shown as { rules: { builtIn: string | null }[] };
    expect(rules.map(({ builtIn }) => builtIn)).toEqual(['secret-folders', 'env-files', null]);
  });
});
