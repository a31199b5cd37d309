/** What an AI app does in each of the suite's client scenarios. */
import { Client } from '@modelcontextprotocol/client';
import { z } from 'zod';

export interface Stage {
  /** Not connected yet, so that a play can register what it answers. */
  readonly client: Client;
  /** What the suite tells the client under test. */
  readonly context: unknown;
  /** Connects the client, or another one, to the scenario's server through Gatehouse. */
  connect(client?: Client): Promise<void>;
  /** Signs in once more where the server asked for that since; gives false where it did not. */
  signInAgain(): Promise<boolean>;
  /** Names of everything Gatehouse recorded of this server, approved or not. */
  recordedTools(): Promise<string[]>;
}

type Play = (stage: Stage) => Promise<void>;

/** Any result as it came, unlike the SDK's own methods, which interpret and filter. */
const anything = z.looseObject({});
const toolList = z.looseObject({ tools: z.array(z.looseObject({ name: z.string() })) });

/** The answer of somebody who accepts a form as it is offered. */
const formSchema = z.object({
  requestedSchema: z.object({ properties: z.record(z.string(), z.object({ default: z.unknown() })) }),
});
function acceptDefaults(params: unknown): Record<string, string | number | boolean | string[]> {
  const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
  const { requestedSchema } = formSchema.parse(params);
  return Object.fromEntries(
    Object.entries(requestedSchema.properties).flatMap(([key, field]) => {
      const parsed = value.safeParse(field.default);
      return parsed.success ? [[key, parsed.data]] : [];
    }),
  );
}

const listsTools: Play = async ({ client, connect }) => {
  await connect();
  await client.listTools();
};

const callsTool =
  (name: string, args: Record<string, unknown> = {}): Play =>
  async ({ client, connect }) => {
    await connect();
    await client.listTools();
    await client.callTool({ name, arguments: args });
  };

const answersWithDefaults: Play = async (stage) => {
  stage.client.setRequestHandler('elicitation/create', ({ params }) => ({
    action: 'accept',
    content: acceptDefaults(params),
  }));
  await callsTool('test_client_elicitation_defaults')(stage);
};

const usesEverything: Play = async ({ client, connect }) => {
  await connect();
  for (const { name } of (await client.listTools()).tools) await client.callTool({ name, arguments: {} });
  for (const { uri } of (await client.listResources()).resources) await client.readResource({ uri });
  for (const { name } of (await client.listPrompts()).prompts) await client.getPrompt({ name });
};

const plannedCalls = z.object({
  toolCalls: z.array(z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) })),
});
const makesPlannedCalls: Play = async ({ client, connect, context }) => {
  await connect();
  await client.listTools();
  for (const call of plannedCalls.parse(context).toolCalls) {
    const result = await client.callTool(call);
    if (result.isError !== true) continue;
    // A `null` that the tool's own schema forbids is refused before it leaves; whoever meant "nothing" leaves it out.
    const given = Object.fromEntries(Object.entries(call.arguments).filter(([, value]) => value !== null));
    await client.callTool({ name: call.name, arguments: given });
  }
};

/**
 * Tries every tool there is to try, listed or not. As a client of an older revision: it neither filters what it is offered nor
 * sends parameter headers, so only Gatehouse stands between it and the server.
 */
const triesEveryTool: Play = async ({ connect, recordedTools }) => {
  const client = new Client(
    { name: 'conformance-driver', version: '1.0.0' },
    { versionNegotiation: { mode: 'legacy' } },
  );
  await connect(client);
  const { tools } = await client.request({ method: 'tools/list' }, toolList);
  const everything: readonly string[] = [...tools.map(({ name }) => name), ...(await recordedTools())];
  const values = { region: 'us-west1', value: 'x', data: {}, items: [], nil: null, score: 1, field1: 'x', field2: 'x' };
  for (const name of new Set(everything)) {
    const properties = z
      .looseObject({ inputSchema: z.looseObject({ properties: z.record(z.string(), z.unknown()) }) })
      .safeParse(tools.find((tool) => tool.name === name));
    const wanted = properties.success ? Object.keys(properties.data.inputSchema.properties) : Object.keys(values);
    const args = Object.fromEntries(Object.entries(values).filter(([key]) => wanted.includes(key)));
    // A refusal is the right answer for all tools but one; the scenario sees which calls arrive.
    await client.request({ method: 'tools/call', params: { name, arguments: args } }, anything).catch(() => undefined);
  }
  await client.close();
};

/** Calls the tool too, so that Gatehouse reads the schema that refers to the network. */
const looksUpUser: Play = callsTool('lookup_user', { id: 'ada' });

const echoesState: Play = async ({ client, connect }) => {
  client.setRequestHandler('elicitation/create', async () => {
    // Another call in the middle must not carry anything of the one that waits.
    await client.callTool({ name: 'test_mrtr_unrelated', arguments: {} });
    return { action: 'accept', content: { confirmed: true } };
  });
  await connect();
  await client.listTools();
  for (const name of ['test_mrtr_echo_state', 'test_mrtr_no_state', 'test_mrtr_no_result_type']) {
    await client.callTool({ name, arguments: {} });
  }
};

const echoesSchema: Play = async ({ client, connect }) => {
  await connect();
  const { tools } = await client.request({ method: 'tools/list' }, toolList);
  const schema = tools.find(({ name }) => name === 'json_schema_2020_12_tool')?.inputSchema;
  await client.callTool({ name: 'json_schema_echo', arguments: { schema } });
};

/** How often a person would sign in again before they lose patience. */
const MOST_SIGN_INS = 3;

/** Calls a tool, signs in whenever the server asks for more rights, and calls again. */
const callsSignedIn: Play = async ({ client, connect, signInAgain }) => {
  await connect();
  for (let signIns = 0; ; signIns += 1) {
    const { tools } = await client.listTools();
    const [tool] = tools;
    if (tool) await client.callTool({ name: tool.name, arguments: {} }).catch(() => undefined);
    if (signIns === MOST_SIGN_INS || !(await signInAgain())) return;
  }
};

/** What is played in a scenario; undefined for one that is not known. */
export function playOf(scenario: string): Play | undefined {
  return scenario.startsWith('auth/') ? callsSignedIn : plays.get(scenario);
}

/** By scenario. Those about signing in are all played alike. */
const plays: ReadonlyMap<string, Play> = new Map([
  ['initialize', listsTools],
  ['tools_call', callsTool('add_numbers', { a: 5, b: 3 })],
  ['elicitation-sep1034-client-defaults', answersWithDefaults],
  ['sse-retry', callsTool('test_reconnection')],
  ['request-metadata', listsTools],
  ['http-standard-headers', usesEverything],
  ['http-custom-headers', makesPlannedCalls],
  ['http-invalid-tool-headers', triesEveryTool],
  ['json-schema-ref-no-deref', looksUpUser],
  ['sep-2322-client-request-state', echoesState],
  ['json-schema-2020-12-preservation', echoesSchema],
]);
