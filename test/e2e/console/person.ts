/** A person at the console: a real Chromium, signed in with the printed address, on the built product. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from '../../fixtures/browser.ts';
import { type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';

/** `modifier` of shortcuts: Command on macOS, Control elsewhere. */
export const mod = 'ControlOrMeta';

export interface Person extends AsyncDisposable {
  readonly gate: Served;
  readonly dataDir: string;
  /** A folder beside the data folder, for files of the test. */
  readonly work: string;
  readonly page: Page;
  readonly context: BrowserContext;
  readonly browser: Browser;
  /** What the pages of this person complained about: uncaught errors, console errors, refused by the content policy. */
  readonly complaints: string[];
  /** Goes to a page by its address, e.g. `/approvals`. */
  goTo(path: string, page?: Page): Promise<void>;
  /** A second window of the same browser. */
  secondPage(path?: string): Promise<Page>;
}

export interface PersonOptions {
  /** False: the command line needs this person's confirmation. */
  readonly cliAdmin?: boolean;
  readonly window?: BrowserContextOptions;
  /** Runs on an earlier Gatehouse of the same data folder, whose command line may do everything. */
  readonly furnish?: (gate: Served, work: string) => Promise<void>;
  /** Runs before the browser opens, e.g. to add servers. */
  readonly prepare?: (gate: Served, work: string) => Promise<void>;
}

/** Starts `gatehouse serve` on a new data folder and signs a browser in. */
export async function personAtTheConsole(options: PersonOptions = {}): Promise<Person> {
  await using undo = new AsyncDisposableStack();
  const folder = undo.use(temporaryDir());
  const work = join(folder.path, 'work');
  mkdirSync(work);
  const dataDir = join(folder.path, 'data');
  if (options.furnish) {
    await using first = await serve(dataDir);
    await options.furnish(first, work);
  }
  const gate = undo.use(await serve(dataDir, { cliAdmin: options.cliAdmin }));
  await options.prepare?.(gate, work);
  const browser = undo.use(await launchBrowser());
  const context = await browser.newContext({
    viewport: { width: 1280, height: 832 },
    reducedMotion: 'reduce',
    ...options.window,
  });
  const complaints: string[] = [];
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
  });
  const page = await context.newPage();
  await page.goto(gate.consoleLogin);
  await page.getByRole('navigation', { name: 'Sections' }).waitFor();
  const origin = new URL(page.url()).origin;
  const goTo = async (path: string, on = page) => {
    await on.goto(`${origin}/#${path}`);
    // Not by its role: behind an open sheet the page has none.
    await on.locator('h1').waitFor();
  };
  const owned = undo.move();
  return {
    gate,
    dataDir: gate.dataDir,
    work,
    page,
    context,
    browser,
    complaints,
    goTo,
    async secondPage(path = '/') {
      const second = await context.newPage();
      await goTo(path, second);
      return second;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Everything a page holds that a script or a person could read: markup, field values, storage and the address. */
export function everythingOn(page: Page): Promise<string> {
  return page.evaluate(() =>
    [
      document.documentElement.outerHTML,
      ...[...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea')].map(
        (it) => it.value,
      ),
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      location.href,
    ].join('\n'),
  );
}
