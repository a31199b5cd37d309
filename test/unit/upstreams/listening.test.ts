import { beforeEach, describe, expect, it } from 'vitest';
import { Listening } from '../../../src/main/upstreams/listening.ts';
import { UpstreamError } from '../../../src/main/upstreams/upstream-error.ts';
import { ManualTimers } from './manual-timers.ts';

interface Sent {
  readonly filter: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly end: PromiseWithResolvers<unknown>;
}

const written = (value: Record<string, unknown>) => ({ value, json: JSON.stringify(value) });
const tag = (id: unknown) => ({ _meta: { 'io.modelcontextprotocol/subscriptionId': id } });

describe('The listen request of a connection', () => {
  let timers: ManualTimers;
  let sent: Sent[];
  let gaps: number;
  let listening: Listening;

  const open = (lists: Record<string, true> = {}) => {
    listening = new Listening({
      name: 'x',
      timers,
      lists,
      request: (filter, signal) => {
        const end = Promise.withResolvers<unknown>();
        signal.addEventListener('abort', () => end.reject(new UpstreamError('cancelled', 'x', { notSent: false })));
        sent.push({ filter, signal, end });
        return end.promise;
      },
      onGap: () => {
        gaps += 1;
      },
      note: () => undefined,
    });
    listening.start();
  };
  beforeEach(() => {
    timers = new ManualTimers();
    sent = [];
    gaps = 0;
  });

  /** The server acknowledges the request with this number, all of it unless said otherwise. */
  const acknowledge = (number: number, honoured: unknown = sent[number]?.filter) =>
    listening.notified(
      'notifications/subscriptions/acknowledged',
      written({ notifications: honoured, ...tag(number) }),
    );
  /** True when an update that came on a request is passed on. */
  const passesOn = (number: number | undefined, uri: string) =>
    !listening.notified('notifications/resources/updated', written({ uri, ...(number !== undefined && tag(number)) }));
  const settled = (promise: Promise<void>) =>
    Promise.race([
      promise.then(
        () => 'followed',
        () => 'refused',
      ),
      new Promise((resolve) => setImmediate(resolve, 'waiting')),
    ]);
  /** Follows `a` on request 0, then also `b` on request 1, which is open but not acknowledged. */
  const replacing = () => {
    open();
    void listening.follow('a');
    timers.pass(20);
    acknowledge(0);
    void listening.follow('b');
    timers.pass(20);
    expect(sent.map(({ filter }) => filter)).toEqual([
      { resourceSubscriptions: ['a'] },
      { resourceSubscriptions: ['a', 'b'] },
    ]);
  };

  it('is not made while there is nothing to hear of', () => {
    open();
    timers.pass(60_000);
    expect(sent).toEqual([]);
  });

  it('tells a follower only when the server has acknowledged', async () => {
    open();
    const following = listening.follow('a');
    timers.pass(20);
    expect(await settled(following)).toBe('waiting');
    acknowledge(0);
    expect(await settled(following)).toBe('followed');
    expect(await settled(listening.follow('a'))).toBe('followed');
    expect(sent).toHaveLength(1);
  });

  it('refuses a follower what the server does not agree to follow', async () => {
    open({ toolsListChanged: true });
    acknowledge(0);
    const [good, bad] = [listening.follow('a'), listening.follow('b')];
    timers.pass(20);
    acknowledge(1, { toolsListChanged: true, resourceSubscriptions: ['a'] });
    expect([await settled(good), await settled(bad)]).toEqual(['followed', 'refused']);
    await expect(listening.follow('b')).rejects.toThrow('does not follow b');
  });

  it('refuses followers when the server never acknowledges', async () => {
    open();
    const following = listening.follow('a');
    timers.pass(20);
    timers.pass(10_000);
    await expect(following).rejects.toMatchObject({ code: 'timeout' });
    expect(sent[0]?.signal.aborted).toBe(true);
  });

  it('ends the one before only after the new one was acknowledged', () => {
    replacing();
    timers.pass(5_000);
    expect(sent[0]?.signal.aborted).toBe(false);
    acknowledge(1);
    expect(sent[0]?.signal.aborted).toBe(false);
    timers.pass(250);
    expect([sent[0]?.signal.aborted, sent[1]?.signal.aborted]).toEqual([true, false]);
  });

  it('passes on once what the server says on both, whichever comes first', () => {
    replacing();
    expect(passesOn(0, 'a')).toBe(true);
    acknowledge(1);
    expect([passesOn(0, 'a'), passesOn(1, 'a')]).toEqual([true, false]);
    expect([passesOn(1, 'a'), passesOn(0, 'a')]).toEqual([true, false]);
    expect([passesOn(0, 'a'), passesOn(0, 'a'), passesOn(1, 'a'), passesOn(1, 'a')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(passesOn(1, 'b')).toBe(true);
  });

  it('passes on what was still on its way on the one before', () => {
    replacing();
    acknowledge(1);
    // Sent before the new request was known to the server, and overtaken by the acknowledgement.
    expect(passesOn(0, 'a')).toBe(true);
  });

  it('passes nothing on for a request that ended', () => {
    replacing();
    acknowledge(1);
    timers.pass(250);
    expect([passesOn(0, 'a'), passesOn(1, 'a')]).toEqual([false, true]);
  });

  it('passes on what a server does not tag', () => {
    replacing();
    acknowledge(1);
    expect(passesOn(undefined, 'a')).toBe(true);
  });

  it('goes on with the one before when the new one is refused', async () => {
    replacing();
    const following = listening.follow('b');
    sent[1]?.end.reject(
      new UpstreamError('upstream_error', 'no', { notSent: false, rpcError: { code: -1, message: 'no' } }),
    );
    await expect(following).rejects.toMatchObject({ rpcError: { code: -1 } });
    listening.unfollow('b');
    timers.pass(3_600_000);
    expect(sent).toHaveLength(2);
    expect(passesOn(0, 'a')).toBe(true);
  });

  it('is made again with growing patience when the server ends it, and what may have been missed is told', async () => {
    open({ toolsListChanged: true });
    const waits: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      acknowledge(round);
      sent[round]?.end.resolve({});
      await new Promise((resolve) => setImmediate(resolve));
      let waited = 0;
      while (sent.length === round + 1) {
        timers.pass(1_000);
        waited += 1;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([5, 10, 20, 40]);
    expect(gaps).toBe(4);
  });

  it('is made again at once when it was open for long', async () => {
    open({ toolsListChanged: true });
    acknowledge(0);
    timers.pass(60_000);
    sent[0]?.end.reject(new UpstreamError('upstream_error', 'ended', { notSent: false }));
    await new Promise((resolve) => setImmediate(resolve));
    timers.pass(0);
    expect(sent).toHaveLength(2);
  });

  it('is not made again where the server does not know it', async () => {
    open({ toolsListChanged: true });
    sent[0]?.end.reject(
      new UpstreamError('upstream_error', 'no', { notSent: false, rpcError: { code: -32601, message: '' } }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    timers.pass(3_600_000);
    expect(sent).toHaveLength(1);
  });

  it('refuses who waits when the connection ends', async () => {
    open();
    const following = listening.follow('a');
    listening.end();
    await expect(following).rejects.toMatchObject({ code: 'server_down' });
    timers.pass(60_000);
    expect(sent).toEqual([]);
  });
});
