import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { gatehouse, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { until } from '../../fixtures/until.ts';

interface CallRow {
  readonly tool: string;
  readonly status: string;
  readonly code: string | null;
}

describe('Pausing all agents', () => {
  const folder = temporaryDir();
  let gate: Served;
  let agent: Agent;

  beforeAll(async () => {
    gate = await serve(folder.path);
    await gatehouse(folder.path, 'server', 'add', 'everything', '--', ...npmServer('everything'));
    await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'everything', '--effect', 'read');
    agent = await connectAgent(gate);
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await gate?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const echo = () => agent.read('everything:echo', { message: 'hello' });
  const calls = async () => (await gatehouse(folder.path, 'log')) as CallRow[];

  it('cancels running calls, refuses new ones at once with paused, and resume brings everything back', async () => {
    const long = agent.read('everything:trigger-long-running-operation', { duration: 60, steps: 60 });
    await until(async () => (await calls()).some((call) => call.status === 'running'), { timeoutMs: 20_000 });
    await gatehouse(folder.path, 'pause');
    expect(await long).toMatchObject({ isError: true, code: 'paused' });
    const refused = await echo();
    expect(refused).toMatchObject({ isError: true, code: 'paused' });
    expect(refused.refusal).toMatchObject({ retryable: true, whoCanFix: 'person' });
    expect((await agent.use('retrieve_tools', { query: 'echo' })).code).toBe('paused');
    await gatehouse(folder.path, 'resume');
    expect(await echo()).toMatchObject({ isError: false });
    expect((await calls()).filter((call) => call.status === 'running')).toEqual([]);
  });

  it('one app can be paused alone', async () => {
    await using other = await connectAgent(gate, { app: 'other' });
    await gatehouse(folder.path, 'pause', '--app', 'other');
    expect(await other.read('everything:echo', { message: 'x' })).toMatchObject({ code: 'paused' });
    expect(await echo()).toMatchObject({ isError: false });
    await gatehouse(folder.path, 'resume', '--app', 'other');
    expect(await other.read('everything:echo', { message: 'x' })).toMatchObject({ isError: false });
  });

  it('pause --for ends by itself', async () => {
    const state = (await gatehouse(folder.path, 'pause', '--for', '1s')) as { until: number };
    expect(state.until).toBeGreaterThan(Date.now() - 2_000);
    await until(async () => (await echo()).code === undefined, { timeoutMs: 10_000 });
  });

  it('the pause survives a restart', async () => {
    await gatehouse(folder.path, 'pause');
    await agent[Symbol.asyncDispose]();
    await gate[Symbol.asyncDispose]();
    gate = await serve(folder.path);
    agent = await connectAgent(gate);
    expect(await echo()).toMatchObject({ isError: true, code: 'paused' });
    await gatehouse(folder.path, 'resume');
    expect(await echo()).toMatchObject({ isError: false });
  });

  it('pause --for survives a restart with its end, and ends by itself after it', async () => {
    const { until: end } = (await gatehouse(folder.path, 'pause', '--for', '6s')) as { until: number };
    await agent[Symbol.asyncDispose]();
    await gate[Symbol.asyncDispose]();
    gate = await serve(folder.path);
    agent = await connectAgent(gate);
    expect(await gatehouse(folder.path, 'status')).toMatchObject({ gate: { paused: true, until: end } });
    expect(await echo()).toMatchObject({ code: 'paused' });
    await until(async () => !(await echo()).isError, { timeoutMs: 15_000 });
    expect(Date.now()).toBeGreaterThanOrEqual(end);
    expect(await gatehouse(folder.path, 'status')).toMatchObject({ gate: { paused: false } });
  });
});
