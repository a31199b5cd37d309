/** Adding a server by its command: secrets, the consent, and pasted config entries. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatehouse, root } from '../../fixtures/gatehouse-process.ts';
import { everythingOn, type Person, personAtTheConsole } from './person.ts';

const secret = 'hunter2-Zebra-4711-value';
const plainValue = 'plain-value-of-region-0815';
const server = join(root, 'test/fixtures/servers/hostile.mjs');
/** Quotes, spaces and a dollar sign: what the consent shows must still be exact. */
const odd = "it's $HOME";

describe('Adding a server by its command', () => {
  let person: Person;
  const form = () => person.page.getByRole('dialog', { name: 'Add a server' });
  const consent = () => person.page.getByRole('dialog', { name: 'Add vaulted' });

  beforeAll(async () => {
    person = await personAtTheConsole();
  });
  afterAll(() => person?.[Symbol.asyncDispose]());

  it('says what is missing instead of going on', async () => {
    await person.page.getByRole('link', { name: 'Servers' }).click();
    await person.page.getByRole('button', { name: 'Add server' }).click();
    await form().getByRole('button', { name: 'Show what will run' }).click();
    await form().getByText('Give it a name.').waitFor();
    await form().getByText('Give the command that starts it.').waitFor();
    expect(
      await form()
        .getByRole('textbox', { name: /^Name( \*)?$/ })
        .getAttribute('aria-invalid'),
    ).toBe('true');
  });

  it('shows the exact command, the folder and the names of the variables, never their values', async () => {
    await form()
      .getByRole('textbox', { name: /^Name( \*)?$/ })
      .fill('vaulted');
    const quoted = `"${process.execPath}" "${server}" echo "it's \\$HOME"`;
    await form()
      .getByRole('textbox', { name: /^Command line/ })
      .fill(quoted);
    await form().getByRole('textbox', { name: 'Working directory' }).fill(person.work);
    await form().getByRole('button', { name: 'Add variable' }).click();
    await form().getByRole('textbox', { name: 'Name of variable 1' }).fill('REGION');
    await form().getByRole('textbox', { name: 'Value of REGION' }).fill(plainValue);
    await form().getByRole('button', { name: 'Add variable' }).click();
    await form().getByRole('textbox', { name: 'Name of variable 2' }).fill('API_TOKEN');
    const value = form().getByLabel('Value of API_TOKEN');
    await value.fill(secret);
    // A telling name masks its value by itself.
    expect(await form().getByRole('switch', { name: 'API_TOKEN is secret' }).getAttribute('aria-checked')).toBe('true');
    expect(await value.getAttribute('type')).toBe('password');
    await form().getByRole('button', { name: 'Show what will run' }).click();

    await consent().waitFor();
    const text = (await consent().textContent()) ?? '';
    expect(await consent().locator('pre').textContent()).toContain(server);
    expect(await consent().locator('pre').textContent()).toMatch(/\$HOME/);
    expect(text).toContain(person.work);
    expect(text).toContain('REGION');
    expect(text).toContain('API_TOKEN');
    expect(text).toContain('Nothing has run yet');
    expect(text).not.toContain(plainValue);
    expect(await everythingOn(person.page)).not.toContain(secret);
    expect(await gatehouse(person.dataDir, 'server', 'list')).toEqual([]);
  });

  it('adds exactly that, and the secret is in no file, no page and no answer, but in the server', async () => {
    await consent().getByRole('button', { name: 'Add vaulted' }).click();
    await person.page.getByRole('heading', { name: 'Approvals' }).waitFor({ timeout: 30_000 });
    await person.page.getByRole('region', { name: 'Waiting for review' }).getByRole('button').first().waitFor();
    expect(await everythingOn(person.page)).not.toContain(secret);

    const written = readFileSync(join(person.dataDir, 'servers.json'), 'utf8');
    expect(JSON.parse(written).mcpServers.vaulted).toMatchObject({
      command: process.execPath,
      args: [server, 'echo', odd],
      cwd: person.work,
      env: { REGION: plainValue, API_TOKEN: '${secret:vaulted.API_TOKEN}' },
    });
    const shown = (await gatehouse(person.dataDir, 'server', 'show', 'vaulted')) as { pid: number };
    expect(JSON.stringify(shown)).not.toContain(secret);
    if (process.platform === 'linux') {
      const environment = readFileSync(`/proc/${shown.pid}/environ`, 'utf8').split('\0');
      expect(environment).toContain(`API_TOKEN=${secret}`);
      expect(readFileSync(`/proc/${shown.pid}/cmdline`, 'utf8')).not.toContain(secret);
    }
    await person.goTo('/servers/vaulted');
    await person.page.getByText('API_TOKEN').first().waitFor();
    expect(await everythingOn(person.page)).not.toContain(secret);

    const files = readdirSync(person.dataDir, { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
    expect(files.map((file) => file.name)).toContain('gatehouse.db');
    const forms = [secret, Buffer.from(secret).toString('base64').slice(0, -2), Buffer.from(secret, 'utf16le')];
    for (const file of files) {
      const bytes = readFileSync(join(file.parentPath, file.name));
      for (const written of forms) expect(bytes.includes(written), `${file.name} holds the secret`).toBe(false);
    }
  });

  it('a pasted mcpServers entry fills the form, secrets masked, and cancelling asks first', async () => {
    await person.goTo('/servers');
    await person.page.getByRole('button', { name: 'Add server' }).click();
    const snippet = JSON.stringify({
      mcpServers: {
        pasted: { command: 'npx', args: ['-y', 'some-server@1.2.3', 'two words'], env: { GITHUB_TOKEN: secret } },
      },
    });
    await person.page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      document.activeElement?.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
      );
    }, snippet);
    await form().getByText('Filled in from what you pasted.').waitFor();
    expect(
      await form()
        .getByRole('textbox', { name: /^Name( \*)?$/ })
        .inputValue(),
    ).toBe('pasted');
    expect(
      await form()
        .getByRole('textbox', { name: /^Program/ })
        .inputValue(),
    ).toBe('npx');
    expect(await form().getByRole('textbox', { name: 'Argument 3' }).inputValue()).toBe('two words');
    expect(await form().getByLabel('Value of GITHUB_TOKEN').getAttribute('type')).toBe('password');
    await person.page.keyboard.press('Escape');
    await form().getByText('What you entered is not saved.').waitFor();
    await form().getByRole('button', { name: 'Close without saving' }).click();
    await form().waitFor({ state: 'detached' });
    expect(person.complaints).toEqual([]);
  });
});
