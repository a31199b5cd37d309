/** DESIGN §9: retrieve_tools at 10,000 tools, and the change of one server. */
import { join } from 'node:path';
import { createDiscovery, type IndexedTool } from '../../src/main/discovery/index.ts';
import { out } from '../fixtures/gatehouse-process.ts';
import { boundRow, type Row } from './budget-table.ts';
import { median, quantile, timed } from './statistics.ts';

const toolCount = 10_000;
const perServer = 50;
const verbs = ['create', 'list', 'get', 'update', 'delete', 'search', 'send', 'read', 'write', 'archive', 'merge'];
const things = [
  'issue',
  'pull request',
  'file',
  'message',
  'customer',
  'invoice',
  'calendar event',
  'table',
  'branch',
  'page',
  'dashboard',
  'alert',
  'deployment',
  'pod',
  'secret',
  'contact',
  'ticket',
  'sheet',
  'image',
  'payment',
];

/** The same tools on every run: no random source. */
function tools(server: number): IndexedTool[] {
  return Array.from({ length: perServer }, (_, i) => {
    const n = server * perServer + i;
    const verb = verbs[n % verbs.length] ?? 'get';
    const thing = things[Math.floor(n / verbs.length) % things.length] ?? 'file';
    return {
      id: `server-${server}:${verb}_${thing.replace(' ', '_')}_${n}`,
      server: `server-${server}`,
      name: `${verb}_${thing.replace(' ', '_')}_${n}`,
      title: null,
      description: `${verb} one ${thing} of project ${n % 97}. Takes an id and gives the ${thing} with all its fields, owner and history ${n}.`,
      inputSchema: {
        type: 'object',
        properties: { id: { type: 'string', description: `Id of the ${thing}` }, project: { type: 'string' } },
      },
      effect: 'read',
    };
  });
}

export async function benchToolSearch(): Promise<Row[]> {
  await using discovery = await createDiscovery({
    workerFile: join(out, 'main/discovery-worker.js'),
    log: console,
  });
  const before = performance.now();
  await Promise.all(
    Array.from({ length: toolCount / perServer }, (_, server) =>
      discovery.setServer(`server-${server}`, tools(server)),
    ),
  );
  const query = { limit: 10, servers: null, effects: null };
  await discovery.search({ ...query, query: 'warm up' });
  const buildMs = performance.now() - before;
  let n = 0;
  const times = await timed(1_000, () => {
    const words = `${verbs[n % verbs.length]} a ${things[n % things.length]} of project ${n % 97}`;
    n += 1;
    return discovery.search({ ...query, query: words });
  });
  const changes = await timed(10, () => discovery.setServer('server-7', tools(7)));
  return [
    boundRow(`build at ${toolCount} tools`, buildMs, 'ms'),
    boundRow('search p50', quantile(times, 0.5), 'ms', undefined, 2),
    boundRow('search p99', quantile(times, 0.99), 'ms', 3, 2),
    boundRow('change of one server', median(changes), 'ms', 50, 1),
  ];
}
