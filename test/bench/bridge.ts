/** DESIGN §9: the stdio bridge against a minimal one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gatehouse, out, serve, start, temporaryDir } from '../fixtures/gatehouse-process.ts';
import { boundRow, type Row, ratioRow } from './budget-table.ts';
import { residentMb } from './process-usage.ts';
import { median, timed } from './statistics.ts';

const here = import.meta.dirname;
const VERSION = '2026-07-28';

interface Bridge extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Milliseconds from spawn to the answer of a first ping-like request. */
  readonly firstAnswerMs: number;
  call(text: string): Promise<void>;
}

async function openBridge(args: readonly string[], token: string): Promise<Bridge> {
  const before = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, GATEHOUSE_TOKEN: token },
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const waiting = new Map<number, (frame: { result?: { content?: { text?: string }[] } }) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const frame = JSON.parse(line);
    waiting.get(frame.id)?.(frame);
    waiting.delete(frame.id);
  });
  let lastId = 0;
  const call = async (text: string): Promise<void> => {
    const id = ++lastId;
    const params = {
      name: 'call_tool_read',
      arguments: { name: 'bench:echo', arguments: { text } },
      _meta: {
        'io.modelcontextprotocol/protocolVersion': VERSION,
        'io.modelcontextprotocol/clientCapabilities': {},
        'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
      },
    };
    const answer = new Promise<{ result?: { content?: { text?: string }[] } }>((resolve) => waiting.set(id, resolve));
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })}\n`);
    const frame = await answer;
    if (frame.result?.content?.[0]?.text !== text) throw new Error(`Wrong answer: ${JSON.stringify(frame)}`);
  };
  await call('first');
  return {
    child,
    firstAnswerMs: performance.now() - before,
    call,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      child.kill('SIGTERM');
      await ended;
    },
  };
}

export async function benchBridge(): Promise<Row[]> {
  await using upstream = await start([join(here, 'fixtures/echo-server.ts')]);
  using folder = temporaryDir();
  await using gate = await serve(folder.path);
  await gatehouse(folder.path, 'server', 'add', 'bench', '--url', upstream.line);
  await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'bench', '--effect', 'read');
  const { token } = (await gatehouse(folder.path, 'app', 'token', 'bench')) as { token: string };

  const own = [join(out, 'main/cli.js'), 'stdio', '--data-dir', folder.path];
  const minimal = [join(here, 'fixtures/minimal-bridge.ts'), gate.endpoint];
  const starts: { own: number[]; minimal: number[] } = { own: [], minimal: [] };
  for (let i = 0; i < 7; i++) {
    await using ownBridge = await openBridge(own, token);
    await using minimalBridge = await openBridge(minimal, token);
    starts.own.push(ownBridge.firstAnswerMs);
    starts.minimal.push(minimalBridge.firstAnswerMs);
  }
  await using ownBridge = await openBridge(own, token);
  await using minimalBridge = await openBridge(minimal, token);
  const p50: { own: number[]; minimal: number[] } = { own: [], minimal: [] };
  for (let round = 0; round < 6; round++) {
    p50.own.push(median(await timed(250, () => ownBridge.call('x'))));
    p50.minimal.push(median(await timed(250, () => minimalBridge.call('x'))));
  }
  return [
    boundRow('start to the first answered call', median(starts.own), 'ms', 150),
    boundRow('the minimal bridge', median(starts.minimal), 'ms'),
    ratioRow('p50 against the minimal bridge', median(p50.own) / median(p50.minimal), 1.5),
    boundRow('memory of the bridge', residentMb(ownBridge.child.pid ?? 0), 'MB', 60),
  ];
}
