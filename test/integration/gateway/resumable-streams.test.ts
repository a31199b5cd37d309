/** Apps that prefer event streams: in a session of 2025-11-25 the stream of a request outlives its connection. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { KEPT_MS, MOST_AHEAD } from '../../../src/main/gateway/kept-stream.ts';
import { MOST_BYTES_PER_SESSION, MOST_PER_SESSION } from '../../../src/main/gateway/kept-streams.ts';
import { QuestionRefused, type ServerQuestion, type UpstreamContext } from '../../../src/main/upstreams/index.ts';
import {
  type Answering,
  everything,
  memoryApprovals,
  memoryProfiles,
  memoryUpstreams,
  textResult,
  toolRecord,
} from '../../doubles/rooms.ts';
import { openStream } from '../../fixtures/event-streams.ts';
import { goodHeaders, post, startGateway } from '../../fixtures/gateway.ts';
import { type LegacySession, openSession } from '../../fixtures/legacy-session.ts';
import { until } from '../../fixtures/until.ts';

const PREFERS_STREAM = 'text/event-stream, application/json';
const sampling: ServerQuestion = {
  method: 'sampling/createMessage',
  params: { value: { messages: [], maxTokens: 1 }, json: '{"messages":[],"maxTokens":1}' },
};

/** Calls that the test takes further by hand, the newest last. */
function steeredCalls() {
  const calls: { context: UpstreamContext; answer: (text: string) => void; progress: (step: number) => void }[] = [];
  const answering: Answering = (_server, _request, context) =>
    new Promise((resolve) => {
      calls.push({
        context,
        answer: (text) => resolve(textResult(text)),
        progress: (progress) => context.onProgress?.({ progress }),
      });
    });
  return { calls, answering, next: (count = 1) => until(() => calls[count - 1], { what: `call ${count}` }) };
}

/** Time that passes when the test says so. */
function heldTime() {
  const waiting = new Set<{ ms: number; work: () => void }>();
  return {
    waiting,
    after(ms: number, work: () => void): Disposable {
      const one = { ms, work };
      waiting.add(one);
      return { [Symbol.dispose]: () => void waiting.delete(one) };
    },
    pass(ms: number): void {
      for (const one of [...waiting].filter((each) => each.ms <= ms)) {
        waiting.delete(one);
        one.work();
      }
    },
  };
}

/** `path` '/servers/notes' is the surface on which long results are not cut. */
async function start(answer?: Answering, path: '' | '/servers/notes' = '') {
  const time = heldTime();
  const running = await startGateway({
    approvals: memoryApprovals([toolRecord('notes:search', 'read')]),
    profiles: memoryProfiles({ ...everything, surface: 'direct' }),
    upstreams: memoryUpstreams(answer),
    options: { after: time.after },
  });
  const url = running.endpoint + path;
  const open = (options: Parameters<typeof openSession>[1] = {}) =>
    openSession(url, { capabilities: { sampling: {} }, ...options });
  let lastId = 0;
  const request = (session: LegacySession, method: string, params: object = {}, more: Record<string, string> = {}) => {
    lastId += 1;
    return openStream(url, {
      headers: { ...session.headers, accept: PREFERS_STREAM, ...more },
      message: { jsonrpc: '2.0', id: lastId, method, params },
    });
  };
  return {
    running,
    time,
    open,
    request,
    call: (session: LegacySession, args: object = {}) =>
      request(session, 'tools/call', {
        name: path === '' ? 'notes__search' : 'search',
        arguments: args,
        _meta: { progressToken: 'p' },
      }),
    resume: (session: LegacySession, lastEventId: string, at = url, more: Record<string, string> = {}) =>
      openStream(at, { headers: { ...session.headers, 'last-event-id': lastEventId, ...more } }),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

const progressOf = (messages: readonly Record<string, unknown>[]) =>
  messages
    .filter(({ method }) => method === 'notifications/progress')
    .map(({ params }) => (params as { progress: number }).progress);
const textIn = (message: Record<string, unknown> | undefined) =>
  (message?.result as { content: { text: string }[] } | undefined)?.content[0]?.text;

describe('an app that prefers event streams', () => {
  it('gets one that begins with an id and a time to come back after, and has an id on every event', async () => {
    await using at = await start((_server, _request, context) => {
      context.onProgress?.({ progress: 1 });
      return textResult('done');
    });
    const stream = await at.call(await at.open());
    expect(await stream.whole()).toBe(true);
    expect(stream.status).toBe(200);
    expect(stream.headers['content-type']).toBe('text/event-stream');
    const events = stream.events();
    expect(events[0]).toEqual({ id: expect.stringMatching(/^.+\.0$/), retry: '1000', data: '' });
    expect(events.slice(1).map(({ event }) => event)).toEqual(['message', 'message']);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    expect(stream.messages()).toMatchObject([{ method: 'notifications/progress' }, { result: {} }]);
  });

  it('gets one for every method, at once, and an error is an event on it', async () => {
    await using at = await start();
    const session = await at.open();
    for (const [method, what] of [
      ['ping', 'result'],
      ['tools/list', 'result'],
      ['no/such', 'error'],
    ] as const) {
      const stream = await at.request(session, method);
      expect(await stream.whole()).toBe(true);
      expect(stream.events().map(({ id }) => id?.split('.')[1])).toEqual(['0', '1']);
      expect(stream.messages()).toMatchObject([{ [what]: {} }]);
    }
  });

  it('gets a plain status where there is nothing to stream', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const session = await at.open();
    const headers = { ...session.headers, accept: PREFERS_STREAM };
    expect(await session.say({ method: 'notifications/initialized' }, { accept: PREFERS_STREAM })).toBe(202);
    const call = { jsonrpc: '2.0', id: 'same', method: 'tools/call', params: { name: 'notes__search' } };
    const first = await openStream(at.running.endpoint, { headers, message: call });
    const second = await openStream(at.running.endpoint, { headers, message: call });
    expect([first.status, second.status, second.headers['content-type']]).toEqual([200, 400, 'application/json']);
    (await steered.next()).answer('only once');
    expect(textIn(await first.first('result'))).toBe('only once');
    expect((await openStream(at.running.endpoint, { headers: { accept: PREFERS_STREAM }, message: call })).status).toBe(
      400,
    );
  });

  it.each(['2025-06-18', '2025-03-26', '2024-11-05'])(
    'gets one without ids in a session of %s, whose clients know no event without data',
    async (version) => {
      await using at = await start();
      const session = await at.open({ version });
      const stream = await at.call(session);
      expect(await stream.whole()).toBe(true);
      expect(stream.headers['content-type']).toBe('text/event-stream');
      expect(stream.text()).toMatch(/^event: message\ndata: \{.*\}\n\n$/);
      const standing = await at.resume(session, 'anything.0');
      expect(standing.status).toBe(200);
      standing.cut();
    },
  );

  it.each([
    ['calls', 1, 2],
    ['only notifications', 0, 0],
  ])('gets a stream for a batch of %s if it has an answer', async (_what, calls, answers) => {
    await using at = await start();
    const session = await at.open({ version: '2025-03-26' });
    const messages: object[] = [{ jsonrpc: '2.0', method: 'notifications/initialized' }];
    if (calls > 0) messages.push({ jsonrpc: '2.0', id: 1, method: 'ping' }, { jsonrpc: '2.0', id: 2, method: 'ping' });
    const stream = await openStream(at.running.endpoint, {
      headers: { ...session.headers, accept: PREFERS_STREAM },
      message: messages,
    });
    expect(await stream.whole()).toBe(true);
    expect(stream.status).toBe(answers > 0 ? 200 : 202);
    expect(stream.messages()).toHaveLength(answers);
  });
});

describe('an app with the usual Accept header', () => {
  it('gets JSON, or a stream without ids once there is something to say before the answer; nothing is kept', async () => {
    await using at = await start((_server, { params }, context) => {
      if (JSON.stringify(params).includes('slow')) context.onProgress?.({ progress: 1 });
      return textResult('done');
    });
    const session = await at.open();
    const usual = { accept: goodHeaders.accept };
    const quick = await at.request(session, 'tools/call', { name: 'notes__search' }, usual);
    expect(await quick.whole()).toBe(true);
    expect(quick.headers['content-type']).toBe('application/json');
    const params = { name: 'notes__search', arguments: { slow: 1 }, _meta: { progressToken: 1 } };
    const slow = await at.request(session, 'tools/call', params, usual);
    expect(await slow.whole()).toBe(true);
    expect(slow.text()).toMatch(/^event: message\ndata: .*\n\nevent: message\ndata: .*\n\n$/);
    expect(at.time.waiting.size).toBe(0);
  });
});

describe('a lost connection', () => {
  it('is made up for: what was missed, the question that waits, and the answer, each once', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const session = await at.open();
    const first = await at.call(session);
    const call = await steered.next();
    call.progress(1);
    await first.first('method', 'notifications/progress');
    first.cut();
    await until(() => at.time.waiting.size === 1, { what: 'the loss of the connection' });
    call.progress(2);
    const answered = call.context.caller?.ask(sampling, call.context.signal);
    call.progress(3);
    const second = await at.resume(session, first.lastId());
    const question = await second.first('method', 'sampling/createMessage');
    expect(await session.say({ id: question.id, result: { role: 'assistant' } })).toBe(202);
    expect((await answered)?.json).toBe('{"role":"assistant"}');
    call.progress(4);
    call.answer('worth waiting for');
    expect(await second.whole()).toBe(true);
    expect(second.headers['content-type']).toBe('text/event-stream');
    expect(call.context.signal.aborted).toBe(false);
    const all = [...first.messages(), ...second.messages()];
    expect(progressOf(all)).toEqual([1, 2, 3, 4]);
    expect(all.filter(({ method }) => method === 'sampling/createMessage')).toHaveLength(1);
    expect(all.filter((message) => 'result' in message).map(textIn)).toEqual(['worth waiting for']);
    const ids = [...first.events(), ...second.events()].map(({ id }) => Number(id?.split('.')[1]));
    expect(ids).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('before the first message is made up for too, and one after the answer was given', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const session = await at.open();
    const first = await at.call(session);
    await until(() => first.events().length === 1);
    first.cut();
    (await steered.next()).answer('done');
    await until(() => at.running.audit.last().end, { what: 'the end of the call' });
    const second = await at.resume(session, first.lastId());
    expect(await second.whole()).toBe(true);
    expect(second.messages().map(textIn)).toEqual(['done']);
    const again = await at.resume(session, first.lastId());
    expect(await again.whole()).toBe(true);
    expect(again.text()).toBe(second.text());
  });

  it('that happens again and again loses nothing', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const session = await at.open();
    let stream = await at.call(session);
    const call = await steered.next();
    const seen: number[] = [];
    await until(() => stream.events().length === 1);
    for (let step = 1; step <= 12; step += 1) {
      const last = stream.lastId();
      // Sometimes the step comes first, sometimes the loss, sometimes the new connection.
      if (step % 3 === 0) call.progress(step);
      stream.cut();
      if (step % 3 === 1) call.progress(step);
      stream = await at.resume(session, last);
      if (step % 3 === 2) call.progress(step);
      const [, number] = last.split('.');
      const next = await until(() => stream.events().find(({ id }) => id?.endsWith(`.${Number(number) + 1}`)));
      seen.push(...progressOf([JSON.parse(next.data ?? '')]));
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    call.answer('still here');
    expect(textIn(await stream.first('result'))).toBe('still here');
  });

  it('brings back only the stream it was the connection of', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const session = await at.open();
    const one = await at.call(session);
    const callOne = await steered.next(1);
    const two = await at.call(session);
    const callTwo = await steered.next(2);
    one.cut();
    two.cut();
    await until(() => at.time.waiting.size === 2);
    callOne.progress(1);
    callTwo.progress(2);
    callTwo.answer('two');
    callOne.answer('one');
    const back = await at.resume(session, two.lastId());
    expect(await back.whole()).toBe(true);
    expect(progressOf(back.messages())).toEqual([2]);
    expect(
      back
        .messages()
        .filter((message) => 'result' in message)
        .map(textIn),
    ).toEqual(['two']);
    expect(new Set(back.events().map(({ id }) => id?.split('.')[0]))).toEqual(new Set([two.lastId().split('.')[0]]));
  });

  it('that Gatehouse has not seen ends when the app comes back, so that nothing goes out twice', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const session = await at.open();
    const first = await at.call(session);
    const call = await steered.next();
    await until(() => first.events().length === 1);
    const second = await at.resume(session, first.lastId());
    expect(await first.whole()).toBe(false);
    call.progress(1);
    call.answer('done');
    expect(await second.whole()).toBe(true);
    expect(first.messages()).toEqual([]);
    expect(second.messages()).toHaveLength(2);
  });

  it('leaves the notification stream of the session as it is', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const session = await at.open();
    const standing = await openStream(at.running.endpoint, { headers: session.headers });
    const first = await at.call(session);
    const call = await steered.next();
    await until(() => first.events().length === 1);
    first.cut();
    const back = await at.resume(session, first.lastId());
    call.answer('done');
    expect(await back.whole()).toBe(true);
    at.running.approvals.put(toolRecord('notes:new', 'read'));
    await standing.first('method', 'notifications/tools/list_changed');
    expect(standing.messages()).toHaveLength(1);
    standing.cut();
  });

  it('is no cancellation, but notifications/cancelled is one, also without a connection', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const session = await at.open();
    const message = { jsonrpc: '2.0', id: 'long', method: 'tools/call', params: { name: 'notes__search' } };
    const first = await openStream(at.running.endpoint, {
      headers: { ...session.headers, accept: PREFERS_STREAM },
      message,
    });
    const call = await steered.next();
    await until(() => first.events().length === 1);
    first.cut();
    await until(() => at.time.waiting.size === 1);
    expect(call.context.signal.aborted).toBe(false);
    await session.say({ method: 'notifications/cancelled', params: { requestId: 'long' } });
    expect(call.context.signal.aborted).toBe(true);
    call.answer('too late');
    await until(() => at.running.audit.last().end);
    expect((await at.resume(session, first.lastId())).status).toBe(204);
  });
});

describe('a Last-Event-ID', () => {
  it('of a stream that is read to its end has nothing behind it: 204', async () => {
    await using at = await start();
    const session = await at.open();
    const stream = await at.call(session);
    expect(await stream.whole()).toBe(true);
    const back = await at.resume(session, stream.lastId());
    expect(back.status).toBe(204);
    expect(await back.whole()).toBe(true);
    expect(back.text()).toBe('');
  });

  it('that is unknown or malformed is gone: 410, and never 404, which would end the session', async () => {
    await using at = await start();
    const session = await at.open();
    const stream = await at.call(session);
    expect(await stream.whole()).toBe(true);
    const [id] = stream.lastId().split('.');
    for (const wrong of [
      'x',
      '0',
      `${id}`,
      `${id}.`,
      `${id}.2`,
      `${id}.-1`,
      `${id}.1e0`,
      `.1`,
      `other.1`,
      `${id}.1.1`,
    ]) {
      const back = await at.resume(session, wrong);
      expect([wrong, back.status]).toEqual([wrong, 410]);
      expect(await back.whole()).toBe(true);
      expect(back.text()).toContain('Send the request again');
    }
    expect((await at.resume(session, `${id}.${'9'.repeat(4000)}`)).status).toBe(410);
    expect(textIn(await textAfter(at, session, `${id}.0`))).toContain('"name":"search"');
  });

  it('of another session, app or path leads nowhere', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const session = await at.open();
    const other = await at.open();
    const bob = await at.open({ token: 'token-bob' });
    const first = await at.call(session);
    const call = await steered.next();
    await until(() => first.events().length === 1);
    first.cut();
    const last = first.lastId();
    const { authorization = '' } = bob.headers;
    expect((await at.resume(other, last)).status).toBe(410);
    expect((await at.resume(bob, last)).status).toBe(410);
    expect((await at.resume(session, last, at.running.endpoint, { authorization })).status).toBe(404);
    expect((await at.resume(session, last, `${at.running.endpoint}/servers/notes`)).status).toBe(404);
    expect((await at.resume(session, last, at.running.endpoint, { authorization: 'Bearer no' })).status).toBe(401);
    call.answer('mine');
    const back = await at.resume(session, last);
    expect(await back.whole()).toBe(true);
    expect(back.messages().map(textIn)).toEqual(['mine']);
  });
});

const textAfter = async (at: Awaited<ReturnType<typeof start>>, session: LegacySession, lastEventId: string) =>
  (await at.resume(session, lastEventId)).first('result');

describe('what is kept', () => {
  it('is kept for five minutes after the answer', async () => {
    await using at = await start();
    const session = await at.open();
    const stream = await at.call(session);
    expect(await stream.whole()).toBe(true);
    at.time.pass(KEPT_MS - 1);
    const [priming] = stream.events();
    expect(textIn(await textAfter(at, session, priming?.id ?? ''))).toContain('search');
    at.time.pass(KEPT_MS);
    expect((await at.resume(session, priming?.id ?? '')).status).toBe(410);
  });

  it('lets a question wait five minutes for an app that is away; the answer waits for it even then', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const session = await at.open();
    const first = await at.call(session);
    const call = await steered.next();
    await until(() => first.events().length === 1);
    const answered = call.context.caller?.ask(sampling, call.context.signal);
    await first.first('method', 'sampling/createMessage');
    first.cut();
    await until(() => at.time.waiting.size === 1);
    at.time.pass(KEPT_MS);
    await expect(answered).rejects.toThrow(QuestionRefused);
    await expect(call.context.caller?.ask(sampling, call.context.signal)).rejects.toThrow(QuestionRefused);
    call.answer('without you');
    await until(() => at.running.audit.last().end);
    const back = await at.resume(session, first.lastId());
    expect(await back.whole()).toBe(true);
    expect(back.messages().map(textIn)).toEqual(['without you']);
  });

  it('goes with the session, and a question that waits in it is refused', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const session = await at.open();
    const done = await at.call(session);
    (await steered.next(1)).answer('done');
    expect(await done.whole()).toBe(true);
    const first = await at.call(session);
    const call = await steered.next(2);
    await until(() => first.events().length === 1);
    first.cut();
    await until(() => at.time.waiting.size === 2);
    const refused = expect(call.context.caller?.ask(sampling, call.context.signal)).rejects.toThrow(QuestionRefused);
    const ended = await fetch(at.running.endpoint, { method: 'DELETE', headers: session.headers });
    expect(ended.status).toBe(200);
    await refused;
    expect(call.context.signal.aborted).toBe(true);
    expect(at.time.waiting.size).toBe(0);
    expect((await at.resume(session, first.lastId())).status).toBe(404);
    expect((await at.resume(session, done.lastId())).status).toBe(404);
  });

  it(`is ${MOST_PER_SESSION} streams of a session: answered ones make room, and what has none is a plain stream`, async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const session = await at.open();
    const streams = [];
    for (let count = 1; count <= MOST_PER_SESSION; count += 1) {
      streams.push(await at.call(session));
      await steered.next(count);
    }
    const plain = await at.call(session);
    const beyond = await steered.next(MOST_PER_SESSION + 1);
    beyond.answer('plain');
    expect(await plain.whole()).toBe(true);
    expect(plain.text()).toMatch(/^event: message\ndata: .*\n\n$/);
    steered.calls[3]?.answer('done');
    expect(await streams[3]?.whole()).toBe(true);
    const [priming] = streams[3]?.events() ?? [];
    const next = await at.call(session);
    await until(() => next.events()[0]?.id);
    expect((await at.resume(session, priming?.id ?? '')).status).toBe(410);
    for (const stream of [...streams, next]) stream.cut();
  });

  it('is a mebibyte ahead of the answer: of what was sent the oldest goes, and what cannot be sent is dropped', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering, '/servers/notes');
    const session = await at.open();
    let stream = await at.call(session);
    const { context, answer } = await steered.next();
    const report = (progress: number) => context.onProgress?.({ progress, message: 'x'.repeat(MOST_AHEAD / 4) });
    for (let step = 1; step <= 6; step += 1) {
      report(step);
      await until(() => progressOf(stream.messages()).includes(step));
    }
    const [priming] = stream.events();
    const last = stream.lastId();
    stream.cut();
    await until(() => at.time.waiting.size === 1);
    expect((await at.resume(session, priming?.id ?? '')).status).toBe(410);
    for (let step = 7; step <= 12; step += 1) report(step);
    answer('y'.repeat(MOST_AHEAD));
    await until(() => at.running.audit.last().end);
    stream = await at.resume(session, last);
    expect(await stream.whole()).toBe(true);
    expect(progressOf(stream.messages())).toEqual([]);
    expect(textIn(stream.messages().at(-1))).toHaveLength(MOST_AHEAD);
  });

  it('is 16 MiB of a session: the oldest answers make room for newer ones, and one that has none is not kept', async () => {
    const size = MOST_BYTES_PER_SESSION / 2 - 4096;
    const answering: Answering = (_server, { params }) =>
      textResult('z'.repeat((params as { arguments: { size: number } }).arguments.size));
    await using at = await start(answering, '/servers/notes');
    const session = await at.open();
    const streams = [];
    for (const bytes of [size, size, size, 2 * size + 8192]) {
      const stream = await at.call(session, { size: bytes });
      expect(await stream.whole()).toBe(true);
      expect(textIn(stream.messages()[0])).toHaveLength(bytes);
      streams.push(stream);
      if (streams.length === 3) {
        const primings = streams.map((each) => each.events()[0]?.id ?? '');
        const states = await Promise.all(primings.map(async (id) => (await at.resume(session, id)).status));
        expect(states).toEqual([410, 200, 200]);
      }
    }
    expect((await at.resume(session, streams[3]?.events()[0]?.id ?? '')).status).toBe(410);
  });
});

describe("the SDK's client", () => {
  /** A client whose requests prefer streams, whose connection can be cut, and whose GETs are seen. */
  async function connect(endpoint: string, sessionId?: string) {
    let cut = new AbortController();
    const resumed: number[] = [];
    const transport = new StreamableHTTPClientTransport(new URL(endpoint), {
      requestInit: { headers: { authorization: goodHeaders.authorization } },
      ...(sessionId !== undefined && { sessionId }),
      fetch: async (url, init = {}) => {
        const headers = new Headers(init.headers);
        if (init.method === 'POST') headers.set('accept', PREFERS_STREAM);
        const signal = AbortSignal.any([cut.signal, ...(init.signal ? [init.signal] : [])]);
        const response = await fetch(url, { ...init, headers, signal });
        if (headers.has('last-event-id')) resumed.push(response.status);
        return response;
      },
    });
    const client = new Client({ name: 'old', version: '1.0.0' });
    // The SDK's transport types predate exactOptionalPropertyTypes and do not fit its own interface.
    await client.connect(transport as Parameters<typeof client.connect>[0]);
    const loseConnection = (): void => {
      cut.abort();
      cut = new AbortController();
    };
    return { client, transport, resumed, loseConnection };
  }
  const params = { name: 'notes__search', arguments: {} };

  it('comes back by itself and gets the rest of its call', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const { client, resumed, loseConnection } = await connect(at.running.endpoint);
    const steps: number[] = [];
    const result = client.callTool(params, undefined, { onprogress: ({ progress }) => steps.push(progress) });
    const call = await steered.next();
    call.progress(1);
    await until(() => steps.length === 1);
    loseConnection();
    await until(() => at.time.waiting.size === 1);
    call.progress(2);
    await until(() => steps.length === 2, { what: 'the missed progress' });
    call.answer('back again');
    expect(await result).toMatchObject({ content: [{ text: 'back again' }] });
    expect(steps).toEqual([1, 2]);
    expect(resumed).toEqual([200]);
    await client.close();
  });

  it('gets the answer in another process that holds the resumption token', async () => {
    const steered = steeredCalls();
    await using at = await start(steered.answering);
    const before = await connect(at.running.endpoint);
    let token = '';
    const request = { method: 'tools/call' as const, params };
    const abandoned = before.client.request(request, CallToolResultSchema, {
      onresumptiontoken: (given) => {
        token = given;
      },
    });
    const call = await steered.next();
    await until(() => token);
    const { sessionId } = before.transport;
    await before.client.close();
    await expect(abandoned).rejects.toThrow();
    call.answer('kept for you');
    const after = await connect(at.running.endpoint, sessionId);
    const result = await after.client.request(request, CallToolResultSchema, { resumptionToken: token });
    expect(result).toMatchObject({ content: [{ text: 'kept for you' }] });
    await after.client.close();
  });

  it('is told to stop when it comes back after an error, which it does not take for an answer', async () => {
    await using at = await start();
    const { client, resumed } = await connect(at.running.endpoint);
    await expect(client.request({ method: 'no/such' }, CallToolResultSchema)).rejects.toThrow(/no\/such/);
    await until(() => resumed.length > 0, { what: 'the SDK coming back' });
    expect(resumed).toEqual([204]);
    await client.close();
  });
});

it('a session that prefers streams still answers a plain POST of another client in JSON', async () => {
  await using at = await start();
  const session = await at.open();
  const answered = await post(at.running.endpoint, { jsonrpc: '2.0', id: 1, method: 'ping' }, session.headers);
  expect(answered.json()).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
});
