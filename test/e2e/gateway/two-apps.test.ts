/** Two apps at once, each with as many calls in flight as a busy agent has. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { gatehouse, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';

const inFlight = 32;

it('two apps with 32 calls in flight each get every answer, each its own, and the log has them all', async () => {
  using folder = temporaryDir();
  await using gate = await serve(folder.path);
  const slow = join(import.meta.dirname, '../../fixtures/servers/hostile.mjs');
  await gatehouse(folder.path, 'server', 'add', 'everything', '--', ...npmServer('everything'));
  await gatehouse(folder.path, 'server', 'add', 'slow', '--', process.execPath, slow, 'slow');
  for (const server of ['everything', 'slow']) {
    await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', server, '--effect', 'read');
  }
  await using one = await connectAgent(gate, { app: 'one', mode: 'legacy' });
  await using two = await connectAgent(gate, { app: 'two' });
  const burst = (agent: Agent, app: string) =>
    Array.from({ length: inFlight }, async (_, n) => {
      const message = `${app} ${n}`;
      // Every other call takes a while, so that answers overtake each other.
      if (n % 2 === 0) return agent.read('slow:slow', { ms: 300 });
      const answer = await agent.read('everything:echo', { message });
      expect(answer.text).toBe(`Echo: ${message}`);
      return answer;
    });
  for (let round = 0; round < 3; round += 1) {
    const answers = await Promise.all([...burst(one, 'one'), ...burst(two, 'two')]);
    expect(answers.filter((answer) => answer.isError)).toEqual([]);
  }
  for (const app of ['one', 'two']) {
    const calls = (await gatehouse(folder.path, 'log', '--app', app, '--limit', '500')) as { status: string }[];
    expect(calls.filter((call) => call.status === 'done')).toHaveLength(3 * inFlight);
    expect(calls).toHaveLength(3 * inFlight);
  }
  expect(await gatehouse(folder.path, 'log', 'verify')).toMatchObject({ ok: true });
});
