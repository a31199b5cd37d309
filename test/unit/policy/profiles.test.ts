import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProfiles, readPolicy } from '../../../src/main/policy/index.ts';
import { silentLog } from '../../doubles/rooms.ts';
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
      effects: ['read'],
      callsPerMinute: null,
      concurrentCalls: 64,
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
    ['a missing comma', '{\n  "profiles": {}\n  "x": 1 }', 3, 3, 'Comma expected'],
    ['an empty file', '', 1, 1, ''],
    ['a list', '[]', 1, 1, 'object'],
    ['a profile name with a slash', '{"profiles": {"a/b": {}}}', 1, 22, 'profile name'],
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
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'gatehouse-profiles-'));
    file = join(dir, 'policy.json');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const open = () => createProfiles({ file, log: silentLog, pollMs: 20 });
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
});
