import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSettings, type SettingsStore } from '../../../src/main/settings/index.ts';
import { settingsPatchSchema, settingsSchema } from '../../../src/shared/contract/settings.ts';
import { until } from '../../fixtures/until.ts';

let dir: string;
const open: SettingsStore[] = [];
const warnings: string[] = [];
const log = { warn: (facts: object, message: string) => void warnings.push(`${message} ${JSON.stringify(facts)}`) };
const file = (): string => join(dir, 'settings.json');
const onDisk = (): unknown => JSON.parse(readFileSync(file(), 'utf8'));
const defaults = settingsSchema.parse({});

function settingsHere(): SettingsStore {
  const settings = createSettings({ dir, log });
  open.push(settings);
  return settings;
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gatehouse-settings-'));
  warnings.length = 0;
});
afterEach(() => {
  for (const settings of open.splice(0)) settings[Symbol.dispose]();
  rmSync(dir, { recursive: true });
});

describe('settings', () => {
  test('are the defaults where there is no file', () => {
    expect(settingsHere().get()).toEqual(defaults);
    expect(warnings).toEqual([]);
  });

  test('a patch changes the fields it names and no others', () => {
    const settings = settingsHere();
    settings.set({ theme: 'dark', port: 0 });
    expect(settings.set({ startHidden: true })).toEqual({ ...defaults, theme: 'dark', port: 0, startHidden: true });
    expect(onDisk()).toEqual({ theme: 'dark', port: 0, startHidden: true });
    expect(settingsHere().get().theme).toBe('dark');
    expect(settingsPatchSchema.parse({ theme: 'dark' })).toEqual({ theme: 'dark' });
  });

  test('an undefined field in a patch is not named', () => {
    const settings = settingsHere();
    settings.set({ theme: 'dark' });
    expect(settings.set({ theme: undefined, port: 1 }).theme).toBe('dark');
  });

  test('a patch with a bad value is refused whole, naming the field', () => {
    const settings = settingsHere();
    expect(() => settings.set({ theme: 'dark', port: 99_999 })).toThrow('port');
    expect(settings.get()).toEqual(defaults);
  });

  test.skipIf(process.platform === 'win32')('only the owner may read the file', () => {
    settingsHere().set({ theme: 'dark' });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test('fields of a newer Gatehouse survive a change', () => {
    writeFileSync(file(), '{"future": {"x": 1}, "theme": "light"}');
    settingsHere().set({ theme: 'dark' });
    expect(onDisk()).toEqual({ future: { x: 1 }, theme: 'dark' });
  });

  test('listeners hear of a change once, and of none when nothing changed', () => {
    const settings = settingsHere();
    const heard: string[] = [];
    const listening = settings.onChange(({ theme }) => void heard.push(theme));
    settings.set({ theme: 'dark' });
    settings.set({ theme: 'dark' });
    listening[Symbol.dispose]();
    settings.set({ theme: 'light' });
    expect(heard).toEqual(['dark']);
  });
});

describe('settings.json written by hand', () => {
  test('an invalid value falls back alone, and is reported', () => {
    writeFileSync(file(), '{"theme": "purple", "port": "80", "startHidden": true}');
    const settings = settingsHere();
    expect(settings.get()).toEqual({ ...defaults, startHidden: true });
    expect(settings.problems().map(({ field }) => field)).toEqual(['theme', 'port']);
    expect(warnings.join()).toContain(file());
  });

  test.each(['{"theme": "dark",}', '', 'null', '[1]', '"x"', '\u0000\u0001', '{'.repeat(10_000)])(
    'content %.20j does not stop Gatehouse and is kept before anything is written over it',
    (content) => {
      writeFileSync(file(), content);
      const settings = settingsHere();
      expect(settings.get()).toEqual(defaults);
      expect(settings.problems()).toHaveLength(1);
      expect(readFileSync(file(), 'utf8')).toBe(content);
      expect(settings.set({ theme: 'dark' }).theme).toBe('dark');
      expect(readFileSync(`${file()}.bak`, 'utf8')).toBe(content);
      expect(settings.problems()).toEqual([]);
    },
  );

  test('a byte order mark is no problem', () => {
    writeFileSync(file(), '\uFEFF{"theme": "dark"}');
    const settings = settingsHere();
    expect([settings.get().theme, settings.problems()]).toEqual(['dark', []]);
  });

  test('names of Object.prototype in the file reach nothing', () => {
    writeFileSync(file(), '{"__proto__": {"theme": "dark"}, "constructor": 1}');
    expect(settingsHere().get()).toEqual(defaults);
  });

  test('an edit in an editor is taken in while running, and a broken one keeps Gatehouse going', async () => {
    const settings = settingsHere();
    const heard: string[] = [];
    settings.onChange(({ theme }) => void heard.push(theme));
    writeFileSync(file(), '{"theme": "light"}');
    await until(() => settings.get().theme === 'light', { timeoutMs: 10_000 });
    writeFileSync(file(), '{"theme": ');
    await until(() => settings.problems().length === 1, { timeoutMs: 10_000 });
    writeFileSync(file(), '{"theme": "dark"}');
    await until(() => settings.get().theme === 'dark', { timeoutMs: 10_000 });
    expect(settings.problems()).toEqual([]);
    expect(heard.at(0)).toBe('light');
    expect(heard.at(-1)).toBe('dark');
  });

  test('a file broken right after the start is reported too', async () => {
    const settings = settingsHere();
    writeFileSync(file(), 'theme: dark');
    await until(() => settings.problems().length === 1, { timeoutMs: 10_000 });
    expect(settings.get()).toEqual(defaults);
  });
});
