/** Servers that ask back, to apps that hold a session: every question is a request on the stream of the call it belongs to. */
import { describe, expect, it } from 'vitest';
import { QuestionRefused, type ServerQuestion, UpstreamError } from '../../../src/main/upstreams/index.ts';
import {
  type Answering,
  everything,
  memoryApprovals,
  memoryProfiles,
  memoryUpstreams,
  toolRecord,
} from '../../doubles/rooms.ts';
import { modern, post, type RunningGateway, refusalOf, startGateway } from '../../fixtures/gateway.ts';
import { type Message, type OpenRequest, openSession } from '../../fixtures/legacy-session.ts';
import { until } from '../../fixtures/until.ts';

const BIG = '9007199254740993123456789';
const elicitation = (message = 'Your name?'): ServerQuestion => {
  const json = `{"message":${JSON.stringify(message)},"requestedSchema":{"type":"object","max":${BIG}}}`;
  return { method: 'elicitation/create', params: { value: JSON.parse(json), json } };
};
const can = { elicitation: {}, sampling: {}, roots: {} };

/** A server that puts one question and answers with what came of it. */
const asking =
  (question: ServerQuestion, signal?: AbortSignal): Answering =>
  async (_server, _request, context) => {
    try {
      const answer = await context.caller?.ask(question, signal ?? context.signal);
      return `{"content":[{"type":"text","text":${JSON.stringify(answer?.json)}}]}`;
    } catch (error) {
      if (context.signal.aborted) throw new UpstreamError('cancelled', 'told to stop', { notSent: false });
      const text = error instanceof QuestionRefused ? `refused ${error.code} ${error.message}` : String(error);
      return { content: [{ type: 'text', text }] };
    }
  };

async function start(answer: Answering): Promise<RunningGateway> {
  return startGateway({
    approvals: memoryApprovals([toolRecord('notes:search', 'read')]),
    profiles: memoryProfiles({ ...everything, surface: 'direct' }),
    upstreams: memoryUpstreams(answer),
  });
}
const callParams = { name: 'notes__search', arguments: {} };
const textIn = (message: Message | undefined): string =>
  (message as { result?: { content?: { text: string }[] } }).result?.content?.[0]?.text ?? '';
const idOf = (message: Message | undefined): string => String(message?.id);
const questionSteps = (running: RunningGateway) =>
  running.audit.last().end?.trail.filter(({ stage }) => stage === 'question');

describe('a question of a server', () => {
  it('reaches the client on the stream of its call, says who asks, and its answer goes back as written', async () => {
    await using running = await start(asking(elicitation()));
    const session = await openSession(running.endpoint, { capabilities: can });
    const call = await session.open('tools/call', callParams);
    const question = await call.next();
    expect(question).toMatchObject({
      jsonrpc: '2.0',
      method: 'elicitation/create',
      params: { message: 'notes asks: Your name?', requestedSchema: { type: 'object' } },
    });
    const answer = `{"action":"accept","content":{"n":${BIG}}}`;
    const raw = await fetch(running.endpoint, {
      method: 'POST',
      headers: { ...session.headers, 'content-type': 'application/json' },
      body: `{"jsonrpc":"2.0","id":"${idOf(question)}","result":${answer}}`,
    });
    expect(raw.status).toBe(202);
    expect(textIn(await call.next())).toBe(answer);
    expect(questionSteps(running)).toMatchObject([
      { verdict: 'pass', note: 'notes asked the app (elicitation/create) and got an answer.' },
    ]);
    expect(JSON.stringify(questionSteps(running))).not.toContain('Your name');
  });

  it('to open an address that could run code reaches no app in any era', async () => {
    const params = { mode: 'url', elicitationId: 'e', message: 'Sign in', url: 'javascript:alert(1)' };
    const question = { method: 'elicitation/create', params: { value: params, json: JSON.stringify(params) } } as const;
    await using running = await start(asking(question));
    const session = await openSession(running.endpoint, { capabilities: { elicitation: { form: {}, url: {} } } });
    const answer = await session.request('tools/call', callParams);
    expect(textIn(answer)).toContain('refused -32602');
    expect(JSON.stringify(answer)).not.toContain('javascript');
    expect(questionSteps(running)).toMatchObject([
      { verdict: 'refuse', note: 'notes asks to open an address of the kind javascript:, which no app is asked.' },
    ]);

    const inputRequests = { sign: { method: 'elicitation/create', params } };
    running.upstreams.answer = () => ({ resultType: 'input_required', inputRequests, requestState: 's' });
    const { body, headers } = modern('tools/call', callParams);
    const refused = await post(running.endpoint, body, headers);
    expect(refusalOf(refused.json().result as Message)).toMatchObject({ code: 'upstream_error' });
    expect(refused.text).not.toContain('alert');
    expect(await session.request('tools/call', callParams)).not.toHaveProperty('result.inputRequests');

    running.upstreams.answer = () => {
      const rpcError = { code: -32042, message: 'open first', data: { elicitations: [params] } };
      throw new UpstreamError('upstream_error', 'open first', { notSent: false, rpcError });
    };
    const thrown = await session.request('tools/call', callParams);
    expect(JSON.stringify(thrown)).not.toContain('alert');
  });

  it('is passed on untouched where only one server can be asking', async () => {
    await using running = await start(asking(elicitation()));
    const session = await openSession(`${running.endpoint}/servers/notes`, { capabilities: can });
    const call = await session.open('tools/call', { name: 'search' });
    expect(await call.next()).toMatchObject({ params: { message: 'Your name?' } });
    call.drop();
  });

  it.each([
    ['sampling/createMessage', { messages: [], maxTokens: 1 }],
    ['roots/list', {}],
  ] as const)('may be %s', async (method, value) => {
    await using running = await start(asking({ method, params: { value, json: JSON.stringify(value) } }));
    const session = await openSession(running.endpoint, { capabilities: can });
    const call = await session.open('tools/call', callParams);
    const question = await call.next();
    expect(question).toMatchObject({ method, params: value });
    await session.say({ id: idOf(question), result: { roots: [] } });
    expect(textIn(await call.next())).toBe('{"roots":[]}');
  });

  it("brings the client's refusal back as its error", async () => {
    await using running = await start(asking(elicitation()));
    const session = await openSession(running.endpoint, { capabilities: can });
    const call = await session.open('tools/call', callParams);
    await session.say({ id: idOf(await call.next()), error: { code: -1, message: 'User rejected it' } });
    expect(textIn(await call.next())).toBe('refused -1 User rejected it');
    expect(questionSteps(running)).toMatchObject([{ verdict: 'refuse' }]);
  });

  it('is answered by nobody else: not by another session, not by another app, not with another id, not twice', async () => {
    await using running = await start(asking(elicitation()));
    const session = await openSession(running.endpoint, { capabilities: can });
    const call = await session.open('tools/call', callParams);
    const id = idOf(await call.next());
    const forged = { result: { action: 'accept', content: { forged: true } } };
    const other = await openSession(running.endpoint, { capabilities: can });
    const bob = await openSession(running.endpoint, { capabilities: can, token: 'token-bob' });
    expect(await other.say({ id, ...forged })).toBe(202);
    expect(await bob.say({ id, ...forged })).toBe(202);
    expect(await bob.say({ id, ...forged }, { 'mcp-session-id': session.id })).toBe(404);
    expect(await session.say({ id: 'gatehouse-99', ...forged })).toBe(202);
    expect(await session.say({ id: 1, ...forged })).toBe(202);
    expect(await session.say({ id, result: { action: 'decline' } })).toBe(202);
    expect(await session.say({ id, ...forged })).toBe(202);
    expect(textIn(await call.next())).toBe('{"action":"decline"}');
  });

  it.each([
    ['no result', { result: 'yes' }],
    ['no error', { error: 'no' }],
    ['an empty error', { error: null }],
  ])('that is answered with %s counts as refused', async (_what, answer) => {
    await using running = await start(asking(elicitation()));
    const session = await openSession(running.endpoint, { capabilities: can });
    const call = await session.open('tools/call', callParams);
    await session.say({ id: idOf(await call.next()), ...answer });
    expect(textIn(await call.next())).toMatch(/^refused -32603/);
  });

  it('is not put to a client that takes no event stream', async () => {
    await using running = await start(asking(elicitation()));
    const session = await openSession(running.endpoint, { capabilities: can });
    const call = await session.open('tools/call', callParams, { accept: 'application/json' });
    expect(textIn(await call.next())).toMatch(/^refused -32603 The app takes no questions/);
  });

  it('that the server withdraws is withdrawn from the client', async () => {
    const withdrawn = new AbortController();
    await using running = await start(asking(elicitation(), withdrawn.signal));
    const session = await openSession(running.endpoint, { capabilities: can });
    const call = await session.open('tools/call', callParams);
    const id = idOf(await call.next());
    withdrawn.abort();
    expect(await call.next()).toEqual({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
    expect(textIn(await call.next())).toMatch(/^refused/);
    expect(await session.say({ id, result: { action: 'accept' } })).toBe(202);
  });

  it.each([
    [
      'its client cancels the call',
      (session: Session) => session.say({ method: 'notifications/cancelled', params: { requestId: 7 } }),
    ],
    ['the person pauses', (_session: Session, running: RunningGateway) => running.gate.pause('console')],
    ['the app is disconnected', (_session: Session, running: RunningGateway) => running.apps.revoke('ann')],
  ])('ends when %s, and the call frees its slot', async (_what, act) => {
    let ended = 0;
    await using running = await start(async (_server, _request, { caller, signal }) => {
      await caller?.ask(elicitation(), signal).catch(() => undefined);
      ended += 1;
      throw new UpstreamError('cancelled', 'told to stop', { notSent: false });
    });
    running.profiles.put({ ...everything, surface: 'direct', concurrentCalls: 1 });
    const session = await openSession(running.endpoint, { capabilities: can });
    const call = await session.open('tools/call', callParams, { id: 7 });
    expect(await call.next()).toMatchObject({ method: 'elicitation/create' });
    await act(session, running);
    await until(() => ended === 1);
    await until(() => running.audit.last().end?.status === 'cancelled');
  });

  it('ends when the client drops the connection it was put on', async () => {
    await using running = await start(asking(elicitation()));
    const session = await openSession(running.endpoint, { capabilities: can });
    const call = await session.open('tools/call', callParams);
    await call.next();
    call.drop();
    await until(() => running.audit.last().end?.status === 'done');
    expect(running.audit.last().end?.resultJson).toContain('went away');
  });

  it('can be answered after the answer to the call on whose stream it came, which may not be the one that asked', async () => {
    let answered: Promise<{ readonly json: string } | undefined> | undefined;
    const stillWanted = new AbortController();
    await using running = await start(async (_server, _request, { caller }) => {
      answered = caller?.ask(elicitation(), stillWanted.signal);
      return { content: [{ type: 'text', text: 'done' }] };
    });
    const session = await openSession(running.endpoint, { capabilities: can });
    const call = await session.open('tools/call', callParams);
    const id = idOf(await call.next());
    expect(textIn(await call.next())).toBe('done');
    expect(await call.next()).toBeUndefined();
    await session.say({ id, result: { action: 'accept' } });
    expect(await answered).toMatchObject({ json: '{"action":"accept"}' });
  });

  it('finds an end when the session ends', async () => {
    await using running = await start(asking(elicitation()));
    const session = await openSession(running.endpoint, { capabilities: can });
    const call = await session.open('tools/call', callParams);
    await call.next();
    await fetch(running.endpoint, { method: 'DELETE', headers: session.headers });
    await until(() => running.audit.last().end !== undefined);
    call.drop();
  });

  it('is one of at most 32 that a session has open', async () => {
    let refused = 0;
    await using running = await start(async (_server, _request, { caller, signal }) => {
      const asked = Array.from({ length: 40 }, () =>
        caller?.ask(elicitation(), signal).catch(() => {
          refused += 1;
        }),
      );
      await Promise.all(asked);
      return { content: [] };
    });
    const session = await openSession(running.endpoint, { capabilities: can });
    const call = await session.open('tools/call', callParams);
    for (let put = 0; put < 32; put++) {
      const id = idOf(await call.next());
      await session.say({ id, result: { action: 'decline' } });
    }
    expect(await call.next()).toMatchObject({ result: { content: [] } });
    expect(refused).toBe(8);
  });
});

type Session = Awaited<ReturnType<typeof openSession>>;

describe('a server of the stateless revision that asks back', () => {
  const round = (requests: Message, state = 'opaque+/=') =>
    `{"resultType":"input_required","inputRequests":${JSON.stringify(requests)},"requestState":${JSON.stringify(state)}}`;
  const form = { method: 'elicitation/create', params: { message: 'Name?', requestedSchema: { type: 'object' } } };

  it('is asked again with what a client of an older revision answers, round after round', async () => {
    const answers = [
      round({ a: form, b: { method: 'roots/list' } }, 's1'),
      round({ c: form }, 's\u00e9 "2"'),
      '{"content":[]}',
    ];
    await using running = await start(() => answers.shift() ?? '{}');
    const session = await openSession(running.endpoint, { capabilities: can });
    const params = { ...callParams, arguments: { big: 1 } };
    const call = await session.open('tools/call', params);
    for (let put = 0; put < 3; put++) {
      const question = await call.next();
      await session.say({ id: idOf(question), result: { n: put } });
    }
    expect(await call.next()).toMatchObject({ result: { content: [] } });
    const sent = running.upstreams.requests.map(({ request }) => request.paramsJson);
    expect(sent).toEqual([
      '{"name":"search","arguments":{"big":1}}',
      '{"name":"search","arguments":{"big":1},"inputResponses":{"a":{"n":0},"b":{"n":1}},"requestState":"s1"}',
      '{"name":"search","arguments":{"big":1},"inputResponses":{"c":{"n":2}},"requestState":"s\u00e9 \\"2\\""}',
    ]);
    expect(running.audit.calls).toHaveLength(1);
  });

  it('gets no questions through to a client that did not say it takes them, which is told so', async () => {
    await using running = await start(() => round({ a: form }));
    const session = await openSession(running.endpoint, { capabilities: { roots: {} } });
    const answer = await session.request('tools/call', callParams);
    expect(JSON.stringify(answer)).toContain('asks for elicitation/create, which this app does not offer');
    expect(running.audit.last().end).toMatchObject({ status: 'failed', code: 'upstream_error' });
    expect(running.upstreams.requests).toHaveLength(1);
  });

  it('is given up after ten rounds', async () => {
    await using running = await start(() => round({ a: form }));
    const session = await openSession(running.endpoint, { capabilities: can });
    const call = await session.open('tools/call', callParams);
    for (let put = 0; put < 10; put++) await session.say({ id: idOf(await call.next()), result: {} });
    expect(JSON.stringify(await call.next())).toContain('still gave no result');
  });

  it('is not asked again once the person has paused', async () => {
    await using running = await start(() => round({ a: form }));
    const session = await openSession(running.endpoint, { capabilities: can });
    const call: OpenRequest = await session.open('tools/call', callParams);
    const id = idOf(await call.next());
    running.gate.pause('console');
    await session.say({ id, result: {} });
    await until(() => running.audit.last().end?.code === 'paused');
    expect(running.upstreams.requests).toHaveLength(1);
  });
});
