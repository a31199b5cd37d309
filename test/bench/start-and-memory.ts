/** DESIGN §9: start to the first answered tools/list with 20 known servers, and memory when they are stopped. */
import { join, resolve } from 'node:path';
import { gatehouse, root, serve, temporaryDir } from '../fixtures/gatehouse-process.ts';
import { boundRow, type Row } from './budget-table.ts';
import { residentMb } from './process-usage.ts';
import { RawClient } from './raw-client.ts';
import { median } from './statistics.ts';

const knownServers = 20;
const starts = 5;
const memoryServer = resolve(root, 'node_modules/.bin/mcp-server-memory');

export async function benchStart(): Promise<Row[]> {
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
  return [
    boundRow(`start to first tools/list, ${knownServers} known servers`, median(firstList), 'ms', 400),
    boundRow(`memory, ${knownServers} servers known and stopped`, median(resident), 'MB', 95),
  ];
}
