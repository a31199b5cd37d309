/** What agents see and read: the menu, finding and describing tools, direct names, one server, and long results. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  everything,
  memoryApprovals,
  memoryProfiles,
  memoryUpstreams,
  offerRecord,
  textResult,
  toolRecord,
} from '../../doubles/rooms.ts';
import {
  ask,
  call,
  modern,
  post,
  type RunningGateway,
  refusalOf,
  startGateway,
  textOf,
} from '../../fixtures/gateway.ts';

const names = async (endpoint: string) =>
  ((await ask(endpoint, 'tools/list')).tools as { name: string }[]).map((tool) => tool.name);
/** A generous guess: code and names cost more tokens than prose, about one for three characters. */
const tokensIn = (text: string) => Math.ceil(text.length / 3);

describe('discover', () => {
  const issue = toolRecord('github:create_issue', 'write', {
    description: 'Creates an issue in a repository. It needs write access.\nMore text.',
    inputSchema: {
      type: 'object',
      properties: {
        repo: { type: 'string' },
        title: { type: 'string' },
        labels: { type: 'array', items: { type: 'string' } },
      },
      required: ['repo', 'title'],
    },
    icons: [{ src: 'https://example.com/i.png' }],
  });

  it('has a menu of six tools within its budget, whatever is approved', async () => {
    await using running = await startGateway({ approvals: memoryApprovals([issue]) });
    const { tools } = await ask(running.endpoint, 'tools/list');
    expect(tools).toHaveLength(6);
    expect(tokensIn(JSON.stringify(tools))).toBeLessThanOrEqual(1_200);
    expect(tools).toMatchObject([
      { annotations: { readOnlyHint: true } },
      { annotations: { readOnlyHint: true } },
      { name: 'call_tool_read', annotations: { readOnlyHint: true, destructiveHint: false } },
      { name: 'call_tool_write', annotations: { readOnlyHint: false, destructiveHint: false } },
      { name: 'call_tool_destructive', annotations: { readOnlyHint: false, destructiveHint: true } },
      { name: 'read_result' },
    ]);
  });

  it('answers a search in one line a tool, with what a call needs', async () => {
    await using running = await startGateway({ approvals: memoryApprovals([issue]) });
    const text = textOf(await call(running.endpoint, 'retrieve_tools', { query: 'create an issue' }));
    expect(text).toContain(
      'github:create_issue [write, 3.00] create_issue(repo: string, title: string, labels?: string[]) — Creates an issue in a repository.',
    );
    expect(running.audit.last()).toMatchObject({ server: null, tool: 'retrieve_tools', end: { status: 'done' } });
  });

  it('keeps an answer of ten tools within its budget, however much they say', async () => {
    const wordy = Array.from({ length: 20 }, (_, index) =>
      toolRecord(`server-with-a-long-name:tool_with_a_long_name_${index}`, 'destructive', {
        description: `Searches ${'very '.repeat(100)}thoroughly. And more.`,
        inputSchema: {
          type: 'object',
          properties: Object.fromEntries(
            Array.from({ length: 40 }, (_, i) => [`parameter_number_${i}`, { enum: ['one', 'two', 'three', 'four'] }]),
          ),
        },
      }),
    );
    await using running = await startGateway({ approvals: memoryApprovals(wordy) });
    const text = textOf(await call(running.endpoint, 'retrieve_tools', { query: 'searches' }));
    expect(text.match(/^server-with/gm)).toHaveLength(10);
    expect(tokensIn(text)).toBeLessThanOrEqual(960);
  });

  it('says honestly that nothing fits', async () => {
    await using running = await startGateway({ approvals: memoryApprovals([issue]) });
    expect(textOf(await call(running.endpoint, 'retrieve_tools', { query: 'zebra' }))).toMatch(
      /^No available tool fits/,
    );
  });

  it('describes a tool completely and gives only codes for the others', async () => {
    const approvals = memoryApprovals([
      issue,
      { ...toolRecord('github:new', 'read', { description: 'POISON' }), state: 'pending' },
    ]);
    await using running = await startGateway({ approvals });
    const text = textOf(
      await call(running.endpoint, 'describe_tools', { names: ['github:create_issue', 'github:new', 'no:thing'] }),
    );
    const { name: _name, ...definition } = issue.definition;
    expect(JSON.parse(text)).toEqual([
      { name: 'github:create_issue', effect: 'write', call_with: 'call_tool_write', definition },
      { name: 'github:new', code: 'quarantined', message: expect.any(String) },
      { name: 'no:thing', code: 'not_in_profile', message: 'No tool named no:thing is available to this app.' },
    ]);
    expect(text).not.toContain('POISON');
  });

  it('describes a tool in the server’s own text, numbers of any length included', async () => {
    const odd = '{ "name":"one", "inputSchema":{"maximum": 12345678901234567890} }';
    await using running = await startGateway({ approvals: memoryApprovals([offerRecord('tool', 'a', 'one', odd)]) });
    expect(textOf(await call(running.endpoint, 'describe_tools', { names: ['a:one'] }))).toBe(
      '[{"name":"a:one","effect":"read","call_with":"call_tool_read","definition":{"inputSchema":{"maximum": 12345678901234567890}}}]',
    );
  });

  it('finds and describes nothing that is not approved, or not in the profile, even when the index still has it', async () => {
    const held = { ...toolRecord('files:read', 'read', { description: 'issue POISON' }), state: 'changed' as const };
    const approvals = memoryApprovals([issue, held, toolRecord('files:issue_delete', 'destructive')]);
    const profiles = memoryProfiles({ ...everything, effects: ['read', 'write'] });
    const discovery = {
      search: async () => [issue, held, toolRecord('files:issue_delete')].map(({ id }) => ({ id, score: 1 })),
    };
    await using running = await startGateway({ approvals, profiles, options: { discovery } });
    const found = textOf(await call(running.endpoint, 'retrieve_tools', { query: 'issue' }));
    expect(found).toContain('github:create_issue');
    expect(found).not.toMatch(/files:|POISON/);
    const described = textOf(
      await call(running.endpoint, 'describe_tools', { names: ['files:issue_delete', 'files:read'] }),
    );
    expect(JSON.parse(described)).toMatchObject([{ code: 'not_in_profile' }, { code: 'changed' }]);
  });

  it.each([
    ['retrieve_tools', {}],
    ['retrieve_tools', { query: 'x', limit: 1000 }],
    ['describe_tools', { names: [] }],
    ['read_result', { handle: 5 }],
  ])('refuses %s with arguments that do not fit', async (tool, args) => {
    await using running = await startGateway();
    expect(refusalOf(await call(running.endpoint, tool, args))).toMatchObject({
      code: 'invalid_arguments',
      tool,
      whoCanFix: 'agent',
    });
  });
});

describe('direct', () => {
  const direct = memoryProfiles({ ...everything, surface: 'direct' });
  const tools = [
    toolRecord('b:two', 'write'),
    toolRecord('a:one', 'read', { inputSchema: { type: 'object', 'x-vendor': { z: 1, a: 2 } } }),
  ];

  it('lists approved tools under direct names in a fixed order, their definitions untouched', async () => {
    const approvals = memoryApprovals([...tools, { ...toolRecord('a:held'), state: 'pending' }]);
    await using running = await startGateway({ approvals, profiles: direct });
    expect(await names(running.endpoint)).toEqual(['a__one', 'b__two', 'read_result']);
    const listed = (await ask(running.endpoint, 'tools/list')).tools as Record<string, unknown>[];
    expect(JSON.stringify(listed[0])).toBe(JSON.stringify({ ...tools[1]?.definition, name: 'a__one' }));
  });

  it('lists each definition as the server wrote it, but for the name', async () => {
    const odd = '{ "inputSchema":{"type":"object", "maximum":12345678901234567890},\t"name" : "one", "x":1.0 }';
    const approvals = memoryApprovals([offerRecord('tool', 'a', 'one', odd)]);
    await using running = await startGateway({ approvals, profiles: direct });
    const { body, headers } = modern('tools/list');
    expect((await post(running.endpoint, body, headers)).text).toContain(odd.replace('"one"', '"a__one"'));
    expect((await post(`${running.endpoint}/servers/a`, body, headers)).text).toContain(odd);
  });

  it('calls by direct name, and tells held from unknown by the code only', async () => {
    const approvals = memoryApprovals([...tools, { ...toolRecord('a:held'), state: 'pending' }]);
    await using running = await startGateway({ approvals, profiles: direct });
    expect(textOf(await call(running.endpoint, 'b__two', { x: 1 }))).toBe('{"name":"two","arguments":{"x":1}}');
    expect(refusalOf(await call(running.endpoint, 'a__held'))).toMatchObject({ code: 'quarantined' });
    expect(refusalOf(await call(running.endpoint, 'a__nothing'))).toMatchObject({ code: 'not_in_profile' });
    expect(refusalOf(await call(running.endpoint, 'call_tool_read', { name: 'a:one' }))).toMatchObject({
      code: 'not_in_profile',
    });
  });

  it('shows a change of approvals and of the profile at the next list', async () => {
    const approvals = memoryApprovals(tools);
    const profiles = memoryProfiles({ ...everything, surface: 'direct' });
    await using running = await startGateway({ approvals, profiles });
    await names(running.endpoint);
    approvals.put({ ...toolRecord('b:two', 'write'), state: 'changed' });
    expect(await names(running.endpoint)).toEqual(['a__one', 'read_result']);
    profiles.put({ ...everything, surface: 'direct', servers: ['b'] });
    expect(await names(running.endpoint)).toEqual(['read_result']);
  });
});

describe('one server', () => {
  it('is served under its own names, to apps whose profile has it', async () => {
    const approvals = memoryApprovals([toolRecord('a:one'), toolRecord('a:zwei'), toolRecord('b:two')]);
    const profiles = memoryProfiles({ ...everything, servers: ['a'] });
    await using running = await startGateway({ approvals, profiles });
    expect(await names(`${running.endpoint}/servers/a`)).toEqual(['one', 'zwei']);
    expect(textOf(await call(`${running.endpoint}/servers/a`, 'one', { x: 1 }))).toBe(
      '{"name":"one","arguments":{"x":1}}',
    );
    expect(refusalOf(await call(`${running.endpoint}/servers/a`, 'two'))).toMatchObject({ code: 'not_in_profile' });
    for (const server of ['b', 'nowhere']) {
      const answered = await post(`${running.endpoint}/servers/${server}`, {
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: {},
      });
      expect([answered.status, answered.json().error]).toEqual([
        404,
        { code: -32600, message: `No server named ${server} is available to this app.` },
      ]);
    }
  });

  it('passes long results whole, because it has no read_result', async () => {
    const long = 'x'.repeat(50_000);
    const approvals = memoryApprovals([toolRecord('a:one')]);
    await using running = await startGateway({
      approvals,
      upstreams: memoryUpstreams(() => textResult(long)),
      settings: { resultLimit: 1000 },
    });
    expect(textOf(await call(`${running.endpoint}/servers/a`, 'one'))).toBe(long);
  });
});

describe('long results', () => {
  const start = (answer: Record<string, unknown>, resultLimit = 1000) =>
    startGateway({
      approvals: memoryApprovals([toolRecord('a:one')]),
      upstreams: memoryUpstreams(() => answer),
      settings: { resultLimit },
    });
  const one = (endpoint: string) => call(endpoint, 'call_tool_read', { name: 'a:one' });
  const factsOf = (result: Record<string, unknown>) =>
    (result._meta as Record<string, Record<string, unknown>>)['gatehouse/result'] as {
      handle: string;
      total: number;
      shown: number;
      kind: string;
    };

  async function readAll(running: RunningGateway, first: Record<string, unknown>, limit?: number): Promise<string> {
    const { handle, shown } = factsOf(first);
    let text = ((first.content as { text: string }[])[0] as { text: string }).text;
    expect(text).toHaveLength(shown);
    for (let offset: number | null = shown; offset !== null; ) {
      const page: Record<string, unknown> = await call(running.endpoint, 'read_result', {
        handle,
        offset,
        ...(limit && { limit }),
      });
      text += ((page.content as { text: string }[])[0] as { text: string }).text;
      offset = (page._meta as Record<string, { nextOffset: number | null }>)['gatehouse/page']?.nextOffset ?? null;
    }
    return text;
  }

  it('come in pages that are together exactly the text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
        fc.integer({ min: 100, max: 900 }),
        async (piece, limit) => {
          const text = piece.repeat(Math.ceil(3000 / piece.length));
          await using running = await start({ content: [{ type: 'text', text }], _meta: { 'vendor/x': 1 } });
          const first = await one(running.endpoint);
          expect(factsOf(first)).toMatchObject({ total: text.length, kind: 'text' });
          expect(first._meta).toMatchObject({ 'vendor/x': 1 });
          expect(await readAll(running, first, limit)).toBe(text);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('of any other form come as the JSON text of the whole result', async () => {
    const answer = {
      content: [
        { type: 'text', text: 'a'.repeat(900) },
        { type: 'image', data: 'b'.repeat(900) },
      ],
      structuredContent: { c: 1 },
      isError: true,
    };
    await using running = await start(answer);
    const first = await one(running.endpoint);
    expect(first.isError).toBe(true);
    expect(JSON.parse(await readAll(running, first))).toEqual(answer);
  });

  it('are left alone up to the limit', async () => {
    const answer = textResult('x'.repeat(900));
    await using running = await start(answer);
    expect(await one(running.endpoint)).toEqual({ resultType: 'complete', ...answer });
  });

  it('are searched, and belong to the app that got them', async () => {
    await using running = await start(textResult(`${'x'.repeat(5000)} Needle ${'y'.repeat(5000)}`));
    const { handle } = factsOf(await one(running.endpoint));
    const found = await call(running.endpoint, 'read_result', { handle, search: 'needle' });
    expect((found._meta as Record<string, unknown>)['gatehouse/matches']).toEqual({
      offsets: [5001],
      more: false,
      total: 10_008,
    });
    expect(textOf(found)).toContain('5001: ');
    const stolen = await call(running.endpoint, 'read_result', { handle }, { authorization: 'Bearer token-bob' });
    expect(refusalOf(stolen)).toMatchObject({ code: 'invalid_arguments' });
    expect(JSON.stringify(stolen)).not.toContain('xxx');
  });

  it('are recorded with the size of the whole', async () => {
    await using running = await start(textResult('x'.repeat(5000)));
    const first = await one(running.endpoint);
    expect(running.audit.last().end).toMatchObject({
      resultBytes: JSON.stringify(textResult('x'.repeat(5000))).length,
      resultJson: JSON.stringify({ ...first, resultType: undefined }),
    });
  });

  it('keep structured content in direct mode where a client would miss it', async () => {
    const answer = { content: [{ type: 'text', text: 'x'.repeat(5000) }], structuredContent: { a: 1 } };
    const approvals = memoryApprovals([toolRecord('a:one', 'read', { outputSchema: { type: 'object' } })]);
    const profiles = memoryProfiles({ ...everything, surface: 'direct' });
    await using running = await startGateway({
      approvals,
      profiles,
      upstreams: memoryUpstreams(() => answer),
      settings: { resultLimit: 1000 },
    });
    expect(await call(running.endpoint, 'a__one')).toMatchObject(answer);
  });
});
