/** servers.json edited by hand, with a mistake in it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { gatehouse } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { type Person, personAtTheConsole } from './person.ts';

describe('A mistake in servers.json', () => {
  let person: Person;
  let agent: Agent;
  let file: string;
  let good: string;
  const echo = () => agent.read('everything:echo', { message: 'hello' });

  beforeAll(async () => {
    person = await personAtTheConsole({
      prepare: async (gate) => {
        await gatehouse(gate.dataDir, 'server', 'add', 'everything', '--', ...npmServer('everything'));
        await gatehouse(gate.dataDir, 'tool', 'approve', '--all', '--server', 'everything', '--effect', 'read');
      },
    });
    agent = await connectAgent(person.gate);
    file = join(person.dataDir, 'servers.json');
    good = readFileSync(file, 'utf8');
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await person?.[Symbol.asyncDispose]();
  });

  it('is shown with file, line and column, while everything goes on as before', async () => {
    await person.goTo('/servers');
    writeFileSync(file, '{\n  "mcpServers": {\n    "everything": oops\n  }\n}\n');
    const banner = person.page.getByRole('alert').filter({ hasText: 'servers.json cannot be read' });
    await banner.waitFor();
    const text = (await banner.textContent()) ?? '';
    expect(text).toContain('line 3, column 19');
    expect(text).toContain(file);
    await person.page.getByRole('row').filter({ hasText: 'everything' }).waitFor();
    expect(await echo()).toMatchObject({ isError: false });
    for (const page of ['Home', 'Activity', 'Catalog']) {
      await person.page.getByRole('link', { name: page }).click();
      await person.page.getByText('servers.json has a mistake in line 3').waitFor();
    }
  });

  it('goes away as soon as the file is right again', async () => {
    await person.page.getByRole('link', { name: 'Servers' }).click();
    const banner = person.page.getByText(/servers\.json cannot be read/);
    await banner.waitFor();
    writeFileSync(file, good);
    await banner.waitFor({ state: 'detached' });
    expect(await person.page.getByText(/servers\.json has a mistake/).count()).toBe(0);
    expect(await echo()).toMatchObject({ isError: false });
    expect(person.complaints).toEqual([]);
  });

  it('a launch changed in the file is held, and shown for approval with both commands', async () => {
    const config = JSON.parse(good);
    config.mcpServers.everything.args.push('stdio', '--evil');
    writeFileSync(file, JSON.stringify(config));
    await person.page.getByRole('link', { name: /^Approvals/ }).click();
    await person.page.getByRole('button', { name: /How it starts/ }).click();
    await person.page.getByText('What it would run is not what you approved.').waitFor();
    expect(await person.page.locator('main').textContent()).toContain('--evil');
    expect(await echo()).toMatchObject({ isError: true });
    await person.page.getByRole('button', { name: /^Approve launch/ }).click();
    await person.page.getByText(/Nothing of everything is waiting/).waitFor({ timeout: 30_000 });
    expect(await echo()).toMatchObject({ isError: false });
  });
});
