/** Connecting an AI app: its token can be read once, works, and is nowhere afterwards. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everythingOn, type Person, personAtTheConsole } from './person.ts';

describe('Connecting an AI app', () => {
  let person: Person;
  let token: string;
  let endpoint: string;
  const sheet = () => person.page.getByRole('dialog');

  beforeAll(async () => {
    person = await personAtTheConsole();
  });
  afterAll(() => person?.[Symbol.asyncDispose]());

  async function connect(): Promise<Client> {
    const client = new Client({ name: 'test', version: '1.0.0' });
    const headers = { authorization: `Bearer ${token}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(endpoint), { requestInit: { headers } }));
    return client;
  }

  it('gives the address and a token that a real client can use', async () => {
    await person.goTo('/apps?connect=1');
    await sheet()
      .getByRole('textbox', { name: /^Name of the AI app/ })
      .fill('Claude Code');
    await sheet().getByRole('button', { name: 'Create its token' }).click();
    await sheet().getByText('This token is shown once.').waitFor();
    endpoint = (await sheet().locator('dt:text-is("Address") + dd code').textContent()) ?? '';
    token = (await sheet().locator('dt:text-is("Token") + dd code').textContent()) ?? '';
    expect(endpoint).toBe(person.gate.endpoint);
    expect(token.length).toBeGreaterThan(20);
    const client = await connect();
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
    await client.close();
  });

  it('shows the app as it connects, and the token nowhere any more', async () => {
    await sheet().getByRole('button', { name: 'Done' }).click();
    await sheet().waitFor({ state: 'detached' });
    await person.page.getByRole('heading', { name: 'Claude Code' }).waitFor();
    expect(await everythingOn(person.page)).not.toContain(token);
    await person.page.reload();
    await person.page.getByRole('heading', { name: 'Claude Code' }).waitFor();
    expect(await everythingOn(person.page)).not.toContain(token);
  });

  it('a new token ends the old one', async () => {
    const old = token;
    await person.page.getByRole('button', { name: /^More/ }).click();
    await person.page.getByRole('menuitem', { name: 'Replace its token' }).click();
    await sheet().getByRole('button', { name: 'Replace the token' }).click();
    await sheet().getByText('This token is shown once.').waitFor();
    await expect(connect()).rejects.toThrow();
    token = (await sheet().locator('dt:text-is("Token") + dd code').textContent()) ?? '';
    expect(token).not.toBe(old);
    await (await connect()).close();
    expect(person.complaints).toEqual([]);
  });
});
