import { describe, expect, test } from 'vitest';
import { Envelope } from '../../../src/main/upstreams/envelope.ts';
import type { JsonObject } from '../../../src/main/upstreams/json-rpc.ts';
import { LinkError } from '../../../src/main/upstreams/link.ts';
import { setUp, TestCaller } from './test-link.ts';

describe('RpcConnection', () => {
  test('passes params and results through as they are', async () => {
    const { link, request, answer } = setUp();
    const params = { name: 'a', arguments: { z: 1, a: [null] }, _meta: { traceparent: '00-1' }, odd: true };
    const result = { zeta: 1, resultType: 'task', content: [{ type: 'hologram' }], _meta: { k: 1 }, alpha: 2 };
    const pending = request(params);
    expect(link.sent[0]).toEqual({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    answer(1, { result });
    expect(JSON.stringify(await pending)).toBe(JSON.stringify(result));
  });

  test('gives answers to the request they belong to, in any order', async () => {
    const { request, answer } = setUp();
    const [one, two] = [request({ n: 1 }), request({ n: 2 })];
    answer(2, { result: { n: 2 } });
    answer('1', { result: { n: 'not ours' } });
    answer(99, { result: {} });
    answer(1, { result: { n: 1 } });
    expect([await one, await two]).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('hands over the server’s own error', async () => {
    const { request, answer } = setUp();
    const pending = request(undefined);
    answer(1, { error: { code: -32002, message: 'Resource not found', data: { uri: 'x' } } });
    await expect(pending).rejects.toMatchObject({
      code: 'upstream_error',
      notSent: false,
      rpcError: { code: -32002, message: 'Resource not found', data: { uri: 'x' } },
    });
  });

  test.each([{}, { result: null }, { result: [1] }, { error: 'text' }, { error: { code: 'x', message: 1 } }])(
    'takes the answer %j for an error of the server',
    async (rest) => {
      const { request, answer } = setUp();
      const pending = request(undefined);
      answer(1, rest);
      await expect(pending).rejects.toMatchObject({ code: 'upstream_error' });
    },
  );

  test('replaces foreign progress tokens and envelope fields, keeps other _meta', async () => {
    const { link, request } = setUp();
    void request({
      _meta: {
        progressToken: 'theirs',
        'io.modelcontextprotocol/clientInfo': { name: 'some app' },
        'example.com/keep': 1,
      },
    }).catch(() => undefined);
    expect(link.sent[0]?.params).toEqual({ _meta: { 'example.com/keep': 1 } });
  });

  test('maps progress to the request that asked and hides the token', async () => {
    const { link, request, answer } = setUp();
    const heard: JsonObject[] = [];
    const pending = request({ _meta: { progressToken: 'theirs' } }, { onProgress: (progress) => heard.push(progress) });
    const token = (link.sent[0] as { params: { _meta: { progressToken: unknown } } }).params._meta.progressToken;
    expect(token).not.toBe('theirs');
    const notify = (params: JsonObject) => link.say({ method: 'notifications/progress', params });
    notify({ progressToken: token, progress: 1, total: 2, note: 'kept' });
    notify({ progressToken: token, progress: 1 });
    notify({ progressToken: 'theirs', progress: 2 });
    notify({ progressToken: token, progress: 'x' });
    answer(1, { result: {} });
    await pending;
    notify({ progressToken: token, progress: 5 });
    expect(heard).toEqual([{ progress: 1, total: 2, note: 'kept' }]);
  });

  test('gives a silent request up after its timeout and tells the server', async () => {
    const { link, timers, request } = setUp();
    const pending = request(undefined);
    timers.pass(999);
    expect(link.sent).toHaveLength(1);
    timers.pass(1);
    await expect(pending).rejects.toMatchObject({ code: 'timeout', notSent: false });
    expect(link.sent[1]).toMatchObject({ method: 'notifications/cancelled', params: { requestId: 1 } });
  });

  test('lets progress renew the timeout, up to the total and only while it increases', async () => {
    const { link, timers, request } = setUp();
    const progress = (value: number) =>
      link.say({ method: 'notifications/progress', params: { progressToken: 1, progress: value } });
    let outcome = 'waiting';
    const pending = request(undefined, { timeoutMs: 1_000, maxTotalMs: 2_500, onProgress: () => undefined });
    pending.catch((error: Error) => {
      outcome = error.message;
    });
    for (const value of [1, 2]) {
      timers.pass(900);
      progress(value);
    }
    timers.pass(699);
    await Promise.resolve();
    expect(outcome).toBe('waiting');
    timers.pass(1);
    await expect(pending).rejects.toMatchObject({ code: 'timeout' });
    expect(outcome).toContain('within 2.5 s');

    const stuck = request(undefined, { timeoutMs: 1_000, maxTotalMs: 9_000, onProgress: () => undefined });
    for (let n = 0; n < 3; n += 1) {
      timers.pass(400);
      link.say({ method: 'notifications/progress', params: { progressToken: 2, progress: 1 } });
    }
    timers.pass(300);
    await expect(stuck).rejects.toMatchObject({ code: 'timeout' });
  });

  test('rejects at once when the caller aborts, and cancels upstream', async () => {
    const { link, request, answer } = setUp();
    const abort = new AbortController();
    const pending = request(undefined, { signal: abort.signal });
    abort.abort();
    await expect(pending).rejects.toMatchObject({ code: 'cancelled', notSent: false });
    expect(link.sent[1]).toMatchObject({ method: 'notifications/cancelled', params: { requestId: 1 } });
    answer(1, { result: {} });
    await expect(request(undefined, { signal: abort.signal })).rejects.toMatchObject({ notSent: true });
    expect(link.sent).toHaveLength(2);
  });

  test('cancels by ending the response stream in the modern era, by a notification before it', async () => {
    for (const [envelope, messages] of [
      [new Envelope({ name: 'gatehouse', version: '1' }), 1],
      [undefined, 2],
    ] as const) {
      const { link, connection, request } = setUp(true);
      if (envelope) connection.stampWith(envelope);
      const abort = new AbortController();
      const pending = request(undefined, { signal: abort.signal });
      abort.abort();
      await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
      expect(link.options[0]?.signal?.aborted).toBe(true);
      expect(link.sent).toHaveLength(messages);
    }
  });

  test('never cancels a handshake', async () => {
    const { link, request } = setUp();
    const abort = new AbortController();
    const pending = request(undefined, { signal: abort.signal, cancellable: false });
    abort.abort();
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
    expect(link.sent).toHaveLength(1);
  });

  test('ends every request when the link ends, then refuses new ones as not sent', async () => {
    const { link, closed, request } = setUp();
    const pending = [request(undefined), request(undefined)];
    link.receiver?.closed(new LinkError('gone', 'it ended (exit code 1).', { notSent: false }));
    for (const one of pending) await expect(one).rejects.toMatchObject({ code: 'server_down', notSent: false });
    expect(closed).toEqual(['it ended (exit code 1).']);
    await expect(request(undefined)).rejects.toMatchObject({ code: 'server_down', notSent: true });
  });

  test('says when a request was not taken', async () => {
    const { link, request } = setUp();
    link.refuseWith = new LinkError('gone', 'it cannot be reached (ECONNREFUSED).', { notSent: true });
    await expect(request(undefined)).rejects.toMatchObject({ code: 'server_down', notSent: true });
  });

  test('fails a request whose response stream ends without an answer', async () => {
    const { link, request } = setUp(true);
    const pending = request(undefined);
    link.options[0]?.onStreamEnd?.();
    await expect(pending).rejects.toMatchObject({ code: 'upstream_error', notSent: false });
  });

  test('answers ping and roots, refuses everything else a server asks while nobody waits for it', () => {
    const { link } = setUp();
    for (const method of ['ping', 'roots/list', 'sampling/createMessage', 'elicitation/create', 'constructor']) {
      link.say({ id: method, method });
    }
    expect(link.sent.map(({ id, result, error }) => [id, result ?? (error as JsonObject).code])).toEqual([
      ['ping', {}],
      ['roots/list', { roots: [] }],
      ['sampling/createMessage', -32601],
      ['elicitation/create', -32601],
      ['constructor', -32601],
    ]);
  });

  test('gives a log message to the latest call of one session, and to nobody when several could be meant', () => {
    const { link, notifications, request } = setUp();
    const heard: string[] = [];
    const call = (name: string, caller: TestCaller) =>
      void request(undefined, { caller, subject: 'quiet', onLog: () => heard.push(name) }).catch(() => undefined);
    const log = () => link.say({ method: 'notifications/message', params: { level: 'info', data: 1 } });
    const unable = {};
    call('one', new TestCaller('a', unable));
    log();
    call('two', new TestCaller('a', unable));
    log();
    call('three', new TestCaller('b', unable));
    log();
    expect(heard).toEqual(['one', 'two']);
    expect(notifications).toHaveLength(3);
  });
});
