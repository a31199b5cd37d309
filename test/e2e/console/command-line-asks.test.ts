/** An agent with a shell asks to widen its own access: the person sees exactly what, and only their click does it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatehouse, runCommand } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { type Person, personAtTheConsole } from './person.ts';

const exit = { ok: 0, failed: 1, refused: 4, waiting: 5 };

describe('What the command line asks for', () => {
  let person: Person;
  const program = npmServer('memory', "it's  --root=/", '--token=two words');
  const run = (...args: string[]) => runCommand(person.dataDir, args);
  const servers = async () =>
    ((await gatehouse(person.dataDir, 'server', 'list')) as { name: string }[]).map((server) => server.name);
  const waiting = () => person.page.getByRole('region', { name: 'Waiting for you' });
  const answer = (name: 'Confirm' | 'Deny') => waiting().getByRole('button', { name: new RegExp(`^${name}`) });

  beforeAll(async () => {
    person = await personAtTheConsole({ cliAdmin: false });
  });
  afterAll(() => person?.[Symbol.asyncDispose]());

  it('waits, with the exact command in front of the person wherever they are', async () => {
    await person.goTo('/activity');
    const { code } = await run('server', 'add', 'sneaky', '--', ...program);
    expect(code).toBe(exit.waiting);
    expect(await servers()).toEqual([]);
    await person.page.getByText(/^The command line wants to add the server sneaky/).waitFor();
    await person.page.getByRole('button', { name: 'See what it asks' }).click();
    await waiting().waitFor();
    const text = (await waiting().textContent()) ?? '';
    // Exactly as a shell would take it: no quote and no blank is lost on the way to the screen.
    expect(text).toContain(`${program.slice(0, 2).join(' ')} 'it'\\''s  --root=/' '--token=two words'`);
    expect(text).toContain('Working directory');
  });

  it('cannot be agreed to in the first second', async () => {
    await person.page.reload();
    await answer('Confirm').waitFor();
    expect(await answer('Confirm').isDisabled()).toBe(true);
    expect(await answer('Deny').isDisabled()).toBe(true);
    await waiting()
      .getByRole('button', { name: /^Confirm/, disabled: false })
      .waitFor();
  });

  it('denied, nothing happens', async () => {
    await answer('Deny').click();
    await answer('Deny').waitFor({ state: 'detached' });
    expect(await servers()).toEqual([]);
  });

  it('--wait ends with 4 when the person denies', async () => {
    const asked = run('server', 'add', 'again', '--wait', '--', ...program);
    await answer('Deny').click();
    expect((await asked).code).toBe(exit.refused);
    expect(await servers()).toEqual([]);
  });

  it('--wait ends with 0 when the person confirms, and the server is there with its tools held', async () => {
    const asked = run('server', 'add', 'wanted', '--wait', '--', ...program);
    await answer('Confirm').click();
    const { code, err } = await asked;
    expect(code, err).toBe(exit.ok);
    expect(await servers()).toEqual(['wanted']);
    const tools = (await gatehouse(person.dataDir, 'tool', 'list')) as { state: string }[];
    expect(tools.length).toBeGreaterThan(0);
    expect(tools.every((tool) => tool.state === 'pending')).toBe(true);
    await waiting().getByRole('button', { name: 'Review wanted' }).waitFor();
  });

  it('what was confirmed and then failed is said', async () => {
    const first = run('server', 'add', 'twice', '--wait', '--', ...program);
    await answer('Confirm').waitFor();
    const second = run('server', 'add', 'twice', '--wait', '--', ...program);
    await answer('Confirm').nth(1).waitFor();
    await answer('Confirm').first().click();
    expect((await first).code).toBe(exit.ok);
    await answer('Confirm').click();
    expect((await second).code).toBe(exit.failed);
    await person.page.getByText(/^It was confirmed, but failed\. ./).waitFor();
  });

  it('an answer in one window ends the question in the other', async () => {
    const second = await person.secondPage('/');
    const there = second.getByRole('region', { name: 'Waiting for you' }).getByText(/a token for .*third asker/);
    await run('app', 'token', 'third asker');
    await there.waitFor();
    await answer('Deny').click();
    await there.waitFor({ state: 'detached' });
    await second.close();
  });

  it('a pause cannot be ended from the command line alone', async () => {
    expect((await run('pause')).code).toBe(exit.ok);
    await person.page.getByRole('heading', { name: 'All tools are paused' }).waitFor();
    const asked = run('resume', '--wait');
    await waiting()
      .getByText(/^The command line wants to (open|resume)/)
      .waitFor();
    expect(await gatehouse(person.dataDir, 'status')).toMatchObject({ gate: { paused: true } });
    await answer('Confirm').click();
    expect((await asked).code).toBe(exit.ok);
    await person.page.getByRole('heading', { name: 'All tools are paused' }).waitFor({ state: 'detached' });
  });

  it('two requests keep their places, oldest first', async () => {
    expect((await run('app', 'token', 'first asker')).code).toBe(exit.waiting);
    expect((await run('app', 'token', 'second asker')).code).toBe(exit.waiting);
    await answer('Deny').nth(1).waitFor();
    expect(await waiting().textContent()).toMatch(/first asker[\s\S]*second asker/);
    await answer('Deny').first().click();
    await waiting().getByText('first asker').waitFor({ state: 'detached' });
    await answer('Deny').click();
    await answer('Deny').waitFor({ state: 'detached' });
    expect(person.complaints).toEqual([]);
  });
});
