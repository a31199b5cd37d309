/** Servers of the older revisions that ask back, to apps of the stateless one: the call is held until the app comes again. */
import { afterEach, describe, expect, it } from 'vitest';
import { HELD_MS, MOST_HELD } from '../../../src/main/gateway/held-calls.ts';
import { QuestionRefused, type ServerQuestion, UpstreamError } from '../../../src/main/upstreams/index.ts';
import {
  type Answering,
  everything,
  memoryApprovals,
  memoryProfiles,
  memoryUpstreams,
  promptRecord,
  serverRecord,
  toolRecord,
} from '../../doubles/rooms.ts';
import { modern, post, type RunningGateway, refusalOf, startGateway, textOf } from '../../fixtures/gateway.ts';
import { until } from '../../fixtures/until.ts';

type Result = Record<string, unknown>;

const ask = (message: string): ServerQuestion => {
  const value = { message, requestedSchema: { type: 'object' } };
  return { method: 'elicitation/create', params: { value, json: JSON.stringify(value) } };
};

/** A server that asks each question in turn and answers with what it got. */
const asks =
  (...rounds: readonly (readonly string[])[]): Answering =>
  async (_server, _request, { caller, signal }) => {
    const got: unknown[] = [];
    for (const round of rounds) {
      const answers = round.map((message) =>
        caller?.ask(ask(message), signal).then(
          (answer) => answer.json,
          (error: unknown) => (error instanceof QuestionRefused ? error.message : String(error)),
        ),
      );
      got.push(...(await Promise.all(answers)));
      if (signal.aborted) throw new UpstreamError('cancelled', 'told to stop', { notSent: false });
    }
    return { content: [{ type: 'text', text: JSON.stringify(got) }] };
  };

/** Time in the tests' hands. */
function handClock() {
  let now = 1_000;
  const waiting = new Set<{ at: number; work: () => void }>();
  return {
    waiting,
    clock: () => now,
    after(ms: number, work: () => void): Disposable {
      const entry = { at: now + ms, work };
      waiting.add(entry);
      return { [Symbol.dispose]: () => void waiting.delete(entry) };
    },
    pass(ms: number) {
      now += ms;
      for (const entry of [...waiting]) {
        if (entry.at > now) continue;
        waiting.delete(entry);
        entry.work();
      }
    },
  };
}

const time = handClock();
let running: RunningGateway;
afterEach(async () => {
  await running[Symbol.asyncDispose]();
});

async function start(answer: Answering, protocolVersion = '2025-11-25'): Promise<void> {
  const { clock, after } = time;
  running = await startGateway({
    approvals: memoryApprovals(
      [toolRecord('notes:search', 'read'), toolRecord('notes:add', 'write'), promptRecord('notes', 'greet')],
      [serverRecord('notes', { protocolVersion })],
    ),
    profiles: memoryProfiles({ ...everything, surface: 'direct' }),
    upstreams: memoryUpstreams(answer),
    options: { clock, after },
  });
}

interface Given {
  readonly arguments?: Result;
  readonly inputResponses?: unknown;
  readonly requestState?: unknown;
  readonly method?: string;
  readonly name?: string;
  readonly path?: string;
  readonly token?: string;
  readonly capabilities?: Result;
  readonly signal?: AbortSignal;
}

async function send(given: Given = {}): Promise<{ status: number; result: Result; error?: Result }> {
  const { method = 'tools/call', name = 'notes__search', path = '', token = 'token-ann', signal } = given;
  const { capabilities = { elicitation: {} }, inputResponses, requestState } = given;
  const { body, headers } = modern(method, {
    name,
    arguments: given.arguments ?? { q: 1 },
    ...(inputResponses !== undefined && { inputResponses }),
    ...(requestState !== undefined && { requestState }),
    _meta: { 'io.modelcontextprotocol/clientCapabilities': capabilities },
  });
  const answered = await post(running.endpoint + path, body, { ...headers, authorization: `Bearer ${token}` }, signal);
  const { result = {}, error } = answered.json() as { result?: Result; error?: Result };
  return { status: answered.status, result, ...(error && { error }) };
}

const keysOf = ({ inputRequests }: Result): string[] => Object.keys((inputRequests ?? {}) as object);
const answersTo = (result: Result, answer: Result = { action: 'accept' }): Given => ({
  inputResponses: Object.fromEntries(keysOf(result).map((key) => [key, answer])),
  requestState: result.requestState,
});
const isInvalid = { error: { code: -32602 } };

describe('a call whose server asks back', () => {
  it('comes back as questions, goes on with the answers, and is one call at the server', async () => {
    await start(asks(['Name?', 'Age?'], ['Sure?']));
    const first = await send();
    expect(first.result).toMatchObject({ resultType: 'input_required', requestState: expect.any(String) });
    expect(Object.values(first.result.inputRequests as object)).toEqual([
      { method: 'elicitation/create', params: { ...ask('').params.value, message: 'notes asks: Name?' } },
      { method: 'elicitation/create', params: { ...ask('').params.value, message: 'notes asks: Age?' } },
    ]);
    expect(running.audit.last().end).toMatchObject({ status: 'done', code: null });
    expect(running.audit.last().end?.trail.at(-1)).toMatchObject({ stage: 'question', verdict: 'ask' });

    const second = await send(answersTo(first.result));
    expect(second.result).toMatchObject({ resultType: 'input_required' });
    expect(keysOf(second.result)).not.toEqual(keysOf(first.result));
    const third = await send(answersTo(second.result, { action: 'decline' }));
    expect(third.result).toMatchObject({ resultType: 'complete' });
    expect(JSON.parse(textOf(third.result))).toEqual([
      '{"action":"accept"}',
      '{"action":"accept"}',
      '{"action":"decline"}',
    ]);
    expect(running.upstreams.requests).toHaveLength(1);
    expect(running.audit.calls.map(({ end }) => end?.status)).toEqual(['done', 'done', 'done']);
  });

  it('asks again for what was not answered', async () => {
    await start(asks(['Name?', 'Age?']));
    const first = await send();
    const [name = '', age = ''] = keysOf(first.result);
    const { requestState } = first.result;
    const second = await send({ requestState, inputResponses: { [name]: { n: 1 }, other: {} } });
    expect(keysOf(second.result)).toEqual([age]);
    const third = await send(answersTo(second.result));
    expect(JSON.parse(textOf(third.result))).toEqual(['{"n":1}', '{"action":"accept"}']);
  });

  it.each([[5], [null], ['yes'], [{ 'question-1': 5 }], [{ 'question-1': null }]])(
    'does not take answers that are none (%j), and still takes better ones',
    async (inputResponses) => {
      await start(asks(['Name?']));
      const first = await send();
      const { requestState } = first.result;
      expect(await send({ requestState, inputResponses })).toMatchObject(isInvalid);
      expect(await send({ inputResponses })).toMatchObject(isInvalid);
      expect((await send(answersTo(first.result))).result).toMatchObject({ resultType: 'complete' });
    },
  );

  it('may be a prompt', async () => {
    await start(asks(['Name?']));
    const given = { method: 'prompts/get', name: 'greet', path: '/servers/notes' };
    const first = await send(given);
    expect(first.result).toMatchObject({ resultType: 'input_required' });
    expect(JSON.stringify(first.result)).toContain('"message":"Name?"');
    expect((await send({ ...given, ...answersTo(first.result) })).result).toMatchObject({ resultType: 'complete' });
  });

  it('is not held for an app that said it cannot be asked', async () => {
    await start(asks(['Name?']));
    const { result } = await send({ capabilities: {} });
    expect(textOf(result)).toContain('takes no questions');
  });
});

describe('the state that leads back to a held call', () => {
  it.each<[string, (state: string) => Given]>([
    ['other arguments', () => ({ arguments: { q: 2 } })],
    ['another tool', () => ({ name: 'notes__add' })],
    ['another path', () => ({ path: '/servers/notes', name: 'search' })],
    ['another app', () => ({ token: 'token-bob' })],
    ['a changed state', (state) => ({ requestState: `${state.slice(0, -1)}${state.endsWith('A') ? 'B' : 'A'}` })],
    ['a longer state', (state) => ({ requestState: `${state}A` })],
    ['a later end', (state) => ({ requestState: state.replace(/\.(\d+)\./, (_all, at) => `.${Number(at) + 1}.`) })],
    ['an invented state', () => ({ requestState: 'made-up' })],
    ['an empty state', () => ({ requestState: '' })],
  ])('is no use with %s', async (_what, change) => {
    await start(asks(['Name?']));
    const first = await send();
    const answers = answersTo(first.result);
    expect(await send({ ...answers, ...change(String(first.result.requestState)) })).toMatchObject(isInvalid);
    expect(running.audit.last().end).toMatchObject({ status: 'refused', code: 'invalid_arguments' });
    expect(running.upstreams.requests).toHaveLength(1);
    // And the call is still there for the one it belongs to.
    expect((await send(answers)).result).toMatchObject({ resultType: 'complete' });
  });

  it('works once', async () => {
    await start(asks(['Name?'], ['Sure?']));
    const first = await send();
    const second = await send(answersTo(first.result));
    expect(await send(answersTo(first.result))).toMatchObject(isInvalid);
    expect((await send(answersTo(second.result))).result).toMatchObject({ resultType: 'complete' });
    expect(await send(answersTo(second.result))).toMatchObject(isInvalid);
    expect(running.upstreams.requests).toHaveLength(1);
  });

  it('works once even when two retries come at the same time', async () => {
    await start(asks(['Name?']));
    const first = await send();
    const both = await Promise.all([send(answersTo(first.result)), send(answersTo(first.result))]);
    expect(both.map(({ error }) => error?.code ?? 'answered').sort()).toEqual([-32602, 'answered']);
  });

  it('passes through untouched to a server that gives out states of its own', async () => {
    await start((_server, { params }) => ({ content: [{ type: 'text', text: JSON.stringify(params) }] }), '2026-07-28');
    const requestState = 'gatehouse-x.y.1.opaque+/=';
    const { result } = await send({ requestState, inputResponses: { a: { n: 1 } } });
    expect(JSON.parse(textOf(result))).toEqual({
      name: 'search',
      arguments: { q: 1 },
      requestState,
      inputResponses: { a: { n: 1 } },
    });
  });
});

describe('a held call', () => {
  const ended = () => {
    const reasons: unknown[] = [];
    const server: Answering = async (_server, _request, { caller, signal }) => {
      await caller?.ask(ask('Name?'), signal).catch(() => undefined);
      if (signal.aborted) reasons.push(signal.reason);
      throw new UpstreamError('cancelled', 'told to stop', { notSent: false });
    };
    return { reasons, server };
  };

  it('is cancelled at the server when nobody answers for five minutes', async () => {
    const { reasons, server } = ended();
    await start(server);
    const first = await send();
    time.pass(HELD_MS - 1);
    expect(reasons).toEqual([]);
    time.pass(1);
    await until(() => reasons.length === 1);
    expect(await send(answersTo(first.result))).toMatchObject(isInvalid);
    expect(running.upstreams.requests).toHaveLength(1);
  });

  it.each<[string, () => void]>([
    ['the person pauses', () => void running.gate.pause('console')],
    ['the person pauses this app', () => void running.gate.pause('console', { app: 'ann' })],
    ['the app is disconnected', () => running.apps.revoke('ann')],
  ])('is cancelled at the server when %s', async (_what, act) => {
    const { reasons, server } = ended();
    await start(server);
    await send();
    act();
    await until(() => reasons.length === 1);
    expect(time.waiting.size).toBe(0);
  });

  it('is cancelled at the server when Gatehouse stops', async () => {
    const { reasons, server } = ended();
    await start(server);
    await send();
    await running.gateway.close();
    await until(() => reasons.length === 1);
    expect(reasons).toEqual(['stopping']);
  });

  it('stays when another app is paused, and counts as no call in flight', async () => {
    await start(asks(['Name?']));
    running.profiles.put({ ...everything, surface: 'direct', concurrentCalls: 1 });
    const first = await send();
    running.gate.pause('console', { app: 'bob' });
    expect((await send({ arguments: { q: 3 } })).result).toMatchObject({ resultType: 'input_required' });
    expect((await send(answersTo(first.result))).result).toMatchObject({ resultType: 'complete' });
  });

  it('passes the policy again with every retry', async () => {
    await start(asks(['Name?']));
    const first = await send();
    running.approvals.put({ ...toolRecord('notes:search'), state: 'blocked' });
    const { result } = await send(answersTo(first.result));
    expect(refusalOf(result)).toMatchObject({ code: 'blocked' });
  });

  it('is the one that ends when an app lets too many wait', async () => {
    const { reasons, server } = ended();
    await start(server);
    for (let call = 0; call <= MOST_HELD; call++) await send({ arguments: { q: call } });
    await until(() => reasons.length === 1);
    await send({ token: 'token-bob' });
    expect(reasons).toHaveLength(1);
  });

  it('is cancelled at the server when the app hangs up while it works on', async () => {
    let aborted = false;
    const hangUp = new AbortController();
    await start(async (_server, _request, { caller, signal }) => {
      await caller?.ask(ask('Name?'), signal);
      const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      hangUp.abort();
      await stopped;
      aborted = true;
      throw new UpstreamError('cancelled', 'told to stop', { notSent: false });
    });
    const first = await send();
    await expect(send({ ...answersTo(first.result), signal: hangUp.signal })).rejects.toThrow();
    await until(() => aborted);
    await until(() => running.audit.last().end?.status === 'cancelled');
  });
});
