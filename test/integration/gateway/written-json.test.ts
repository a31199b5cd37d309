/** What an app and a server write reaches the other side as they wrote it. */
import { describe, expect, it } from 'vitest';
import { everything, memoryApprovals, memoryProfiles, memoryUpstreams, toolRecord } from '../../doubles/rooms.ts';
import { modern, post, refusalOf, startGateway, textOf } from '../../fixtures/gateway.ts';

const notes = () => memoryApprovals([toolRecord('notes:search', 'read'), toolRecord('notes:add', 'write')]);
const direct = () => memoryProfiles({ ...everything, surface: 'direct' });
const BIG = '9007199254740993123456789';

/** A stateless tools/call whose params are exactly this text, with the envelope put in. */
function written(paramsWithoutMeta: string, name: string) {
  const { body, headers } = modern('tools/call', { name });
  const meta = JSON.stringify(body.params._meta);
  const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${paramsWithoutMeta},"_meta":${meta}}}`;
  return { text, headers };
}

const rawResult = (text: string): string => text.slice('{"jsonrpc":"2.0","id":1,"result":'.length, -1);

describe('what is written', () => {
  it('reaches a server with its numbers, its order, and params nobody knows', async () => {
    await using running = await startGateway({ approvals: notes(), profiles: direct() });
    const { text, headers } = written(
      `"zeta":1.0,"name":"notes__search","arguments":{"b": ${BIG},"a":1e400,"s":"\\u00e9"},"task":{"ttl":1.50}`,
      'notes__search',
    );
    await post(running.endpoint, text, headers);
    const { request } = running.upstreams.requests[0] ?? {};
    expect(request?.paramsJson).toBe(
      `{"name":"search","arguments":{"b": ${BIG},"a":1e400,"s":"\\u00e9"},"zeta":1.0,"task":{"ttl":1.50}}`,
    );
    expect(request?.params).toMatchObject({ name: 'search', zeta: 1, task: { ttl: 1.5 } });
    expect(running.audit.last().argumentsJson).toBe(`{"b": ${BIG},"a":1e400,"s":"\\u00e9"}`);
  });

  it('comes back with its numbers and its order, also in what is kept in the log', async () => {
    const answer = `{"z": ${BIG}, "content":[{"type":"text","text":"ok"}],"a":-0.0}`;
    await using running = await startGateway({
      approvals: notes(),
      profiles: direct(),
      upstreams: memoryUpstreams(() => answer),
    });
    const { text, headers } = written('"name":"notes__search"', 'notes__search');
    const { text: got } = await post(running.endpoint, text, headers);
    expect(rawResult(got)).toBe(`{"resultType":"complete",${answer.slice(1)}`);
    expect(running.audit.last().end?.resultJson).toBe(answer);
  });

  it('keeps the numbers of arguments inside a call tool, also when a model sent them as JSON text', async () => {
    await using running = await startGateway({ approvals: notes() });
    for (const inner of [`{"id":${BIG}}`, JSON.stringify(`{"id":${BIG}}`)]) {
      const { text, headers } = written(
        `"name":"call_tool_read","arguments":{"name":"notes:search","arguments":${inner}}`,
        'call_tool_read',
      );
      await post(running.endpoint, text, headers);
      expect(running.upstreams.requests.at(-1)?.request.paramsJson).toBe(`{"name":"search","arguments":{"id":${BIG}}}`);
    }
  });

  it('keeps numbers in what is left of a result that was shortened', async () => {
    const long = JSON.stringify('x'.repeat(60_000));
    await using running = await startGateway({
      approvals: notes(),
      upstreams: memoryUpstreams(() => `{"content":[{"type":"text","text":${long}}],"id":${BIG},"_meta":{"v":${BIG}}}`),
    });
    const { text, headers } = written('"name":"call_tool_read","arguments":{"name":"notes:search"}', 'call_tool_read');
    const { text: got } = await post(running.endpoint, text, headers);
    expect(got).toContain(`"id":${BIG},`);
    expect(got).toContain(`"_meta":{"v":${BIG},"gatehouse/result":`);
    expect(got.length).toBeLessThan(60_000);
  });

  it.each([
    ['in the arguments', '"name":"notes__search","arguments":{"path":"/safe","path":"/etc"}', 'notes__search'],
    ['deep in them', '"name":"notes__search","arguments":{"a":[{"x":1,"\\u0078":2}]}', 'notes__search'],
  ])(
    'is refused when a key stands twice %s, because programs differ in which they read',
    async (_where, params, name) => {
      await using running = await startGateway({ approvals: notes(), profiles: direct() });
      const { text, headers } = written(params, name);
      const result = (await post(running.endpoint, text, headers)).json().result as Record<string, unknown>;
      expect(refusalOf(result)).toMatchObject({ code: 'invalid_arguments', whoCanFix: 'agent' });
      expect(running.upstreams.requests).toEqual([]);
      expect(running.audit.last().end).toMatchObject({ status: 'refused', code: 'invalid_arguments' });
    },
  );

  it.each([
    ['beside the tool', '{"name":"notes:search","name":"notes:add"}'],
    ['inside the arguments', '{"name":"notes:search","arguments":{"a":1,"a":2}}'],
    ['inside arguments sent as JSON text', '{"name":"notes:search","arguments":"{\\"a\\":1,\\"a\\":2}"}'],
  ])('is refused when a key stands twice %s of a call tool', async (_where, args) => {
    await using running = await startGateway({ approvals: notes() });
    const { text, headers } = written(`"name":"call_tool_read","arguments":${args}`, 'call_tool_read');
    const result = (await post(running.endpoint, text, headers)).json().result as Record<string, unknown>;
    expect(refusalOf(result)).toMatchObject({ code: 'invalid_arguments' });
    expect(textOf(result)).toContain('twice');
    expect(running.upstreams.requests).toEqual([]);
  });

  it('sends one value where a client wrote a parameter twice: the one that was checked', async () => {
    await using running = await startGateway({ approvals: notes(), profiles: direct() });
    const { text, headers } = written(
      '"arguments":{"a":1},"name":"x","arguments":{"a":2},"name":"notes__search"',
      'notes__search',
    );
    await post(running.endpoint, text, headers);
    expect(running.upstreams.requests[0]?.request.paramsJson).toBe('{"name":"search","arguments":{"a":2}}');
  });

  it('is one line in both directions, whatever line breaks a client or server puts between its parts', async () => {
    await using running = await startGateway({
      approvals: notes(),
      profiles: direct(),
      upstreams: memoryUpstreams((_server, _request, context) => {
        context.onProgress?.({ progress: 1 });
        return '{\n  "content": [],\r\n  "n": "a\\nb"\n}';
      }),
    });
    const { text, headers } = written('\n"name":"notes__search",\n"arguments":{\n"a":1\n}', 'notes__search');
    const answered = await post(running.endpoint, text.replace('"_meta":{', '"_meta":{"progressToken":1,'), headers);
    expect(running.upstreams.requests[0]?.request.paramsJson).toBe('{"name":"search","arguments":{ "a":1 }}');
    const events = answered.text.trim().split('\n\n');
    expect(events).toHaveLength(2);
    expect(JSON.parse(events[1]?.split('data: ')[1] ?? '')).toMatchObject({ result: { content: [], n: 'a\nb' } });
  });

  it('says that Gatehouse answers, where a server says it is the one, and leaves the rest of _meta alone', async () => {
    const own = '{"name":"evil","version":"1"}';
    await using running = await startGateway({
      approvals: notes(),
      profiles: direct(),
      upstreams: memoryUpstreams(
        () =>
          `{"content":[],"resultType":"complete","_meta":{"k":${BIG},"io.modelcontextprotocol\\/serverInfo":${own}}}`,
      ),
    });
    const { text, headers } = written('"name":"notes__search"', 'notes__search');
    const { text: got } = await post(running.endpoint, text, headers);
    expect(got).not.toContain('evil');
    expect(got).toContain(`"k":${BIG}`);
    expect(JSON.parse(got).result._meta['io.modelcontextprotocol/serverInfo']).toMatchObject({ name: 'gatehouse' });
  });

  it('carries trace context in _meta untouched and keeps what belongs to this hop', async () => {
    await using running = await startGateway({ approvals: notes(), profiles: direct() });
    const { text, headers } = written('"name":"notes__search"', 'notes__search');
    const trace =
      '"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tracestate":"a=1","baggage":"k=v"';
    await post(running.endpoint, text.replace('"_meta":{', `"_meta":{${trace},"progressToken":"p",`), headers);
    expect(running.upstreams.requests[0]?.request.paramsJson).toBe(`{"name":"search","_meta":{${trace}}}`);
  });
});
