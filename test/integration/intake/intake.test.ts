import type { ConfigProblem, ServerConfig } from '@shared/contract/index.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApprovals, type ServerListing } from '../../../src/main/approvals/index.ts';
import type { IndexedTool } from '../../../src/main/discovery/index.ts';
import { createIntake, type Intake } from '../../../src/main/intake/index.ts';
import { openStorage, type Storage } from '../../../src/main/storage/index.ts';
import type { ServerConfigs, Upstreams } from '../../../src/main/upstreams/index.ts';
import { temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { keptOf } from '../../fixtures/open-database.ts';
import { until } from '../../fixtures/until.ts';

const program: ServerConfig = { command: '/bin/true', args: ['a'] };
const tool = (name: string, description = `Does ${name}.`) => ({ name, description, inputSchema: { type: 'object' } });

/** How this test names one process of a server. */
const processOf = (server: string, instance: string) => (instance === '' ? server : `${server} for ${instance}`);

/** servers.json, the servers and the index under the test's hand; approvals and their database are real. */
function surroundings() {
  const declared = new Map<string, ServerConfig>();
  const offered = new Map<string, unknown[]>();
  const startedAt = new Map<string, number>();
  const allowed: string[][] = [];
  const listed: string[] = [];
  const indexed = new Map<string, readonly IndexedTool[]>();
  const changed = new Set<() => void>();
  const listChanged = new Set<(server: string, instance: string) => void>();
  let problem: ConfigProblem | null = null;
  let listing: Promise<void> = Promise.resolve();
  const subscribe = <T>(all: Set<T>, listener: T): Disposable => {
    all.add(listener);
    return { [Symbol.dispose]: () => void all.delete(listener) };
  };

  const configs: Pick<ServerConfigs, 'all' | 'problem' | 'onChange'> = {
    all: () => declared,
    problem: () => problem,
    onChange: (listener) => subscribe(changed, listener),
  };
  const upstreams: Pick<Upstreams, 'allow' | 'list' | 'status' | 'onListChanged'> = {
    allow: async (servers) => void allowed.push([...servers.keys()]),
    list: async (server, _signal, instance = ''): Promise<ServerListing> => {
      listed.push(processOf(server, instance));
      await listing;
      return {
        at: 1,
        serverInfo: { name: server, version: '1' },
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        instructions: null,
        tools: offered.get(processOf(server, instance)) ?? offered.get(server) ?? [],
        resources: [],
        resourceTemplates: [],
        prompts: [],
      };
    },
    status: (name, instance = '') => {
      const started = startedAt.get(processOf(name, instance));
      // The shared process is always known; one for an app or session only while there is one.
      if (instance !== '' && started === undefined) return undefined;
      return {
        name,
        health: started === undefined ? 'asleep' : 'ready',
        problem: null,
        pid: 1,
        startedAt: started ?? null,
        lastUsedAt: null,
        restarts: 0,
        nextRetryAt: null,
        running: 0,
        instances: started === undefined ? 0 : 1,
      };
    },
    onListChanged: (listener) => subscribe(listChanged, listener),
  };
  return {
    declared,
    offered,
    startedAt,
    allowed,
    listed,
    indexed,
    configs,
    upstreams,
    discovery: {
      setServer: async (server: string, tools: readonly IndexedTool[]) => void indexed.set(server, tools),
    },
    fileChanged: () => {
      for (const listener of changed) listener();
    },
    toolsChanged: (server: string, instance = '') => {
      for (const listener of listChanged) listener(server, instance);
    },
    breakFile: (value: ConfigProblem | null) => {
      problem = value;
    },
    holdListing: () => {
      const gate = Promise.withResolvers<void>();
      listing = gate.promise;
      return gate.resolve;
    },
  };
}

describe('The way of a server from servers.json to searchable tools', () => {
  let folder: ReturnType<typeof temporaryDir>;
  let storage: Storage;
  let around: ReturnType<typeof surroundings>;
  let approvals: ReturnType<typeof createApprovals>;
  let intake: Intake;

  beforeEach(() => {
    folder = temporaryDir();
    storage = openStorage({ dataDir: folder.path, clock: () => 1 });
    around = surroundings();
    approvals = createApprovals({
      db: storage.db,
      clock: () => 1,
      sealKey: Buffer.alloc(32, 7),
      audit: { note: () => undefined },
    });
    intake = open();
  });
  const open = (trustsFile = false) =>
    createIntake({ ...around, approvals, kept: keptOf(storage), trustsFile, log: { warn: () => undefined } });
  afterEach(async () => {
    await intake[Symbol.asyncDispose]();
    approvals[Symbol.dispose]();
    storage[Symbol.dispose]();
    folder[Symbol.dispose]();
  });

  const declare = (name: string, config: ServerConfig = program) => around.declared.set(name, config);
  const indexedNames = (server: string) => around.indexed.get(server)?.map((entry) => entry.name);

  it('a server somebody wrote into the file may not run before a person approved its launch', async () => {
    declare('words');
    await intake.start();
    expect(approvals.server('words')?.state).toBe('pending');
    expect(around.allowed.at(-1)).toEqual([]);
    expect(around.listed).toEqual([]);

    approvals.approveServer('words', 'window');
    await until(() => around.allowed.at(-1)?.includes('words'));
  });

  describe('a server that was switched off', () => {
    const runs = () => around.allowed.at(-1)?.includes('words');
    beforeEach(async () => {
      declare('words');
      await intake.start();
      approvals.approveServer('words', 'window');
      await intake.sync();
      expect(runs()).toBe(true);
      declare('words', { ...program, disabled: true });
      await intake.sync();
      expect(runs()).toBe(false);
    });

    it('is not brought back by an edit of the file, before and after a restart', async () => {
      declare('words');
      await intake.sync();
      expect([runs(), intake.isOff('words')]).toEqual([false, true]);
      await intake[Symbol.asyncDispose]();
      intake = open();
      await intake.start();
      expect([runs(), intake.isOff('words')]).toEqual([false, true]);
    });

    it('is brought back by a person', async () => {
      declare('words');
      intake.switchOn('words');
      await intake.sync();
      expect([runs(), intake.isOff('words')]).toEqual([true, false]);
    });

    it('is brought back by the file where the file is trusted', async () => {
      await intake[Symbol.asyncDispose]();
      intake = open(true);
      declare('words');
      await intake.start();
      expect(runs()).toBe(true);
    });

    it('stays off when the memory of it was changed, and so does every other server', async () => {
      declare('words');
      storage.db.exec("UPDATE kept_state SET value = replace(value, 'words', 'other') WHERE name = 'switched off'");
      await intake[Symbol.asyncDispose]();
      intake = open();
      await intake.start();
      expect(runs()).toBe(false);
    });
  });

  it('another launch in the file stops it at once', async () => {
    declare('words');
    await intake.start();
    approvals.approveServer('words', 'window');
    await intake.sync();
    declare('words', { ...program, args: ['a', '--evil'] });
    around.fileChanged();
    await until(() => around.allowed.at(-1)?.length === 0);
    expect(approvals.server('words')?.state).toBe('changed');
  });

  it.each([{ instances: 'session' as const }, { instances: 'app' as const, workingDirectory: 'app-roots' as const }])(
    'serving others or elsewhere (%j) in the file holds it, sleeping earlier does not',
    async (gatehouse) => {
      declare('words');
      await intake.start();
      approvals.approveServer('words', 'window');
      await intake.sync();
      declare('words', { ...program, gatehouse: { idleMinutes: 1 } });
      await intake.sync();
      expect(approvals.server('words')?.state).toBe('approved');
      declare('words', { ...program, gatehouse });
      await intake.sync();
      expect(approvals.server('words')?.state).toBe('changed');
      expect(around.allowed.at(-1)).toEqual([]);
    },
  );

  it('only approved tools reach the index, and they leave it when they change', async () => {
    declare('words');
    around.offered.set('words', [tool('look'), tool('hide')]);
    await intake.start();
    approvals.approveServer('words', 'window');
    await intake.refresh('words');
    await until(() => around.indexed.has('words'));
    expect(indexedNames('words')).toEqual([]);

    approvals.approve(['words:look'], 'window', { effect: 'read' });
    await until(() => indexedNames('words')?.length === 1);
    expect(indexedNames('words')).toEqual(['look']);

    around.offered.set('words', [tool('look', 'Something else now.'), tool('hide')]);
    around.toolsChanged('words');
    await until(() => indexedNames('words')?.length === 0);
    expect(approvals.tool('words:look')?.state).toBe('changed');
  });

  it('a process that was not listed yet is listed before it may answer, and only once', async () => {
    declare('words');
    await intake.start();
    approvals.approveServer('words', 'window');
    around.startedAt.set('words', 100);
    const signal = new AbortController().signal;
    expect(await intake.ensureCurrent('words', signal)).toBe(true);
    expect(await intake.ensureCurrent('words', signal)).toBe(false);
    around.startedAt.set('words', 200);
    expect(await intake.ensureCurrent('words', signal)).toBe(true);
  });

  it('a server that says its list changed is compared before the next call', async () => {
    declare('words');
    await intake.start();
    approvals.approveServer('words', 'window');
    around.startedAt.set('words', 100);
    const signal = new AbortController().signal;
    await intake.ensureCurrent('words', signal);
    const release = around.holdListing();
    around.offered.set('words', [tool('look', 'Deletes everything.')]);
    around.toolsChanged('words');
    const waiting = intake.ensureCurrent('words', signal);
    release();
    expect(await waiting).toBe(true);
    expect(approvals.tool('words:look')?.definition.description).toBe('Deletes everything.');
    expect(await intake.ensureCurrent('words', signal)).toBe(false);
  });

  it('a listing that was under way when the list changed does not count as the new one', async () => {
    declare('words');
    await intake.start();
    approvals.approveServer('words', 'window');
    around.startedAt.set('words', 100);
    const release = around.holdListing();
    const signal = new AbortController().signal;
    const waiting = intake.ensureCurrent('words', signal);
    around.toolsChanged('words');
    release();
    await waiting;
    expect(around.listed).toEqual(['words', 'words']);
    expect(await intake.ensureCurrent('words', signal)).toBe(false);
  });

  it('calls that arrive together share one listing', async () => {
    declare('words');
    await intake.start();
    approvals.approveServer('words', 'window');
    around.startedAt.set('words', 100);
    const release = around.holdListing();
    const signal = new AbortController().signal;
    const waiting = [1, 2, 3].map(() => intake.ensureCurrent('words', signal));
    release();
    await Promise.all(waiting);
    expect(around.listed).toEqual(['words']);
  });

  describe('processes for single apps and sessions', () => {
    const signal = new AbortController().signal;
    beforeEach(async () => {
      declare('words');
      around.offered.set('words', [tool('look'), tool('find')]);
      await intake.start();
      approvals.approveServer('words', 'window');
      around.startedAt.set('words', 100);
      around.startedAt.set('words for app:a', 101);
      around.startedAt.set('words for app:b', 102);
      await intake.refresh('words');
      around.listed.length = 0;
    });

    it('are each compared before they answer, once per process', async () => {
      expect(await intake.ensureCurrent('words', signal, 'app:a')).toBe(true);
      expect(await intake.ensureCurrent('words', signal, 'app:a')).toBe(false);
      expect(await intake.ensureCurrent('words', signal, 'app:b')).toBe(true);
      expect(await intake.ensureCurrent('words', signal)).toBe(false);
      around.startedAt.set('words for app:a', 200);
      expect(await intake.ensureCurrent('words', signal, 'app:a')).toBe(true);
      expect(around.listed).toEqual(['words for app:a', 'words for app:b', 'words for app:a']);
    });

    it('that offer something else have it held', async () => {
      approvals.approve(['words:look'], 'window', { effect: 'read' });
      around.offered.set('words for app:a', [tool('look', 'Deletes everything.')]);
      await intake.ensureCurrent('words', signal, 'app:a');
      expect(approvals.tool('words:look')?.state).toBe('changed');
    });

    it('that leave something out take it from nobody', async () => {
      approvals.approve(['words:look', 'words:find'], 'window', { effect: 'read' });
      around.offered.set('words for app:a', [tool('look')]);
      await intake.ensureCurrent('words', signal, 'app:a');
      expect(
        approvals
          .tools({ server: 'words', state: 'approved' })
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['find', 'look']);
    });

    it('that say their list changed are compared anew, the others are not', async () => {
      await intake.ensureCurrent('words', signal, 'app:a');
      await intake.ensureCurrent('words', signal, 'app:b');
      around.toolsChanged('words', 'app:a');
      await until(() => around.listed.length === 3);
      expect(await intake.ensureCurrent('words', signal, 'app:b')).toBe(false);
      expect(await intake.ensureCurrent('words', signal)).toBe(false);
      expect(around.listed[2]).toBe('words for app:a');
    });

    it('that ended before their changed list was read are not started for it', async () => {
      around.startedAt.delete('words for app:a');
      around.toolsChanged('words', 'app:a');
      around.toolsChanged('words', 'app:b');
      await until(() => around.listed.length > 0);
      expect(around.listed).toEqual(['words for app:b']);
    });

    it('that come and go by the thousand are not remembered', async () => {
      for (let n = 0; n < 1_000; n += 1) {
        around.startedAt.set(`words for session:${n}`, n + 1);
        expect(await intake.ensureCurrent('words', signal, `session:${n}`)).toBe(true);
        around.startedAt.delete(`words for session:${n}`);
      }
      // The same process seen again would have to be compared again.
      around.startedAt.set('words for session:1', 2);
      expect(await intake.ensureCurrent('words', signal, 'session:1')).toBe(true);
    });
  });

  it('a caller that goes away does not end the listing for the others', async () => {
    declare('words');
    await intake.start();
    approvals.approveServer('words', 'window');
    around.startedAt.set('words', 100);
    const release = around.holdListing();
    const impatient = new AbortController();
    const first = intake.ensureCurrent('words', impatient.signal);
    const second = intake.ensureCurrent('words', new AbortController().signal);
    impatient.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    release();
    expect(await second).toBe(true);
  });

  it('a file that cannot be read in full forgets nobody; a removed entry is forgotten', async () => {
    declare('words');
    around.offered.set('words', [tool('look')]);
    await intake.start();
    approvals.approveServer('words', 'window');
    await intake.refresh('words');
    approvals.approve(['words:look'], 'window', { effect: 'read' });

    around.declared.clear();
    around.breakFile({ file: 'servers.json', message: 'Unexpected end.', line: 3, column: 1 });
    await intake.sync();
    expect(approvals.tool('words:look')?.state).toBe('approved');

    around.breakFile(null);
    await intake.sync();
    expect(approvals.server('words')).toBeUndefined();
    await until(() => indexedNames('words')?.length === 0);
  });

  it('a disabled server may not run, and its decisions stay', async () => {
    declare('words');
    await intake.start();
    approvals.approveServer('words', 'window');
    declare('words', { ...program, disabled: true });
    await intake.sync();
    expect(around.allowed.at(-1)).toEqual([]);
    expect(approvals.server('words')?.state).toBe('approved');
  });
});
