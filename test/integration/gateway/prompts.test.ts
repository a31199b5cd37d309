/** Prompts and completion: under which names an app uses them and what the server gets. */
import { describe, expect, it } from 'vitest';
import {
  everything,
  memoryApprovals,
  memoryProfiles,
  memoryUpstreams,
  offerRecord,
  promptRecord,
  resourceRecord,
  templateRecord,
} from '../../doubles/rooms.ts';
import { openSession } from '../../fixtures/event-frames.ts';
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

const namesOf = async (endpoint: string) =>
  ((await ask(endpoint, 'prompts/list')).prompts as { name: string }[]).map(({ name }) => name);
const lastJson = ({ upstreams }: RunningGateway) => {
  const last = upstreams.requests.at(-1);
  return last && [last.server, last.request.method, last.request.paramsJson];
};
const prompts = () =>
  memoryApprovals([
    promptRecord('b', 'greet'),
    promptRecord('a', 'greet'),
    promptRecord('a', '__proto__'),
    { ...promptRecord('a', 'held'), state: 'pending' },
  ]);
const said = { messages: [{ role: 'user', content: { type: 'text', text: 'Hello' } }] };

describe('Prompts', () => {
  it.each(['discover', 'direct', 'hybrid'] as const)('are named by their server on the %s surface', async (surface) => {
    const profiles = memoryProfiles({ ...everything, surface });
    await using running = await startGateway({ approvals: prompts(), profiles });
    expect(await namesOf(running.endpoint)).toEqual(['a__greet', 'a____proto__', 'b__greet']);
    expect(await namesOf(`${running.endpoint}/servers/a`)).toEqual(['greet', '__proto__']);
  });

  it('are listed as the server wrote them but for the name', async () => {
    const odd = '{ "description":"d", "name" : "greet", "arguments": [ {"name":"n","x":1.0} ] }';
    await using running = await startGateway({
      approvals: memoryApprovals([offerRecord('prompt', 'a', 'greet', odd)]),
    });
    const { body, headers } = modern('prompts/list');
    expect((await post(running.endpoint, body, headers)).text).toContain(odd.replace('"greet"', '"a__greet"'));
    expect((await post(`${running.endpoint}/servers/a`, body, headers)).text).toContain(odd);
  });

  it('reach the server under its own name, everything else as the app wrote it', async () => {
    await using running = await startGateway({ approvals: prompts(), upstreams: memoryUpstreams(() => said) });
    const { body, headers } = modern('prompts/get', { name: 'a__greet', arguments: { n: 'x' } });
    const text = JSON.stringify(body).replace('"n":"x"', '"n" : "x", "later": 12345678901234567890');
    expect((await post(running.endpoint, text, headers)).json()).toMatchObject({ result: said });
    expect(lastJson(running)).toEqual([
      'a',
      'prompts/get',
      '{"name":"greet","arguments":{"n" : "x", "later": 12345678901234567890}}',
    ]);
    expect(await ask(running.endpoint, 'prompts/get', { name: 'a____proto__' })).toMatchObject(said);
    expect(await ask(`${running.endpoint}/servers/b`, 'prompts/get', { name: 'greet' })).toMatchObject(said);
    expect(running.upstreams.requests.map(({ server }) => server)).toEqual(['a', 'a', 'b']);
  });

  it('are no tools: neither described nor called as one', async () => {
    await using running = await startGateway({ approvals: prompts() });
    const text = textOf(await call(running.endpoint, 'describe_tools', { names: ['a#prompt:greet'] }));
    expect(JSON.parse(text)).toMatchObject([{ code: 'not_in_profile' }]);
    expect(refusalOf(await call(running.endpoint, 'call_tool_read', { name: 'a#prompt:greet' }))).toMatchObject({
      code: 'not_in_profile',
    });
    expect(running.upstreams.requests).toEqual([]);
  });

  it('that are unknown or held reach no server', async () => {
    await using running = await startGateway({ approvals: prompts(), upstreams: memoryUpstreams(() => said) });
    for (const name of ['nothing', 'greet', '__proto__', 'constructor', 'a__nothing']) {
      expect(await ask(running.endpoint, 'prompts/get', { name })).toMatchObject({ error: { code: -32602 } });
    }
    expect(await ask(running.endpoint, 'prompts/get', { name: 'a__held' })).toMatchObject({
      error: { data: { 'gatehouse/refusal': { code: 'quarantined' } } },
    });
    expect(await ask(running.endpoint, 'prompts/get', {})).toMatchObject({ error: { code: -32602 } });
    await using session = await openSession(running.endpoint);
    expect(await session.request('prompts/get', { name: 'nothing' })).toMatchObject({ error: { code: -32602 } });
    expect(running.upstreams.requests).toEqual([]);
  });
});

describe('Completion', () => {
  const completion = { completion: { values: ['paris'], hasMore: false } };
  const start = () =>
    startGateway({
      approvals: memoryApprovals([
        promptRecord('a', 'greet'),
        templateRecord('a', 'same://{id}'),
        templateRecord('b', 'same://{id}'),
        resourceRecord('b', 'b://1'),
      ]),
      upstreams: memoryUpstreams(() => completion),
    });
  const complete = (running: RunningGateway, ref: Record<string, unknown>) =>
    ask(running.endpoint, 'completion/complete', {
      ref,
      argument: { name: 'n', value: 'p' },
      context: { arguments: { other: 'x' } },
    });
  const rest = '"argument":{"name":"n","value":"p"},"context":{"arguments":{"other":"x"}}';

  it('of a prompt reaches its server under its own name, with the context', async () => {
    await using running = await start();
    expect(await complete(running, { type: 'ref/prompt', name: 'a__greet', title: 'T' })).toMatchObject(completion);
    expect(lastJson(running)).toEqual([
      'a',
      'completion/complete',
      `{"ref":{"type":"ref/prompt","name":"greet","title":"T"},${rest}}`,
    ]);
  });

  it.each([
    ['same://{id}', 'a', 'same://{id}'],
    ['gatehouse://b/same://{id}', 'b', 'same://{id}'],
    ['same://7', 'a', 'same://7'],
    ['b://1', 'b', 'b://1'],
  ])('of %s reaches %s', async (uri, server, own) => {
    await using running = await start();
    expect(await complete(running, { type: 'ref/resource', uri })).toMatchObject(completion);
    expect(lastJson(running)).toEqual([
      server,
      'completion/complete',
      `{"ref":{"type":"ref/resource","uri":"${own}"},${rest}}`,
    ]);
  });

  it.each([
    [{}],
    [{ type: 'ref/prompt' }],
    [{ type: 'ref/prompt', name: 'x' }],
    [{ type: 'ref/resource', uri: 'no://' }],
  ])('of what is not there is an error: %j', async (ref) => {
    await using running = await start();
    expect(await complete(running, ref)).toMatchObject({ error: { code: -32602 } });
    expect(running.upstreams.requests).toEqual([]);
  });
});
