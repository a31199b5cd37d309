/** The console's login in a real browser. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '../../fixtures/browser.ts';
import { type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';

const folder = temporaryDir();
let gate: Served;
let browser: Awaited<ReturnType<typeof launchBrowser>>;
beforeAll(async () => {
  gate = await serve(folder.path);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await gate[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

it('opening the printed address shows the app, connected, and the address works for nobody else', async () => {
  const problems: string[] = [];
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(gate.consoleLogin);
  await page.waitForURL(/127\.0\.0\.1:\d+\/(#.*)?$/);
  await page.getByRole('navigation').first().waitFor();
  // Only a connected page knows the address of the endpoint or the state of the gate.
  await page.getByRole('button', { name: /pause/i }).first().waitFor();
  expect(problems).toEqual([]);
  // The token is not left in the history.
  expect(page.url()).not.toContain(new URL(gate.consoleLogin).hash);

  await page.reload();
  await page.getByRole('button', { name: /pause/i }).first().waitFor();

  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(gate.consoleLogin);
  await stranger.getByRole('heading', { name: 'This address does not work' }).waitFor();
  expect(await stranger.getByText('gatehouse console').isVisible()).toBe(true);

  // The same address again in the browser that is signed in: no reason to complain.
  await page.goto(gate.consoleLogin);
  await page.getByRole('button', { name: /pause/i }).first().waitFor();
});
