/**
 * The client the suite starts for each of its client scenarios, with the URL of the scenario's server as last argument: puts that
 * server behind the running Gatehouse, approves what it offers, and plays the scenario through the gateway.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { gatehouse, runCommand } from '../fixtures/gatehouse-process.ts';
import { driverEnvironment } from './driver-environment.ts';

const environment = z
  .object({
    MCP_CONFORMANCE_SCENARIO: z.string(),
    MCP_CONFORMANCE_PROTOCOL_VERSION: z.string(),
    MCP_CONFORMANCE_CONTEXT: z.string().default('{}'),
    [driverEnvironment.dataDir]: z.string(),
    [driverEnvironment.endpoint]: z.string(),
    [driverEnvironment.token]: z.string(),
  })
  .parse(process.env);
const dataDir = environment[driverEnvironment.dataDir];
const url = z.url().parse(process.argv.at(-1));

const name = `played-${randomBytes(4).toString('hex')}`;
const stateSchema = z.object({
  health: z.string(),
  problem: z.string().nullable(),
  signIn: z.enum(['needed', 'signed-in', 'more-needed']).nullable(),
});
type State = z.infer<typeof stateSchema>;

/** A client id the scenario registered for us, or where we say who we are: the suite expects this very document. */
function registration(): { readonly args: readonly string[]; readonly secret: string | undefined } {
  const preRegistered = z
    .object({ client_id: z.string(), client_secret: z.string() })
    .safeParse(JSON.parse(environment.MCP_CONFORMANCE_CONTEXT));
  if (preRegistered.success) {
    const { client_id, client_secret } = preRegistered.data;
    return { args: ['--oauth-client-id', client_id, '--oauth-client-secret'], secret: client_secret };
  }
  if (environment.MCP_CONFORMANCE_SCENARIO !== 'auth/basic-cimd') return { args: [], secret: undefined };
  const document = 'https://conformance-test.local/client-metadata.json';
  return { args: ['--oauth-client-metadata', document], secret: undefined };
}

/** What a person does in the browser: the suite's sign-in pages send everybody straight on. */
async function signIn(): Promise<State> {
  const answer = await gatehouse(dataDir, 'server', 'sign-in', name, '--no-wait');
  const started = z.object({ url: z.url(), host: z.string() }).parse(answer);
  console.log(`signing in at ${started.host}`);
  const page = await fetch(started.url);
  console.log(`came back: HTTP ${page.status}`);
  return stateSchema.parse(await gatehouse(dataDir, 'server', 'restart', name));
}

const { args, secret } = registration();
if (secret !== undefined) process.env.OAUTH_CLIENT_SECRET = secret;
let state = stateSchema.parse(await gatehouse(dataDir, 'server', 'add', name, '--url', url, ...args));
console.log(`${name} is ${state.health}: ${state.problem ?? 'no problem'}`);
// Once more where the server wants another sign-in as soon as it saw the first.
for (let attempt = 0; attempt < 2 && state.signIn === 'needed'; attempt += 1) state = await signIn();

async function playScenario(): Promise<void> {
  // A scenario without tools leaves nothing to approve, which the command line calls a failure.
  const { out } = await runCommand(dataDir, ['tool', 'approve', '--all', '--server', name, '--json']);
  console.log(`approved: ${out}`);

  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const { playOf } = await import('./plays.ts');
  const play = playOf(environment.MCP_CONFORMANCE_SCENARIO);
  if (play === undefined) throw new Error(`Nothing is known to play for ${environment.MCP_CONFORMANCE_SCENARIO}.`);
  const client = new Client(
    { name: 'conformance-driver', version: '1.0.0' },
    {
      capabilities: { elicitation: { form: {} }, sampling: {}, roots: { listChanged: false } },
      versionNegotiation: {
        mode: environment.MCP_CONFORMANCE_PROTOCOL_VERSION === '2026-07-28' ? { pin: '2026-07-28' } : 'legacy',
      },
    },
  );
  const address = new URL(`${environment[driverEnvironment.endpoint]}/servers/${name}`);
  const headers = { authorization: `Bearer ${environment[driverEnvironment.token]}` };
  await play({
    client,
    context: JSON.parse(environment.MCP_CONFORMANCE_CONTEXT),
    connect: (as = client) => as.connect(new StreamableHTTPClientTransport(address, { requestInit: { headers } })),
    signInAgain: async () => {
      const before = stateSchema.parse(await gatehouse(dataDir, 'server', 'show', name));
      if (before.signIn === 'signed-in' || before.signIn === null) return false;
      await signIn();
      return true;
    },
    recordedTools: async () => {
      const rows = z.array(z.object({ name: z.string() }));
      return rows.parse(await gatehouse(dataDir, 'tool', 'list', '--server', name)).map((row) => row.name);
    },
  });
  await client.close();
}

const isUsable = ({ health, signIn }: State) => (health === 'ready' || health === 'asleep') && signIn !== 'needed';
if (isUsable(state)) {
  await playScenario();
  // The suite ends its server only when no connection is left.
  await runCommand(dataDir, ['server', 'remove', name]);
} else {
  console.log(`${name} is ${state.health}: ${state.problem ?? 'no problem'}`);
  process.exitCode = 1;
}
