/** Several messages in one body, as the two oldest revisions have it. */
import { describe, expect, it } from 'vitest';
import { everything, memoryApprovals, memoryProfiles, memoryUpstreams, toolRecord } from '../../doubles/rooms.ts';
import { post, startGateway } from '../../fixtures/gateway.ts';
import { openSession } from '../../fixtures/legacy-session.ts';

const rooms = () => ({
  approvals: memoryApprovals([toolRecord('notes:search', 'read')]),
  profiles: memoryProfiles({ ...everything, surface: 'direct' }),
});
const ping = (id: number) => ({ jsonrpc: '2.0', id, method: 'ping' });
const call = (id: number, args: object = {}, meta?: object) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'notes__search', arguments: args, ...(meta && { _meta: meta }) },
});

/** A client of these revisions does not send the version header. */
async function oldSession(endpoint: string, version: string, capabilities = {}) {
  const session = await openSession(endpoint, { version, capabilities });
  const { 'mcp-protocol-version': _none, ...headers } = session.headers;
  return { send: (body: unknown) => post(endpoint, body, headers) };
}

describe('a batch', () => {
  it.each(['2024-11-05', '2025-03-26'])('is answered in one body in a session of %s', async (version) => {
    await using running = await startGateway(rooms());
    const { send } = await oldSession(running.endpoint, version);
    const { text, status } = await send([
      ping(1),
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      call(2, { n: 1 }),
      { jsonrpc: '2.0', id: 3, method: 'no/such' },
      { nothing: true },
      { jsonrpc: '2.0', id: 'x', result: {} },
      { jsonrpc: '2.0', id: 4, method: 'initialize', params: { protocolVersion: version } },
    ]);
    expect(status).toBe(200);
    const answers = JSON.parse(text) as { id: unknown; error?: { code: number } }[];
    const byId = Object.fromEntries(answers.map((answer) => [String(answer.id), answer.error?.code ?? 'result']));
    expect(byId).toEqual({ '1': 'result', '2': 'result', '3': -32601, null: -32600, '4': -32600 });
    expect(running.audit.calls).toHaveLength(1);
  });

  it('with nothing to answer is only taken', async () => {
    await using running = await startGateway(rooms());
    const { send } = await oldSession(running.endpoint, '2025-03-26');
    expect((await send([{ jsonrpc: '2.0', method: 'notifications/initialized' }])).status).toBe(202);
  });

  it('becomes a stream with every answer in it once one of its calls has something to say before', async () => {
    await using running = await startGateway({
      ...rooms(),
      upstreams: memoryUpstreams((_server, _request, context) => {
        context.onProgress?.({ progress: 1 });
        return { content: [] };
      }),
    });
    const { send } = await oldSession(running.endpoint, '2025-03-26');
    const { text, headers } = await send([ping(1), call(2, {}, { progressToken: 'p' }), call(3)]);
    expect(headers.get('content-type')).toBe('text/event-stream');
    const events = text
      .trim()
      .split('\n\n')
      .map((event) => JSON.parse(event.split('data: ')[1] ?? ''));
    expect(events.map(({ id, method }) => id ?? method).sort()).toEqual([1, 2, 3, 'notifications/progress']);
  });

  it('counts each of its calls against the limits of the app', async () => {
    await using running = await startGateway(rooms());
    running.profiles.put({ ...everything, surface: 'direct', callsPerMinute: 3 });
    const { send } = await oldSession(running.endpoint, '2025-03-26');
    await send([call(1), call(2), call(3), call(4), call(5)]);
    expect(running.upstreams.requests).toHaveLength(3);
    expect(running.audit.calls.filter(({ end }) => end?.code === 'rate_limited')).toHaveLength(2);
  });

  it('with the same id twice answers the second with an error', async () => {
    await using running = await startGateway(rooms());
    const { send } = await oldSession(running.endpoint, '2025-03-26');
    const answers = JSON.parse((await send([call(1), call(1)])).text) as { error?: unknown }[];
    expect(answers.filter(({ error }) => error !== undefined)).toHaveLength(1);
  });

  it.each([
    ['an empty one', []],
    ['one of 65 messages', Array.from({ length: 65 }, (_, id) => ping(id))],
  ])('is refused when it is %s', async (_what, body) => {
    await using running = await startGateway(rooms());
    const { send } = await oldSession(running.endpoint, '2025-03-26');
    const { status, json } = await send(body);
    expect(status).toBe(400);
    expect(json()).toMatchObject({ error: { code: -32600 } });
  });

  it.each(['2025-06-18', '2025-11-25'])('is refused in a session of %s, which has none', async (version) => {
    await using running = await startGateway(rooms());
    const session = await openSession(running.endpoint, { version });
    for (const headers of [session.headers, { ...session.headers, 'mcp-protocol-version': '2025-03-26' }]) {
      const answered = await post(running.endpoint, [ping(1)], headers);
      expect(answered.status).toBe(400);
      expect(answered.json()).toMatchObject({ error: { code: -32600 } });
    }
  });
});
