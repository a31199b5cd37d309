/** `gatehouse serve`: the gateway and the console without a desktop, until a signal ends it. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { destination, type Logger, pino, stdSerializers } from 'pino';
import { createApp, type GatehouseApp } from '../app.ts';
import { type Console, openConsole } from '../console/index.ts';
import { PortTakenError } from '../gateway/index.ts';
import { AlreadyRunning, claimInstance, type Instance } from '../instance/index.ts';
import { headlessDataDir } from '../runtime/index.ts';
import { CliError } from './exit.ts';
import { factLines, printLine, printNote } from './output.ts';
import { printableJson } from './printable.ts';
import { version } from './version.ts';

export interface ServeOptions {
  readonly dataDir?: string;
  /** 0 takes any free port; undefined the one in the settings (4283). */
  readonly port?: number;
  readonly cliAdmin?: boolean;
  readonly json?: boolean;
}

/** A stop that takes longer than this is given up. Milliseconds. */
const longestStopMs = 15_000;
const parentCheckMs = 300;
/** The build puts every chunk of the main process into out/main. */
const rendererDir = fileURLToPath(new URL('../renderer/', import.meta.url));

/** Runs until SIGTERM, SIGINT or SIGHUP, stops cleanly, and resolves. Throws CliError when it cannot start. */
export async function serve(options: ServeOptions): Promise<void> {
  const stopping = new StopSignal();
  const stderr = destination({ fd: 2, sync: true });
  const log: Logger = pino({ level: 'warn', serializers: { error: stdSerializers.err } }, stderr);
  // Whoever read what it prints may be gone long before the gateway is.
  const gone = () => {};
  stderr.on('error', gone);
  process.stdout.on('error', gone);
  process.stderr.on('error', gone);
  // A file size limit (ulimit -f) must fail the write, which is refused and reported, not end the process.
  process.on('SIGXFSZ', gone);
  await using running = new AsyncDisposableStack();
  const instance = running.use(await claim(resolve(options.dataDir ?? headlessDataDir())));
  const front = await start(instance, options, log, running);
  process.once('uncaughtException', (error) => {
    // Nothing is known about the state any more, so nothing may pass. The data survives: every record is durable.
    log.fatal({ error }, 'Gatehouse stops after an unexpected error');
    process.exit(1);
  });
  announce(front, instance, options);
  const terminal = options.json ? undefined : offerNewLogins(front.console);
  await stopping.promise;
  terminal?.[Symbol.dispose]();
  stopping.giveUpAfter(longestStopMs);
}

interface Front {
  readonly app: GatehouseApp;
  readonly console: Console;
}

async function claim(dataDir: string): Promise<Instance> {
  try {
    return await claimInstance(dataDir);
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) throw error;
    const { running } = error;
    const facts = running ? { endpoint: running.endpoint, console: running.console, pid: running.pid } : {};
    throw new CliError(
      'failed',
      `${error.message} Use that one, stop it first, or choose another folder with --data-dir.`,
      facts,
    );
  }
}

async function start(
  instance: Instance,
  options: ServeOptions,
  log: Logger,
  running: AsyncDisposableStack,
): Promise<Front> {
  let console: Console | undefined;
  const app = running.use(
    await createApp({
      mode: 'headless',
      dataDir: instance.dataDir,
      version,
      log,
      port: options.port,
      cliAdmin: options.cliAdmin === true,
      whenPortTaken: 'fail',
      console: { address: () => console?.address ?? null, login: () => console?.loginUrl() ?? null },
    }).catch((error: unknown) => {
      if (!(error instanceof PortTakenError)) throw error;
      throw new CliError(
        'failed',
        `${error.message} End the program that uses it, or choose another port: gatehouse serve --port 0`,
      );
    }),
  );
  const port = app.status().port ?? 0;
  console = running.use(
    await openConsole({
      attach: (client) => app.attachSocket(client, 'console'),
      rendererDir,
      port: options.port === 0 || port === 65_535 ? 0 : port + 1,
    }),
  );
  await instance.open((client) => app.attachSocket(client, 'cli'), {
    version,
    startedAt: app.status().startedAt,
    endpoint: () => app.status().endpoint,
    console: console.address,
  });
  running.defer(() => instance.close());
  running.use(
    app.onEvent((event) => {
      if (event.type === 'status') instance.refresh();
    }),
  );
  return { app, console };
}

function announce({ app, console }: Front, instance: Instance, options: ServeOptions): void {
  const { endpoint } = app.status();
  const login = console.loginUrl();
  if (options.json) {
    const { dataDir } = instance;
    process.stdout.write(`${printableJson({ endpoint, console: login, pid: process.pid, dataDir, version })}\n`);
  } else {
    printLine(`Gatehouse ${version}`);
    for (const line of factLines([
      ['Endpoint', endpoint ?? 'not listening'],
      ['Console', `${login}  (signs in once, within 15 minutes)`],
      ['Data folder', instance.dataDir],
    ])) {
      printLine(line);
    }
  }
  if (options.cliAdmin) {
    printNote('--cli-admin: any program that runs as you, agents included, may add servers and approve tools.');
  }
}

/**
 * Pressing Enter in the terminal of `serve` prints a new console address. That is a person's own channel: another program
 * of the same user can run commands, but does not type here.
 */
function offerNewLogins(console: Console): Disposable | undefined {
  const { stdin } = process;
  if (!stdin.isTTY) return undefined;
  printLine('Press Enter for a new console address, Ctrl+C to stop.');
  const print = () => printLine(`Console  ${console.loginUrl()}`);
  stdin.on('data', print);
  return {
    [Symbol.dispose]() {
      stdin.off('data', print);
      stdin.pause();
    },
  };
}

/** The first signal asks for a clean stop; a second one ends the process at once. */
class StopSignal {
  readonly #asked = Promise.withResolvers<void>();
  readonly promise = this.#asked.promise;
  #count = 0;

  constructor() {
    const ask = () => {
      this.#count += 1;
      if (this.#count > 1) process.exit(1);
      this.#asked.resolve();
    };
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      // A dependency of conf (when-exit) raises each signal once more, which would count as the second one. What it does
      // at a signal it also does when the process ends.
      process.removeAllListeners(signal);
      process.on(signal, ask);
    }
    this.#followParent();
  }

  /**
   * npm hands a signal to the shell it runs a script with, and that shell dies of it without handing it on. So under npm
   * the end of the parent counts as being asked to stop; otherwise killing `npm start` would leave a gateway behind.
   */
  #followParent(): void {
    if (process.env.npm_lifecycle_event === undefined) return;
    const parent = process.ppid;
    const watching = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watching);
      this.#asked.resolve();
    }, parentCheckMs).unref();
  }

  giveUpAfter(ms: number): void {
    setTimeout(() => {
      printNote('Gatehouse could not stop everything in time.');
      process.exit(1);
    }, ms).unref();
  }
}
