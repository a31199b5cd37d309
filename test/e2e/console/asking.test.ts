/** A call that needs the person: it waits in the console until they answer. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { gatehouse } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { until } from '../../fixtures/until.ts';
import { findings } from './axe-findings.ts';
import { type Person, personAtTheConsole } from './person.ts';

describe('A call that needs the person', () => {
  let person: Person;
  let agent: Agent;
  const question = () => person.page.getByRole('alertdialog');
  const press = (name: string | RegExp) => question().getByRole('button', { name }).click();
  const gone = () => question().waitFor({ state: 'detached' });
  const echo = (message: string, signal?: AbortSignal) => agent.read('everything:echo', { message }, signal);
  const waiting = async () => (await gatehouse(person.dataDir, 'ask', 'list')) as { id: string }[];

  beforeAll(async () => {
    person = await personAtTheConsole({
      furnish: async (gate) => {
        await gatehouse(gate.dataDir, 'server', 'add', 'everything', '--', ...npmServer('everything'));
        await gatehouse(gate.dataDir, 'tool', 'approve', '--all', '--server', 'everything', '--effect', 'read');
        // What an edit takes away holds at once: from the next start on, every read is asked about.
        writeFileSync(
          join(gate.dataDir, 'policy.json'),
          JSON.stringify({ profiles: { default: { answers: { read: 'ask' } } } }),
        );
      },
    });
    agent = await connectAgent(person.gate);
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await person?.[Symbol.asyncDispose]();
  });

  it('shows what is asked, takes no click in the first second, and goes when the person allows it', async () => {
    const answer = echo('hello\u202e there');
    await question().waitFor();
    const allow = question().getByRole('button', { name: 'Allow once' });
    expect(await allow.isDisabled()).toBe(true);
    expect(await question().textContent()).toContain('everything › echo');
    // What turns the direction of text is shown as a token.
    expect(await question().locator('.inv').count()).toBe(1);
    expect(await findings(person.page, 'light')).toEqual([]);
    const sizes = await Promise.all(
      ['Deny', 'Allow once'].map((name) => question().getByRole('button', { name, exact: true }).boundingBox()),
    );
    expect(sizes[0]?.height).toBe(sizes[1]?.height);
    await person.page.keyboard.press('Enter');
    expect(await waiting()).toHaveLength(1);
    await press('Allow once');
    expect(await answer).toMatchObject({ isError: false });
    await gone();
  });

  it('is refused when the person denies it', async () => {
    const answer = echo('no');
    await press(/^Deny$/);
    expect(await answer).toMatchObject({ code: 'denied_by_person' });
  });

  it('leaves the screen when the agent gives up', async () => {
    const gives = new AbortController();
    const answer = echo('never mind', gives.signal).catch(() => 'gave up');
    await question().waitFor();
    gives.abort();
    expect(await answer).toBe('gave up');
    await gone();
  });

  it('is one question for 30 calls at once, and each gets its result', async () => {
    const answers = Array.from({ length: 30 }, (_, at) => echo(`call ${at}`));
    await question().getByRole('button', { name: 'Allow 30' }).waitFor();
    expect(await question().count()).toBe(1);
    await press('Allow 30');
    for (const [at, answer] of (await Promise.all(answers)).entries()) expect(answer.text).toContain(`call ${at}`);
    await gone();
  });

  it('is answered with no by a pause, which Home tells', async () => {
    const answer = echo('paused');
    await question().waitFor();
    await gatehouse(person.dataDir, 'pause');
    expect(await answer).toMatchObject({ code: 'paused' });
    await gone();
    await person.page.getByText('1 waiting call denied').waitFor();
    await gatehouse(person.dataDir, 'resume');
  });

  it('allowed for 15 minutes is not asked about again, until the person withdraws it', async () => {
    const first = echo('one');
    await press('Allow this tool for 15 minutes');
    expect(await first).toMatchObject({ isError: false });
    expect(await echo('two')).toMatchObject({ isError: false });
    await person.page.getByRole('button', { name: /^Withdraw/ }).click();
    await until(async () => ((await gatehouse(person.dataDir, 'ask', 'answers')) as unknown[]).length === 0);
    const third = echo('three');
    await question().waitFor();
    const [ask] = await waiting();
    await gatehouse(person.dataDir, 'ask', 'deny', ask?.id ?? '');
    expect(await third).toMatchObject({ code: 'denied_by_person' });
    expect(person.complaints).toEqual([]);
  });
});
