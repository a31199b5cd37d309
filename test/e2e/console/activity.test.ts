/** Activity: what agents did, while they do it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { changingServer } from '../../fixtures/changing-server.ts';
import { gatehouse } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';
import { type Person, personAtTheConsole } from './person.ts';

describe('Watching what agents do', () => {
  let person: Person;
  let agent: Agent;
  const table = () => person.page.getByRole('table', { name: 'Calls' });
  const rows = (text: string | RegExp) => table().getByRole('row').filter({ hasText: text });
  const onlyRow = (text: string) =>
    until(async () => {
      const shown = await table().locator('tbody').getByRole('row').allTextContents();
      return shown.length === 1 && shown[0]?.includes(text);
    });
  const drawer = () => person.page.getByRole('dialog');

  beforeAll(async () => {
    person = await personAtTheConsole({
      prepare: async (gate, work) => {
        const inputSchema = { type: 'object', properties: { q: { type: 'string' } } };
        const definition = join(work, 'tools.json');
        writeFileSync(
          definition,
          JSON.stringify([
            { name: 'lookup', description: 'Looks a word up.', inputSchema },
            { name: 'held', description: 'Waits for a person.', inputSchema },
          ]),
        );
        await gatehouse(gate.dataDir, 'server', 'add', 'words', '--', ...changingServer(definition));
        await gatehouse(gate.dataDir, 'tool', 'approve', 'words:lookup', '--effect', 'read');
      },
    });
    agent = await connectAgent(person.gate, { app: 'Claude Code' });
    await person.goTo('/activity');
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await person?.[Symbol.asyncDispose]();
  });

  it('a call appears without a reload, with who called what and what became of it', async () => {
    await person.page.getByText('No calls yet').waitFor();
    await agent.read('words:lookup', { q: 'portcullis' });
    await rows('lookup').filter({ hasText: 'Allowed' }).waitFor();
    expect(await rows('lookup').textContent()).toContain('Claude Code');
    expect(await rows('lookup').textContent()).toContain('portcullis');
    await agent.read('words:held', { q: 'drawbridge' });
    await rows('held').filter({ hasText: 'Refused, held' }).waitFor();
  });

  it('an opened call shows its decisions, its arguments and its result', async () => {
    await rows('portcullis').click();
    await drawer().getByRole('heading', { name: 'Why it was allowed' }).waitFor();
    const steps = await drawer().getByRole('listitem').allTextContents();
    expect(steps.length).toBeGreaterThan(3);
    expect(steps.every((step) => /passed|not needed/.test(step))).toBe(true);
    const shown = (await drawer().textContent()) ?? '';
    expect(shown).toContain('"q": "portcullis"');
    expect(shown).toContain('lookup says portcullis');
    await drawer().getByRole('button', { name: 'Verify' }).click();
    await drawer()
      .getByText(/All \d+ entries are intact/)
      .waitFor();
    await person.page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
  });

  it('a refused call says why, what the agent was told, and leads to the tool', async () => {
    await rows('drawbridge').click();
    await drawer().getByRole('heading', { name: 'Why it was refused' }).waitFor();
    await drawer().getByText('The agent was told').waitFor();
    const refused = drawer().getByRole('listitem').filter({ hasText: 'refused' });
    expect(await refused.count()).toBe(1);
    await drawer().getByRole('button', { name: 'Review this tool' }).click();
    await person.page.getByRole('heading', { level: 2, name: /› held$/ }).waitFor();
    await person.goTo('/activity');
  });

  it('words and kinds filter the list', async () => {
    await agent.read('words:lookup', { q: 'moat' });
    await rows('moat').waitFor();
    await person.page.keyboard.press('/');
    const search = person.page.getByRole('textbox', { name: 'Search names, arguments and results' });
    expect(await search.evaluate((it) => it === document.activeElement)).toBe(true);
    await person.page.keyboard.type('portcullis');
    await onlyRow('portcullis');
    await search.fill('');
    await rows('moat').waitFor();
    await person.page.getByRole('radio', { name: /^Refused/ }).click();
    await onlyRow('drawbridge');
    await person.page.getByRole('radio', { name: /^All/ }).click();
    await rows('moat').waitFor();
  });

  it('a search finds calls that come in while it stands', async () => {
    const search = person.page.getByRole('textbox', { name: 'Search names, arguments and results' });
    await search.fill('belfry');
    await person.page.getByText('Nothing fits these filters').waitFor();
    await agent.read('words:lookup', { q: 'belfry' });
    await rows('belfry').waitFor();
    await person.page.getByRole('button', { name: 'Clear', exact: true }).click();
    await rows('moat').waitFor();
  });

  it('rows do not move while the pointer is on them; a button brings the new ones', async () => {
    await rows('moat').hover();
    await agent.read('words:lookup', { q: 'rampart' });
    const newer = person.page.getByRole('button', { name: '1 new call' });
    await newer.waitFor();
    expect(await rows('rampart').count()).toBe(0);
    await newer.click();
    await rows('rampart').waitFor();
  });

  it('keys alone go through the list, open a call and come back to the row', async () => {
    await person.goTo('/activity?search=');
    await rows('rampart').waitFor();
    await person.page.keyboard.press('j');
    await person.page.keyboard.press('j');
    const focused = person.page.locator('tr:focus');
    await focused.waitFor();
    const what = await focused.textContent();
    await person.page.keyboard.press('Enter');
    await drawer().waitFor();
    await person.page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
    expect(await focused.textContent()).toBe(what);
    expect(person.complaints).toEqual([]);
  });
});
