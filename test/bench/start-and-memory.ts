/** DESIGN §9: start to the first answered tools/list with 20 known servers, memory when they are stopped and after calls. */
import { join, resolve } from 'node:path';
import { gatehouse, root, serve, start, temporaryDir } from '../fixtures/gatehouse-process.ts';
import { boundRow, type Row } from './budget-table.ts';
import { residentMb } from './process-usage.ts';
import { RawClient } from './raw-client.ts';
import { median, timed } from './statistics.ts';

const knownServers = 20;
const starts = 5;
const calls = 2_000;
const memoryServer = resolve(root, 'node_modules/.bin/mcp-server-memory');

export async function benchStart(): Promise<Row[]> {
  await using upstream = await start([join(import.meta.dirname, 'fixtures/echo-server.ts')]);
  using folder = temporaryDir();
  let token = '';
  {
    await using _gate = await serve(folder.path);
    for (let i = 0; i < knownServers; i++) {
      const name = `memory-${i}`;
      const file = join(folder.path, `${name}.json`);
      const config = ['--env', `MEMORY_FILE_PATH=${file}`, '--', process.execPath, memoryServer];
      await gatehouse(folder.path, 'server', 'add', name, ...config);
      await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', name);
    }
    await gatehouse(folder.path, 'server', 'add', 'bench', '--url', upstream.line);
    await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'bench', '--effect', 'read');
    ({ token } = (await gatehouse(folder.path, 'app', 'token', 'bench')) as { token: string });
  }
  const firstList: number[] = [];
  const resident: number[] = [];
  for (let i = 0; i < starts; i++) {
    const before = performance.now();
    await using gate = await serve(folder.path);
    using client = new RawClient(gate.endpoint, token);
    await client.send('tools/list', {});
    firstList.push(performance.now() - before);
    resident.push(residentMb(gate.pid));
  }
  const afterCalls: number[] = [];
  for (let i = 0; i < 3; i++) {
    await using gate = await serve(folder.path);
    using client = new RawClient(`${gate.endpoint}/servers/bench`, token);
    await timed(calls, () => client.echo('a text of about a hundred bytes '.repeat(3)));
    afterCalls.push(residentMb(gate.pid));
  }
  return [
    boundRow(`start to first tools/list, ${knownServers} known servers`, median(firstList), 'ms', 400),
    boundRow(`memory, ${knownServers} servers known and stopped`, median(resident), 'MB', 95),
    boundRow(`memory after ${calls} calls`, median(afterCalls), 'MB', 120),
  ];
}
