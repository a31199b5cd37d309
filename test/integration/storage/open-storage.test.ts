import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import DatabaseFile from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStorage, type Storage, StorageError } from '../../../src/main/storage/index.ts';
import { migrations } from '../../../src/main/storage/migrations.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const clock = () => Date.UTC(2026, 10, 20, 16, 30, 5);
const isRoot = process.getuid?.() === 0;

describe('opening the database', () => {
  let folder: string;
  let file: string;
  let opened: Storage[];
  const open = (dataDir = folder): Storage => {
    const storage = openStorage({ dataDir, clock });
    opened.push(storage);
    return storage;
  };
  const close = (): void => {
    for (const storage of opened.splice(0)) storage[Symbol.dispose]();
  };
  /** A database with something in it, closed. */
  const prepare = (): void => {
    open().db.exec(`INSERT INTO kept_state VALUES ('mark', '"kept"')`);
    close();
  };
  const mark = (storage: Storage): unknown =>
    storage.db.prepare(`SELECT value FROM kept_state WHERE name = 'mark'`).pluck().get();
  const failure = (dataDir: string): StorageError => {
    try {
      open(dataDir);
    } catch (error) {
      if (error instanceof StorageError) return error;
      throw error;
    }
    throw new Error('The database opened.');
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-storage-'));
    file = join(folder, 'gatehouse.db');
    opened = [];
  });
  afterEach(() => {
    close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes the folder and files readable by nobody else', () => {
    const inner = join(folder, 'a', 'b');
    open(inner);
    expect(statSync(inner).mode & 0o777).toBe(0o700);
    expect(readdirSync(inner).sort()).toEqual(['gatehouse.db', 'gatehouse.db-shm', 'gatehouse.db-wal']);
    for (const name of readdirSync(inner))
      expect([name, statSync(join(inner, name)).mode & 0o777]).toEqual([name, 0o600]);
  });

  it('makes a file private that was not', () => {
    prepare();
    chmodSync(file, 0o644);
    open();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('keeps what is in it and reports nothing when nothing is wrong', () => {
    prepare();
    const storage = open();
    expect(mark(storage)).toBe('"kept"');
    expect(storage).toMatchObject({ problems: [], readOnly: false, file });
  });

  it('survives a kill in WAL mode and checks references', () => {
    const { db } = open();
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('synchronous', { simple: true })).toBe(1);
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(() =>
      db.exec(
        `INSERT INTO tools (server, kind, name, definition, present, position, first_seen_at)
          VALUES ('x', 'tool', 'y', '{}', 1, 0, 0)`,
      ),
    ).toThrow(/FOREIGN KEY/);
  });

  it('leaves nothing behind from making it, and clears away what a crash left', () => {
    writeFileSync(`${file}.new-${process.pid}`, 'half');
    open();
    close();
    expect(readdirSync(folder)).toEqual(['gatehouse.db']);
  });

  describe('that is damaged', () => {
    it.each([
      [
        'is text',
        () => writeFileSync(file, 'not a database, just some text that is long enough to be a header of one ...'),
      ],
      ['is empty', () => truncateSync(file, 0)],
      ['was cut off', () => truncateSync(file, Math.floor(statSync(file).size / 2))],
      [
        'was cut off inside a page',
        () => {
          // So that the last page holds something: behind a step of the schema it may be a free one, and nothing is lost.
          const db = new DatabaseFile(file);
          db.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
            INSERT INTO decisions (server, at, by, decision, fingerprint)
            SELECT 'files', i, 'window', 'approved', hex(randomblob(32)) FROM n`);
          db.close();
          truncateSync(file, statSync(file).size - 1000);
        },
      ],
      [
        'has a page of noise',
        () => {
          const bytes = readFileSync(file);
          bytes.fill(0xa5, 4096, 3 * 4096);
          writeFileSync(file, bytes);
        },
      ],
      [
        'lost its first page',
        () => {
          const bytes = readFileSync(file);
          bytes.fill(0, 16, 4096);
          writeFileSync(file, bytes);
        },
      ],
    ])('because it %s: is set aside, replaced and reported', (_what, damage) => {
      prepare();
      damage();
      const bytes = readFileSync(file);
      const storage = open();
      expect(storage.problems).toHaveLength(1);
      expect(storage.problems[0]).toMatchObject({ kind: 'damaged-set-aside' });
      expect(storage.problems[0]?.message).toContain(`${file}.damaged-20261120T163005Z`);
      expect(storage.problems[0]?.nextStep).not.toBe('');
      expect(storage.readOnly).toBe(false);
      expect(mark(storage)).toBeUndefined();
      expect(readFileSync(`${file}.damaged-20261120T163005Z`).equals(bytes)).toBe(true);
      close();
      expect(open().problems).toEqual([]);
    });

    it('is set aside together with its write-ahead log', () => {
      const { db } = open();
      db.exec(`INSERT INTO kept_state VALUES ('mark', '1')`);
      const wal = readFileSync(`${file}-wal`);
      close();
      writeFileSync(file, 'noise');
      writeFileSync(`${file}-wal`, wal);
      open();
      expect(readFileSync(`${file}.damaged-20261120T163005Z-wal`).equals(wal)).toBe(true);
    });

    it('never overwrites one that was set aside before', () => {
      for (let round = 0; round < 3; round += 1) {
        writeFileSync(file, `noise ${round}`);
        open();
        close();
      }
      const aside = readdirSync(folder).filter((name) => /damaged-\w+Z(-\d)?$/.test(name));
      expect(aside).toHaveLength(3);
    });
  });

  it('that was left by a killed process keeps what was committed', () => {
    const { db } = open();
    db.exec(`INSERT INTO kept_state VALUES ('mark', '"kept"')`);
    const copy = join(folder, 'copy');
    mkdirSync(copy);
    for (const suffix of ['', '-wal']) copyFileSync(file + suffix, join(copy, `gatehouse.db${suffix}`));
    const storage = open(copy);
    expect(storage.problems).toEqual([]);
    expect(mark(storage)).toBe('"kept"');
  });

  it('of a newer Gatehouse is only read, and is not changed', () => {
    prepare();
    const newer = new DatabaseFile(file);
    newer.pragma('user_version = 1000');
    newer.close();
    const bytes = readFileSync(file);
    const storage = open();
    expect(storage.readOnly).toBe(true);
    expect(storage.problems).toMatchObject([{ kind: 'newer-version', nextStep: 'Update Gatehouse.' }]);
    expect(mark(storage)).toBe('"kept"');
    expect(() => storage.db.exec('DELETE FROM kept_state')).toThrow(/readonly/);
    close();
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it('that another program holds locked fails with what to do', () => {
    prepare();
    const other = new DatabaseFile(file);
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN EXCLUSIVE');
    try {
      expect(failure(folder)).toMatchObject({
        code: 'in-use',
        message: expect.stringContaining('Close the other Gatehouse'),
      });
    } finally {
      other.close();
    }
  });

  it('whose step forward fails leaves it as it was and says so', () => {
    const foreign = new DatabaseFile(file);
    foreign.exec('CREATE TABLE apps (something TEXT)');
    foreign.close();
    expect(failure(folder)).toMatchObject({ code: 'migration-failed' });
    const after = new DatabaseFile(file);
    expect(after.prepare(`SELECT count(*) FROM sqlite_master`).pluck().get()).toBe(1);
    after.close();
  });

  it.each([
    ['is a file', () => join(folder, 'a-file')],
    ['lies below a file', () => join(folder, 'a-file', 'below')],
    ['cannot be made', () => '/proc/nowhere/gatehouse'],
  ])('in a folder that %s fails with what to do', (_what, path) => {
    writeFileSync(join(folder, 'a-file'), '');
    expect(failure(path())).toMatchObject({
      code: 'folder-unusable',
      nextStep: 'Choose another folder with --data-dir.',
    });
  });

  it.skipIf(!isRoot)('in a folder that cannot be written fails with what to do', () => {
    prepare();
    chmodSync(folder, 0o555);
    expect(openAsNobody(folder)).toEqual({
      error: { code: 'not-writable', nextStep: expect.stringContaining('Make the folder writable') },
    });
  });

  it.skipIf(!isRoot)('in a folder that cannot even be entered fails with what to do', () => {
    prepare();
    chmodSync(folder, 0o700);
    expect(openAsNobody(folder)).toMatchObject({ error: { code: 'not-writable' } });
  });

  it.skipIf(!isRoot)('as a file that cannot be written is only read', () => {
    prepare();
    chmodSync(folder, 0o777);
    chmodSync(file, 0o444);
    expect(openAsNobody(folder)).toEqual({ readOnly: true, problems: ['read-only'] });
  });

  it.skipIf(!isRoot)('as an older file that cannot be written fails with what to do', () => {
    const older = new DatabaseFile(file);
    for (const step of migrations.slice(0, 2)) older.exec(step.sql);
    older.pragma('user_version = 2');
    older.close();
    chmodSync(folder, 0o777);
    chmodSync(file, 0o444);
    expect(openAsNobody(folder)).toEqual({
      error: { code: 'not-writable', nextStep: 'Make the file writable for you and start again.' },
    });
  });

  it.skipIf(!isRoot)(
    'on a full disk fails with what to do, and is only read when there is room for that',
    (context) => {
      const disk = join(folder, 'disk');
      mkdirSync(disk);
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status !== 0) {
        context.skip('A small disk cannot be mounted here.');
      }
      const fill = join(disk, 'fill');
      try {
        open(disk);
        close();
        fillUp(fill);
        expect(failure(disk)).toMatchObject({ code: 'disk-full', nextStep: 'Free some space and start again.' });
        // Room for SQLite's shared index (32 KiB), none to write anything.
        for (const suffix of ['-shm', '-wal']) rmSync(join(disk, `gatehouse.db${suffix}`), { force: true });
        fillUp(fill);
        truncateSync(fill, statSync(fill).size - 36 * 1024);
        const storage = open(disk);
        expect(storage).toMatchObject({ readOnly: true, problems: [{ kind: 'disk-full' }] });
        close();
        rmSync(fill);
        expect(open(disk)).toMatchObject({ readOnly: false, problems: [] });
        close();
        rmSync(join(disk, 'gatehouse.db'));
        fillUp(fill);
        expect(failure(disk)).toMatchObject({ code: 'disk-full' });
        expect(existsSync(join(disk, 'gatehouse.db'))).toBe(false);
      } finally {
        close();
        spawnSync('umount', [disk]);
      }
    },
  );

  it('by two processes at the same moment makes one database', async () => {
    const starting = [1, 2, 3].map(() => startOpening(folder));
    const answers = await Promise.all(starting);
    for (const answer of answers) expect(answer).toEqual({ readOnly: false, problems: [] });
    expect(readdirSync(folder).filter((name) => name.includes('damaged') || name.includes('new'))).toEqual([]);
  });

  function fillUp(path: string): void {
    for (const size of [64 * 1024, 4096, 512, 1]) {
      try {
        for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
      } catch {
        // Full for this size.
      }
    }
  }

  const opening = ['--import', join(fixtures, 'run-typescript.mjs'), join(fixtures, 'opening-process.ts')];

  /** Opens the folder in a process without root's rights. */
  function openAsNobody(dataDir: string): unknown {
    const script = [...opening, dataDir, '65534'];
    return JSON.parse(spawnSync(process.execPath, script, { encoding: 'utf8' }).stdout);
  }

  async function startOpening(dataDir: string): Promise<unknown> {
    const child = spawn(process.execPath, [...opening, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    for await (const chunk of child.stdout) text += String(chunk);
    return JSON.parse(text);
  }
});
