/** What the call path is measured through: how each target is started and spoken to. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gatehouse, out, serve, temporaryDir } from '../fixtures/gatehouse-process.ts';
import { type MeasuredProcess, startMeasured } from './measured-process.ts';
import { type PeerName, peerProgram, peerVersions } from './peers.ts';
import { RawClient } from './raw-client.ts';
import type { WireKind } from './raw-wire.ts';

export type UpstreamKind = 'http' | 'stdio';

/** A running target that has answered its first tools/list. */
export interface RunningTarget extends AsyncDisposable {
  readonly process: MeasuredProcess;
  /** Milliseconds from its start to that answer. */
  readonly firstListMs: number;
  open(wire: WireKind): RawClient;
}

export interface Target {
  readonly name: string;
  readonly upstream: UpstreamKind;
  /** What it speaks to clients; none when it cannot front such a server. */
  readonly wires: readonly WireKind[];
  /** Why there are no figures, when there are none. */
  readonly without?: string;
  /** Starts it and waits for its first answered tools/list. */
  start(): Promise<RunningTarget>;
}

export interface Upstreams {
  readonly url: string;
  /** The file of the stdio server. Processes that run it do not count as a target's own. */
  readonly stdioFile: string;
}

/** All targets, with Gatehouse set up in folders that go with the result. */
export async function createTargets(
  upstreams: Upstreams,
  peersMissing: string | undefined,
): Promise<Disposable & { readonly targets: readonly Target[] }> {
  const folder = temporaryDir();
  const { url, stdioFile } = upstreams;
  const fixture = (name: string) => join(import.meta.dirname, 'fixtures', name);
  const targets = [
    routerTarget('http', [fixture('minimal-router.ts'), url]),
    await gatehouseTarget('http', join(folder.path, 'gate-http'), ['--url', url]),
    ...peerTargets('http', upstreams, folder.path),
    routerTarget('stdio', [fixture('minimal-stdio-router.ts'), stdioFile]),
    await gatehouseTarget('stdio', join(folder.path, 'gate-stdio'), ['--', process.execPath, stdioFile]),
    ...peerTargets('stdio', upstreams, folder.path),
  ];
  const isPeer = ({ name }: Target) => name !== routerName && name !== gatehouseName;
  return {
    targets: targets.map((target) =>
      peersMissing !== undefined && isPeer(target) && target.wires.length > 0
        ? { ...target, wires: [], without: `not measured: ${peersMissing}` }
        : target,
    ),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

export const routerName = 'minimal router';
export const gatehouseName = 'Gatehouse';
const bothEras: readonly WireKind[] = ['modern', 'legacy'];

function routerTarget(upstream: UpstreamKind, args: readonly string[]): Target {
  return {
    name: routerName,
    upstream,
    wires: bothEras,
    start: () => startAndList(args, {}, 'modern', async ({ firstLine }) => ({ url: await firstLine })),
  };
}

async function gatehouseTarget(upstream: UpstreamKind, dataDir: string, server: readonly string[]): Promise<Target> {
  mkdirSync(dataDir, { mode: 0o700 });
  await using _gate = await serve(dataDir);
  await gatehouse(dataDir, 'server', 'add', 'bench', ...server);
  await gatehouse(dataDir, 'tool', 'approve', '--all', '--server', 'bench', '--effect', 'read');
  const { token } = (await gatehouse(dataDir, 'app', 'token', 'bench')) as { token: string };
  const args = [join(out, 'main/cli.js'), 'serve', '--data-dir', dataDir, '--port', '0', '--json'];
  return {
    name: gatehouseName,
    upstream,
    wires: bothEras,
    start: () =>
      startAndList(args, {}, 'modern', async ({ firstLine }) => {
        const { endpoint } = JSON.parse(await firstLine) as { endpoint: string };
        return { url: `${endpoint}/servers/bench`, token };
      }),
  };
}

function peerTargets(upstream: UpstreamKind, { url, stdioFile }: Upstreams, folder: string): Target[] {
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const env = { ...process.env, HOME: home, XDG_STATE_HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home };
  const peer = (
    name: PeerName,
    wires: readonly WireKind[],
    argsFor: (port: number) => readonly string[],
    toolPrefix = '',
  ): Target => ({
    name: `${name} ${peerVersions[name]}`,
    upstream,
    wires,
    ...(wires.length === 0 && { without: 'cannot: it starts stdio servers only' }),
    async start() {
      const port = await freePort();
      const args = [peerProgram(name), ...argsFor(port)];
      const address = { url: `http://127.0.0.1:${port}/mcp`, toolPrefix };
      return startAndList(args, { cwd: home, env }, wires[0] ?? 'legacy', async () => address);
    },
  });
  const hubConfig = join(folder, `mcp-hub-${upstream}.json`);
  const server = upstream === 'http' ? { url } : { command: process.execPath, args: [stdioFile] };
  writeFileSync(hubConfig, JSON.stringify({ mcpServers: { bench: server } }));
  const command = `"${process.execPath}" "${stdioFile}"`;
  const stdioOnly = upstream === 'stdio' ? bothEras : [];
  return [
    peer('mcp-hub', ['sse'], (port) => ['--port', `${port}`, '--config', hubConfig], 'bench__'),
    peer('mcp-proxy', stdioOnly, (port) => ['--port', `${port}`, '--', process.execPath, stdioFile]),
    peer('supergateway', stdioOnly, (port) => [
      ...['--stdio', command, '--outputTransport', 'streamableHttp', '--stateful'],
      ...['--port', `${port}`, '--logLevel', 'none'],
    ]),
  ];
}

interface Address {
  readonly url: string;
  readonly token?: string;
  readonly toolPrefix?: string;
}

/** Milliseconds within which a target has to answer its first tools/list. */
const startLimitMs = 20_000;
const attemptLimitMs = 5_000;
const retryEveryMs = 3;

async function startAndList(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
  firstWire: WireKind,
  addressOf: (process: MeasuredProcess) => Promise<Address>,
): Promise<RunningTarget> {
  const before = performance.now();
  const running = startMeasured(args, options);
  try {
    const { url, token, toolPrefix } = await withinMs(startLimitMs, addressOf(running));
    const open = (wire: WireKind) => new RawClient(url, token, { wire, toolPrefix });
    using client = open(firstWire);
    let reason: unknown;
    const listed = () =>
      withinMs(attemptLimitMs, client.listsEcho()).catch((error: unknown) => {
        reason = error;
        return false;
      });
    while (!(await listed())) {
      if (running.hasEnded()) throw new Error(`It ended: ${running.lastOutput()}`);
      if (performance.now() - before > startLimitMs) {
        throw new Error(`No tools/list with the echo tool within ${startLimitMs} ms.`, { cause: reason });
      }
      await pause(retryEveryMs);
    }
    const firstListMs = performance.now() - before;
    return { process: running, firstListMs, open, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}

function withinMs<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`No answer within ${limitMs} ms.`)), limitMs);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** A port nothing listens on now, for programs that cannot choose one themselves. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}
