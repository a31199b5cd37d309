/** Resources and templates: what an app sees of them, whose a URI is, and what comes back. */
import { describe, expect, it } from 'vitest';
import {
  everything,
  memoryApprovals,
  memoryProfiles,
  memoryUpstreams,
  offerRecord,
  resourceRecord,
  serverRecord,
  templateRecord,
  textResult,
  toolRecord,
} from '../../doubles/rooms.ts';
import { openSession } from '../../fixtures/event-frames.ts';
import { ask, call, modern, post, type RunningGateway, startGateway } from '../../fixtures/gateway.ts';

/** Each server answers a read with the URI it was asked for, and its own name. */
const answering = () =>
  memoryUpstreams((server, { params }) => ({ contents: [{ uri: params?.uri, text: `from ${server}` }] }));

const urisOf = async (endpoint: string) =>
  ((await ask(endpoint, 'resources/list')).resources as { uri: string }[]).map(({ uri }) => uri);
const templatesOf = async (endpoint: string) =>
  ((await ask(endpoint, 'resources/templates/list')).resourceTemplates as { uriTemplate: string }[]).map(
    ({ uriTemplate }) => uriTemplate,
  );
const read = (endpoint: string, uri: string, headers = {}) => ask(endpoint, 'resources/read', { uri }, headers);
/** What the server was asked for last. */
const lastRequest = ({ upstreams }: RunningGateway) => {
  const last = upstreams.requests.at(-1);
  return last && { server: last.server, method: last.request.method, uri: last.request.params?.uri };
};

describe('The list of resources', () => {
  it.each(['discover', 'direct', 'hybrid'] as const)('has those of all servers on the %s surface', async (surface) => {
    const odd = '{ "uri":"b://1", "name" : "n", "size": 12345678901234567890, "x-vendor":{"z":1,"a":2} }';
    const approvals = memoryApprovals([
      offerRecord('resource', 'b', 'b://1', odd),
      resourceRecord('a', 'a://2'),
      resourceRecord('a', 'a://1'),
      { ...resourceRecord('a', 'a://held'), state: 'pending' },
      templateRecord('b', 'b://{id}'),
    ]);
    await using running = await startGateway({ approvals, profiles: memoryProfiles({ ...everything, surface }) });
    expect(await urisOf(running.endpoint)).toEqual(['a://2', 'a://1', 'b://1']);
    expect(await templatesOf(running.endpoint)).toEqual(['b://{id}']);
    const request = modern('resources/list');
    expect((await post(running.endpoint, request.body, request.headers)).text).toContain(odd);
  });

  it('leaves out what the profile does not have, and is empty for a profile without reading', async () => {
    const approvals = memoryApprovals([resourceRecord('a', 'a://1'), resourceRecord('b', 'b://1')]);
    const profiles = memoryProfiles({ ...everything, servers: ['b'] });
    await using running = await startGateway({ approvals, profiles });
    expect(await urisOf(running.endpoint)).toEqual(['b://1']);
    profiles.put({ ...everything, effects: ['write'] });
    expect(await urisOf(running.endpoint)).toEqual([]);
  });

  it('wraps a URI that an earlier server has, and any that looks wrapped', async () => {
    const approvals = memoryApprovals([
      resourceRecord('b', 'same://x'),
      resourceRecord('a', 'same://x'),
      resourceRecord('a', 'gatehouse://b/same://x'),
      templateRecord('b', 'same://{id}'),
      templateRecord('a', 'same://{id}'),
    ]);
    await using running = await startGateway({ approvals, upstreams: answering() });
    expect(await urisOf(running.endpoint)).toEqual([
      'same://x',
      'gatehouse://a/gatehouse://b/same://x',
      'gatehouse://b/same://x',
    ]);
    expect(await templatesOf(running.endpoint)).toEqual(['same://{id}', 'gatehouse://b/same://{id}']);
    expect(await urisOf(`${running.endpoint}/servers/b`)).toEqual(['same://x']);
  });
});

describe('A read', () => {
  const start = () =>
    startGateway({
      upstreams: answering(),
      approvals: memoryApprovals([
        resourceRecord('b', 'same://x'),
        resourceRecord('a', 'same://x'),
        resourceRecord('b', 'b://listed'),
        templateRecord('a', 'b://{id}'),
        templateRecord('b', 'same://{id}'),
        { ...resourceRecord('a', 'held://1'), state: 'pending' },
        { ...templateRecord('a', 'held-too://{id}'), state: 'changed' },
      ]),
    });

  it('goes to the server that lists the URI, before one whose template covers it', async () => {
    await using running = await start();
    expect(await read(running.endpoint, 'b://listed')).toMatchObject({
      contents: [{ uri: 'b://listed', text: 'from b' }],
    });
    expect(await read(running.endpoint, 'b://other')).toMatchObject({ contents: [{ text: 'from a' }] });
    expect(await read(running.endpoint, 'same://x')).toMatchObject({ contents: [{ text: 'from a' }] });
  });

  it('of a wrapped URI reaches that server under its own URI, and the contents match what was asked', async () => {
    await using running = await start();
    for (const uri of ['same://x', 'same://y']) {
      expect(await read(running.endpoint, `gatehouse://b/${uri}`)).toMatchObject({
        contents: [{ uri: `gatehouse://b/${uri}`, text: 'from b' }],
      });
      expect(lastRequest(running)).toEqual({ server: 'b', method: 'resources/read', uri });
    }
    expect(await read(running.endpoint, 'gatehouse://nowhere/same://x')).toMatchObject({ error: { code: -32602 } });
  });

  it('says what the stateless revision asks for, where the server did not', async () => {
    await using running = await start();
    expect(await read(running.endpoint, 'b://listed')).toMatchObject({
      resultType: 'complete',
      ttlMs: 0,
      cacheScope: 'private',
    });
  });

  it('of a URI nobody has is an error that says so, and reaches no server', async () => {
    await using running = await start();
    expect(await read(running.endpoint, 'nobody://1')).toMatchObject({ error: { code: -32602 } });
    expect(await read(running.endpoint, `b://${'x'.repeat(9_000)}`)).toMatchObject({ error: { code: -32602 } });
    await using session = await openSession(running.endpoint);
    expect(await session.request('resources/read', { uri: 'nobody://1' })).toMatchObject({ error: { code: -32002 } });
    expect(await session.request('resources/read', {})).toMatchObject({ error: { code: -32602 } });
    expect(running.upstreams.requests).toEqual([]);
  });

  it('of a held resource says that it is held, and reaches no server', async () => {
    await using running = await start();
    expect(await read(running.endpoint, 'held://1')).toMatchObject({
      error: { data: { 'gatehouse/refusal': { code: 'quarantined' } } },
    });
    expect(await read(running.endpoint, 'held-too://1')).toMatchObject({
      error: { data: { 'gatehouse/refusal': { code: 'changed' } } },
    });
    expect(running.upstreams.requests).toEqual([]);
  });

  it('names the URI once to the server, however often the app wrote it', async () => {
    await using running = await start();
    const { body, headers } = modern('resources/read', { uri: 'b://listed' });
    const text = JSON.stringify(body).replace('"uri":', '"uri":"b://secret","uri":');
    expect((await post(running.endpoint, text, headers)).json()).toMatchObject({ result: {} });
    const [{ request }] = running.upstreams.requests as [(typeof running.upstreams.requests)[0]];
    expect(request.paramsJson).toBe('{"uri":"b://listed"}');
  });
});

describe('A URI no list has', () => {
  it('can be read by the app that got it in a result, for as long as the tool is approved', async () => {
    const upstreams = memoryUpstreams((server, { method, params }) =>
      method === 'tools/call'
        ? { content: [{ type: 'resource_link', uri: 'made://1', name: 'x' }] }
        : { contents: [{ uri: params?.uri, text: `from ${server}` }] },
    );
    const approvals = memoryApprovals([toolRecord('a:make')]);
    await using running = await startGateway({ approvals, upstreams });
    expect(await read(running.endpoint, 'made://1')).toMatchObject({ error: { code: -32602 } });
    await call(running.endpoint, 'call_tool_read', { name: 'a:make' });
    expect(await read(running.endpoint, 'made://1')).toMatchObject({ contents: [{ text: 'from a' }] });
    expect(await read(running.endpoint, 'made://1', { authorization: 'Bearer token-bob' })).toMatchObject({
      error: { code: -32602 },
    });
    approvals.put({ ...toolRecord('a:make'), state: 'blocked' });
    expect(await read(running.endpoint, 'made://1')).toMatchObject({ error: { code: -32602 } });
  });

  it('can be read when a resource the app read held it', async () => {
    const approvals = memoryApprovals([resourceRecord('a', 'dir://')]);
    const upstreams = memoryUpstreams((_server, { params }) => ({
      contents: [
        { uri: params?.uri, text: '' },
        { uri: 'dir://child', text: '' },
      ],
    }));
    await using running = await startGateway({ approvals, upstreams });
    await read(running.endpoint, 'dir://');
    expect(await read(running.endpoint, 'dir://child')).toHaveProperty('contents');
  });

  it.each([[{ ui: { resourceUri: 'ui://page' } }], [{ 'ui/resourceUri': 'ui://page' }]])(
    'can be read when an approved tool shows it as its page: %j',
    async (_meta) => {
      const approvals = memoryApprovals([
        toolRecord('a:show', 'write', { _meta }),
        toolRecord('a:odd', 'read', { _meta: { ui: { resourceUri: 'file:///etc/passwd' } } }),
      ]);
      const profiles = memoryProfiles(everything);
      await using running = await startGateway({ approvals, profiles, upstreams: answering() });
      expect(await read(running.endpoint, 'ui://page')).toMatchObject({ contents: [{ text: 'from a' }] });
      expect(await read(running.endpoint, 'file:///etc/passwd')).toMatchObject({ error: { code: -32602 } });
      profiles.put({ ...everything, effects: ['read'] });
      expect(await read(running.endpoint, 'ui://page')).toMatchObject({ error: { code: -32602 } });
    },
  );
});

it('The whole endpoint declares all it can relay, whatever the servers do now', async () => {
  await using running = await startGateway();
  const capabilities = {
    tools: { listChanged: true },
    prompts: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    completions: {},
    logging: {},
  };
  expect((await ask(running.endpoint, 'server/discover')).capabilities).toEqual(capabilities);
  await using session = await openSession(running.endpoint);
  expect(session.initialized.capabilities).toEqual(capabilities);
});

describe('One server', () => {
  it('is served with its own capabilities, instructions and URIs', async () => {
    const server = serverRecord('a', {
      capabilities: {
        resources: { subscribe: false },
        tasks: { list: {} },
        extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html'] }, 'com.example/x': {} },
      },
      instructions: 'Be kind.',
      approvedInstructions: 'Be kind.',
      instructionsState: 'approved',
    });
    const approvals = memoryApprovals([resourceRecord('a', 'same://x'), resourceRecord('b', 'same://x')], [server]);
    await using running = await startGateway({ approvals, upstreams: answering() });
    const path = `${running.endpoint}/servers/a`;
    expect(await ask(path, 'server/discover')).toMatchObject({
      capabilities: {
        resources: { listChanged: true },
        extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html'] } },
      },
      instructions: 'Be kind.',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'gatehouse' } },
    });
    const { capabilities } = await ask(path, 'server/discover');
    expect(Object.keys(capabilities as object)).toEqual(['resources', 'extensions']);
    expect(await read(path, 'same://x')).toMatchObject({ contents: [{ uri: 'same://x', text: 'from a' }] });
    expect(await read(path, 'gatehouse://b/same://x')).toMatchObject({ error: { code: -32602 } });
    await using session = await openSession(path);
    expect(session.initialized).toMatchObject({ instructions: 'Be kind.', serverInfo: { name: 'gatehouse' } });
  });

  it('that is held is there and empty, and its instructions wait', async () => {
    const server = serverRecord('a', {
      state: 'pending',
      instructions: 'POISON',
      instructionsState: 'pending',
      listedAt: null,
    });
    const approvals = memoryApprovals(
      [{ ...resourceRecord('a', 'a://1'), state: 'pending', heldByServer: true }],
      [server],
    );
    await using running = await startGateway({ approvals });
    const path = `${running.endpoint}/servers/a`;
    expect(await urisOf(path)).toEqual([]);
    expect(await ask(path, 'tools/list')).toMatchObject({ tools: [] });
    const discovered = await ask(path, 'server/discover');
    expect(discovered).toMatchObject({ capabilities: { tools: {}, prompts: {}, resources: {} } });
    expect(JSON.stringify(discovered)).not.toContain('POISON');
  });
});

describe('Twenty thousand resources', () => {
  it('come in pages, the same in the same order, and each page quickly', async () => {
    const records = Array.from({ length: 20_000 }, (_, index) => resourceRecord('a', `a://${index}`));
    const approvals = memoryApprovals(records);
    await using running = await startGateway({ approvals });
    const uris: string[] = [];
    let cursor: unknown;
    let slowest = 0;
    do {
      const before = performance.now();
      const page = await ask(running.endpoint, 'resources/list', cursor === undefined ? {} : { cursor });
      // The first one builds what the others use.
      if (cursor !== undefined) slowest = Math.max(slowest, performance.now() - before);
      uris.push(...(page.resources as { uri: string }[]).map(({ uri }) => uri));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(uris).toEqual(records.map(({ name }) => name));
    expect(slowest).toBeLessThan(500);
    for (const foreign of ['', 'x', 7]) {
      expect(await ask(running.endpoint, 'resources/list', { cursor: foreign })).toMatchObject({
        error: { code: -32602 },
      });
    }
  });
});

it('A tool result is passed whole although it holds a link', async () => {
  const answer = { ...textResult('see'), structuredContent: { type: 'resource' } };
  await using running = await startGateway({
    approvals: memoryApprovals([toolRecord('a:one')]),
    upstreams: memoryUpstreams(() => answer),
  });
  expect(await call(running.endpoint, 'call_tool_read', { name: 'a:one' })).toMatchObject(answer);
});
