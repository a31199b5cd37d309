import { describe, expect, test } from 'vitest';
import { AskMemory } from '../../../src/main/upstreams/ask-memory.ts';
import { LinkError } from '../../../src/main/upstreams/link.ts';
import type { RpcOptions } from '../../../src/main/upstreams/pending-request.ts';
import type { RpcConnectionOptions } from '../../../src/main/upstreams/rpc-connection.ts';
import { EVERYTHING, settled, setUp, TestCaller, written } from './test-link.ts';

function lanes(streams = false, more: Partial<RpcConnectionOptions> = {}) {
  const all = setUp(streams, more);
  const outcomes: string[] = [];
  const call = (caller: TestCaller, subject: string, options: Partial<RpcOptions> = {}) =>
    all.request({ name: subject }, { caller, subject, timeoutMs: 1_000, ...options }).then(
      () => outcomes.push(`${caller.session} done`),
      (error: { code: string; notSent: boolean }) => outcomes.push(`${caller.session} ${error.code} ${error.notSent}`),
    );
  const finish = async (id: number, result: Record<string, unknown> = {}) => {
    all.answer(id, { result });
    await settled();
  };
  return { ...all, call, finish, outcomes };
}

const callersOf = (...sessions: string[]) => sessions.map((session) => new TestCaller(session));

describe('calls over a wire that does not say which call a question belongs to', () => {
  test('of one session run together; another session’s waits until they are done', async () => {
    const { link, call, finish } = lanes();
    const [a, b] = callersOf('a', 'b') as [TestCaller, TestCaller];
    void call(a, 'x');
    void call(a, 'x');
    void call(b, 'x');
    expect(link.callIds).toEqual([1, 2]);
    await finish(1);
    // The subject is known to be quiet now, but the second call began before that was known.
    expect(link.callIds).toEqual([1, 2]);
    await finish(2);
    expect(link.callIds).toEqual([1, 2, 3]);
  });

  test('of tools that never asked run together whoever calls', async () => {
    const { link, call, finish } = lanes();
    const callers = callersOf('a', 'b', 'c', 'd') as [TestCaller, ...TestCaller[]];
    void call(callers[0], 'x');
    await finish(1);
    for (const caller of callers) void call(caller, 'x');
    expect(link.callIds).toEqual([1, 2, 3, 4, 5]);
  });

  test('learn nothing from a call that failed, or that may have asked', async () => {
    const memory = new AskMemory();
    const { link, call, finish, answer } = lanes(false, { askMemory: memory });
    const [a] = callersOf('a') as [TestCaller];
    void call(a, 'failed');
    await finish(1, { isError: true });
    void call(a, 'error');
    answer(2, { error: { code: -1, message: 'no' } });
    void call(a, 'asked');
    void call(a, 'beside');
    link.say({ id: 'q', method: 'roots/list' });
    await finish(3);
    await finish(4);
    expect(['failed', 'error', 'asked', 'beside'].map((one) => memory.habitOf(one))).toEqual(Array(4).fill('unknown'));
    void call(a, 'alone');
    link.say({ id: 'q2', method: 'roots/list' });
    await finish(5);
    expect(memory.habitOf('alone')).toBe('asks');
  });

  test('of callers who cannot answer anything run together, and a question gets the answer for such callers', async () => {
    const { link, call } = lanes();
    for (const session of ['a', 'b', 'c']) void call(new TestCaller(session, { extensions: {} }), 'x');
    expect(link.callIds).toEqual([1, 2, 3]);
    link.say({ id: 'q', method: 'elicitation/create', params: {} });
    expect(link.answerTo('q')).toMatchObject({ result: { action: 'cancel' } });
    void call(new TestCaller('d'), 'x');
    expect(link.callIds).toEqual([1, 2, 3]);
  });

  test('of Gatehouse itself neither wait nor let others wait', async () => {
    const { link, connection, call } = lanes();
    const [a, b] = callersOf('a', 'b') as [TestCaller, TestCaller];
    void connection.request('tools/list', {}, { timeoutMs: 1_000 }).catch(() => undefined);
    void call(a, 'x');
    void call(b, 'x');
    void connection.request('tools/list', {}, { timeoutMs: 1_000 }).catch(() => undefined);
    expect(link.sent.map((message) => message.method)).toEqual(['tools/list', 'tools/call', 'tools/list']);
  });

  test('of a stateless caller are a lane each', () => {
    const { link, call } = lanes();
    const stateless = new TestCaller(null);
    void call(stateless, 'x');
    void call(stateless, 'x');
    expect(link.callIds).toEqual([1]);
  });

  test('take turns in the order they came; nobody is kept out by a busy session', async () => {
    const { link, call, finish } = lanes();
    const [a, b, c] = callersOf('a', 'b', 'c') as [TestCaller, TestCaller, TestCaller];
    void call(a, 'x1');
    void call(b, 'x2');
    void call(c, 'x3');
    void call(b, 'x4');
    void call(a, 'x5');
    expect(link.callIds).toEqual([1]);
    await finish(1);
    // The turn of `b`, with what else it has waiting; `a` came after `c`.
    expect(link.callIds).toEqual([1, 2, 4]);
    void call(b, 'x6');
    expect(link.callIds).toEqual([1, 2, 4]);
    await finish(2);
    await finish(4);
    expect(link.callIds).toEqual([1, 2, 4, 3]);
    await finish(3);
    expect(link.callIds).toEqual([1, 2, 4, 3, 5]);
  });

  test('that a session makes in order to answer do not queue behind those who wait for it', () => {
    const { link, call } = lanes();
    const [a, b] = callersOf('a', 'b') as [TestCaller, TestCaller];
    void call(a, 'x');
    void call(b, 'x');
    link.say({ id: 'q', method: 'sampling/createMessage', params: {} });
    expect(a.asked).toHaveLength(1);
    void call(a, 'y');
    expect(link.callIds).toEqual([1, 3]);
  });

  test('do not wait for a person who is asked: the asked call is parked, and goes on alone when it has its answer', async () => {
    const { link, timers, call, finish } = lanes();
    const [a, b] = callersOf('a', 'b') as [TestCaller, TestCaller];
    const patient = { timeoutMs: 600_000 };
    void call(a, 'x', patient);
    link.say({ id: 'qa', method: 'elicitation/create', params: {} });
    void call(b, 'y', patient);
    void call(b, 'y', patient);
    expect(link.callIds).toEqual([1]);
    timers.pass(999);
    expect(link.callIds).toEqual([1]);
    timers.pass(1);
    expect(link.callIds).toEqual([1, 2, 3]);
    // The question of who runs now is theirs, not the parked one's.
    link.say({ id: 'qb', method: 'elicitation/create', params: {} });
    expect([a.asked.length, b.asked.length]).toEqual([1, 1]);
    // The answer waits until no question of the other session could be taken for this call's.
    a.asked[0]?.answer.resolve(written({ action: 'accept' }));
    await settled();
    expect(link.answerTo('qa')).toBeUndefined();
    b.asked[0]?.answer.resolve(written({ action: 'decline' }));
    await settled();
    expect(link.answerTo('qb')).toMatchObject({ result: { action: 'decline' } });
    await finish(2);
    expect(link.answerTo('qa')).toBeUndefined();
    await finish(3);
    expect(link.answerTo('qa')).toMatchObject({ result: { action: 'accept' } });
    link.say({ id: 'qa2', method: 'elicitation/create', params: {} });
    expect([a.asked.length, b.asked.length]).toEqual([2, 1]);
  });

  test('that wait for a person each let a third one run, and come back in the order of their answers', async () => {
    const { link, timers, call, finish } = lanes();
    const [a, b, c] = callersOf('a', 'b', 'c') as [TestCaller, TestCaller, TestCaller];
    const patient = { timeoutMs: 600_000 };
    for (const caller of [a, b, c]) {
      void call(caller, 'x', patient);
      link.say({ id: `q ${caller.session}`, method: 'elicitation/create', params: {} });
      timers.pass(1_000);
    }
    await settled();
    expect([a, b, c].map((caller) => caller.asked.length)).toEqual([1, 1, 1]);
    c.asked[0]?.answer.resolve(written({ action: 'accept' }));
    a.asked[0]?.answer.resolve(written({ action: 'accept' }));
    await settled();
    expect(link.answerTo('q c')).toBeDefined();
    expect(link.answerTo('q a')).toBeUndefined();
    await finish(3);
    expect(link.answerTo('q a')).toBeDefined();
    await finish(1);
    b.asked[0]?.answer.resolve(written({ action: 'accept' }));
    await settled();
    expect(link.answerTo('q b')).toBeDefined();
  });

  test('leave nothing behind when a parked one is cancelled or the connection ends', async () => {
    const { link, timers, call, finish, outcomes, connection } = lanes();
    const [a, b, c] = callersOf('a', 'b', 'c') as [TestCaller, TestCaller, TestCaller];
    const controller = new AbortController();
    void call(a, 'x', { timeoutMs: 600_000, signal: controller.signal });
    link.say({ id: 'qa', method: 'elicitation/create', params: {} });
    timers.pass(1_000);
    void call(b, 'y', { timeoutMs: 600_000 });
    expect(link.callIds).toEqual([1, 2]);
    controller.abort();
    await settled();
    expect(a.asked[0]?.signal.aborted).toBe(true);
    expect(link.answerTo('qa')).toMatchObject({ error: {} });
    link.say({ id: 1, result: {} });
    await finish(2);
    void call(c, 'z', { timeoutMs: 600_000 });
    link.say({ id: 'qc', method: 'elicitation/create', params: {} });
    timers.pass(1_000);
    void call(b, 'y', { timeoutMs: 600_000 });
    c.asked[0]?.answer.resolve(written({ action: 'accept' }));
    await settled();
    connection.fail(new LinkError('gone', 'it ended.', { notSent: false }));
    await settled();
    expect(outcomes).toEqual(['a cancelled false', 'b done', 'c server_down false', 'b server_down false']);
  });

  test('wait no longer than they may, and were surely not sent', async () => {
    const { link, timers, call, outcomes } = lanes();
    const [a, b] = callersOf('a', 'b') as [TestCaller, TestCaller];
    void call(a, 'x', { timeoutMs: 10_000 });
    const waiting = call(b, 'x', { timeoutMs: 1_000 });
    timers.pass(1_000);
    await waiting;
    expect(outcomes).toEqual(['b timeout true']);
    expect(link.sent).toHaveLength(1);
  });

  test('that leave the queue leave no trace, and the next takes their place', async () => {
    const { link, call, finish, outcomes } = lanes();
    const [a, b, c] = callersOf('a', 'b', 'c') as [TestCaller, TestCaller, TestCaller];
    const abort = new AbortController();
    void call(a, 'x');
    void call(b, 'x', { signal: abort.signal });
    void call(c, 'x');
    abort.abort();
    await settled();
    expect(outcomes).toEqual(['b cancelled true']);
    expect(link.sent).toHaveLength(1);
    await finish(1);
    expect(link.callIds).toEqual([1, 3]);
  });

  test('that are cancelled free their place at once', async () => {
    const { link, call } = lanes();
    const [a, b] = callersOf('a', 'b') as [TestCaller, TestCaller];
    const abort = new AbortController();
    void call(a, 'x', { signal: abort.signal });
    void call(b, 'x');
    abort.abort();
    await settled();
    expect(link.callIds).toEqual([1, 2]);
  });

  test('are not asked what a call of another that was just given up may be asking', async () => {
    const { link, timers, call, answer } = lanes();
    const [a, b] = callersOf('a', 'b') as [TestCaller, TestCaller];
    const abort = new AbortController();
    const logs: unknown[] = [];
    void call(a, 'x', { signal: abort.signal });
    void call(b, 'y', { timeoutMs: 1_000_000, onLog: ({ data }) => logs.push(data) });
    abort.abort();
    link.say({ method: 'notifications/message', params: { level: 'info', data: 'of whom?' } });
    expect(logs).toEqual([]);
    link.say({ id: 'q', method: 'elicitation/create', params: {} });
    expect(b.asked).toEqual([]);
    expect(link.answerTo('q')?.error).toMatchObject({ code: -32603 });
    // Its late answer says that it is over.
    answer(1, { result: {} });
    link.say({ id: 'q2', method: 'elicitation/create', params: {} });
    expect(b.asked).toHaveLength(1);

    void call(b, 'z', { timeoutMs: 1_000, maxTotalMs: 1_000 });
    timers.pass(1_000);
    await settled();
    link.say({ id: 'q3', method: 'elicitation/create', params: {} });
    expect(b.asked).toHaveLength(2);
  });

  test('that were quiet and ask are never guessed at: the question is refused, and they wait from then on', async () => {
    const memory = new AskMemory();
    for (const subject of ['x', 'y']) memory.finishedQuietly(subject);
    const { link, call, finish } = lanes(false, { askMemory: memory });
    const [a, b] = callersOf('a', 'b') as [TestCaller, TestCaller];
    void call(a, 'x');
    void call(b, 'y');
    expect(link.callIds).toEqual([1, 2]);
    link.say({ id: 'q', method: 'elicitation/create', params: {} });
    expect(link.answerTo('q')?.error).toMatchObject({ code: -32603 });
    expect([a.asked, b.asked]).toEqual([[], []]);
    await finish(1);
    await finish(2);
    expect([memory.habitOf('x'), memory.habitOf('y')]).toEqual(['asks', 'asks']);
    void call(a, 'x');
    void call(b, 'y');
    expect(link.callIds).toEqual([1, 2, 3]);
  });

  test('that were quiet and ask alone are known to ask', () => {
    const memory = new AskMemory();
    memory.finishedQuietly('x');
    const { link, call } = lanes(false, { askMemory: memory });
    const [a] = callersOf('a') as [TestCaller];
    void call(a, 'x');
    link.say({ id: 'q', method: 'roots/list' });
    expect(a.asked).toHaveLength(1);
    expect(memory.habitOf('x')).toBe('asks');
  });

  test('prefer the call that may ask over quiet ones of the same session', () => {
    const memory = new AskMemory();
    memory.finishedQuietly('quiet');
    const { link, call, timers } = lanes(false, { askMemory: memory });
    const [first, second] = [new TestCaller('a'), new TestCaller('a')];
    void call(first, 'asks');
    void call(second, 'quiet');
    link.say({ id: 'q', method: 'roots/list' });
    expect([first.asked.length, second.asked.length]).toEqual([1, 0]);
    timers.pass(0);
  });

  test('keep a question of a session open until none of the calls it can come from is left', async () => {
    const { link, call, finish } = lanes();
    const a = new TestCaller('a');
    void call(a, 'x');
    void call(a, 'y');
    link.say({ id: 'q', method: 'roots/list' });
    await finish(2);
    expect(a.asked[0]?.signal.aborted).toBe(false);
    await finish(1);
    expect(a.asked[0]?.signal.aborted).toBe(true);
    expect(link.answerTo('q')?.error).toBeDefined();
  });

  test('over streamable HTTP never wait, until a question came aside and nobody could tell whose it was', async () => {
    const memory = new AskMemory();
    const { link, call, finish } = lanes(true, { askMemory: memory });
    const [a, b] = callersOf('a', 'b') as [TestCaller, TestCaller];
    void call(a, 'x');
    void call(b, 'x');
    expect(link.callIds).toEqual([1, 2]);
    link.say({ id: 'own', method: 'roots/list' }, 1);
    expect(a.asked).toHaveLength(1);
    link.say({ id: 'aside', method: 'roots/list' });
    expect(link.answerTo('aside')?.error).toMatchObject({ code: -32603 });
    void call(b, 'x');
    expect(link.callIds).toEqual([1, 2]);
    await finish(1);
    expect(link.callIds).toEqual([1, 2, 3]);
    // Another connection to the same launch knows it from the start.
    const again = lanes(true, { askMemory: memory });
    void again.call(a, 'x');
    void again.call(b, 'x');
    expect(again.link.callIds).toEqual([1]);
  });

  test('all settle when the connection ends while they are sent, wait, are asked and are cancelled', async () => {
    const { link, connection, call, outcomes } = lanes();
    const abort = new AbortController();
    const callers = Array.from({ length: 20 }, (_, n) => new TestCaller(`s${n % 5}`));
    const calls = callers.map((caller, n) => call(caller, `t${n}`, n % 3 === 0 ? { signal: abort.signal } : {}));
    link.say({ id: 'q', method: 'roots/list' });
    link.receiver?.closed(new LinkError('gone', 'it ended.', { notSent: false }));
    abort.abort();
    connection.fail(new LinkError('gone', 'it was stopped.', { notSent: false }));
    await Promise.all(calls);
    expect(outcomes).toHaveLength(20);
    expect(outcomes.filter((outcome) => outcome.endsWith('server_down false'))).toHaveLength(link.callIds.length);
    expect(callers.flatMap(({ asked }) => asked).map(({ signal }) => signal.aborted)).toEqual([true]);
    await expect(connection.request('tools/call', {}, { timeoutMs: 1 })).rejects.toMatchObject({ notSent: true });
  });

  test('put every question to its own caller in a thousand random runs', async () => {
    let seed = 42;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    let asked = 0;
    for (let run = 0; run < 1_000; run += 1) {
      const { link, call, answer } = lanes();
      const callers = Array.from({ length: 4 }, (_, n) => new TestCaller(`s${n}`, n === 3 ? {} : EVERYTHING));
      const inFlight = new Map<number, TestCaller>();
      const ofId = new Map<number, { caller: TestCaller; asks: boolean }>();
      let seen = 0;
      const all: Promise<unknown>[] = [];
      for (let step = 0; step < 30; step += 1) {
        const what = random(3);
        if (what === 0) {
          const caller = callers[random(4)] as TestCaller;
          const asks = random(2) === 0;
          ofId.set(all.length + 1, { caller, asks });
          all.push(call(caller, asks ? 'asks' : 'quiet', { timeoutMs: null }));
        } else {
          const ids = link.callIds.slice(seen) as number[];
          seen += ids.length;
          for (const id of ids) inFlight.set(id, ofId.get(id)?.caller as TestCaller);
          const id = [...inFlight.keys()][random(inFlight.size)];
          if (id === undefined) continue;
          const { caller, asks } = ofId.get(id) as { caller: TestCaller; asks: boolean };
          if (asks && random(2) === 0) {
            const before = callers.map((one) => one.asked.length);
            link.say({ id: `q${run}.${step}`, method: 'roots/list' });
            const got = callers.filter((one, n) => one.asked.length > (before[n] ?? 0));
            expect(got).toEqual(caller.capabilities === EVERYTHING ? [caller] : []);
            asked += got.length;
            got[0]?.asked.at(-1)?.answer.resolve(written({ roots: [] }));
          } else {
            // A tool that asks has asked before it is done, as far as the memory of this run goes.
            inFlight.delete(id);
            answer(id, { result: { isError: asks } });
          }
          await settled();
        }
      }
      link.receiver?.closed(new LinkError('gone', 'it ended.', { notSent: false }));
      await Promise.all(all);
    }
    expect(asked).toBeGreaterThan(500);
  }, 60_000);
});
