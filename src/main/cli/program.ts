/** The commands, their options and help. Each command's code is loaded only when it runs. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { durationOf } from './duration.ts';
import { CliError } from './exit.ts';
import { version } from './version.ts';

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('A whole number from 1 on is needed.');
  return value;
}

function portNumber(text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  }
  return value;
}

function duration(text: string): number {
  const value = durationOf(text);
  if (value === undefined) throw new InvalidArgumentError('A duration looks like 30s, 15m, 2h or 1h30m.');
  return value;
}

const effects = ['read', 'write', 'destructive'];
const labels = ['untrusted-source', 'private-source', 'outward-sink', 'none'];
const kinds = ['tool', 'prompt', 'resource', 'template', 'all'];
const scopes = ['once', 'session', '15m', 'always'];
const states = ['pending', 'approved', 'changed', 'blocked'];

function oneMoreLabel(label: string, before: readonly string[] = []): string[] {
  if (!labels.includes(label)) throw new InvalidArgumentError(`A label is one of ${labels.join(', ')}.`);
  return [...before, label];
}

/** An admin command: talks to the running instance, prints text or one JSON value. */
function admin(parent: Command, usage: string, summary: string): Command {
  return parent
    .command(usage)
    .description(summary)
    .option('--json', 'print one JSON value')
    .option('--data-dir <dir>', 'data folder of the instance to talk to');
}

/** An admin command that gives agents more than they had, so a person confirms it. */
function widening(parent: Command, usage: string, summary: string): Command {
  return admin(parent, usage, summary).option('--wait', 'block until the person confirmed');
}

const filters = (command: Command): Command =>
  command
    .option('--search <words>', 'words in app, tool, arguments or result')
    .option('--app <app>', 'calls of one app')
    .option('--tool <tool>', 'calls of one tool: server:tool, or its own name');

/** Builds the whole command tree. `exitOverride` is set: parsing throws instead of ending the process. */
export function buildProgram(): Command {
  const program = new Command('gatehouse')
    .description('One gate between your AI apps and all their MCP servers.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(gatehouse --help, or add --help to a command)')
    .addHelpText(
      'after',
      '\nExit codes: 0 ok, 1 failed, 2 usage, 3 not running, 4 refused, 5 waits for your confirmation.',
    );
  front(program);
  servers(program.command('server').description('Servers: the programs and addresses behind the gate.'));
  tools(program.command('tool').description('Tools, prompts and resources: what waits, is approved, changed.'));
  apps(program.command('app').description('AI apps and their tokens.'));
  gate(program);
  scan(program);
  asks(program.command('ask').description('Calls that wait for your answer.'));
  policy(program.command('policy').description('Profiles and rules: what they are, and what they would do.'));
  log(program);
  catalog(program.command('catalog').description('Known servers, ready to add.'));
  laterRooms(program);
  return program;
}

function front(program: Command): void {
  program
    .command('serve')
    .description('Run the gateway and its console without a desktop.')
    .option('--data-dir <dir>', 'data folder')
    .option('--port <n>', 'port of the endpoint, 0 for any (default: 4283, or as set)', portNumber)
    .option('--cli-admin', 'let the command line widen access without asking (for scripts and CI)')
    .option('--json', 'print one JSON line when ready')
    .action(async (options) => (await import('./serve.ts')).serve(options));
  program
    .command('stdio')
    .description('Connect an app that speaks MCP over stdio to the running gateway.')
    .option('--app <name>', 'use the token kept for this app (gatehouse app token NAME --save)')
    .option('--data-dir <dir>', 'data folder of the instance to talk to')
    .action(async (options) => (await import('./stdio/index.ts')).runBridge(options));
}

function servers(server: Command): void {
  widening(server, 'add', 'Add a server: a command after --, or --url.')
    .argument('<name>')
    .argument('[command...]', 'program and arguments, after --')
    .option('--env <K=V>', 'environment variable, readable in servers.json', collect)
    .option('--secret <K>', 'secret environment variable (or header): value from $K, stdin or a prompt', collect)
    .option('--cwd <dir>', 'folder it starts in')
    .addOption(new Option('--sandbox <kind>', 'isolation').choices(['docker', 'os', 'none']))
    .option('--url <url>', 'address of a remote server')
    .option('--header <K=V>', 'header, readable in servers.json', collect)
    .option('--oauth-client-id <id>', 'client id registered by hand at the sign-in service')
    .option('--oauth-client-secret', `its secret: value from $OAUTH_CLIENT_SECRET, stdin or a prompt`)
    .option('--oauth-client-metadata <url>', 'https document that describes Gatehouse to sign-in services')
    .option('--oauth-scope <scope>', 'right to ask for at sign-in', collect)
    .option('--yes', 'do not ask on the terminal')
    .action(async (name, command, options) => (await import('./server.ts')).addServer(name, command, options));
  admin(server, 'list', 'List servers.').action(async (options) => (await import('./server.ts')).listServers(options));
  admin(server, 'show <name>', 'Show one server.').action(async (name, options) =>
    (await import('./server.ts')).showServer(name, options),
  );
  admin(server, 'remove <name>', 'Stop a server and forget it.').action(async (name, options) =>
    (await import('./server.ts')).removeServer(name, options),
  );
  admin(server, 'restart <name>', 'Stop a server and start it again.').action(async (name, options) =>
    (await import('./server.ts')).restartServer(name, options),
  );
  admin(server, 'logs <name>', 'Show what a server wrote.')
    .option('--limit <n>', 'at most this many lines', count)
    .action(async (name, options) => (await import('./server.ts')).showServerLog(name, options));
  widening(server, 'approve <name>', 'Approve what servers.json would run now.').action(async (name, options) =>
    (await import('./server.ts')).approveServer(name, options),
  );
  widening(server, 'sign-in <name>', 'Sign in at a remote server, in your browser.')
    .option('--no-wait', 'print the address and wait for nothing')
    .action(async (name, options) => (await import('./sign-in.ts')).signIn(name, options));
  admin(server, 'sign-out <name>', 'Forget the sign-in at a remote server.').action(async (name, options) =>
    (await import('./sign-in.ts')).signOut(name, options),
  );
  admin(server, 'block <name>', 'Stop a server and hold its tools.').action(async (name, options) =>
    (await import('./server.ts')).blockServer(name, options),
  );
}

function tools(tool: Command): void {
  admin(tool, 'list', 'List tools, or what else servers offer.')
    .addOption(new Option('--state <state>', 'only those in this state').choices(states))
    .option('--server <name>', 'only those of this server')
    .addOption(new Option('--kind <kind>', 'what to list (default: tool)').choices(kinds))
    .action(async (options) => (await import('./tool.ts')).listTools(options));
  admin(tool, 'show <id>', 'Show one tool (server:tool), prompt or resource with its full definition.').action(
    async (id, options) => (await import('./tool.ts')).showTool(id, options),
  );
  widening(tool, 'approve', 'Approve what servers offer as it is now: ids, or --all --server NAME.')
    .argument('[ids...]')
    .addOption(new Option('--effect <effect>', 'what the tools do (default: as suggested)').choices(effects))
    .option(
      '--label <label>',
      `what it means for the flow of data, may be repeated: ${labels.join(', ')}`,
      oneMoreLabel,
    )
    .option('--all', 'everything of the server that waits, its instructions too')
    .option('--server <name>', 'with --all')
    .action(async (ids, options) => (await import('./tool.ts')).approveTools(ids, options));
  admin(tool, 'block <ids...>', 'Block tools, prompts or resources.').action(async (ids, options) =>
    (await import('./tool.ts')).blockTools(ids, options),
  );
  admin(tool, 'diff <id>', 'Show what changed since the approval.').action(async (id, options) =>
    (await import('./tool.ts')).showDiff(id, options),
  );
}

function scan(program: Command): void {
  program
    .command('scan <target>')
    .description('Look through definitions for text that misleads agents: a JSON file (- for stdin), or a server.')
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json', 'sarif']).default('text'))
    .option('--json', 'the same as --format json')
    .option('--data-dir <dir>', 'data folder of the instance that has the server')
    .addHelpText('after', '\nExit code 1 when something serious was found.')
    .action(async (target, options) => (await import('./scan.ts')).scan(target, options));
}

function apps(app: Command): void {
  admin(app, 'list', 'List AI apps.').action(async (options) => (await import('./app.ts')).listApps(options));
  widening(app, 'token <name>', 'Give an app a token, printed once. An older one ends.')
    .option('--profile <profile>', 'what the app may see and do')
    .option('--save', 'also keep it for gatehouse stdio --app NAME')
    .action(async (name, options) => (await import('./app.ts')).issueToken(name, options));
  admin(app, 'revoke <name>', "End an app's token.").action(async (name, options) =>
    (await import('./app.ts')).revokeApp(name, options),
  );
  admin(app, 'remove <name>', 'Forget an app.').action(async (name, options) =>
    (await import('./app.ts')).removeApp(name, options),
  );
}

function gate(program: Command): void {
  admin(program, 'pause', 'Stop every call, or those of one app.')
    .option('--for <duration>', 'resume by itself after this time, e.g. 15m', duration)
    .option('--app <app>', 'one app only')
    .action(async (options) => (await import('./gate.ts')).pause(options));
  widening(program, 'resume', 'Open the gate again.')
    .option('--app <app>', 'one app only')
    .action(async (options) => (await import('./gate.ts')).resume(options));
  admin(program, 'status', 'Show how things stand.').action(async (options) =>
    (await import('./gate.ts')).status(options),
  );
  widening(program, 'console', 'Print a fresh one-time address of the console.').action(async (options) =>
    (await import('./doctor.ts')).openConsoleUrl(options),
  );
  admin(program, 'doctor', 'Check everything Gatehouse depends on.').action(async (options) =>
    (await import('./doctor.ts')).doctor(options),
  );
}

function asks(ask: Command): void {
  admin(ask, 'list', 'List the calls that wait for an answer.').action(async (options) =>
    (await import('./ask.ts')).listAsks(options),
  );
  admin(ask, 'show <id>', 'Show one call that waits, with all its arguments.').action(async (id, options) =>
    (await import('./ask.ts')).showAsk(id, options),
  );
  widening(ask, 'allow <ids...>', 'Allow calls that wait.')
    .addOption(new Option('--scope <scope>', 'how far the yes reaches').choices(scopes).default('once'))
    .action(async (ids, options) => (await import('./ask.ts')).allowAsk(ids, options));
  admin(ask, 'deny <ids...>', 'Deny calls that wait.')
    .option('--pause', 'also pause the apps that made them')
    .action(async (ids, options) => (await import('./ask.ts')).denyAsk(ids, options));
  const answers = admin(
    ask,
    'answers',
    'List what is remembered of your answers; also: ask answers withdraw ID.',
  ).action(async (options) => (await import('./ask.ts')).listAnswers(options));
  answers.enablePositionalOptions();
  admin(answers, 'withdraw <id>', 'Take a remembered answer back.').action(async (id, _options, command: Command) =>
    (await import('./ask.ts')).withdrawAnswer(id, command.optsWithGlobals()),
  );
}

function policy(parent: Command): void {
  admin(parent, 'show', 'Show the profiles and rules in policy.json.').action(async (options) =>
    (await import('./policy.ts')).showPolicy(options),
  );
  admin(parent, 'sees <app>', 'Show what an app sees.').action(async (app, options) =>
    (await import('./policy.ts')).sees(app, options),
  );
  admin(parent, 'explain <app> <tool>', 'Show what would happen to a call, and why. Nothing is sent.')
    .option('--args <json>', 'arguments of the call, a JSON object')
    .action(async (app, tool, options) => (await import('./policy.ts')).explain(app, tool, options));
}

function log(program: Command): void {
  const calls = filters(admin(program, 'log', 'Show calls, newest first; also: log verify, log export.'))
    .option('--follow', 'go on with new calls as they end')
    .option('--limit <n>', 'at most this many (default: 100)', count)
    .action(async (options) => (await import('./log.ts')).showLog(options));
  // Options such as --json belong to whichever of the three commands is named, so the parent's come along.
  calls.enablePositionalOptions();
  admin(calls, 'verify', 'Check that no entry was changed or removed.').action(async (_options, command: Command) =>
    (await import('./log.ts')).verifyLog(command.optsWithGlobals()),
  );
  filters(admin(calls, 'export', 'Write the log to stdout, oldest first.'))
    .addOption(new Option('--format <format>', 'jsonl or csv').choices(['jsonl', 'csv']).makeOptionMandatory())
    .action(async (_options, command: Command) => (await import('./log.ts')).exportLog(command.optsWithGlobals()));
}

function catalog(parent: Command): void {
  admin(parent, 'search [words...]', 'Find servers in the catalog.').action(async (words, options) =>
    (await import('./catalog.ts')).searchCatalog(words, options),
  );
  admin(parent, 'show <id>', 'Show one entry: what it runs, needs and risks.').action(async (id, options) =>
    (await import('./catalog.ts')).showCatalogItem(id, options),
  );
  widening(parent, 'add <id>', 'Add a server from the catalog.')
    .option('--input <K=V>', 'a value the entry asks for; may come several times', collect)
    .option('--secret <K>', 'a secret the entry asks for: value from $K, stdin or a prompt', collect)
    .option('--name <name>', 'call the server something else')
    .option('--yes', 'do not ask on the terminal')
    .action(async (id, options) => (await import('./catalog.ts')).addFromCatalog(id, options));
}

/** Commands that belong to rooms that are not built yet: they say so, and are not in the help. */
function laterRooms(program: Command): void {
  const app = program.commands.find((command) => command.name() === 'app');
  const later = (parent: Command, name: string, what: string) =>
    parent
      .command(name, { hidden: true })
      .argument('[args...]')
      .allowUnknownOption()
      .action(() => {
        throw new CliError('failed', `${what} not built yet.`);
      });
  for (const name of ['connect', 'disconnect', 'undo']) {
    if (app) later(app, name, "Editing an app's own configuration is");
  }
}
