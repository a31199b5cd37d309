import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createDiscovery,
  type Discovery,
  type DiscoveryOptions,
  type IndexedTool,
} from '../../../src/main/discovery/index.ts';
import { fleet, tool } from '../../unit/discovery/tools.ts';

const workerFile = new URL('../../../src/main/discovery/worker.ts', import.meta.url);
const warnings: string[] = [];
const log = {
  debug() {},
  warn(facts: object, message: string) {
    warnings.push(`${message} ${JSON.stringify(facts)}`);
  },
};
const running: Discovery[] = [];
const folders: string[] = [];

function start(options: Partial<DiscoveryOptions> = {}): Discovery {
  const discovery = createDiscovery({ workerFile, log, restartDelayMs: 5, ...options });
  running.push(discovery);
  return discovery;
}

/** The real worker, with something that happens to it first. */
function workerThat(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-worker-'));
  folders.push(folder);
  const file = join(folder, 'worker.mjs');
  writeFileSync(
    file,
    `import { parentPort } from 'node:worker_threads';\n${script}\nawait import(${JSON.stringify(workerFile.href)});\n`,
  );
  return file;
}

const serversOf = (tools: readonly IndexedTool[]): Map<string, IndexedTool[]> =>
  Map.groupBy(tools, ({ server }) => server);
const fill = (discovery: Discovery): Promise<unknown> =>
  Promise.all([...serversOf(fleet)].map(([server, tools]) => discovery.setServer(server, tools)));
const idsFor = async (discovery: Discovery, query: string): Promise<string[]> =>
  (await discovery.search({ query, limit: 5, servers: null, effects: null })).map(({ id }) => id);

afterEach(async () => {
  for (const discovery of running.splice(0)) await discovery[Symbol.asyncDispose]();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  warnings.length = 0;
});

describe('discovery in its worker', () => {
  test('finds nothing, at once, before there is anything to find', async () => {
    const discovery = start({ workerFile: '/nowhere/at/all.js' });
    expect(await idsFor(discovery, 'anything')).toEqual([]);
    expect(discovery.size()).toBe(0);
  });

  test('a search that follows setServer sees its tools, awaited or not', async () => {
    const discovery = start();
    void fill(discovery);
    expect((await idsFor(discovery, 'create_issue'))[0]).toBe('github:create_issue');
    expect(discovery.size()).toBe(fleet.length);
  });

  test('replacing a server removes what it had; an empty list removes it', async () => {
    const discovery = start();
    await fill(discovery);
    await discovery.setServer('weather', [tool('weather:storm_warning', 'Warns of storms.')]);
    expect(await idsFor(discovery, 'get_forecast')).not.toContain('weather:get_forecast');
    expect((await idsFor(discovery, 'storm'))[0]).toBe('weather:storm_warning');
    await discovery.setServer('weather', []);
    expect(await idsFor(discovery, 'storm')).toEqual([]);
    expect(discovery.size()).toBe(fleet.length - 1);
  });

  test('the last of many changes in one burst wins', async () => {
    const discovery = start();
    await fill(discovery);
    const changes = Array.from({ length: 50 }, (_, at) =>
      discovery.setServer('burst', [tool(`burst:version_${at}`, 'Bursting')]),
    );
    await Promise.all(changes);
    expect(await idsFor(discovery, 'bursting')).toEqual(['burst:version_49']);
  });

  test('a search never sees half of a server', async () => {
    const discovery = start();
    const state = (letter: string): IndexedTool[] =>
      Array.from({ length: 300 }, (_, at) => tool(`flip:${letter}_${at}`, `Flipping thing number ${at}.`));
    await discovery.setServer('flip', state('a'));
    let switching = true;
    const change = (async () => {
      for (const letter of ['b', 'a', 'b', 'a', 'b']) await discovery.setServer('flip', state(letter));
      switching = false;
    })();
    let searches = 0;
    while (switching) {
      const hits = await discovery.search({ query: 'flipping thing', limit: 100, servers: null, effects: null });
      expect(hits).toHaveLength(100);
      expect(new Set(hits.map(({ id }) => id.slice(0, 6))).size).toBe(1);
      searches += 1;
    }
    await change;
    expect(searches).toBeGreaterThan(0);
  });

  test('a worker that dies is replaced and filled again before it is searched', async () => {
    // Dies at the third message: after the first update, at the second search.
    const discovery = start({
      workerFile: workerThat(`
        import { existsSync, writeFileSync } from 'node:fs';
        let messages = 0;
        const mark = new URL('./died', import.meta.url);
        parentPort.on('message', () => { if (++messages === 3 && !existsSync(mark)) { writeFileSync(mark, ''); process.exit(9); } });`),
    });
    await fill(discovery);
    expect((await idsFor(discovery, 'weather'))[0]).toBe('weather:get_forecast');
    expect((await idsFor(discovery, 'weather'))[0]).toBe('weather:get_forecast');
    expect((await idsFor(discovery, 'delete file'))[0]).toBe('files:delete_file');
    expect(warnings.join()).toContain('worker stopped');
  });

  test('changes made while the worker is dying are not lost', async () => {
    const discovery = start({
      workerFile: workerThat(`
        import { existsSync, writeFileSync } from 'node:fs';
        const mark = new URL('./died', import.meta.url);
        parentPort.on('message', () => { if (!existsSync(mark)) { writeFileSync(mark, ''); process.exit(9); } });`),
    });
    const first = discovery.setServer('a', [tool('a:alpha', 'First letter')]);
    const second = first.then(() => undefined);
    await discovery.setServer('b', [tool('b:beta', 'Second letter')]);
    await second;
    expect((await idsFor(discovery, 'letter')).toSorted()).toEqual(['a:alpha', 'b:beta']);
  });

  test('a search that kills the worker twice is refused, and others go on', async () => {
    const discovery = start({
      workerFile: workerThat(
        `parentPort.on('message', ({ query }) => { if (query?.query === 'poison') process.exit(9); });`,
      ),
    });
    await fill(discovery);
    await expect(idsFor(discovery, 'poison')).rejects.toThrow('stopped twice');
    expect((await idsFor(discovery, 'weather'))[0]).toBe('weather:get_forecast');
  });

  test('a worker that hangs is replaced', async () => {
    const discovery = start({
      searchTimeoutMs: 300,
      workerFile: workerThat(`parentPort.on('message', ({ query }) => { while (query?.query === 'hang'); });`),
    });
    await fill(discovery);
    await expect(idsFor(discovery, 'hang')).rejects.toThrow('did not answer within 300 ms');
    expect((await idsFor(discovery, 'weather'))[0]).toBe('weather:get_forecast');
  });

  test('a worker that answers nonsense is replaced', async () => {
    const discovery = start({
      workerFile: workerThat(`
        import { existsSync, writeFileSync } from 'node:fs';
        const mark = new URL('./lied', import.meta.url);
        if (!existsSync(mark)) { writeFileSync(mark, ''); parentPort.postMessage({ type: 'found', hits: 'all' }); }`),
    });
    await fill(discovery);
    expect((await idsFor(discovery, 'weather'))[0]).toBe('weather:get_forecast');
  });

  test('no thread runs until somebody searches, and then everything is found', async () => {
    const discovery = start();
    const workers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;
    const before = workers();
    await fill(discovery);
    expect(discovery.size()).toBe(fleet.length);
    expect(workers()).toBe(before);
    expect((await idsFor(discovery, 'weather'))[0]).toBe('weather:get_forecast');
    expect(workers()).toBeGreaterThan(before);
  });

  test('questions of the wrong shape are refused', async () => {
    const discovery = start();
    await fill(discovery);
    await expect(discovery.search({ query: 'x', limit: 0, servers: null, effects: null })).rejects.toThrow(
      'not accepted',
    );
    await expect(discovery.search({ query: 'x', limit: 1e9, servers: null, effects: null })).rejects.toThrow(
      'not accepted',
    );
  });

  test('closing refuses what is open and ends the worker', async () => {
    const discovery = start();
    await discovery.setServer('a', [tool('a:a', 'b')]);
    const search = idsFor(discovery, 'c');
    const change = discovery.setServer('a', [tool('a:b', 'c')]);
    const outcome = Promise.allSettled([change, search]);
    await discovery[Symbol.asyncDispose]();
    await discovery[Symbol.asyncDispose]();
    expect((await outcome).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(discovery.setServer('a', [])).rejects.toThrow('shutting down');
    await expect(idsFor(discovery, 'c')).rejects.toThrow('shutting down');
  });
});
