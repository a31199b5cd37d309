/**
 * DESIGN §9, first row: one tools/call through the gateway against a minimal router and the server itself, for a server
 * over HTTP and for one over stdio.
 */
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

type PathName = 'direct' | 'router' | 'gatehouse' | 'router-stdio' | 'gatehouse-stdio';

interface Path {
  readonly name: PathName;
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
  const stdioServer = join(here, 'fixtures/stdio-echo-server.ts');
  await using upstream = await start([join(here, 'fixtures/echo-server.ts')]);
  await using router = await start([join(here, 'fixtures/minimal-router.ts'), upstream.line]);
  await using stdioRouter = await start([join(here, 'fixtures/minimal-stdio-router.ts'), stdioServer]);
  using folder = temporaryDir();
  await using gate = await serve(folder.path);
  await gatehouse(folder.path, 'server', 'add', 'bench', '--url', upstream.line);
  await gatehouse(folder.path, 'server', 'add', 'local', '--', process.execPath, stdioServer);
  for (const server of ['bench', 'local']) {
    await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', server, '--effect', 'read');
  }
  const { token } = (await gatehouse(folder.path, 'app', 'token', 'bench')) as { token: string };

  const pathOf = (name: PathName, pid: number, url: string, bearer?: string): Path => {
    const [client, ...more] = Array.from({ length: 9 }, () => new RawClient(url, bearer));
    if (!client) throw new Error('A path needs a client.');
    return { name, pid, client, more };
  };
  const paths = [
    pathOf('direct', upstream.pid, upstream.line),
    pathOf('router', router.pid, router.line),
    pathOf('gatehouse', gate.pid, `${gate.endpoint}/servers/bench`, token),
    pathOf('router-stdio', stdioRouter.pid, stdioRouter.line),
    pathOf('gatehouse-stdio', gate.pid, `${gate.endpoint}/servers/local`, token),
  ];
  const figures = new Map<PathName, Figures>(
    paths.map(({ name }) => [name, { p50: [], cpu: [], wide: [], lanes: [], big: [] }]),
  );

  for (const { client } of paths) await timed(300, () => client.echo('warm'));
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
  const of = (name: PathName, key: keyof Figures) => median(figures.get(name)?.[key] ?? []);
  const times = (key: keyof Figures, against: PathName) => of('gatehouse', key) / of(against, key);
  const faster = (key: keyof Figures) => of('router', key) / of('gatehouse', key);
  const stdioTimes = (key: keyof Figures) => of('gatehouse-stdio', key) / of('router-stdio', key);
  const calls = 2 * (300 + rounds * (callsPerRound + 1612));
  return [
    boundRow('direct, sequential p50', of('direct', 'p50'), 'ms', undefined, 3),
    boundRow('minimal router, sequential p50', of('router', 'p50'), 'ms', undefined, 3),
    boundRow('Gatehouse, sequential p50', of('gatehouse', 'p50'), 'ms', undefined, 3),
    boundRow('Gatehouse, CPU per call', of('gatehouse', 'cpu'), 'ms', undefined, 3),
    ratioRow('sequential p50 against direct', times('p50', 'direct')),
    ratioRow('sequential p50 against the minimal router', times('p50', 'router'), 2.2),
    ratioRow('CPU per call against the minimal router', times('cpu', 'router'), 3),
    ratioRow('time per call, 1 × 32 in flight, against the minimal router', faster('wide')),
    ratioRow('time per call, 8 × 4 in flight, against the minimal router', faster('lanes')),
    ratioRow('1 MiB result p50 against the minimal router', times('big', 'router')),
    boundRow('server over stdio: sequential p50', of('gatehouse-stdio', 'p50'), 'ms', undefined, 3),
    boundRow('server over stdio: CPU per call', of('gatehouse-stdio', 'cpu'), 'ms', undefined, 3),
    ratioRow('server over stdio: p50 against a minimal stdio router', stdioTimes('p50')),
    ratioRow('server over stdio: CPU per call against a minimal stdio router', stdioTimes('cpu')),
    boundRow(`memory after ${calls} calls, ${2 * rounds * 12} of them with 1 MiB results`, residentMb(gate.pid), 'MB'),
  ];
}
