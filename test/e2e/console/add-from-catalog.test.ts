/** The catalog's one click: what a person sees before, what happens at the click, and what it leads to. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatehouse, root } from '../../fixtures/gatehouse-process.ts';
import { type Person, personAtTheConsole } from './person.ts';

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly launch: { readonly command: string; readonly args: readonly string[] };
  readonly inputs?: readonly unknown[];
}
const catalog = JSON.parse(readFileSync(join(root, 'assets/catalog.json'), 'utf8')) as { entries: readonly Entry[] };
const entry = catalog.entries.find((it) => it.id === 'sequential-thinking');

/** The first start downloads the package from the npm registry. */
const withDownloadMs = 240_000;

describe('Adding a server from the catalog', { timeout: withDownloadMs + 30_000 }, () => {
  if (!entry) throw new Error('The catalog has no entry sequential-thinking.');
  const command = [entry.launch.command, ...entry.launch.args].join(' ');
  let person: Person;
  let serversJson: () => string | null;
  const children = () => spawnSync('pgrep', ['-P', String(person.gate.pid)], { encoding: 'utf8' }).stdout.trim();
  const sheet = () => person.page.getByRole('dialog', { name: `Add ${entry.title}` });

  beforeAll(async () => {
    person = await personAtTheConsole();
    serversJson = () => {
      const file = join(person.dataDir, 'servers.json');
      return existsSync(file) ? readFileSync(file, 'utf8') : null;
    };
  });
  afterAll(() => person?.[Symbol.asyncDispose]());

  it('shows exactly what would run, complete, before anything runs or is written', async () => {
    const before = serversJson();
    expect(entry.inputs ?? []).toEqual([]);
    await person.page.getByRole('link', { name: 'Catalog' }).click();
    await person.page.getByRole('button', { name: `Add ${entry.title}` }).click();
    const shown = sheet().locator('pre');
    await shown.waitFor();
    expect(await shown.textContent()).toBe(command);
    // Complete for the eye as well: nothing is cut off or scrolled away.
    const room = await shown.evaluate((it) => ({
      hidden: it.scrollWidth - it.clientWidth,
      ellipsis: [it, ...it.querySelectorAll('*')].some((one) => getComputedStyle(one).textOverflow === 'ellipsis'),
    }));
    expect(room).toEqual({ hidden: 0, ellipsis: false });
    await sheet().getByText('Working directory').waitFor();
    await sheet().getByText('It runs with your own rights.').waitFor();
    // The sheet can be agreed to by now, and still nothing has happened.
    await sheet()
      .getByRole('button', { name: `Add ${entry.title}`, disabled: false })
      .waitFor();
    expect(children()).toBe('');
    expect(serversJson()).toBe(before);
    expect(await gatehouse(person.dataDir, 'server', 'list')).toEqual([]);
  });

  it('one click adds it, and its tools wait in Approvals', async () => {
    await sheet()
      .getByRole('button', { name: `Add ${entry.title}` })
      .click();
    const toast = person.page.getByText(`${entry.title} was added. Its tools wait for you.`);
    const failed = person.page.getByText(new RegExp(`${entry.title} was (not added|added, but it does not start)`));
    await toast.or(failed).first().waitFor({ timeout: withDownloadMs });
    expect(await failed.allTextContents()).toEqual([]);
    expect(await sheet().count()).toBe(0);
    await person.page.getByRole('button', { name: 'Review them' }).click();
    await person.page.getByRole('heading', { name: 'Approvals' }).waitFor();
    const queue = person.page.getByRole('region', { name: 'Waiting for review' });
    await queue.getByRole('button', { name: /sequentialthinking/ }).waitFor();

    const written = JSON.parse(serversJson() ?? '{}') as { mcpServers: Record<string, unknown> };
    expect(written.mcpServers[entry.name]).toMatchObject({ command: entry.launch.command, args: entry.launch.args });
    const tools = (await gatehouse(person.dataDir, 'tool', 'list')) as { state: string }[];
    expect(tools.length).toBeGreaterThan(0);
    expect(new Set(tools.map((tool) => tool.state))).toEqual(new Set(['pending']));
  });

  it('the catalog then says that it is added', async () => {
    await person.goTo('/catalog');
    const card = person.page.getByRole('article', { name: entry.title });
    await card.getByText('Added', { exact: true }).waitFor();
    expect(await card.getByRole('button', { name: /^Add/ }).count()).toBe(0);
    expect(person.complaints).toEqual([]);
  });
});
