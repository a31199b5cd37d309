/**
 * `npm run screenshots`: fills a fresh Gatehouse with real servers and real calls, and takes the pictures of the README.
 * With a folder as argument it writes every screen in both themes and both widths there instead.
 */
import { existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { connectAgent } from '../test/fixtures/agent.ts';
import { launchBrowser } from '../test/fixtures/browser.ts';
import { gatehouse, root, type Served, serve, temporaryDir } from '../test/fixtures/gatehouse-process.ts';

const everywhere = process.argv[2];
/** The pictures the README shows. */
const inReadme = new Set([
  'home-light.png',
  'approvals-light.png',
  'activity-light.png',
  'call-light.png',
  'catalog-light.png',
  'server-dark.png',
]);
const target = resolve(root, everywhere ?? 'docs/images');
mkdirSync(target, { recursive: true });

/** Fills a data folder: six servers from the catalog, four of them approved, three apps and their calls. */
async function fill(gate: Served, work: string): Promise<void> {
  const add = (id: string, ...more: string[]) => gatehouse(gate.dataDir, 'catalog', 'add', id, ...more);
  await add('filesystem', '--input', `folders=${work}`);
  await add('memory');
  await add('everything');
  await add('dbhub-demo', '--name', 'orders');
  await add('context7');
  await add('charts');
  for (const name of ['filesystem', 'memory', 'everything', 'orders']) {
    await gatehouse(gate.dataDir, 'tool', 'approve', '--all', '--server', name);
  }
  await gatehouse(gate.dataDir, 'tool', 'approve', 'orders:execute_sql', '--effect', 'write');
  await gatehouse(gate.dataDir, 'tool', 'block', 'filesystem:move_file');

  await using claude = await connectAgent(gate, { app: 'Claude Code' });
  await using cursor = await connectAgent(gate, { app: 'Cursor', mode: 'legacy' });
  await using code = await connectAgent(gate, { app: 'VS Code', mode: 'legacy' });
  const note = join(work, 'notes/retry.md');
  for (let round = 0; round < 6; round++) {
    await claude.use('retrieve_tools', { query: 'read a text file' });
    await claude.read('filesystem:read_text_file', { path: note });
    await claude.read('filesystem:list_directory', { path: work });
    await claude.read('memory:read_graph', {});
    await cursor.read('filesystem:search_files', { path: work, pattern: '*.md' });
    await cursor.write('orders:execute_sql', { sql: 'select count(*) from sqlite_master' });
    await code.read('everything:get-sum', { a: 20 + round, b: 22 });
    await code.read('everything:echo', { message: 'Retry budget is 3' });
  }
  await cursor.write('filesystem:move_file', { source: note, destination: join(work, 'old.md') });
  await claude.read('context7:resolve-library-id', { libraryName: 'react', query: 'useEffect' });
  await claude.read('filesystem:read_text_file', { path: '/etc/shadow' });
  await claude.write('filesystem:write_file', { path: join(work, 'plan.md'), content: '# Plan\n' });
}

async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

const screens: readonly {
  readonly name: string;
  readonly path: string;
  readonly prepare?: (page: Page) => Promise<void>;
}[] = [
  { name: 'home', path: '/' },
  {
    name: 'approvals',
    path: '/approvals',
    prepare: async (page) => {
      const decision = page.getByRole('region', { name: 'Your decision' });
      await decision.getByRole('button', { name: 'Approve', disabled: false }).waitFor();
    },
  },
  {
    name: 'activity',
    path: '/activity',
    prepare: async (page) => {
      await page.getByRole('row').filter({ hasText: 'read_text_file' }).first().waitFor();
      await page.getByText(/ shown$/).waitFor();
    },
  },
  {
    name: 'call',
    path: '/activity',
    prepare: async (page) => {
      await page.getByRole('row').filter({ hasText: 'read_text_file' }).first().click();
      await page.getByRole('dialog').or(page.getByRole('complementary')).last().waitFor();
    },
  },
  { name: 'servers', path: '/servers' },
  { name: 'server', path: '/servers/filesystem' },
  { name: 'catalog', path: '/catalog' },
  { name: 'apps', path: '/apps' },
  { name: 'settings', path: '/settings' },
];

/** A home folder with a plain name, because paths are part of the pictures; a temporary one where that cannot be. */
function demoHome(): Disposable & { readonly path: string } {
  const path = '/home/ada';
  try {
    if (existsSync(path)) return temporaryDir();
    mkdirSync(path, { recursive: true });
  } catch {
    return temporaryDir();
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

using home = demoHome();
const work = join(realpathSync(home.path), 'atlas');
mkdirSync(join(work, 'notes'), { recursive: true });
writeFileSync(join(work, 'notes/retry.md'), '# Retry\n\nThe retry budget is 3 per minute.\n');
writeFileSync(join(work, 'README.md'), '# Atlas\n');
await using gate = await serve(join(home.path, '.local/share/gatehouse'), { env: { ...process.env, HOME: home.path } });
await fill(gate, work);

const browser = await launchBrowser();
try {
  const looks: { theme: 'light' | 'dark'; width: number }[] = [
    { theme: 'light', width: 1280 },
    { theme: 'dark', width: 1280 },
    ...(everywhere
      ? ([
          { theme: 'light', width: 960 },
          { theme: 'dark', width: 960 },
        ] as const)
      : []),
  ];
  const context = await browser.newContext({ viewport: { width: 1280, height: 832 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(gate.consoleLogin);
  await page.getByRole('navigation', { name: 'Sections' }).waitFor();
  const origin = new URL(page.url()).origin;
  for (const { theme, width } of looks) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 832 });
    for (const { name, path, prepare } of screens) {
      const file = `${name}-${theme}${width === 1280 ? '' : `-${width}`}.png`;
      if (!everywhere && !inReadme.has(file)) continue;
      await page.goto(`${origin}/#${path}`);
      await settle(page);
      await prepare?.(page);
      await page.screenshot({ path: join(target, file) });
      console.log(file);
    }
  }
} finally {
  await browser.close();
}
