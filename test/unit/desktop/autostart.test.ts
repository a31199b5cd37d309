import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { autostartEntry, setAutostart } from '../../../src/main/desktop/autostart.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-desktop-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('starting with the session', () => {
  const settingsOf: object[] = [];
  const app = { setLoginItemSettings: (settings: object) => settingsOf.push(settings) };
  const parts = (platform: NodeJS.Platform) => ({
    app,
    platform,
    program: '/opt/Gatehouse/gatehouse',
    configHome: folder,
  });

  test('writes an autostart entry on Linux and removes it again', () => {
    const file = join(folder, 'autostart', 'gatehouse.desktop');
    setAutostart(parts('linux'), true);
    expect(readFileSync(file, 'utf8')).toContain('Exec="/opt/Gatehouse/gatehouse" --hidden\n');
    setAutostart(parts('linux'), false);
    expect(existsSync(file)).toBe(false);
    setAutostart(parts('linux'), false);
  });

  test('uses the login items of macOS and Windows', () => {
    setAutostart(parts('darwin'), true);
    expect(settingsOf).toEqual([{ openAtLogin: true, args: ['--hidden'] }]);
  });

  test('a path with special characters stays one program and starts no other', () => {
    expect(autostartEntry('/opt/a "b" $HOME 100%')).toContain('Exec="/opt/a \\\\"b\\\\" \\\\$HOME 100%%" --hidden\n');
  });
});
