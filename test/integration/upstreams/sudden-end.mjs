// Runs an upstream and ends in the way of its argument, without disposing of anything. Prints the servers' pids first.
import { register } from 'node:module';

const shared = new URL('../../../src/shared/', import.meta.url).href;
register(
  `data:text/javascript,${encodeURIComponent(
    `export const resolve = (name, context, next) => next(name.replace(/^@shared\\//, '${shared}'), context);`,
  )}`,
  import.meta.url,
);
const { createUpstreams } = await import('../../../src/main/upstreams/index.ts');

const how = process.argv[2];
const fixture = new URL('../../fixtures/servers/hostile.mjs', import.meta.url).pathname;
// A process that is killed outright cannot kill others: there the end of stdin has to do.
const mode = how === 'kill' ? 'echo' : 'ignores-sigterm';
const upstreams = createUpstreams({
  resolveSecret: async () => undefined,
  clock: Date.now,
  log: console,
  clientInfo: { name: 'sudden-end', version: '0' },
});
const config = { command: process.execPath, args: [fixture, mode], gatehouse: { instances: 'app' } };
await upstreams.allow(new Map([['x', config]]));
// The one for everybody, and one for a single app.
const instances = ['', 'app:a'];
for (const instance of instances) await upstreams.list('x', undefined, instance);
const pids = instances.map((instance) => upstreams.status('x', instance).pid);
process.stdout.write(`${JSON.stringify(pids)}\n`, () => {
  if (how === 'exit') process.exit(1);
  if (how === 'throw') throw new Error('on purpose');
});
