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
const { health, problem } = z
  .object({ health: z.string(), problem: z.string().nullable() })
  .parse(await gatehouse(dataDir, 'server', 'add', name, '--url', url));
console.log(`${name} is ${health}: ${problem ?? 'no problem'}`);

async function playScenario(): Promise<void> {
  // A scenario without tools leaves nothing to approve, which the command line calls a failure.
  const { out } = await runCommand(dataDir, ['tool', 'approve', '--all', '--server', name, '--json']);
  console.log(`approved: ${out}`);

  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const { plays } = await import('./plays.ts');
  const play = plays.get(environment.MCP_CONFORMANCE_SCENARIO);
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
    recordedTools: async () => {
      const rows = z.array(z.object({ name: z.string() }));
      return rows.parse(await gatehouse(dataDir, 'tool', 'list', '--server', name)).map((row) => row.name);
    },
  });
  await client.close();
}

// A server that wants a sign-in is not ready: the suite has seen what was asked of it, and nothing can be played before.
if (health === 'ready' || health === 'asleep') {
  await playScenario();
  // The suite ends its server only when no connection is left.
  await runCommand(dataDir, ['server', 'remove', name]);
} else {
  process.exitCode = 1;
}
