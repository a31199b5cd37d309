import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProfiles, readPolicy } from '../../../src/main/policy/index.ts';
import { everything, silentLog } from '../../doubles/rooms.ts';
import { gateDatabase, keptIn } from '../../fixtures/gateway.ts';
import { until } from '../../fixtures/until.ts';

describe('readPolicy', () => {
  it('takes comments and trailing commas, and fills in what a profile leaves out', () => {
    const reading = readPolicy(
      '{ "profiles": { /* work */ "work": { "servers": ["github"], "effects": ["read"], }, }, }',
    );
    expect(reading.ok && reading.profiles.get('work')).toEqual({
      name: 'work',
      surface: 'discover',
      servers: ['github'],
      pinned: [],
      effects: ['read'],
      others: { read: 'allow', write: 'allow', destructive: 'ask' },
      perServer: {},
      tools: {},
      tagged: [],
      resources: 'allow',
      prompts: 'allow',
      callsPerMinute: null,
      concurrentCalls: 256,
      guards: everything.guards,
      callsPerDay: null,
      loopGuard: null,
    });
    expect(reading.ok && [...reading.profiles.keys()]).toEqual(['default', 'work']);
  });

  it.each([
    ['a misspelt key', '{\n  "profiles": {\n    "work": {\n      "efects": ["read"]\n    }\n  }\n}', 4, 7, 'efects'],
    [
      'an unknown effect',
      '{\n  "profiles": { "work": { "effects": [\n    "reed"] } }\n}',
      3,
      5,
      'profiles.work.effects.0',
    ],
    ['a missing comma', '{\n  "profiles": {}\n  "x": 1 }', 3, 3, 'A comma is missing'],
    ['an empty file', '', 1, 1, ''],
    ['a list', '[]', 1, 1, 'object'],
    ['a profile name with a slash', '{"profiles": {"a/b": {}}}', 1, 22, 'profile name'],
    ['a pinned tool without its server', '{"profiles": {"a": {"pinned": ["x"]}}}', 1, 32, 'server:tool'],
    ['a limit of nothing', '{"profiles": {"a": {"callsPerMinute": 0}}}', 1, 39, 'callsPerMinute'],
  ])('points at %s by line and column', (_what, text, line, column, words) => {
    const reading = readPolicy(text);
    expect(reading).toMatchObject({ ok: false, problem: { line, column } });
    expect(!reading.ok && reading.problem.message).toContain(words);
  });
});

describe('profiles', () => {
  let dir: string;
  let file: string;
  /** Stays while profiles are opened again, as over a restart. */
  let db: ReturnType<typeof gateDatabase>;
  beforeEach(() => {
    db = gateDatabase();
    dir = mkdtempSync(join(tmpdir(), 'gatehouse-profiles-'));
    file = join(dir, 'policy.json');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const open = (options: { trustsFile?: boolean; isNew?: boolean } = {}) =>
    createProfiles({
      file,
      log: silentLog,
      kept: keptIn(db, options.isNew ?? true),
      trustsFile: options.trustsFile ?? true,
      pollMs: 20,
    });
  const replace = (text: string) => {
    writeFileSync(`${file}.tmp`, text);
    renameSync(`${file}.tmp`, file);
  };

  it('has a default profile that allows everything when there is no file', async () => {
    await using profiles = await open();
    expect(profiles.all()).toHaveLength(1);
    expect(profiles.get('default')).toMatchObject({ surface: 'discover', servers: null, callsPerMinute: null });
    expect(profiles.problem()).toBeNull();
  });

  it('takes in a file that appears, changes by replacement, and disappears', async () => {
    await using profiles = await open();
    let told = 0;
    profiles.onChange(() => void told++);
    replace('{"profiles": {"work": {}}}');
    await until(() => profiles.get('work'));
    replace('{"profiles": {"work": {"surface": "direct"}}}');
    await until(() => profiles.get('work')?.surface === 'direct');
    unlinkSync(file);
    await until(() => !profiles.get('work'));
    expect(told).toBe(3);
  });

  it('keeps the last good profiles while the file is wrong, and says where', async () => {
    replace('{"profiles": {"work": {"effects": ["read"]}}}');
    await using profiles = await open();
    replace('{"profiles": {"work": {"effects": ["reed"]}}}');
    const problem = await until(() => profiles.problem());
    expect(problem).toMatchObject({ file, line: 1 });
    expect(profiles.get('work')?.effects).toEqual(['read']);
    replace('{"profiles": {"work": {"effects": ["write"]}}}');
    await until(() => profiles.get('work')?.effects[0] === 'write');
    expect(profiles.problem()).toBeNull();
  });

  it('allows nothing when the file is wrong at the start, rather than everything', async () => {
    replace('{"profiles": {"default": {"effects": ["read"]');
    await using profiles = await open();
    expect(profiles.problem()).not.toBeNull();
    expect(profiles.get('default')).toBeUndefined();
  });

  it('reports a file that is far too large', async () => {
    await using profiles = await open();
    replace(' '.repeat(2 * 1024 * 1024));
    expect((await until(() => profiles.problem())).message).toContain('1 MiB');
    expect(profiles.get('default')).toBeDefined();
  });

  describe('edited while nobody who may widen looks', () => {
    const careful = { trustsFile: false };
    const narrow = '{"profiles": {"default": {"servers": ["notes"], "effects": ["read"], "callsPerMinute": 5}}}';

    it('takes pinned tools at once, as they open nothing, and what was accepted before there were any', async () => {
      // Nor any guards: then the usual ones were accepted.
      const accepted = { name: 'default', surface: 'discover', servers: ['notes'], effects: ['read'] };
      keptIn(db, true).write('policy', [{ ...accepted, callsPerMinute: 5, concurrentCalls: 256 }]);
      replace(narrow.replace('"servers"', '"surface": "hybrid", "pinned": ["notes:add"], "servers"'));
      await using profiles = await open({ ...careful, isNew: false });
      expect(profiles.held()).toBeNull();
      expect(profiles.get('default')).toMatchObject({ surface: 'hybrid', pinned: ['notes:add'], servers: ['notes'] });
    });

    it('takes the file of a new installation as it is', async () => {
      replace(narrow);
      await using profiles = await open(careful);
      expect([profiles.held(), profiles.get('default')?.effects]).toEqual([null, ['read']]);
    });

    it.each([
      [
        'more effects',
        '{"profiles": {"default": {"servers": ["notes"], "effects": ["read", "destructive"], "callsPerMinute": 5}}}',
        'The profile default could also use tools that are destructive.',
      ],
      [
        'more servers',
        '{"profiles": {"default": {"servers": ["notes", "mail"], "effects": ["read"], "callsPerMinute": 5}}}',
        'The profile default would also reach mail.',
      ],
      [
        'no limit',
        '{"profiles": {"default": {"servers": ["notes"], "effects": ["read"]}}}',
        'The profile default could make any number of calls a minute.',
      ],
      [
        'looser guards',
        '{"profiles": {"default": {"servers": ["notes"], "effects": ["read"], "callsPerMinute": 5, "guards": {"secretsInArguments": "allow", "toxicFlow": "allow"}}}}',
        'The profile default would allow secrets in arguments (now: ask).',
      ],
      ['everything, by an empty file', '{}', 'The profile default would reach every server.'],
    ])('holds %s until a person accepts it', async (_what, text, sentence) => {
      replace(narrow);
      await using profiles = await open(careful);
      const before = profiles.get('default');
      replace(text);
      const held = await until(() => profiles.held());
      expect(held.wider).toContain(sentence);
      expect(profiles.get('default')).toEqual(before);
      profiles.accept(held.id);
      expect(profiles.held()).toBeNull();
      expect(profiles.get('default')).toEqual(expectedOf(text));
    });

    it('holds everything that taking the file away would open', async () => {
      replace(narrow);
      await using profiles = await open(careful);
      unlinkSync(file);
      await until(() => profiles.held());
      expect(profiles.get('default')).toMatchObject({ servers: ['notes'], effects: ['read'] });
    });

    it('holds a new profile, and gives an app that has it nothing', async () => {
      await using profiles = await open(careful);
      replace('{"profiles": {"mine": {}}}');
      const held = await until(() => profiles.held());
      expect(held.wider).toEqual(['The profile mine is new: all servers; read, write, destructive.']);
      expect(profiles.get('mine')).toBeUndefined();
    });

    it('takes at once what an edit takes away, and keeps it taken', async () => {
      await using profiles = await open(careful);
      replace(narrow);
      await until(() => profiles.get('default')?.servers);
      expect(profiles.held()).toBeNull();
      replace('{}');
      await until(() => profiles.held());
      expect(profiles.get('default')?.servers).toEqual(['notes']);
    });

    it('takes one half of an edit at once and holds the other', async () => {
      replace(narrow);
      await using profiles = await open(careful);
      replace('{"profiles": {"default": {"servers": [], "effects": ["read", "write"], "callsPerMinute": 5}}}');
      await until(() => profiles.held());
      expect(profiles.get('default')).toMatchObject({ servers: [], effects: ['read'] });
    });

    it('an answer to what was asked before does not accept what the file says by now', async () => {
      replace(narrow);
      await using profiles = await open(careful);
      replace('{"profiles": {"default": {"servers": ["notes", "mail"], "effects": ["read"], "callsPerMinute": 5}}}');
      const asked = await until(() => profiles.held());
      replace('{}');
      await until(() => profiles.held()?.id !== asked.id);
      expect(() => profiles.accept(asked.id)).toThrow(/has changed since/);
      expect(profiles.get('default')?.servers).toEqual(['notes']);
    });

    it('an edit made while Gatehouse was not running is held like any other', async () => {
      replace(narrow);
      await (await open(careful))[Symbol.asyncDispose]();
      replace('{}');
      await using profiles = await open({ ...careful, isNew: false });
      expect(profiles.held()).not.toBeNull();
      expect(profiles.get('default')?.servers).toEqual(['notes']);
    });

    it('what was accepted stays accepted over a restart', async () => {
      await using first = await open(careful);
      replace('{"profiles": {"mine": {}}}');
      first.accept((await until(() => first.held())).id);
      await using second = await open({ ...careful, isNew: false });
      expect([second.held(), second.get('mine')?.servers]).toEqual([null, null]);
    });

    it.each([
      ['changed', `UPDATE kept_state SET value = replace(value, '"read"', '"write"')`],
      ['taken away', 'DELETE FROM kept_state'],
    ])('holds all of it when the memory of what was accepted was %s', async (_what, sql) => {
      replace(narrow);
      await (await open(careful))[Symbol.asyncDispose]();
      db.exec(sql);
      await using profiles = await open({ ...careful, isNew: false });
      expect(profiles.held()).not.toBeNull();
      expect(profiles.all()).toEqual([]);
    });
  });
});

function expectedOf(text: string) {
  const reading = readPolicy(text);
  if (!reading.ok) throw new Error(reading.problem.message);
  return reading.profiles.get('default');
}
