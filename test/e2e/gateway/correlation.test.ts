/** Whoever is asked back by a server is the one whose call it works on, whatever the transport and however many ask at once. */
import { join } from 'node:path';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatehouse, type Served, type Started, serve, start, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';

const program = join(import.meta.dirname, '../../fixtures/asking/server.ts');
const SESSIONS = 8;
const CALLS = 20;

interface Asker extends AsyncDisposable {
  readonly name: string;
  call(tool: string, args: Record<string, unknown>): Promise<string>;
}

const firstText = (result: Record<string, unknown>): string =>
  ((result.content ?? []) as { text?: string }[])[0]?.text ?? JSON.stringify(result);

describe.each(['http', 'stdio', 'sse'])('A server over %s that asks its callers back', (transport) => {
  const folder = temporaryDir();
  const tokens: string[] = [];
  let gate: Served;
  let server: Started | undefined;

  beforeAll(async () => {
    gate = await serve(folder.path);
    if (transport === 'stdio') {
      await gatehouse(folder.path, 'server', 'add', 'asking', '--', process.execPath, program, 'stdio');
    } else {
      server = await start([program, transport]);
      await gatehouse(folder.path, 'server', 'add', 'asking', '--url', server.line);
    }
    await until(async () => {
      const tools = (await gatehouse(folder.path, 'tool', 'list', '--server', 'asking')) as unknown[];
      return tools.length === 2;
    });
    await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'asking', '--effect', 'read');
    for (const app of ['one', 'two']) {
      const { token } = (await gatehouse(folder.path, 'app', 'token', app)) as { token: string };
      tokens.push(token);
    }
  });
  afterAll(async () => {
    await gate?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** An app's session that answers every question with its own name. */
  const legacyAsker = async (index: number): Promise<Asker> => {
    const name = `session ${index}`;
    const client = new Client({ name, version: '1.0.0' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name } }));
    const requestInit = { headers: { authorization: `Bearer ${tokens[index % tokens.length]}` } };
    const wire = new StreamableHTTPClientTransport(new URL(`${gate.endpoint}/servers/asking`), { requestInit });
    // The v1 SDK declares its own transport with an optional field as undefined, which exact types reject.
    await client.connect(wire as Parameters<typeof client.connect>[0]);
    return {
      name,
      call: async (tool, args) => firstText(await client.callTool({ name: tool, arguments: args })),
      [Symbol.asyncDispose]: () => client.close(),
    };
  };

  /** A client without sessions, which is asked by `input_required` and calls again with its answers. */
  const modernAsker = async (index: number): Promise<Asker> => {
    const name = `stateless ${index}`;
    const client = new ModernClient(
      { name, version: '1.0.0' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } }, capabilities: { elicitation: { form: {} } } },
    );
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name } }));
    const requestInit = { headers: { authorization: `Bearer ${tokens[index % tokens.length]}` } };
    await client.connect(new ModernTransport(new URL(`${gate.endpoint}/servers/asking`), { requestInit }));
    return {
      name,
      call: async (tool, args) => firstText(await client.callTool({ name: tool, arguments: args })),
      [Symbol.asyncDispose]: () => client.close(),
    };
  };

  const kinds = [
    ['sessions', legacyAsker],
    ['clients without sessions', modernAsker],
    ['both kinds together', (index: number) => (index % 2 === 0 ? legacyAsker : modernAsker)(index)],
  ] as const;

  it.each(kinds)(`brings every question to its own caller: ${SESSIONS} × ${CALLS} at once, %s`, async (_name, make) => {
    await using callers = new AsyncDisposableStack();
    const askers = await Promise.all(
      Array.from({ length: SESSIONS }, async (_, index) => callers.use(await make(index))),
    );
    const outcomes = await Promise.all(
      askers.flatMap((asker) =>
        Array.from({ length: CALLS }, async (_, call) => {
          const who = `${asker.name} call ${call}`;
          return { expected: { who, action: 'accept', name: asker.name }, got: await asker.call('ask', { who }) };
        }),
      ),
    );
    expect(outcomes.map(({ got }) => got)).toEqual(outcomes.map(({ expected }) => JSON.stringify(expected)));
  });

  it('lets calls that never asked run at once, for all of them', async () => {
    await using callers = new AsyncDisposableStack();
    const askers = await Promise.all([0, 1, 2, 3].map(async (index) => callers.use(await legacyAsker(index))));
    await askers[0]?.call('quiet', { ms: 0 });
    const most = await Promise.all(askers.map((asker) => asker.call('quiet', { ms: 500 })));
    expect(Math.max(...most.map(Number))).toBeGreaterThan(1);
  });
});
