import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createServerConfigs } from '../../../src/main/upstreams/index.ts';
import { until } from '../../fixtures/until.ts';

function open(initial?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-configs-'));
  const file = join(folder, 'servers.json');
  if (initial !== undefined) writeFileSync(file, initial);
  const configs = createServerConfigs({ file });
  let changes = 0;
  configs.onChange(() => {
    changes += 1;
  });
  return {
    folder,
    file,
    configs,
    names: () => [...configs.all().keys()].join(),
    changes: () => changes,
    async [Symbol.asyncDispose]() {
      await configs[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
const one = (name: string, command = 'x') => JSON.stringify({ mcpServers: { [name]: { command } } });
const quiet = () => new Promise((resolve) => setTimeout(resolve, 500));

describe('servers.json', () => {
  test('that does not exist is empty, and is written for the owner alone', async () => {
    await using store = open();
    expect(store.names()).toBe('');
    expect(store.configs.problem()).toBeNull();
    await store.configs.put('a', { command: 'x' });
    expect(store.names()).toBe('a');
    expect(statSync(store.file).mode & 0o777).toBe(0o600);
  });

  test('is read again when somebody writes it, renames over it, deletes it or brings it back', async () => {
    await using store = open(one('a'));
    expect(store.names()).toBe('a');
    writeFileSync(store.file, one('b'));
    await until(() => store.names() === 'b');
    writeFileSync(`${store.file}.tmp`, one('c'));
    renameSync(`${store.file}.tmp`, store.file);
    await until(() => store.names() === 'c');
    writeFileSync(`${store.file}.tmp`, one('d'));
    renameSync(`${store.file}.tmp`, store.file);
    await until(() => store.names() === 'd');
    rmSync(store.file);
    await until(() => store.names() === '');
    writeFileSync(store.file, one('e'));
    await until(() => store.names() === 'e');
    expect(store.changes()).toBe(5);
  });

  test('takes in whom a server serves and when it sleeps, and says what does not fit together', async () => {
    await using store = open(one('a'));
    const withSettings = (gatehouse: object) =>
      writeFileSync(store.file, JSON.stringify({ mcpServers: { a: { command: 'x', gatehouse } } }));
    const settings = { instances: 'session', workingDirectory: 'app-roots', idleMinutes: 0, note: 'kept' };
    withSettings(settings);
    await until(() => store.configs.all().get('a')?.gatehouse !== undefined);
    expect(store.configs.all().get('a')?.gatehouse).toEqual(settings);

    for (const [bad, said] of [
      [{ workingDirectory: 'app-roots' }, 'Set "instances" to "app" or "session"'],
      [{ instances: 'everyone' }, 'gatehouse.instances'],
      [{ idleMinutes: -1 }, 'gatehouse.idleMinutes'],
    ] as const) {
      withSettings(bad);
      await until(() => store.configs.problem()?.message.includes(said));
      // What was good last stays in use.
      expect(store.configs.all().get('a')?.gatehouse).toEqual(settings);
    }
  });

  test('that is emptied or moved away for a moment by an editor loses nothing', async () => {
    await using store = open(one('a'));
    const seen: string[] = [];
    store.configs.onChange(() => seen.push(store.names()));
    renameSync(store.file, `${store.file}~`);
    await new Promise((resolve) => setTimeout(resolve, 60));
    writeFileSync(store.file, '');
    await new Promise((resolve) => setTimeout(resolve, 20));
    writeFileSync(store.file, one('b'));
    await until(() => store.names() === 'b');
    expect(seen).toEqual(['b']);
  });

  test('with a syntax error keeps the last good state, names line and column, and recovers', async () => {
    await using store = open(one('a'));
    writeFileSync(store.file, '{\n  "mcpServers": {\n    "a" { "command": "x" }\n  }\n}');
    await until(() => store.configs.problem() !== null);
    expect(store.configs.problem()).toMatchObject({ file: store.file, line: 3, column: 9 });
    expect(store.configs.problem()?.message).toContain('colon');
    expect(store.names()).toBe('a');
    writeFileSync(store.file, one('b'));
    await until(() => store.names() === 'b');
    expect(store.configs.problem()).toBeNull();
  });

  test('with one bad entry keeps the others, and the last good form of that one', async () => {
    await using store = open('{"mcpServers":{"a":{"command":"x"},"b":{"command":"y"}}}');
    writeFileSync(store.file, '{"mcpServers":{"a":{"command":7},"b":{"command":"z"},"c":{}}}');
    await until(() => store.configs.all().get('b')?.command === 'z');
    expect(store.configs.all().get('a')).toEqual({ command: 'x' });
    expect(store.names()).toBe('b,a');
    expect(store.configs.problem()).toMatchObject({ line: 1, message: expect.stringContaining('(And 1 more.)') });
  });

  test('that does not parse is never written over', async () => {
    const broken = '{ "mcpServers": { "a": { "command": "x" }, }';
    await using store = open(broken);
    await expect(store.configs.put('b', { command: 'y' })).rejects.toThrow(/Fix line 1, column \d+ first/);
    await expect(store.configs.remove('a')).rejects.toThrow(/was not changed/);
    expect(readFileSync(store.file, 'utf8')).toBe(broken);
  });

  test('keeps comments, order and foreign keys when Gatehouse writes, and a backup of what was there', async () => {
    const text = '// mine\n{\n\t"theme": 1,\n\t"mcpServers": {\n\t\t"a": { "command": "x" }, // the first\n\t},\n}\n';
    await using store = open(text);
    await store.configs.put('b', { url: 'https://b.example/mcp', gatehouse: { catalogId: 'b' } });
    const written = readFileSync(store.file, 'utf8');
    for (const kept of ['// mine', '"theme": 1', '// the first', '\t\t"b": {']) expect(written).toContain(kept);
    expect(readFileSync(`${store.file}.bak`, 'utf8')).toBe(text);
    expect(statSync(`${store.file}.bak`).mode & 0o777).toBe(0o600);
    expect(await store.configs.remove('b')).toBe(true);
    expect(await store.configs.remove('b')).toBe(false);
    expect(readFileSync(store.file, 'utf8')).toContain('// the first');
    expect(store.names()).toBe('a');
  });

  test('fires once for an own write', async () => {
    await using store = open(one('a'));
    await quiet();
    expect(store.changes()).toBe(0);
    await store.configs.put('b', { command: 'y' });
    expect(store.changes()).toBe(1);
    await quiet();
    expect(store.changes()).toBe(1);
    await store.configs.put('b', { command: 'y' });
    expect(store.changes()).toBe(1);
  });

  test('loses no server when many write at once, inside and outside', async () => {
    await using store = open(one('start'));
    const inside = Array.from({ length: 25 }, (_, n) => store.configs.put(`in${n}`, { command: 'x' }));
    const outside = (async () => {
      for (let n = 0; n < 25; n += 1) {
        await new Promise((resolve) => setTimeout(resolve, 15));
        // A careful editor: reads, changes, renames over it, all at once.
        const file = JSON.parse(readFileSync(store.file, 'utf8'));
        file.mcpServers[`out${n}`] = { command: 'y' };
        writeFileSync(`${store.file}.editor`, JSON.stringify(file, null, 2));
        renameSync(`${store.file}.editor`, store.file);
      }
    })();
    await Promise.all([...inside, outside]);
    await until(() => store.configs.all().size >= 26);
    const names = new Set(Object.keys(JSON.parse(readFileSync(store.file, 'utf8')).mcpServers));
    expect(Array.from({ length: 25 }, (_, n) => `in${n}`).filter((name) => !names.has(name))).toEqual([]);
    await until(() => store.configs.all().size === names.size);
  });

  test('that cannot be read says so and keeps the last good state', async () => {
    await using store = open(one('a'));
    rmSync(store.file);
    const { mkdirSync } = await import('node:fs');
    mkdirSync(store.file);
    await until(() => store.configs.problem() !== null);
    expect(store.configs.problem()?.message).toContain('cannot be read');
    expect(store.names()).toBe('a');
  });

  test('refuses names and configs that could not run', async () => {
    await using store = open();
    await expect(store.configs.put('__proto__', { command: 'x' })).rejects.toThrow(/server name/);
    await expect(store.configs.put('a/b', { command: 'x' })).rejects.toThrow(/server name/);
    await expect(store.configs.put('a', {})).rejects.toThrow(/neither/);
    expect(existsSync(store.file)).toBe(false);
  });

  test('with a byte order mark is read', async () => {
    await using store = open(`\uFEFF${one('a')}`);
    expect(store.names()).toBe('a');
    await store.configs.put('b', { command: 'y' });
    expect(store.names()).toBe('a,b');
  });

  test('written on a read-only folder says why it was not', async () => {
    if (process.getuid?.() === 0) return;
    await using store = open(one('a'));
    chmodSync(store.folder, 0o500);
    await expect(store.configs.put('b', { command: 'y' })).rejects.toThrow();
    chmodSync(store.folder, 0o700);
  });
});
