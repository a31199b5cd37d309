import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const source = resolve(import.meta.dirname, '../../../assets/bin/gatehouse');
let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse command-')));
  mkdirSync(join(folder, 'resources', 'bin'), { recursive: true });
  copyFileSync(source, join(folder, 'resources', 'bin', 'gatehouse'));
  // In the place of Electron: says how it was started.
  const program = '#!/bin/sh\necho "node=$ELECTRON_RUN_AS_NODE"\nfor word in "$@"; do echo "$word"; done\n';
  writeFileSync(join(folder, 'gatehouse'), program, { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.skipIf(process.platform !== 'linux')(
  'the installed command runs the command line on the app, also through a link',
  () => {
    const link = join(folder, 'link');
    symlinkSync('resources/bin/gatehouse', link);
    for (const command of [join(folder, 'resources', 'bin', 'gatehouse'), link]) {
      const lines = execFileSync(command, ['server', 'add', 'a b', '--', '$HOME'], { encoding: 'utf8', cwd: '/' });
      expect(lines.trimEnd().split('\n')).toEqual([
        'node=1',
        join(folder, 'resources', 'app.asar', 'out', 'main', 'cli.js'),
        'server',
        'add',
        'a b',
        '--',
        '$HOME',
      ]);
    }
  },
);
