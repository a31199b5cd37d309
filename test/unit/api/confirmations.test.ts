import type { Confirmation } from '@shared/contract/index.ts';
import { describe, expect, it } from 'vitest';
import { createConfirmations } from '../../../src/main/api/index.ts';

function setUp() {
  const published: Confirmation[] = [];
  let ids = 0;
  const confirmations = createConfirmations({
    clock: () => 1_000,
    newId: () => `c${++ids}`,
    publish: (confirmation) => published.push(confirmation),
  });
  /** The connection of the program that asks. */
  const asker = {};
  const ask = (perform: () => Promise<unknown> = async () => 'done') =>
    confirmations.request({ by: 'cli', asker, action: 'gate.resume', summary: 'Open the gate.', facts: [], perform });
  return { confirmations, published, ask, asker };
}

describe('Confirmations', () => {
  it('nothing happens until a person confirms', async () => {
    const { confirmations, ask } = setUp();
    let done = 0;
    ask(async () => {
      done += 1;
    });
    expect(done).toBe(0);
    expect(await confirmations.confirm('c1')).toMatchObject({ state: 'confirmed' });
    expect(done).toBe(1);
  });

  it('two clicks run the action once', async () => {
    const { confirmations, ask } = setUp();
    let done = 0;
    const release = Promise.withResolvers<void>();
    ask(async () => {
      done += 1;
      await release.promise;
    });
    const first = confirmations.confirm('c1');
    const second = confirmations.confirm('c1');
    release.resolve();
    await Promise.all([first, second]);
    expect(done).toBe(1);
  });

  it('a denied request can never be confirmed', async () => {
    const { confirmations, ask } = setUp();
    let done = 0;
    ask(async () => {
      done += 1;
    });
    confirmations.deny('c1');
    expect(await confirmations.confirm('c1')).toMatchObject({ state: 'denied' });
    expect(done).toBe(0);
  });

  it('whoever waits gets the result, the denial or the failure', async () => {
    const { confirmations, ask, asker } = setUp();
    ask(async () => ({ added: true }));
    ask();
    ask(async () => {
      throw new Error('The disk is full.');
    });
    const waits = ['c1', 'c2', 'c3'].map((id) => confirmations.wait(id, asker, undefined));
    await confirmations.confirm('c1');
    confirmations.deny('c2');
    await confirmations.confirm('c3');
    expect(await Promise.all(waits)).toMatchObject([
      { confirmation: { state: 'confirmed' }, result: { added: true } },
      { confirmation: { state: 'denied' }, result: null },
      { confirmation: { state: 'failed', error: 'The disk is full.' }, result: null },
    ]);
  });

  it('a token or address that was asked for reaches the program that asked, once, and nobody else', async () => {
    const { confirmations, ask, asker } = setUp();
    ask(async () => ({ token: 'gh_secret' }));
    const spies = [confirmations.wait('c1', {}, undefined), confirmations.wait('c1', undefined, undefined)];
    const own = confirmations.wait('c1', asker, undefined);
    await confirmations.confirm('c1');
    for (const spy of spies) expect(await spy).toMatchObject({ confirmation: { state: 'confirmed' }, result: null });
    expect(await own).toMatchObject({ result: { token: 'gh_secret' } });
    // Settled requests are kept for a while; the secret in one of them is not.
    for (const later of [asker, {}])
      expect(await confirmations.wait('c1', later, undefined)).toMatchObject({ result: null });
  });

  it('waiting ends when the asker goes away, and the request stays', async () => {
    const { confirmations, ask, asker } = setUp();
    ask();
    const gone = new AbortController();
    const wait = confirmations.wait('c1', asker, gone.signal);
    gone.abort(new Error('gone'));
    await expect(wait).rejects.toThrow('gone');
    expect(confirmations.list()).toMatchObject([{ state: 'waiting' }]);
  });

  it('a program that asks in a loop is refused after fifty open requests', () => {
    const { ask } = setUp();
    for (let i = 0; i < 50; i++) expect(ask()).toBeDefined();
    expect(ask()).toBeUndefined();
  });

  it('every front hears of a request and of its end', async () => {
    const { confirmations, published, ask } = setUp();
    ask();
    await confirmations.confirm('c1');
    expect(published.map((confirmation) => confirmation.state)).toEqual(['waiting', 'confirmed']);
  });
});
