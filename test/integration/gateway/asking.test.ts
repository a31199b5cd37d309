/** Calls that need a person's yes: they wait, and nothing but an answer lets them go. */
import { describe, expect, it } from 'vitest';
import { everything, memoryApprovals, memoryProfiles, memoryUpstreams, toolRecord } from '../../doubles/rooms.ts';
import { call, modern, post, type RunningGateway, refusalOf, startGateway, textOf } from '../../fixtures/gateway.ts';
import { openSession } from '../../fixtures/legacy-session.ts';
import { until } from '../../fixtures/until.ts';

const asking = { ...everything, others: { read: 'allow', write: 'allow', destructive: 'ask' } as const };

async function start(more: { settings?: Record<string, unknown>; surface?: 'direct' } = {}) {
  const { surface, ...rest } = more;
  const upstreams = memoryUpstreams((_server, { params }) => ({
    content: [{ type: 'text', text: `did ${JSON.stringify(params)}` }],
  }));
  const running = await startGateway({
    approvals: memoryApprovals([toolRecord('db:drop', 'destructive'), toolRecord('db:select', 'read')]),
    profiles: memoryProfiles({ ...asking, ...(surface && { surface }) }),
    upstreams,
    settings: { askTimeoutMs: 60_000 },
    ...rest,
  });
  return running;
}
const drop = (running: RunningGateway, args: object = {}, headers = {}, signal?: AbortSignal) =>
  call(running.endpoint, 'call_tool_destructive', { name: 'db:drop', arguments: args }, headers, signal);
const waiting = (running: RunningGateway, count = 1) =>
  until(() => {
    const asks = running.asking.list().waiting;
    return asks.length === count ? asks : undefined;
  });
const bob = { authorization: 'Bearer token-bob' };

describe('a call that needs the person', () => {
  it('waits, leaves nothing to the server, and goes when they allow it', async () => {
    await using running = await start();
    const answer = drop(running, { table: 'a' });
    const [ask] = await waiting(running);
    expect(ask).toMatchObject({
      app: { id: 'ann', name: 'Ann' },
      offerId: 'db:drop',
      effect: 'destructive',
      argumentsJson: '{"table":"a"}',
      reasons: [{ kind: 'effect', text: expect.stringContaining('destructive') }],
    });
    expect(running.upstreams.requests).toEqual([]);
    expect(running.asking.allow([ask?.id ?? ''], 'once', 'window').answered).toHaveLength(1);
    expect(textOf(await answer)).toBe('did {"name":"drop","arguments":{"table":"a"}}');
    const record = running.audit.last();
    expect(record.trail.map(({ stage, verdict }) => `${stage} ${verdict}`)).toContain('ask ask');
    expect(record.end?.trail.map(({ stage, verdict }) => `${stage} ${verdict}`)).toContain('answer pass');
    expect(record.end).toMatchObject({ status: 'done' });
  });

  it('is asked about again the next time, when it was allowed once', async () => {
    await using running = await start();
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = drop(running);
      const [ask] = await waiting(running);
      running.asking.allow([ask?.id ?? ''], 'once', 'window');
      expect(refusalOf(await answer)).toBeUndefined();
    }
  });

  it('is refused when they deny it, and says who said no', async () => {
    await using running = await start();
    const answer = drop(running);
    const [ask] = await waiting(running);
    running.asking.deny([ask?.id ?? ''], 'cli');
    expect(refusalOf(await answer)).toMatchObject({ code: 'denied_by_person', retryable: false, whoCanFix: 'person' });
    expect(running.upstreams.requests).toEqual([]);
    expect(running.asking.list().settled).toMatchObject([{ outcome: 'denied', by: 'cli' }]);
  });

  it('is refused when nobody answers', async () => {
    await using running = await start({ settings: { askTimeoutMs: 1000 } });
    expect(refusalOf(await drop(running))).toMatchObject({ code: 'ask_timeout', retryable: true, whoCanFix: 'person' });
    expect(running.upstreams.requests).toEqual([]);
    expect(running.asking.list().settled).toMatchObject([{ outcome: 'timeout' }]);
  });

  it('passes when it comes again after they allowed the next one, once, and only with the same arguments', async () => {
    await using running = await start({ settings: { askTimeoutMs: 1000 } });
    await drop(running, { table: 'a' });
    const [ask] = running.asking.list().settled;
    expect(running.asking.allowNext(ask?.id ?? '', 'window')).toMatchObject({ scope: 'next' });
    expect(refusalOf(await drop(running, { table: 'b' }))).toMatchObject({ code: 'ask_timeout' });
    expect(refusalOf(await drop(running, { table: 'a' }))).toBeUndefined();
    expect(refusalOf(await drop(running, { table: 'a' }))).toMatchObject({ code: 'ask_timeout' });
  });

  it('is refused at once by a pause, also for one app, and leaves the queue', async () => {
    await using running = await start();
    const answer = drop(running);
    const others = drop(running, {}, bob);
    await waiting(running, 2);
    running.gate.pause('window', { app: 'ann' });
    expect(refusalOf(await answer)).toMatchObject({ code: 'paused' });
    expect(await waiting(running)).toMatchObject([{ app: { id: 'bob' } }]);
    running.gate.pause('window');
    expect(refusalOf(await others)).toMatchObject({ code: 'paused' });
    expect(running.asking.list()).toMatchObject({
      waiting: [],
      settled: [{ outcome: 'paused' }, { outcome: 'paused' }],
    });
    // Nothing had reached a server, so nothing was cancelled there.
    expect(running.gate.state().cancelledCalls).toBe(0);
  });

  it('leaves the queue when the app goes away, and an answer that comes then does nothing', async () => {
    await using running = await start();
    const gone = new AbortController();
    const answer = drop(running, {}, {}, gone.signal).catch(() => 'gone');
    const [ask] = await waiting(running);
    gone.abort();
    expect(await answer).toBe('gone');
    await until(() => running.asking.list().settled[0]?.outcome === 'cancelled');
    expect(running.asking.allow([ask?.id ?? ''], '15m', 'window')).toMatchObject({
      answered: [],
      gone: [{ outcome: 'cancelled' }],
    });
    expect(running.asking.answers()).toEqual([]);
    expect(running.upstreams.requests).toEqual([]);
  });

  it('takes the first of two answers, and tells the second', async () => {
    await using running = await start();
    const answer = drop(running);
    const [ask] = await waiting(running);
    const ids = [ask?.id ?? ''];
    expect(running.asking.deny(ids, 'tray').answered).toHaveLength(1);
    expect(running.asking.allow(ids, 'always', 'window')).toMatchObject({
      answered: [],
      gone: [{ outcome: 'denied' }],
    });
    expect(refusalOf(await answer)).toMatchObject({ code: 'denied_by_person' });
  });

  it('does not go when the tool changed while they read', async () => {
    await using running = await start();
    const answer = drop(running);
    const [ask] = await waiting(running);
    running.approvals.put({ ...toolRecord('db:drop', 'destructive'), state: 'changed' });
    running.asking.allow([ask?.id ?? ''], 'always', 'window');
    expect(refusalOf(await answer)).toMatchObject({ code: 'changed' });
    expect(running.upstreams.requests).toEqual([]);
  });

  it('tells an app with a progress token that it waits', async () => {
    await using running = await start({ surface: 'direct' });
    const session = await openSession(running.endpoint);
    const open = await session.open('tools/call', { name: 'db__drop', arguments: {}, _meta: { progressToken: 7 } });
    expect(await open.next()).toMatchObject({
      method: 'notifications/progress',
      params: { progressToken: 7, message: expect.stringContaining('Waiting for the person') },
    });
    const [ask] = await waiting(running);
    expect(ask?.session).toMatchObject({ calls: 1 });
    running.asking.allow([ask?.id ?? ''], 'session', 'window');
    expect(await open.next()).toMatchObject({ result: { content: [{ text: expect.stringContaining('did') }] } });
    // For the session, and no other one.
    expect(await session.request('tools/call', { name: 'db__drop', arguments: { again: 1 } })).toHaveProperty('result');
    const other = await openSession(running.endpoint);
    const asked = other.request('tools/call', { name: 'db__drop', arguments: {} });
    const [second] = await waiting(running);
    running.asking.deny([second?.id ?? ''], 'window');
    expect(await asked).toMatchObject({ result: { isError: true } });
  });
});

describe('many calls that need the person', () => {
  it('are bounded for each app, and what is beyond is told to wait', async () => {
    await using running = await start();
    const answers = Array.from({ length: 55 }, (_, at) => drop(running, { at }));
    await waiting(running, 50);
    const refused = await Promise.race(answers);
    expect(refusalOf(refused)).toMatchObject({ code: 'rate_limited', whoCanFix: 'person' });
    const others = drop(running, {}, bob);
    await waiting(running, 51);
    const groups = new Set(running.asking.list().waiting.map(({ group }) => group));
    expect(groups.size).toBe(2);
    running.asking.deny(
      running.asking.list().waiting.map(({ id }) => id),
      'window',
    );
    await Promise.all([...answers, others]);
    expect(running.upstreams.requests).toEqual([]);
  });

  it('go together when one answer covers them', async () => {
    await using running = await start();
    const answers = Array.from({ length: 5 }, (_, at) => drop(running, { at }));
    const foreign = drop(running, {}, bob);
    const asks = await waiting(running, 6);
    const own = asks.find(({ app }) => app.id === 'ann');
    running.asking.allow([own?.id ?? ''], '15m', 'window');
    for (const answer of answers) expect(refusalOf(await answer)).toBeUndefined();
    expect(refusalOf(await drop(running, { later: 1 }))).toBeUndefined();
    // Nobody else gains by it.
    const [left] = await waiting(running);
    expect(left?.app.id).toBe('bob');
    running.asking.deny([left?.id ?? ''], 'window');
    expect(refusalOf(await foreign)).toMatchObject({ code: 'denied_by_person' });
    const [remembered] = running.asking.answers();
    expect(running.asking.withdraw(remembered?.id ?? '', 'cli')).toBe(true);
    const again = drop(running);
    const [ask] = await waiting(running);
    running.asking.deny([ask?.id ?? ''], 'window');
    expect(refusalOf(await again)).toMatchObject({ code: 'denied_by_person' });
  });
});

describe('an answer for exact arguments', () => {
  it('covers them however they are spelt, and no others, beyond double precision too', async () => {
    await using running = await start();
    const send = async (args: string) => {
      const params = `{"name":"call_tool_destructive","arguments":{"name":"db:drop","arguments":${args}},"_meta":`;
      const { body, headers } = modern('tools/call', { name: 'call_tool_destructive' });
      const meta = JSON.stringify(body.params._meta);
      const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}${meta}}}`;
      const answered = await post(running.endpoint, text, headers);
      return refusalOf(answered.json().result as Record<string, unknown>)?.code;
    };
    const first = send('{"a":1,"id":9007199254740993}');
    const [ask] = await waiting(running);
    running.asking.allow([ask?.id ?? ''], 'always', 'window');
    expect(await first).toBeUndefined();
    expect(await send('{"a":1,"id":9007199254740993}')).toBeUndefined();
    const other = send('{"a":1,"id":9007199254740992}');
    const [asked] = await waiting(running);
    running.asking.deny([asked?.id ?? ''], 'window');
    expect(await other).toBe('denied_by_person');

    const plain = send('{"a":1,"b":2}');
    const [third] = await waiting(running);
    running.asking.allow([third?.id ?? ''], 'always', 'window');
    expect(await plain).toBeUndefined();
    expect(await send('{ "b": 2.0, "a": 1 }')).toBeUndefined();
  });
});
