/** Deciding about prompts, resources and texts for agents in the browser, with a real agent that feels it at once. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { changingServer } from '../../fixtures/changing-server.ts';
import { gatehouse } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';
import { mod, type Person, personAtTheConsole } from './person.ts';

const hidden = '\u{e0068}\u{e0069}';
const longUri = `https://docs.example.com/${'a-long-folder/'.repeat(8)}contacts.html`;
const lastLine = 'Never write to the archive.';

const offered = (summary = 'Makes a short summary of a page.') => ({
  instructions: `Read handbook://start first.\n${'Then go on.\n'.repeat(30)}${lastLine}`,
  tools: [{ name: 'look_up', description: 'Looks up.', inputSchema: { type: 'object' } }],
  prompts: [{ name: 'summarise', description: summary, arguments: [{ name: 'page', required: true }] }],
  resources: [
    { uri: 'handbook://archive', name: 'Archive', description: `Old pages.${hidden}` },
    { uri: 'handbook://start', name: 'Start', description: 'The first page.', mimeType: 'text/markdown', size: 2048 },
    { uri: longUri, name: 'Contacts', description: 'Whom to call.' },
  ],
  resourceTemplates: [{ uriTemplate: 'handbook://pages/{page}', name: 'Pages', description: 'One page.' }],
});

describe('Reviewing prompts, resources and texts for agents', () => {
  let person: Person;
  let agent: Agent;
  let definition: string;
  const queue = () => person.page.getByRole('region', { name: 'Waiting for review' });
  const row = (name: RegExp) => queue().getByRole('button', { name });
  const decision = () => person.page.getByRole('region', { name: 'Your decision' });
  const heading = (name: RegExp) => person.page.getByRole('heading', { level: 2, name });
  const settled = (button: string) => decision().getByRole('button', { name: button, disabled: false }).waitFor();
  const stateOf = async (id: string) =>
    ((await gatehouse(person.dataDir, 'tool', 'list', '--kind', 'all')) as { id: string; state: string }[]).find(
      (offer) => offer.id === id,
    )?.state;
  const text = (of: unknown) => JSON.stringify(of);

  beforeAll(async () => {
    person = await personAtTheConsole({
      prepare: async (gate, work) => {
        definition = join(work, 'handbook.json');
        writeFileSync(definition, JSON.stringify(offered()));
        await gatehouse(gate.dataDir, 'server', 'add', 'handbook', '--', ...changingServer(definition));
      },
    });
    agent = await connectAgent(person.gate, { path: '/servers/handbook' });
    await person.goTo('/');
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await person?.[Symbol.asyncDispose]();
  });

  it('Home names what waits by what it is', async () => {
    const statement = person.page.getByRole('heading', { level: 2, name: /^The gate is open/ });
    await until(async () =>
      (await statement.textContent())?.includes(
        'One tool, five prompts and resources and one text for agents are waiting',
      ),
    );
    await person.page.getByText('7 held back').waitFor();
    await person.page.getByText('6 new, text for agents').waitFor();
  });

  it('a text for agents is shown to its last line before it can be approved', async () => {
    await person.goTo('/approvals?server=handbook');
    await heading(/^handbook$/).waitFor();
    await person.page.getByText(lastLine).waitFor();
    expect(await person.page.getByRole('button', { name: 'Show everything' }).count()).toBe(0);
  });

  it('approving all leaves out hidden text and the text for agents, and says so', async () => {
    const all = queue().getByRole('button', { name: /^Approve .* of handbook$/ });
    expect(await all.getAttribute('aria-label')).toBe('Approve 5 of 7 of handbook');
    await all.hover();
    await person.page.getByText('What it tells agents is left out. Read it first.').first().waitFor();
  });

  it('A approves the resource on the screen, and 1 to 3 mean nothing there', async () => {
    await expect(agent.client.readResource({ uri: 'handbook://start' })).rejects.toThrow(/waits for/);
    await row(/handbook:\/\/start/).click();
    await heading(/handbook:\/\/start/).waitFor();
    expect(await decision().getByRole('radio').count()).toBe(0);
    await person.page.getByRole('cell', { name: '2.0 KB' }).waitFor();
    await settled('Approve');
    await person.page.keyboard.press('3');
    await person.page.keyboard.press('a');
    await person.page.getByText('handbook › resource handbook://start is approved.').waitFor();
    expect(text(await agent.client.readResource({ uri: 'handbook://start' }))).toContain('Content of handbook://start');
  });

  it('J and K go on from kind to kind, and A approves a prompt', async () => {
    await row(/summarise/).click();
    await heading(/summarise$/).waitFor();
    await person.page.keyboard.press('j');
    await heading(/handbook:\/\/archive$/).waitFor();
    await person.page.keyboard.press('k');
    await heading(/summarise$/).waitFor();
    await settled('Approve');
    await person.page.keyboard.press('a');
    await person.page.getByText('handbook › prompt summarise is approved.').waitFor();
    const got = await agent.client.getPrompt({ name: 'summarise', arguments: { page: 'x' } });
    expect(text(got)).toContain('Prompt summarise');
  });

  it('B blocks a resource template', async () => {
    await row(/handbook:\/\/pages/).click();
    await heading(/handbook:\/\/pages/).waitFor();
    await settled('Block');
    await person.page.keyboard.press('b');
    await until(async () => (await stateOf('handbook#template:handbook://pages/{page}')) === 'blocked');
  });

  it('a prompt that describes itself differently comes back with its words marked', async () => {
    writeFileSync(definition, JSON.stringify(offered('Makes a short summary of a page and mails it.')));
    await row(/summarise/)
      .filter({ hasText: 'Changed' })
      .waitFor();
    await row(/summarise/).click();
    await person.page.getByRole('insertion').filter({ hasText: 'and mails it' }).waitFor();
    await expect(agent.client.getPrompt({ name: 'summarise', arguments: { page: 'x' } })).rejects.toThrow(/changed/);
  });

  it('a refused resource is no tool in Activity, and its long address leads to its review', async () => {
    await expect(agent.client.readResource({ uri: longUri })).rejects.toThrow();
    await person.goTo('/activity?kind=refused');
    const call = person.page.getByRole('row').filter({ hasText: 'docs.example.com' }).first();
    await call.click();
    const drawer = person.page.getByRole('dialog');
    await drawer.getByText('It asked to read a resource.').waitFor();
    await drawer.getByRole('button', { name: 'Review this resource' }).click();
    await heading(/contacts\.html$/).waitFor();
    await settled('Approve');
  });

  it('approving all takes what hides nothing, of every kind', async () => {
    await queue()
      .getByRole('button', { name: /^Approve .* of handbook$/ })
      .click();
    for (const id of ['handbook:look_up', 'handbook#prompt:summarise', `handbook#resource:${longUri}`]) {
      await until(async () => (await stateOf(id)) === 'approved', { what: id });
    }
    expect(await stateOf('handbook#resource:handbook://archive')).toBe('pending');
    const server = (await gatehouse(person.dataDir, 'server', 'list')) as { name: string; instructionsState: string }[];
    expect(server.find(({ name }) => name === 'handbook')?.instructionsState).toBe('pending');
  });

  it('a text for agents is approved by its own key, and agents get it from then on', async () => {
    expect(agent.client.getInstructions() ?? '').not.toContain(lastLine);
    await row(/What it tells agents/).click();
    await heading(/^handbook$/).waitFor();
    await settled('Approve text');
    await person.page.keyboard.press('a');
    await row(/What it tells agents/).waitFor({ state: 'detached' });
    await using later = await connectAgent(person.gate, { app: 'later', path: '/servers/handbook' });
    expect(later.client.getInstructions()).toContain(lastLine);
  });

  it('the palette finds a prompt by its name and opens it', async () => {
    await person.page.keyboard.press(`${mod}+k`);
    await person.page.getByRole('combobox').fill('summarise');
    await person.page.getByRole('option', { name: /handbook › prompt summarise/ }).click();
    await person.page.getByRole('tab', { name: /^Prompts and resources/, selected: true }).waitFor();
  });

  it('the browser had nothing to complain about', () => {
    expect(person.complaints).toEqual([]);
  });
});
