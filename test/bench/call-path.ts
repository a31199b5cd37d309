/** DESIGN §9, first row: one tools/call through the gateway against the minimal router and the server itself. */
import { join } from 'node:path';
import { gatehouse, serve, start, temporaryDir } from '../fixtures/gatehouse-process.ts';
import { boundRow, type Row, ratioRow } from './budget-table.ts';
import { cpuSeconds, residentMb } from './process-usage.ts';
import { RawClient } from './raw-client.ts';
import { median, throughput, timed } from './statistics.ts';

const here = import.meta.dirname;
const MIB = 1_048_576;
const rounds = 7;
const callsPerRound = 400;

interface Path {
  readonly name: 'direct' | 'router' | 'gatehouse';
  readonly pid: number;
  readonly client: RawClient;
  readonly more: readonly RawClient[];
}

interface Figures {
  readonly p50: number[];
  readonly cpu: number[];
  readonly wide: number[];
  readonly lanes: number[];
  readonly big: number[];
}

export async function benchCallPath(): Promise<Row[]> {
  await using upstream = await start([join(here, 'fixtures/echo-server.ts')]);
  await using router = await start([join(here, 'fixtures/minimal-router.ts'), upstream.line]);
  using folder = temporaryDir();
  await using gate = await serve(folder.path);
  await gatehouse(folder.path, 'server', 'add', 'bench', '--url', upstream.line);
  await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'bench', '--effect', 'read');
  const { token } = (await gatehouse(folder.path, 'app', 'token', 'bench')) as { token: string };

  const address = `${gate.endpoint}/servers/bench`;
  const clients = (url: string, bearer?: string) => Array.from({ length: 9 }, () => new RawClient(url, bearer));
  const pathOf = (name: Path['name'], pid: number, [client, ...more]: RawClient[]): Path => {
    if (!client) throw new Error('A path needs a client.');
    return { name, pid, client, more };
  };
  const paths = [
    pathOf('direct', upstream.pid, clients(upstream.line)),
    pathOf('router', router.pid, clients(router.line)),
    pathOf('gatehouse', gate.pid, clients(address, token)),
  ];
  const figures = new Map<Path['name'], Figures>(
    paths.map(({ name }) => [name, { p50: [], cpu: [], wide: [], lanes: [], big: [] }]),
  );

  for (const { client } of paths) await timed(300, () => client.echo('warm'));
  const memoryBefore = residentMb(gate.pid);
  for (let round = 0; round < rounds; round++) {
    for (const { name, pid, client, more } of paths) {
      const into = figures.get(name);
      if (!into) continue;
      const cpuBefore = cpuSeconds(pid);
      into.p50.push(
        median(await timed(callsPerRound, () => client.echo('a text of about a hundred bytes '.repeat(3)))),
      );
      into.cpu.push(((cpuSeconds(pid) - cpuBefore) / callsPerRound) * 1000);
      into.wide.push(await throughput(32, 800, () => client.echo('x')));
      into.lanes.push(await throughput(32, 800, (lane) => more[lane % 8]?.echo('x') ?? Promise.resolve()));
      into.big.push(median(await timed(12, () => client.blob(MIB))));
    }
  }
  const of = (name: Path['name'], key: keyof Figures) => median(figures.get(name)?.[key] ?? []);
  const times = (key: keyof Figures, against: Path['name']) => of('gatehouse', key) / of(against, key);
  const faster = (key: keyof Figures) => of('router', key) / of('gatehouse', key);
  return [
    boundRow('direct, sequential p50', of('direct', 'p50'), 'ms', undefined, 3),
    boundRow('minimal router, sequential p50', of('router', 'p50'), 'ms', undefined, 3),
    boundRow('Gatehouse, sequential p50', of('gatehouse', 'p50'), 'ms', undefined, 3),
    ratioRow('sequential p50 against direct', times('p50', 'direct')),
    ratioRow('sequential p50 against the minimal router', times('p50', 'router'), 2.2),
    ratioRow('CPU per call against the minimal router', times('cpu', 'router'), 3),
    ratioRow('time per call, 1 × 32 in flight, against the minimal router', faster('wide')),
    ratioRow('time per call, 8 × 4 in flight, against the minimal router', faster('lanes')),
    ratioRow('1 MiB result p50 against the minimal router', times('big', 'router')),
    boundRow(`memory after ${rounds * (callsPerRound + 1612)} calls`, residentMb(gate.pid), 'MB', 120),
    boundRow('memory before them', memoryBefore, 'MB'),
  ];
}
