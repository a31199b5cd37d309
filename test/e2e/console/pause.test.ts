/** The switch that stops everything. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { gatehouse } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { until } from '../../fixtures/until.ts';
import { mod, type Person, personAtTheConsole } from './person.ts';

describe('Pausing from the console', () => {
  let person: Person;
  let agent: Agent;
  const gateSwitch = () => person.page.getByRole('switch', { name: 'Gate open' });
  const frame = () => person.page.locator('.win.paused');
  const echo = () => agent.read('everything:echo', { message: 'hello' });
  const isOn = async () => (await gateSwitch().getAttribute('aria-checked')) === 'true';

  beforeAll(async () => {
    person = await personAtTheConsole({
      prepare: async (gate) => {
        await gatehouse(gate.dataDir, 'server', 'add', 'everything', '--', ...npmServer('everything'));
        await gatehouse(gate.dataDir, 'tool', 'approve', '--all', '--server', 'everything', '--effect', 'read');
      },
    });
    agent = await connectAgent(person.gate);
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await person?.[Symbol.asyncDispose]();
  });

  it('the switch pauses: running calls end, new ones are refused with paused, and every page shows it', async () => {
    await until(isOn);
    expect(await echo()).toMatchObject({ isError: false });
    const long = agent.read('everything:trigger-long-running-operation', { duration: 60, steps: 60 });
    await until(async () =>
      ((await gatehouse(person.dataDir, 'log')) as { status: string }[]).some((call) => call.status === 'running'),
    );
    await gateSwitch().click();
    expect(await long).toMatchObject({ isError: true, code: 'paused' });
    expect(await echo()).toMatchObject({ isError: true, code: 'paused' });
    await frame().waitFor();
    await person.page.getByRole('heading', { name: 'All tools are paused' }).waitFor();
    await person.page.getByText('1 running call cancelled').waitFor();
    expect(await isOn()).toBe(false);
    for (const section of ['Approvals', 'Activity', 'Servers', 'Catalog', 'AI apps', 'Settings']) {
      await person.page.getByRole('link', { name: section }).click();
      await person.page.getByRole('heading', { level: 1, name: section }).waitFor();
      expect(await frame().count(), section).toBe(1);
      expect(await gateSwitch().isVisible(), section).toBe(true);
    }
  });

  it('Resume brings everything back', async () => {
    await person.page.getByRole('link', { name: 'Home' }).click();
    await person.page.getByRole('button', { name: /^Resume/ }).click();
    await frame().waitFor({ state: 'detached' });
    expect(await echo()).toMatchObject({ isError: false });
    expect(await isOn()).toBe(true);
  });

  it('the shortcut pauses and resumes on every page, and reaches a second window at once', async () => {
    const second = await person.secondPage('/activity');
    await second.getByRole('switch', { name: 'Gate open', checked: true }).waitFor();
    await person.goTo('/catalog');
    await person.page.keyboard.press(`${mod}+Shift+P`);
    await frame().waitFor();
    const pausedAt = performance.now();
    await second.locator('.win.paused').waitFor();
    expect(performance.now() - pausedAt).toBeLessThan(2_000);
    expect(await echo()).toMatchObject({ code: 'paused' });
    // The second window can take it back, and the first one hears of it.
    await second.keyboard.press(`${mod}+Shift+P`);
    await frame().waitFor({ state: 'detached' });
    expect(await echo()).toMatchObject({ isError: false });
    await second.close();
  });

  it('a pause from the command line is said so, and a timed one ends by itself', async () => {
    await person.goTo('/');
    await gatehouse(person.dataDir, 'pause', '--for', '3s');
    await person.page.getByText(/The command line paused/).waitFor();
    await person.page.getByText(/resumes on its own at/).waitFor();
    await frame().waitFor({ state: 'detached', timeout: 15_000 });
    expect(await echo()).toMatchObject({ isError: false });
    expect(person.complaints).toEqual([]);
  });
});
