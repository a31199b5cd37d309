/** Servers that never become ready or never fall silent, beside a healthy one, through the built product. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { gatehouse, runCommand, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { until } from '../../fixtures/until.ts';

const hostile = (...mode: string[]) => [
  process.execPath,
  join(import.meta.dirname, '../../fixtures/servers/hostile.mjs'),
  ...mode,
];

describe('A server that misbehaves from its first moment', () => {
  const folder = temporaryDir();
  let gate: Served;
  let agent: Agent;

  beforeAll(async () => {
    gate = await serve(folder.path);
    await gatehouse(folder.path, 'server', 'add', 'healthy', '--', ...npmServer('everything'));
    await gatehouse(folder.path, 'tool', 'approve', 'healthy:echo', '--effect', 'read');
    agent = await connectAgent(gate);
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await gate?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const show = (name: string) => gatehouse(folder.path, 'server', 'show', name);
  const healthyAnswers = async () =>
    expect(await agent.read('healthy:echo', { message: 'still here' })).toMatchObject({ isError: false });

  it('and never answers initialize is added in bounded time, with its last words, and delays nobody meanwhile', async () => {
    const started = performance.now();
    const adding = runCommand(folder.path, ['server', 'add', 'silent', '--', ...hostile('never-initializes')]);
    await until(async () => ((await show('silent')) as { health: string }).health === 'starting');
    for (let n = 0; n < 5; n += 1) {
      const asked = performance.now();
      await healthyAnswers();
      expect((await agent.client.listTools()).tools.length).toBeGreaterThan(0);
      expect((await agent.use('retrieve_tools', { query: 'echo' })).text).toContain('healthy:echo');
      expect(performance.now() - asked).toBeLessThan(2_000);
    }
    const { code, err } = await adding;
    expect(performance.now() - started).toBeLessThan(60_000);
    expect(code).toBe(0);
    expect(err).toMatch(/silent did not answer within 30 s of starting.*waiting for a database that never comes/);
    expect(await show('silent')).toMatchObject({ health: 'failing', pid: null });
    const doctor = await runCommand(folder.path, ['doctor']);
    expect(doctor.code).toBe(1);
    expect(doctor.out).toContain('silent is failing');
  });

  it('and floods stderr for ever is usable, and its log stays small', async () => {
    await gatehouse(folder.path, 'server', 'add', 'flood', '--', ...hostile('floods-stderr'));
    await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'flood', '--effect', 'read');
    for (let n = 0; n < 3; n += 1) {
      expect(await agent.read('flood:echo', { message: `through the flood ${n}` })).toMatchObject({ isError: false });
      await healthyAnswers();
    }
    const lines = (await gatehouse(folder.path, 'server', 'logs', 'flood')) as unknown[];
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(lines).length).toBeLessThan(4 * 1024 * 1024);
    await gatehouse(folder.path, 'server', 'remove', 'flood');
  });

  it('and prints prose on stdout is usable, and the prose is in its log', async () => {
    await gatehouse(folder.path, 'server', 'add', 'talks', '--', ...hostile('talks-on-stdout'));
    await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'talks', '--effect', 'read');
    expect(await agent.read('talks:chatter', {})).toMatchObject({ isError: false, text: 'answered' });
    expect((await runCommand(folder.path, ['server', 'logs', 'talks'])).out).toContain('Starting server…');
    await healthyAnswers();
  });
});
