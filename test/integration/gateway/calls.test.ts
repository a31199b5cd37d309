/** Calls from an agent's POST to the server and back, with servers that hang, fail, change and say too much. */
import { describe, expect, it } from 'vitest';
import { UpstreamError } from '../../../src/main/upstreams/index.ts';
import type { LoggedCall } from '../../doubles/rooms.ts';
import {
  everything,
  memoryApprovals,
  memoryAudit,
  memoryProfiles,
  memoryUpstreams,
  textResult,
  toolRecord,
} from '../../doubles/rooms.ts';
import { call, goodHeaders, modern, post, refusalOf, startGateway, textOf } from '../../fixtures/gateway.ts';
import { until } from '../../fixtures/until.ts';

const search = (endpoint: string, args: Record<string, unknown> = {}, headers = {}, signal?: AbortSignal) =>
  call(endpoint, 'call_tool_read', { name: 'notes:search', arguments: args }, headers, signal);
const notes = () =>
  memoryApprovals([
    toolRecord('notes:search', 'read'),
    toolRecord('notes:add', 'write'),
    toolRecord('notes:wipe', 'destructive'),
  ]);
const ended = (record: LoggedCall) => `${record.end?.status} ${record.end?.code}`;

/** A server whose answers wait until the test lets them go; it notices when it is told to stop. */
function patient() {
  const waiting: { release: () => void; signal: AbortSignal }[] = [];
  const upstreams = memoryUpstreams(
    (_server, _request, { signal }) =>
      new Promise((resolve, reject) => {
        waiting.push({ release: () => resolve(textResult('late')), signal });
        signal.addEventListener('abort', () =>
          reject(new UpstreamError('cancelled', 'told to stop', { notSent: false })),
        );
      }),
  );
  return { waiting, upstreams };
}

describe('a call', () => {
  it('reaches the server under its own name with its own arguments, and leaves a complete record', async () => {
    await using running = await startGateway({ approvals: notes() });
    const result = await search(running.endpoint, { q: 'é' });
    expect(JSON.parse(textOf(result))).toEqual({ name: 'search', arguments: { q: 'é' } });
    const record = running.audit.last();
    expect(record).toMatchObject({
      app: 'Ann',
      era: 'modern',
      client: 'raw/1',
      server: 'notes',
      tool: 'search',
      effect: 'read',
      argumentsJson: '{"q":"é"}',
    });
    expect(record.end).toMatchObject({
      status: 'done',
      code: null,
      // All of it is kept, so the log counts it.
      resultBytes: null,
    });
    expect([...record.trail, ...(record.end?.trail ?? [])].map((step) => step.stage)).toEqual([
      'app',
      'gate',
      'profile',
      'approval',
      'effect',
      'arguments',
      'rules',
      'limits',
      'guards',
      'ask',
      'route',
      'result guard',
      'result',
    ]);
  });

  it('brings the answer back as it came, with fields nobody knows', async () => {
    const answer = {
      zebra: [1, { b: 1, a: 2 }],
      content: [
        { type: 'hologram', data: '…', nested: { z: null } },
        { type: 'text', text: '\ud800 lone' },
      ],
      structuredContent: ['any', { json: true }],
      isError: true,
      _meta: { 'vendor/key': { deep: 1 }, traceparent: '00-a-b-01' },
    };
    await using running = await startGateway({ approvals: notes(), upstreams: memoryUpstreams(() => answer) });
    const { body, headers } = modern('tools/call', { name: 'call_tool_read', arguments: { name: 'notes:search' } });
    const { text } = await post(running.endpoint, body, headers);
    expect(text).toBe(`{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete",${JSON.stringify(answer).slice(1)}}`);
    expect(ended(running.audit.last())).toBe('failed null');
  });

  it("forwards the caller's own _meta and keeps this hop's", async () => {
    await using running = await startGateway({ approvals: notes() });
    const { body, headers } = modern('tools/call', {
      name: 'call_tool_read',
      arguments: { name: 'notes:search' },
      _meta: { traceparent: '00-x', progressToken: 'mine', 'vendor/key': 1 },
    });
    await post(running.endpoint, body, headers);
    expect(running.upstreams.requests[0]?.request.params).toEqual({
      name: 'search',
      _meta: { traceparent: '00-x', 'vendor/key': 1 },
    });
  });

  it('takes inner arguments that a model sent as JSON text', async () => {
    await using running = await startGateway({ approvals: notes() });
    await call(running.endpoint, 'call_tool_read', { name: 'notes:search', arguments: '{"q":1}' });
    expect(running.upstreams.requests[0]?.request.params?.arguments).toEqual({ q: 1 });
  });

  it.each([
    ['a tool that waits', 'notes:new', 'quarantined', 'person'],
    ['a tool that changed', 'notes:shifty', 'changed', 'person'],
    ['a blocked tool', 'notes:bad', 'blocked', 'person'],
    ['a tool that does not exist', 'notes:nothing', 'not_in_profile', 'agent'],
    ['a tool of another effect', 'notes:add', 'wrong_effect', 'agent'],
    ['arguments that do not fit', 'notes:strict', 'invalid_arguments', 'agent'],
  ])('of %s is refused, recorded, and never sent', async (_what, name, code, whoCanFix) => {
    const approvals = notes();
    const poison = { description: 'POISON', inputSchema: { type: 'object', required: ['POISON'] } };
    approvals.put({ ...toolRecord('notes:new', 'read', poison), state: 'pending', effect: null });
    approvals.put({ ...toolRecord('notes:shifty', 'read', poison), state: 'changed' });
    approvals.put({ ...toolRecord('notes:bad', 'read', poison), state: 'blocked' });
    approvals.put(toolRecord('notes:strict', 'read', { inputSchema: { type: 'object', required: ['q'] } }));
    await using running = await startGateway({ approvals });
    const result = await call(running.endpoint, 'call_tool_read', { name });
    const record = running.audit.last();
    expect(result.isError).toBe(true);
    expect(refusalOf(result)).toEqual({ code, tool: name, retryable: false, whoCanFix, callId: record.id });
    expect(JSON.stringify(result)).not.toContain('POISON');
    expect(ended(record)).toBe(`refused ${code}`);
    expect(running.upstreams.requests).toEqual([]);
    expect(approvals.refused).toEqual(['quarantined', 'changed', 'blocked'].includes(code) ? [name] : []);
  });

  it('cannot go around the call tools by using the tool id as a tool name', async () => {
    await using running = await startGateway({ approvals: notes() });
    for (const name of ['notes:wipe', 'notes__wipe', 'wipe']) {
      expect(refusalOf(await call(running.endpoint, name))).toMatchObject({ code: 'not_in_profile', tool: name });
    }
    expect(refusalOf(await call(running.endpoint, 'call_tool_read', {}))).toMatchObject({ code: 'invalid_arguments' });
    expect(running.upstreams.requests).toEqual([]);
  });

  it('is not made when it cannot be recorded', async () => {
    const audit = memoryAudit();
    audit.broken = true;
    await using running = await startGateway({ approvals: notes(), audit });
    const result = await search(running.endpoint);
    expect(refusalOf(result)).toMatchObject({ code: 'server_down', retryable: true, whoCanFix: 'person' });
    expect(textOf(result)).toContain('nothing was sent');
    expect(refusalOf(await call(running.endpoint, 'retrieve_tools', { query: 'search' }))).toMatchObject({
      code: 'server_down',
    });
    expect(running.upstreams.requests).toEqual([]);
  });

  it('is decided again when the server started for it and changed meanwhile', async () => {
    const approvals = notes();
    const ensureCurrent = async () => {
      approvals.put({ ...toolRecord('notes:search'), state: 'changed' });
      return true;
    };
    await using running = await startGateway({ approvals, options: { intake: { ensureCurrent } } });
    expect(refusalOf(await search(running.endpoint))).toMatchObject({ code: 'changed' });
    expect(running.upstreams.requests).toEqual([]);
    expect(ended(running.audit.last())).toBe('refused changed');
  });

  it('gets its answer although the call it shared the server start with was cancelled', async () => {
    let begun = 0;
    let finish = (): void => undefined;
    let starting: Promise<boolean> | undefined;
    // Single-flight with the first caller's signal, as the intake does it.
    const ensureCurrent = (_server: string, signal: AbortSignal): Promise<boolean> => {
      begun += 1;
      starting ??= new Promise((resolve, reject) => {
        finish = () => resolve(true);
        signal.addEventListener('abort', () => reject(new UpstreamError('cancelled', 'gone', { notSent: true })));
      });
      return starting;
    };
    await using running = await startGateway({ approvals: notes(), options: { intake: { ensureCurrent } } });
    const controller = new AbortController();
    const first = search(running.endpoint, {}, {}, controller.signal).catch(() => 'gone');
    await until(() => begun === 1);
    const second = search(running.endpoint, { q: 2 });
    await until(() => begun === 2);
    controller.abort();
    expect(await first).toBe('gone');
    await until(() => running.audit.calls[0]?.end?.status === 'cancelled');
    finish();
    expect(JSON.parse(textOf(await second))).toEqual({ name: 'search', arguments: { q: 2 } });
  });

  it('keeps its answer when only the end of its record could not be written', async () => {
    const audit = memoryAudit();
    audit.endShared = () => Promise.reject(new Error('disk full'));
    await using running = await startGateway({ approvals: notes(), audit });
    expect((await search(running.endpoint)).isError).toBeUndefined();
  });

  it('does not leave before its record is written, nor when it was blocked meanwhile', async () => {
    const audit = memoryAudit();
    const approvals = notes();
    const written = Promise.withResolvers<void>();
    const beginShared = audit.beginShared;
    audit.beginShared = async (begun) => {
      await beginShared(begun);
      await written.promise;
    };
    await using running = await startGateway({ approvals, audit });
    const answer = search(running.endpoint);
    await until(() => audit.calls.length === 1);
    expect(running.upstreams.requests).toEqual([]);
    approvals.put({ ...toolRecord('notes:search', 'read'), state: 'blocked' });
    written.resolve();
    expect(refusalOf(await answer)).toMatchObject({ code: 'blocked' });
    expect(running.upstreams.requests).toEqual([]);
    expect(ended(audit.last())).toBe('refused blocked');
  });

  it('does not leave when the gate was paused while its record was written', async () => {
    const audit = memoryAudit();
    const written = Promise.withResolvers<void>();
    const beginShared = audit.beginShared;
    audit.beginShared = async (begun) => {
      await beginShared(begun);
      await written.promise;
    };
    await using running = await startGateway({ approvals: notes(), audit });
    const answer = search(running.endpoint);
    await until(() => audit.calls.length === 1);
    running.gate.pause('cli');
    written.resolve();
    expect(refusalOf(await answer)).toMatchObject({ code: 'paused' });
    expect(running.upstreams.requests).toEqual([]);
  });

  it('counts for the limits before the record is written, so that calls of one moment do not pass together', async () => {
    const audit = memoryAudit();
    const written = Promise.withResolvers<void>();
    const beginShared = audit.beginShared;
    audit.beginShared = async (begun) => {
      await beginShared(begun);
      await written.promise;
    };
    const profiles = memoryProfiles({ ...everything, concurrentCalls: 1 });
    await using running = await startGateway({ approvals: notes(), audit, profiles });
    const answers = Promise.all([search(running.endpoint), search(running.endpoint)]);
    await until(() => audit.calls.length === 2);
    written.resolve();
    expect((await answers).map((answer) => answer.isError ?? false).sort()).toEqual([false, true]);
    expect(running.upstreams.requests).toHaveLength(1);
  });

  it('does not stand in its own way when it is decided again under a limit of one', async () => {
    const profiles = memoryProfiles({ ...everything, callsPerMinute: 1, concurrentCalls: 1 });
    await using running = await startGateway({
      approvals: notes(),
      profiles,
      options: { intake: { ensureCurrent: async () => true } },
    });
    expect((await search(running.endpoint)).isError).toBeUndefined();
    expect(refusalOf(await search(running.endpoint))).toMatchObject({
      code: 'rate_limited',
      retryAfterMs: expect.any(Number),
    });
  });
});

describe('a call that goes wrong', () => {
  const failing = (...errors: UpstreamError[]) => {
    const left = [...errors];
    return memoryUpstreams(() => {
      const error = left.shift();
      if (error) throw error;
      return textResult('at last');
    });
  };
  const down = (notSent: boolean) => new UpstreamError('server_down', 'connection refused', { notSent });

  it.each([
    ['a read is tried three times', 'call_tool_read', 'notes:search', [down(false), down(false)], 3, 'done null'],
    [
      'a read is not tried a fourth time',
      'call_tool_read',
      'notes:search',
      [down(false), down(false), down(false)],
      3,
      'failed server_down',
    ],
    [
      'a write that may have arrived is not repeated',
      'call_tool_write',
      'notes:add',
      [down(false)],
      1,
      'failed server_down',
    ],
    ['a write that surely was not sent is repeated', 'call_tool_write', 'notes:add', [down(true)], 2, 'done null'],
    [
      'a timeout is not repeated',
      'call_tool_read',
      'notes:search',
      [new UpstreamError('timeout', 'slow', { notSent: false })],
      1,
      'failed timeout',
    ],
  ])('%s', async (_what, tool, name, errors, attempts, end) => {
    const upstreams = failing(...errors);
    await using running = await startGateway({ approvals: notes(), upstreams, options: { random: () => 0 } });
    await call(running.endpoint, tool, { name });
    expect(upstreams.requests).toHaveLength(attempts);
    expect(ended(running.audit.last())).toBe(end);
  });

  it.each([
    ['call_tool_read', 'notes:search', true],
    ['call_tool_write', 'notes:add', false],
  ])("through %s after a timeout is the agent's to repeat: %s %s", async (tool, name, retryable) => {
    const upstreams = failing(new UpstreamError('timeout', 'slow', { notSent: false }));
    await using running = await startGateway({ approvals: notes(), upstreams });
    expect(refusalOf(await call(running.endpoint, tool, { name }))).toMatchObject({ code: 'timeout', retryable });
  });

  it('shares one deadline among its attempts', async () => {
    const upstreams = failing(down(true));
    await using running = await startGateway({
      approvals: notes(),
      upstreams,
      options: { serverTimeoutMs: () => 5_000 },
    });
    await search(running.endpoint);
    const [first, second] = upstreams.requests.map((request) => request.context.timeoutMs);
    expect(first).toBeGreaterThan(4_000);
    expect(second).toBeLessThan((first ?? 0) - 40);
    expect(upstreams.requests[0]?.context.maxTotalMs).toBeGreaterThan(49_000);
  });

  it("passes a server's own error on in one short line, as a tool result", async () => {
    const rpcError = { code: -32602, message: `bad\n\u202equery ${'x'.repeat(5000)}` };
    const upstreams = failing(new UpstreamError('upstream_error', 'error', { notSent: false, rpcError }));
    await using running = await startGateway({ approvals: notes(), upstreams });
    const result = await search(running.endpoint);
    expect(refusalOf(result)).toMatchObject({ code: 'upstream_error', whoCanFix: 'agent' });
    expect(textOf(result)).toMatch(/^notes answered with an error: bad {1,2}query x+…$/);
    expect(textOf(result).length).toBeLessThan(600);
  });

  it('that is a bug in Gatehouse still gets an answer and an end in the log', async () => {
    const upstreams = memoryUpstreams(() => {
      throw new TypeError('secret internals');
    });
    await using running = await startGateway({ approvals: notes(), upstreams });
    const result = await search(running.endpoint);
    expect(refusalOf(result)).toMatchObject({ code: 'upstream_error' });
    expect(textOf(result)).not.toContain('secret internals');
    expect(ended(running.audit.last())).toBe('failed upstream_error');
  });
});

describe('a call in flight', () => {
  it('ends at once when the person pauses, frees its slot, and says paused', async () => {
    const { waiting, upstreams } = patient();
    const profiles = memoryProfiles({ ...everything, concurrentCalls: 2 });
    await using running = await startGateway({ approvals: notes(), upstreams, profiles });
    const calls = [search(running.endpoint), search(running.endpoint)];
    await until(() => waiting.length === 2);
    expect(running.gate.pause('tray').cancelledCalls).toBe(2);
    for (const result of await Promise.all(calls))
      expect(refusalOf(result)).toMatchObject({ code: 'paused', whoCanFix: 'person' });
    expect(waiting.every(({ signal }) => signal.aborted)).toBe(true);
    expect(running.audit.calls.map(ended)).toEqual(['cancelled paused', 'cancelled paused']);
    expect(refusalOf(await search(running.endpoint))).toMatchObject({ code: 'paused' });
    running.gate.resume('tray');
    const after = [search(running.endpoint), search(running.endpoint)];
    await until(() => waiting.length === 4);
    for (const { release } of waiting) release();
    for (const result of await Promise.all(after)) expect(textOf(result)).toBe('late');
  });

  it('ends when a stateless client closes the connection; the server is told and the slot is free', async () => {
    const { waiting, upstreams } = patient();
    const profiles = memoryProfiles({ ...everything, concurrentCalls: 1 });
    await using running = await startGateway({ approvals: notes(), upstreams, profiles });
    const controller = new AbortController();
    const gone = search(running.endpoint, {}, {}, controller.signal).catch((error: Error) => error.name);
    await until(() => waiting.length === 1);
    expect(refusalOf(await search(running.endpoint))).toMatchObject({ code: 'rate_limited', retryable: true });
    controller.abort();
    expect(await gone).toBe('AbortError');
    await until(() => waiting[0]?.signal.aborted);
    expect(ended(running.audit.calls[0] ?? running.audit.last())).toBe('cancelled cancelled');
    const next = search(running.endpoint);
    await until(() => waiting.length === 2);
    waiting[1]?.release();
    expect(textOf(await next)).toBe('late');
  });

  it('ends when a session says so, without an answer, and only the call that is named', async () => {
    const { waiting, upstreams } = patient();
    await using running = await startGateway({ approvals: notes(), upstreams });
    const opened = await post(running.endpoint, {
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25' },
    });
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const request = (id: number) =>
      post(
        running.endpoint,
        {
          jsonrpc: '2.0',
          id,
          method: 'tools/call',
          params: { name: 'call_tool_read', arguments: { name: 'notes:search' } },
        },
        session,
      );
    const calls = [request(1), request(2)];
    await until(() => waiting.length === 2);
    expect((await request(1)).json()).toMatchObject({ error: { code: -32600 } });
    await post(
      running.endpoint,
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
      session,
    );
    const cancelled = await calls[0];
    expect([cancelled?.status, cancelled?.text]).toEqual([202, '']);
    for (const { release } of waiting) release();
    expect((await calls[1])?.json()).toMatchObject({ id: 2, result: { content: [{ text: 'late' }] } });
  });

  it("cannot be cancelled by another app's session", async () => {
    const { waiting, upstreams } = patient();
    await using running = await startGateway({ approvals: notes(), upstreams });
    const open = async (authorization: string) => {
      const opened = await post(
        running.endpoint,
        { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25' } },
        { authorization },
      );
      return { authorization, 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    };
    const [ann, bob] = [await open('Bearer token-ann'), await open('Bearer token-bob')];
    const mine = post(
      running.endpoint,
      {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'call_tool_read', arguments: { name: 'notes:search' } },
      },
      ann,
    );
    await until(() => waiting.length === 1);
    await post(running.endpoint, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }, bob);
    waiting[0]?.release();
    expect((await mine).json()).toMatchObject({ result: { content: [{ text: 'late' }] } });
  });

  it('frees its slot even when the server ignores the cancellation', async () => {
    const upstreams = memoryUpstreams(() => new Promise(() => undefined));
    const profiles = memoryProfiles({ ...everything, concurrentCalls: 1 });
    await using running = await startGateway({ approvals: notes(), upstreams, profiles });
    const stuck = search(running.endpoint);
    await until(() => upstreams.requests.length === 1);
    running.gate.pause('window', { app: 'ann' });
    expect(refusalOf(await stuck)).toMatchObject({ code: 'paused' });
    running.gate.resume('window', { app: 'ann' });
    upstreams.answer = () => textResult('free');
    expect(textOf(await search(running.endpoint))).toBe('free');
  }, 5_000);

  it('ends with a reason when the app is disconnected or Gatehouse stops', async () => {
    const { waiting, upstreams } = patient();
    const running = await startGateway({ approvals: notes(), upstreams });
    const ann = search(running.endpoint);
    const bob = search(running.endpoint, {}, { authorization: 'Bearer token-bob' });
    await until(() => waiting.length === 2);
    running.apps.revoke('ann');
    expect(refusalOf(await ann)).toMatchObject({ code: 'unknown_app' });
    await running[Symbol.asyncDispose]();
    expect(refusalOf(await bob)).toMatchObject({ code: 'server_down', retryable: true });
  });

  it('passes progress on under the token of the caller, and log messages of the level that was asked for', async () => {
    const upstreams = memoryUpstreams((_server, _request, context) => {
      context.onProgress?.({ progress: 1, message: 'half' });
      context.onLog?.({ level: 'debug', data: 'too fine' });
      context.onLog?.({ level: 'error', data: 'oh' });
      return textResult('done');
    });
    await using running = await startGateway({ approvals: notes(), upstreams });
    const { body, headers } = modern('tools/call', {
      name: 'call_tool_read',
      arguments: { name: 'notes:search' },
      _meta: { progressToken: 'mine', 'io.modelcontextprotocol/logLevel': 'warning' },
    });
    const { text } = await post(running.endpoint, body, headers);
    const frames = [...text.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? ''));
    expect(frames).toMatchObject([
      { method: 'notifications/progress', params: { progress: 1, message: 'half', progressToken: 'mine' } },
      { method: 'notifications/message', params: { level: 'error', data: 'oh' } },
      { id: 1, result: { content: [{ text: 'done' }] } },
    ]);
    const plain = await post(running.endpoint, body, { ...headers, accept: 'application/json' });
    expect(plain.json()).toMatchObject({ result: { content: [{ text: 'done' }] } });
    expect(goodHeaders.accept).toContain('text/event-stream');
  });
});
