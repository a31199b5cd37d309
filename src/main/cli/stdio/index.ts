/** `gatehouse stdio`: connects an app that speaks MCP over stdio to the running gateway. Loads nothing but Node. */
import { parseArgs } from 'node:util';
import { Bridge } from './bridge.ts';
import { GatewayLink, LinkError } from './gateway-link.ts';
import { LineReader } from './line-reader.ts';
import { Outlet } from './outlet.ts';
import { readTokenFile } from './token-file.ts';

export interface BridgeCommandOptions {
  readonly app?: string;
  readonly dataDir?: string;
}

/** How long a message waits for a gateway that is not running. Milliseconds. */
const patienceMs = 5000;
/** After the client closed stdin, how long answers under way are still waited for. Milliseconds. */
const graceMs = 10_000;
/** Bytes of one message; the gateway takes less. */
const longestMessage = 16 * 1024 * 1024;

/** Runs the bridge with command-line arguments. Usage errors end with exit code 2. */
export async function runBridgeCommand(args: readonly string[]): Promise<void> {
  let options: BridgeCommandOptions;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { app: { type: 'string' }, 'data-dir': { type: 'string' } },
    });
    options = { app: values.app, dataDir: values['data-dir'] };
  } catch (error) {
    process.stderr.write(`gatehouse: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 2;
    return;
  }
  await runBridge(options);
}

/** Runs until stdin ends or a signal comes, then ends the process. */
export async function runBridge(options: BridgeCommandOptions): Promise<void> {
  const warn = (text: string) => process.stderr.write(`gatehouse: ${text}\n`);
  const link = new GatewayLink({
    dataDir: options.dataDir,
    patienceMs,
    token: (dataDir) => tokenFor(dataDir, options.app),
  });
  const outlet = new Outlet(process.stdout);
  const bridge = new Bridge({ link, warn, write: (line) => outlet.write(line) });
  const leave = () => void bridge.close(0).finally(() => process.exit(0));
  // A client that is gone reads nothing any more.
  process.stdout.once('error', leave).on('error', () => {});
  process.stderr.on('error', () => {});
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, leave);
  const reader = new LineReader(longestMessage);
  const take = (line: Buffer) => {
    if (!isBlank(line)) void bridge.accept(line);
  };
  try {
    for await (const chunk of process.stdin) for (const line of reader.push(chunk)) take(line);
    take(reader.end());
  } catch (error) {
    warn(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
  await bridge.close(graceMs);
  link.close();
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09);
}

function tokenFor(dataDir: string, app: string | undefined): string {
  let token = process.env.GATEHOUSE_TOKEN;
  try {
    if (!token && app !== undefined) token = readTokenFile(dataDir, app);
  } catch (error) {
    throw new LinkError(error instanceof Error ? error.message : 'The token cannot be read.', 'unreachable', error);
  }
  if (token) return token;
  throw new LinkError(
    app === undefined
      ? 'The bridge has no token. Set GATEHOUSE_TOKEN, or name the app with --app NAME.'
      : `No token is kept for the app "${app}". Run: gatehouse app token "${app}" --save`,
    'unreachable',
  );
}
