/** Resources, templates, prompts, completion and subscriptions of a real server, directly and through Gatehouse. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../fixtures/event-frames.ts';
import { gatehouse, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { ask } from '../../fixtures/gateway.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { until } from '../../fixtures/until.ts';

const TEXT_1 = 'demo://resource/dynamic/text/1';
const UPDATED = 'notifications/resources/updated';

describe('A real server with resources and prompts', () => {
  const folder = temporaryDir();
  const direct = new Client({ name: 'v1', version: '1.0.0' });
  const through = new Client({ name: 'v1', version: '1.0.0' });
  const all = new Client({ name: 'v1', version: '1.0.0' });
  const updated: string[] = [];
  const changed = { prompts: 0, resources: 0 };
  let gate: Served;
  let headers: Record<string, string>;

  beforeAll(async () => {
    gate = await serve(folder.path);
    for (const name of ['everything', 'twin']) {
      await gatehouse(folder.path, 'server', 'add', name, '--', ...npmServer('everything'));
      await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', name);
    }
    const { token } = (await gatehouse(folder.path, 'app', 'token', 'v1')) as { token: string };
    headers = { authorization: `Bearer ${token}` };
    const [command = '', ...args] = npmServer('everything');
    await direct.connect(new StdioClientTransport({ command, args, stderr: 'ignore' }));
    const connect = async (client: Client, path: string): Promise<void> => {
      const transport = new StreamableHTTPClientTransport(new URL(gate.endpoint + path), { requestInit: { headers } });
      // The v1 SDK declares its own transport with an optional field as undefined, which exact types reject.
      await client.connect(transport as Parameters<typeof client.connect>[0]);
    };
    await connect(through, '/servers/everything');
    await connect(all, '');
    all.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void updated.push(params.uri));
    all.setNotificationHandler(PromptListChangedNotificationSchema, () => {
      changed.prompts += 1;
    });
    all.setNotificationHandler(ResourceListChangedNotificationSchema, () => {
      changed.resources += 1;
    });
  });
  afterAll(async () => {
    for (const client of [direct, through, all]) await client.close();
    await gate?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('lists on its own path exactly what it lists directly', async () => {
    expect(await through.listResources()).toEqual(await direct.listResources());
    expect(await through.listResourceTemplates()).toEqual(await direct.listResourceTemplates());
    expect(await through.listPrompts()).toEqual(await direct.listPrompts());
    expect(through.getInstructions()).toBe(direct.getInstructions());
    expect(through.getServerCapabilities()).toMatchObject({ resources: { subscribe: true }, completions: {} });
  });

  it('answers reads, prompts and completions on its own path as it does directly', async () => {
    const [first] = (await direct.listResources()).resources;
    for (const client of [direct, through]) {
      expect(await client.readResource({ uri: first?.uri ?? '' })).toMatchObject({ contents: [{ uri: first?.uri }] });
    }
    const uri = { uri: first?.uri ?? '' };
    expect(await through.readResource(uri)).toEqual(await direct.readResource(uri));
    const prompt = { name: 'args-prompt', arguments: { city: 'Oslo', state: 'none' } };
    expect(await through.getPrompt(prompt)).toEqual(await direct.getPrompt(prompt));
    const completion = {
      ref: { type: 'ref/prompt' as const, name: 'completable-prompt' },
      argument: { name: 'name', value: '' },
      context: { arguments: { department: 'Sales' } },
    };
    const values = { completion: { values: ['David', 'Eve', 'Frank'] } };
    expect(await direct.complete(completion)).toMatchObject(values);
    expect(await through.complete(completion)).toMatchObject(values);
    await expect(through.readResource({ uri: 'demo://nothing' })).rejects.toThrow(/-32002/);
    await expect(through.getPrompt({ name: 'nothing' })).rejects.toThrow(/-32602/);
  });

  it('shares an endpoint with its twin: prompts under two names, the same URIs apart', async () => {
    const prompts = (await all.listPrompts()).prompts.map(({ name }) => name);
    expect(prompts).toContain('everything__simple-prompt');
    expect(prompts).toContain('twin__simple-prompt');
    expect(await all.getPrompt({ name: 'twin__simple-prompt' })).toEqual(
      await direct.getPrompt({ name: 'simple-prompt' }),
    );
    const uris = (await all.listResources()).resources.map(({ uri }) => uri);
    const own = (await direct.listResources()).resources.map(({ uri }) => uri);
    expect(uris).toEqual([...own, ...own.map((uri) => `gatehouse://twin/${uri}`)]);
    const wrapped = `gatehouse://twin/${own[0]}`;
    const read = await all.readResource({ uri: wrapped });
    expect(read.contents[0]).toMatchObject({ uri: wrapped });
    expect(await all.readResource({ uri: TEXT_1 })).toMatchObject({ contents: [{ uri: TEXT_1 }] });
  });

  it('tells a session of updates of what it subscribed to', async () => {
    const wrapped = 'gatehouse://twin/demo://resource/dynamic/text/2';
    await all.subscribeResource({ uri: TEXT_1 });
    await all.subscribeResource({ uri: wrapped });
    const toggle = (server: string) =>
      all.request(
        {
          method: 'tools/call',
          params: { name: 'call_tool_write', arguments: { name: `${server}:toggle-subscriber-updates` } },
        },
        CallToolResultSchema,
      );
    await gatehouse(
      folder.path,
      ...['tool', 'approve', 'everything:toggle-subscriber-updates', 'twin:toggle-subscriber-updates'],
      ...['--effect', 'write'],
    );
    await toggle('everything');
    await toggle('twin');
    await until(() => updated.includes(TEXT_1) && updated.includes(wrapped), { what: 'Both updates' });
    await all.unsubscribeResource({ uri: wrapped });
  });

  it('tells a client of the stateless revision of the same updates', async () => {
    await using stream = await listen(gate.endpoint, { resourceSubscriptions: [TEXT_1, 'demo://nothing'] }, headers);
    const acknowledged = await stream.first('notifications/subscriptions/acknowledged');
    expect(acknowledged.params.notifications).toEqual({ resourceSubscriptions: [TEXT_1] });
    expect(await stream.first(UPDATED)).toMatchObject({ params: { uri: TEXT_1 } });
    expect(await ask(gate.endpoint, 'resources/read', { uri: TEXT_1 }, headers)).toMatchObject({
      contents: [{ uri: TEXT_1 }],
      cacheScope: 'private',
    });
  });

  it('is gone from every list, and heard to be, when the person blocks what it offers', async () => {
    const before = { ...changed };
    await gatehouse(folder.path, 'tool', 'block', 'twin#prompt:simple-prompt');
    await until(() => changed.prompts > before.prompts, { what: 'The changed list of prompts' });
    expect(changed.resources).toBe(before.resources);
    expect((await all.listPrompts()).prompts.map(({ name }) => name)).not.toContain('twin__simple-prompt');
    await expect(all.getPrompt({ name: 'twin__simple-prompt' })).rejects.toThrow();
  });
});
