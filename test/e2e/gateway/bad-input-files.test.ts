/** Files that people edit by hand, and writes that are cut off. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { signInToConsole } from '../../fixtures/console-client.ts';
import { gatehouse, runCommand, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { until } from '../../fixtures/until.ts';

interface Status {
  readonly config: { readonly line: number; readonly column: number } | null;
  readonly problems: readonly { readonly title: string; readonly nextStep: string }[];
}

describe('A mistake in a file edited by hand', () => {
  const folder = temporaryDir();
  const serversFile = join(folder.path, 'servers.json');
  const broken = '{\n  "mcpServers": {\n    "everything": oops\n  }\n}\n';
  let gate: Served;
  let agent: Agent;
  let good: string;
  const status = async () => (await gatehouse(folder.path, 'status')) as Status;
  const echo = () => agent.read('everything:echo', { message: 'hello' });

  beforeAll(async () => {
    gate = await serve(folder.path);
    await gatehouse(folder.path, 'server', 'add', 'everything', '--', ...npmServer('everything'));
    await gatehouse(folder.path, 'tool', 'approve', 'everything:echo', '--effect', 'read');
    good = readFileSync(serversFile, 'utf8');
    agent = await connectAgent(gate);
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await gate?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('in servers.json is named with line and column by status, doctor and server list, and nothing else changes', async () => {
    writeFileSync(serversFile, broken);
    await until(async () => (await status()).config !== null);
    expect(await status()).toMatchObject({ config: { line: 3, column: 19 } });
    const where = `${serversFile}, line 3, column 19`;
    const said = await Promise.all([['status'], ['doctor'], ['server', 'list']].map((c) => runCommand(folder.path, c)));
    for (const { out, err } of said) expect(out + err).toContain(where);
    expect(said.map(({ code }) => code)).toEqual([0, 1, 0]);
    expect(said[2]?.out).toMatch(/^everything /m);
    expect(await gatehouse(folder.path, 'server', 'list')).toMatchObject([{ name: 'everything' }]);
    expect(await echo()).toMatchObject({ isError: false });
  });

  it('is never written over', async () => {
    const refused = await runCommand(folder.path, ['server', 'add', 'other', '--', ...npmServer('memory')]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('Fix line 3, column 19 first');
    expect(readFileSync(serversFile, 'utf8')).toBe(broken);
  });

  it('that is still there at the next start leaves no server, but every decision, and goes away when it is corrected', async () => {
    await agent[Symbol.asyncDispose]();
    await gate[Symbol.asyncDispose]();
    gate = await serve(folder.path);
    agent = await connectAgent(gate);
    expect(await status()).toMatchObject({ config: { line: 3, column: 19 } });
    expect(await echo()).toMatchObject({ isError: true });
    writeFileSync(serversFile, good);
    await until(async () => !(await echo()).isError);
    expect(await status()).toMatchObject({ config: null, problems: [] });
  });

  it('in policy.json keeps the profiles as they were and is named too', async () => {
    const policy = join(folder.path, 'policy.json');
    writeFileSync(policy, '{ "profiles": { "narrow": { "servers": [] } } }');
    await until(async () => (await runCommand(folder.path, ['app', 'token', 'x', '--profile', 'narrow'])).code === 0);
    writeFileSync(policy, '{\n  "profiles": {,}\n}');
    await until(async () => (await status()).problems.length === 1);
    expect((await status()).problems[0]?.title).toContain(`${policy}, line 2, column 16`);
    expect((await runCommand(folder.path, ['app', 'token', 'y', '--profile', 'narrow'])).code).toBe(0);
    expect(await echo()).toMatchObject({ isError: false });
  });
});

describe('kill -9 while files are written', () => {
  const vaultSchema = z.object({ entries: z.array(z.object({ name: z.string() })) });
  const serversSchema = z.object({ mcpServers: z.record(z.string(), z.unknown()) });
  const settingsSchema = z.object({ resultLimit: z.number().optional() });

  it.each([1, 2, 3])('leaves servers.json, the vault and the settings as of one moment, round %i', async (round) => {
    using folder = temporaryDir();
    const read = (name: string): unknown => JSON.parse(readFileSync(join(folder.path, name), 'utf8'));
    const gate = await serve(folder.path);
    using person = await signInToConsole(gate.consoleLogin);
    const done = { servers: 0, limit: 0 };
    const writing = (async () => {
      for (let n = 1; ; n += 1) {
        const name = `s${n}`;
        const config = { command: 'true', env: { KEY: `\${secret:${name}.KEY}` }, disabled: true };
        const { consentHash } = await person.client.servers.plan({ name, config });
        const [limit] = await Promise.all([
          person.client.settings.set({ resultLimit: 1_000 + n }),
          person.client.servers.add({ name, config, consentHash, secrets: { [`${name}.KEY`]: 'v'.repeat(2_000) } }),
        ]);
        done.servers = n;
        done.limit = limit.resultLimit;
      }
    })();
    writing.catch(() => undefined);
    // Rounds are killed at different points: what was promised by then must be there, and at most one thing more.
    await until(() => done.servers >= 4 * round, { timeoutMs: 30_000 });
    gate.child.kill('SIGKILL');
    await gate[Symbol.asyncDispose]();
    const promised = { ...done };

    const { mcpServers } = serversSchema.parse(read('servers.json'));
    const { entries } = vaultSchema.parse(read('vault.json'));
    const names = Object.keys(mcpServers).length;
    expect(names - promised.servers).toBeOneOf([0, 1]);
    expect(entries.length - promised.servers).toBeOneOf([0, 1]);
    expect((settingsSchema.parse(read('settings.json')).resultLimit ?? 0) - promised.limit).toBeOneOf([0, 1]);
    await using _again = await serve(folder.path);
    expect(await gatehouse(folder.path, 'server', 'list')).toHaveLength(names);
    expect(await gatehouse(folder.path, 'status')).toMatchObject({ problems: [] });
    expect(await gatehouse(folder.path, 'log', 'verify')).toMatchObject({ ok: true });
  });
});
