/** `gatehouse server …` */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { ServerDetail, ServerSummary } from '@shared/contract/index.ts';
import { type AdminOptions, printResult, type WideningOptions, widen, withInstance } from './admin.ts';
import { askConsent } from './consent.ts';
import { CliError } from './exit.ts';
import { printFacts, printLine, printNote, printTable, timeOf } from './output.ts';
import { printable, printableBlock } from './printable.ts';
import { readSecretValues } from './secret-values.ts';
import { OAUTH_SECRET, type ServerAddOptions, serverConfigOf, vaultNameOf } from './server-config.ts';

const summarySchema = async () => (await import('@shared/contract/servers.ts')).serverSummarySchema;

export async function addServer(
  name: string,
  command: readonly string[],
  options: ServerAddOptions & WideningOptions & { readonly yes?: boolean },
): Promise<void> {
  if (options.sandbox === 'docker' || options.sandbox === 'os') {
    throw new CliError(
      'failed',
      `Sandboxes are not built yet, so --sandbox ${options.sandbox} cannot be kept. Use --sandbox none, or leave it out: the server then runs with your own rights.`,
    );
  }
  const cwd = options.cwd === undefined ? folderMeant(command) : resolve(options.cwd);
  const config = serverConfigOf(name, command, { ...options, cwd });
  await withInstance(options, async (client) => {
    const plan = await client.servers.plan({ name, config });
    await askConsent(plan, options);
    const asked = [...(options.secret ?? []), ...(options.oauthClientSecret ? [OAUTH_SECRET] : [])];
    const values = await readSecretValues(asked);
    const secrets = Object.fromEntries([...values].map(([key, value]) => [vaultNameOf(name, key), value]));
    const server = await widen(
      client,
      options,
      () => client.servers.add({ name, config, secrets, consentHash: plan.consentHash, replace: plan.replaces }),
      summarySchema,
    );
    printResult(options, server, printAdded);
  });
}

/** A command that names files relative to this folder means this folder; any other runs in the home folder. */
function folderMeant(command: readonly string[]): string | undefined {
  const relative = command.some((word) => word.includes('/') && !isAbsolute(word) && existsSync(resolve(word)));
  return relative ? process.cwd() : undefined;
}

/** What to say once a server was added; its tools wait. */
export function printAdded(server: ServerSummary): void {
  printLine(
    `Added ${server.name}: ${countOf(server.tools.total, 'tool')}, ${server.tools.pending} waiting for approval.`,
  );
  if (server.problem) printNote(printable(server.problem));
  if (server.tools.pending > 0) {
    printNote(`Look at them: gatehouse tool list --server ${server.name}`);
    printNote(`Approve them: gatehouse tool approve --all --server ${server.name}`);
  }
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export async function listServers(options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    const { config } = await client.system.status();
    if (config) {
      const { file, line, column, message } = config;
      printNote(`${printable(file)}, line ${line}, column ${column}: ${printable(message)}`);
      printNote('The list shows what was read last.');
    }
    printResult(options, await client.servers.list(), (servers) =>
      printTable<ServerSummary>(
        [
          { heading: 'NAME', cell: (server) => server.name },
          { heading: 'HEALTH', cell: (server) => server.health },
          { heading: 'LAUNCH', cell: (server) => server.approval },
          { heading: 'SANDBOX', cell: (server) => server.isolation },
          { heading: 'TOOLS', cell: (server) => `${server.tools.approved}/${server.tools.total}` },
          { heading: 'WHAT RUNS', cell: (server) => server.commandLine },
        ],
        servers,
        'No servers yet. Add one: gatehouse server add NAME -- COMMAND ARGS…, or look at gatehouse catalog search.',
      ),
    );
  });
}

export async function showServer(name: string, options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    printResult(options, await client.servers.get({ name }), printServer);
  });
}

function printServer(server: ServerDetail): void {
  const { tools } = server;
  printFacts([
    ['Name', server.name],
    ['Title', server.title ?? '-'],
    [server.kind === 'stdio' ? 'Command' : 'Address', server.commandLine],
    ['Folder', server.launch.cwd ?? '–'],
    ['Environment', server.env.map(({ name, secret }) => (secret ? `${name} (secret)` : name)).join(', ') || '-'],
    ['Launch', server.approval],
    ['Health', server.problem ? `${server.health}: ${server.problem}` : server.health],
    ['Sandbox', server.isolation],
    ['Sign-in', server.signIn ?? '-'],
    ['Process', server.pid === null ? '-' : `${server.pid}, since ${timeOf(server.startedAt)}`],
    ['Version', server.version ?? '-'],
    ['Protocol', server.protocolVersion ?? '-'],
    [
      'Tools',
      `${tools.approved} approved, ${tools.pending} waiting, ${tools.changed} changed, ${tools.blocked} blocked`,
    ],
    ['Effects', `${tools.read} read, ${tools.write} write, ${tools.destructive} destructive`],
    ['Also', `${server.resources} resources, ${server.resourceTemplates} templates, ${server.prompts} prompts`],
    ['Instructions', instructionsText(server)],
    ['Added', timeOf(server.addedAt)],
    ['Last used', timeOf(server.lastUsedAt)],
  ]);
  if (server.instructions === null) return;
  printLine('');
  printLine('What it tells agents (not checked by anybody):');
  printLine(printableBlock(server.instructions));
}

function instructionsText({ instructionsState }: ServerDetail): string {
  if (instructionsState === null) return 'none';
  return instructionsState === 'approved' ? 'approved' : `${instructionsState}: agents do not get them`;
}

export async function removeServer(name: string, options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    const result = await client.servers.remove({ name });
    if (!result.removed) throw new CliError('failed', `There is no server ${name}. See: gatehouse server list`);
    printResult(options, result, () => printLine(`Removed ${name}.`));
  });
}

export async function restartServer(name: string, options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    printResult(options, await client.servers.restart({ name }), (server) => {
      printLine(`${server.name} is ${server.health}.`);
      if (server.problem) printNote(printable(server.problem));
    });
  });
}

export async function showServerLog(name: string, options: AdminOptions & { readonly limit?: number }): Promise<void> {
  await withInstance(options, async (client) => {
    const lines = await client.servers.logs({ name, limit: options.limit });
    printResult(
      options,
      lines.map((line) => ({ id: `${name}#${line.seq}`, ...line })),
      () => {
        for (const line of lines) printLine(`${timeOf(line.at)}  ${line.stream.padEnd(9)}  ${printable(line.text)}`);
      },
    );
  });
}

/** Approves what servers.json would run now, after showing it. */
export async function approveServer(
  name: string,
  options: WideningOptions & { readonly yes?: boolean },
): Promise<void> {
  await withInstance(options, async (client) => {
    const { approval, launch, approvedLaunch, commandLine, fingerprint, instructions, instructionsState } =
      await client.servers.get({ name });
    printNote(`${name} (${approval}) would run: ${printable(commandLine)}`);
    if (launch.cwd !== null) {
      printNote(`In the folder ${printable(launch.cwd)}, with ${namesOf(launch.envNames)}.`);
    }
    if (approvedLaunch) {
      printNote(`Approved before: ${printable([approvedLaunch.command, ...approvedLaunch.args].join(' '))}`);
    }
    if (instructions !== null && instructionsState !== 'approved') {
      printNote('It tells agents:');
      printNote(printableBlock(instructions));
    }
    const server = await widen(client, options, () => client.servers.approve({ name, fingerprint }), summarySchema);
    printResult(options, server, () => printLine(`${server.name} may run. It is ${server.health}.`));
  });
}

function namesOf(names: readonly string[]): string {
  return names.length === 0 ? 'nothing added to its environment' : printable(names.join(', '));
}

export async function blockServer(name: string, options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    const server = await client.servers.block({ name });
    printResult(options, server, () => printLine(`${server.name} is blocked. It was stopped, and its tools are held.`));
  });
}
