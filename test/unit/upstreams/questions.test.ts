import { describe, expect, test } from 'vitest';
import { Envelope } from '../../../src/main/upstreams/envelope.ts';
import { LinkError } from '../../../src/main/upstreams/link.ts';
import type { RpcOptions } from '../../../src/main/upstreams/pending-request.ts';
import { QuestionRefused } from '../../../src/main/upstreams/types.ts';
import { settled, setUp, TestCaller, written } from './test-link.ts';

const gone = () => new LinkError('gone', 'it ended.', { notSent: false });

/** A connection whose server asks; calls of callers in it, their outcomes kept. */
function asking(streams = false, more: Parameters<typeof setUp>[1] = {}) {
  const all = setUp(streams, more);
  const outcomes: unknown[] = [];
  const call = (caller: TestCaller | undefined, options: Partial<RpcOptions> = {}) => {
    const index = outcomes.push(undefined) - 1;
    all
      .request({ name: 't' }, { caller, subject: 't', ...options })
      .then(
        (value) => value,
        (error: Error) => error,
      )
      .then((outcome) => {
        outcomes[index] = outcome;
      });
  };
  const ask = (id: unknown, method: string, params?: object, origin?: number) =>
    all.link.say({ id, method, ...(params && { params }) }, origin);
  return { ...all, call, ask, outcomes };
}

describe('a question of a server', () => {
  test('goes to the caller of the request on whose stream it came, and its answer back as it was written', async () => {
    const { link, call, ask } = asking(true);
    const callers = ['a', 'b', 'c'].map((session) => new TestCaller(session));
    for (const caller of callers) call(caller);
    ask('q', 'elicitation/create', { message: 'Sure?', big: 1 }, 2);
    expect(callers.map(({ asked }) => asked.length)).toEqual([0, 1, 0]);
    expect(callers[1]?.asked[0]?.question).toEqual({
      method: 'elicitation/create',
      params: { value: { message: 'Sure?', big: 1 }, json: '{"message":"Sure?","big":1}' },
    });
    callers[1]?.asked[0]?.answer.resolve({
      value: {},
      json: '{"action":"accept", "content":{"n":12345678901234567890}}',
    });
    await settled();
    expect(link.messages.at(-1)?.text).toBe(
      '{"jsonrpc":"2.0","id":"q","result":{"action":"accept", "content":{"n":12345678901234567890}}}',
    );
  });

  test.each([
    ['elicitation/create', {}, {}, { result: { action: 'cancel' } }],
    ['elicitation/create', { mode: 'url', url: 'https://x' }, { elicitation: {} }, { result: { action: 'cancel' } }],
    ['elicitation/create', { mode: 'form' }, { elicitation: { url: {} } }, { result: { action: 'cancel' } }],
    [
      'elicitation/create',
      { mode: 'hologram' },
      { elicitation: { form: {}, url: {} } },
      { result: { action: 'cancel' } },
    ],
    ['sampling/createMessage', {}, {}, { error: { code: -32601 } }],
    ['sampling/createMessage', { tools: [] }, { sampling: {} }, { error: { code: -32601 } }],
    ['sampling/createMessage', { toolChoice: {} }, { sampling: {} }, { error: { code: -32601 } }],
    ['roots/list', {}, { roots: true }, { result: { roots: [] } }],
  ])('%s %j is answered for a caller with %j', (method, params, capabilities, expected) => {
    const { link, call, ask } = asking(true);
    const caller = new TestCaller('a', capabilities);
    call(caller);
    ask(7, method, params, 1);
    expect(link.answerTo(7)).toMatchObject(expected);
    expect(caller.asked).toEqual([]);
  });

  test.each([
    ['elicitation/create', {}, { elicitation: {} }],
    ['elicitation/create', { mode: 'form' }, { elicitation: { form: {} } }],
    ['elicitation/create', { mode: 'url' }, { elicitation: { url: {} } }],
    ['sampling/createMessage', {}, { sampling: {} }],
    ['sampling/createMessage', { tools: [] }, { sampling: { tools: {} } }],
    ['roots/list', undefined, { roots: {} }],
  ])('%s %j reaches a caller with %j', (method, params, capabilities) => {
    const { call, ask } = asking(true);
    const caller = new TestCaller('a', capabilities);
    call(caller);
    ask(7, method, params, 1);
    expect(caller.asked).toHaveLength(1);
  });

  test('that is refused is refused with the same words, and any other trouble as an internal error', async () => {
    const { link, call, ask } = asking(true);
    const caller = new TestCaller('a');
    call(caller);
    ask(1, 'roots/list', undefined, 1);
    ask('1', 'roots/list', undefined, 1);
    caller.asked[0]?.answer.reject(new QuestionRefused(-1, 'User rejected', { why: 'no' }));
    caller.asked[1]?.answer.reject(new Error('secret path /home/me'));
    await settled();
    expect(link.answerTo(1)?.error).toEqual({ code: -1, message: 'User rejected', data: { why: 'no' } });
    expect(link.answerTo('1')?.error).toMatchObject({ code: -32603 });
    expect(JSON.stringify(link.sent)).not.toContain('secret path');
  });

  test('that the server withdraws is taken back from the caller, and gets no answer', async () => {
    const { link, call, ask } = asking(true);
    const caller = new TestCaller('a');
    call(caller);
    ask('q', 'roots/list', undefined, 1);
    link.say({ method: 'notifications/cancelled', params: { requestId: 'q' } });
    expect(caller.asked[0]?.signal.aborted).toBe(true);
    caller.asked[0]?.answer.resolve(written({ roots: [] }));
    await settled();
    expect(link.answerTo('q')).toBeUndefined();
  });

  test('ends with the request it belongs to, and the server is told', async () => {
    const { link, call, ask, answer } = asking(true);
    const caller = new TestCaller('a');
    call(caller);
    ask('q', 'roots/list', undefined, 1);
    answer(1, { result: {} });
    expect(caller.asked[0]?.signal.aborted).toBe(true);
    expect(link.answerTo('q')?.error).toMatchObject({ code: -32603 });
    caller.asked[0]?.answer.resolve(written({ roots: [] }));
    await settled();
    expect(link.sent.filter((message) => message.id === 'q')).toHaveLength(1);
    ask('late', 'elicitation/create', {}, 1);
    expect(link.answerTo('late')?.error).toMatchObject({ code: -32601 });
  });

  test('ends when the caller cancels its call, and the answer that crosses is dropped', async () => {
    const { link, call, ask, answer, outcomes } = asking();
    const caller = new TestCaller('a');
    const abort = new AbortController();
    call(caller, { signal: abort.signal });
    ask('q', 'roots/list');
    abort.abort();
    caller.asked[0]?.answer.resolve(written({ roots: [] }));
    answer(1, { result: {} });
    await settled();
    expect(caller.asked[0]?.signal.aborted).toBe(true);
    expect(outcomes).toMatchObject([{ code: 'cancelled' }]);
    expect(link.sent.filter((message) => message.id === 'q')).toHaveLength(1);
    expect(link.answerTo('q')?.error).toMatchObject({ code: -32603 });
  });

  test('suspends the silence its call may keep, not the time it may take in all', async () => {
    const { timers, call, ask, outcomes } = asking(true);
    const caller = new TestCaller('a');
    call(caller, { timeoutMs: 1_000, maxTotalMs: 60_000 });
    timers.pass(900);
    ask('q', 'elicitation/create', {}, 1);
    timers.pass(30_000);
    await settled();
    expect(outcomes).toEqual([undefined]);
    caller.asked[0]?.answer.resolve(written({ action: 'accept' }));
    await settled();
    timers.pass(999);
    await settled();
    expect(outcomes).toEqual([undefined]);
    timers.pass(1);
    await settled();
    expect(outcomes).toMatchObject([{ code: 'timeout' }]);

    call(caller, { timeoutMs: 1_000, maxTotalMs: 60_000 });
    ask('q2', 'elicitation/create', {}, 2);
    timers.pass(60_000);
    await settled();
    expect(outcomes[1]).toMatchObject({ code: 'timeout' });
    expect(caller.asked[1]?.signal.aborted).toBe(true);
  });

  test('is bounded in number and size', () => {
    const { link, call, ask } = asking(true);
    const caller = new TestCaller('a');
    call(caller);
    ask('big', 'elicitation/create', { message: 'x'.repeat(4 * 1024 * 1024) }, 1);
    expect(link.answerTo('big')?.error).toMatchObject({ code: -32602 });
    for (let n = 0; n < 70; n += 1) ask(n, 'roots/list', undefined, 1);
    expect(caller.asked).toHaveLength(64);
    expect(link.answerTo(69)?.error).toMatchObject({ code: -32603 });
    ask(3, 'roots/list', undefined, 1);
    link.say({ id: 'p', method: 'roots/list', params: [] }, 1);
    expect(link.answerTo('p')?.error).toMatchObject({ code: -32602 });
    expect(caller.asked).toHaveLength(64);
  });

  test('with an id that is open already is refused, and the first stays open', () => {
    const { link, call, ask } = asking(true);
    const caller = new TestCaller('a');
    call(caller);
    ask('q', 'roots/list', undefined, 1);
    ask('q', 'roots/list', undefined, 1);
    expect(caller.asked).toHaveLength(1);
    expect(link.answerTo('q')?.error).toMatchObject({ code: -32600 });
    expect(caller.asked[0]?.signal.aborted).toBe(false);
  });

  test('while no app waits reaches only who owns the whole connection', () => {
    const owner = new TestCaller('mine');
    const owned = asking(false, { asker: owner });
    owned.ask(1, 'elicitation/create', {});
    expect(owner.asked).toHaveLength(1);
    const shared = asking();
    void shared.request(undefined).catch(() => undefined);
    shared.ask(1, 'elicitation/create', {});
    shared.ask(2, 'roots/list');
    expect([shared.link.answerTo(1), shared.link.answerTo(2)]).toMatchObject([
      { error: { code: -32601 } },
      { result: { roots: [] } },
    ]);
  });

  test('is refused in the modern era, which has none', () => {
    const { link, connection, call, ask } = asking(true);
    connection.stampWith(new Envelope({ name: 'g', version: '1' }));
    const caller = new TestCaller('a');
    call(caller);
    ask('q', 'roots/list', undefined, 1);
    expect(caller.asked).toEqual([]);
    expect(link.answerTo('q')?.error).toMatchObject({ code: -32601 });
  });

  test('ends with the connection, together with everything that waits', async () => {
    const { link, call, ask, outcomes } = asking();
    const [a, b] = [new TestCaller('a'), new TestCaller('b')];
    call(a);
    call(b);
    ask('q', 'elicitation/create', {});
    link.receiver?.closed(gone());
    await settled();
    expect(a.asked[0]?.signal.aborted).toBe(true);
    expect(outcomes).toMatchObject([
      { code: 'server_down', notSent: false },
      { code: 'server_down', notSent: true },
    ]);
    a.asked[0]?.answer.resolve(written({ action: 'accept' }));
    await settled();
    expect(link.answerTo('q')).toBeUndefined();
    expect(link.callIds).toEqual([1]);
  });

  test('about a URL is closed for its caller even after the call, and for nobody else', async () => {
    const { link, call, ask, answer, notifications } = asking(true);
    const [a, b] = [new TestCaller('a'), new TestCaller('b')];
    call(a);
    call(b);
    ask('q', 'elicitation/create', { mode: 'url', url: 'https://x.example', elicitationId: 'e1' }, 1);
    answer(1, { result: {} });
    answer(2, {
      error: { code: -32042, message: 'URL', data: { elicitations: [{ mode: 'url', elicitationId: 'e2' }, null] } },
    });
    await settled();
    for (const elicitationId of ['e1', 'e2', 'e1', 'unknown', 5]) {
      link.say({ method: 'notifications/elicitation/complete', params: { elicitationId } });
    }
    const told = (caller: TestCaller) => caller.notified.map(({ params }) => params.value.elicitationId);
    expect([told(a), told(b)]).toEqual([['e1'], ['e2']]);
    expect(notifications).toEqual([]);
  });
});
