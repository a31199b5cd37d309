import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import DatabaseFile, { type Database } from 'better-sqlite3';
import { contentDamage, headerDamage, setAside } from './damage.ts';
import type { Storage, StorageProblem } from './index.ts';
import { migrate, schemaVersion, versionOf } from './migrations.ts';
import { errorCode, isDamage, isDiskFull, StorageError, storageErrorFor } from './storage-error.ts';

export interface StorageOptions {
  /** The data folder; made (0700) when missing. */
  readonly dataDir: string;
  /** Milliseconds since epoch; names what is set aside. */
  readonly clock: () => number;
  readonly log?: { warn(facts: object, message: string): void };
}

/** How long a statement waits for another process that writes. Milliseconds; blocks the thread, so it is short. */
const BUSY_TIMEOUT_MS = 2_000;
/** Memory for pages, at most. */
const CACHE_KIB = 8 * 1024;
/** Pages in the WAL before SQLite copies them back (16 MiB): fewer, larger fsyncs under load. */
const CHECKPOINT_PAGES = 4_096;

/**
 * Opens `gatehouse.db` in the data folder and brings it to the newest form.
 * A damaged file is set aside and a new one made; a newer or unwritable one is opened read-only; both are reported in
 * `problems`. Throws `StorageError` when neither is possible.
 */
export function openStorage({ dataDir, clock, log }: StorageOptions): Storage {
  const file = join(dataDir, 'gatehouse.db');
  const problems: StorageProblem[] = [];
  let full = false;
  try {
    prepareFolder(dataDir);
  } catch (error) {
    const isFull = error instanceof StorageError && error.code === 'disk-full';
    if (!isFull || !existsSync(file)) throw error;
    full = true;
  }
  try {
    const problem = existsSync(file) ? inspect(file, clock) : null;
    if (problem) problems.push(problem);
    const isNew = !existsSync(file);
    if (isNew) createDatabase(file);
    const readOnly = full || problem?.kind === 'newer-version' || problem?.kind === 'read-only';
    const opened = readOnly ? { db: openReadOnly(file), full } : openWritable(file);
    if (opened.full) problems.push(fullProblem(file));
    rejectOlderForm(opened.db, file, opened.full);
    for (const found of problems) log?.warn({ problem: found.kind, file }, found.message);
    const { db } = opened;
    return {
      db,
      file,
      isNew,
      readOnly: db.readonly,
      problems,
      [Symbol.dispose]: () => {
        if (db.open) db.close();
      },
    };
  } catch (error) {
    throw storageErrorFor(error, file);
  }
}

/** Makes the folder and proves that a file can be written in it; access bits alone do not say so. */
function prepareFolder(dataDir: string): void {
  const probe = join(dataDir, `.write-test-${process.pid}`);
  try {
    makeFolder(dataDir);
    try {
      writeFileSync(probe, Buffer.alloc(4096), { mode: 0o600 });
    } finally {
      rmSync(probe, { force: true });
    }
  } catch (error) {
    const code = errorCode(error);
    if (isDiskFull(error)) {
      throw new StorageError(
        'disk-full',
        `There is no space left in the data folder ${dataDir}.`,
        'Free some space and start again.',
        error,
      );
    }
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) {
      throw new StorageError(
        'not-writable',
        `Gatehouse cannot write to its data folder ${dataDir} (${code}).`,
        'Make the folder writable for you, or choose another with --data-dir.',
        error,
      );
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new StorageError(
      'folder-unusable',
      `Gatehouse cannot use ${dataDir} as its data folder: ${reason}.`,
      'Choose another folder with --data-dir.',
      error,
    );
  }
}

/** Not `recursive: true`: that never returns below a folder such as /proc, where making a folder answers ENOENT. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (!existsSync(parent) && parent !== folder) makeFolder(parent);
  mkdirSync(folder, { mode: 0o700 });
}

/** Looks at an existing file without writing to it; sets it aside when it is damaged. */
function inspect(file: string, clock: () => number): StorageProblem | null {
  const found = lookInside(file);
  if (found.damage !== null) {
    const target = setAside(file, clock());
    return {
      kind: 'damaged-set-aside',
      message: `The database was damaged (${found.damage}) and was set aside as ${target}. Approvals, app tokens and the call log start empty.`,
      nextStep: 'Put back a backup of gatehouse.db, or connect your AI apps and approve their tools again.',
    };
  }
  if (found.version > schemaVersion) {
    return {
      kind: 'newer-version',
      message: `The database was written by a newer Gatehouse (form ${found.version}, this one knows ${schemaVersion}) and is only read. No call can go out.`,
      nextStep: 'Update Gatehouse.',
    };
  }
  if (!isWritable(file)) {
    return {
      kind: 'read-only',
      message: `${file} cannot be written, so nothing can be recorded or approved. No call can go out.`,
      nextStep: 'Make the file writable for you and start Gatehouse again.',
    };
  }
  return null;
}

function lookInside(file: string): { damage: string | null; version: number } {
  const outside = headerDamage(file);
  if (outside !== null) return { damage: outside, version: 0 };
  try {
    using probe = closing(openReadOnly(file));
    const damage = contentDamage(probe.db, file);
    return { damage, version: damage === null ? versionOf(probe.db) : 0 };
  } catch (error) {
    if (isDamage(error)) return { damage: error instanceof Error ? error.message : 'it is damaged', version: 0 };
    throw error;
  }
}

function isWritable(file: string): boolean {
  try {
    closeSync(openSync(file, 'r+'));
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error))) return false;
    throw error;
  }
}

/**
 * Builds the database beside its place and links it in when it is complete: a crash on the first start leaves no
 * half-made file that would look like damage on the next, and another starting process is never overwritten.
 */
function createDatabase(file: string): void {
  const draft = `${file}.new-${process.pid}`;
  rmSync(draft, { force: true });
  try {
    // Made by hand for its mode: SQLite gives the WAL and its index the mode of the database.
    closeSync(openSync(draft, 'wx', 0o600));
    using made = closing(new DatabaseFile(draft));
    migrate(made.db, file);
    made[Symbol.dispose]();
    try {
      linkSync(draft, file);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return;
      // File systems without hard links.
      renameSync(draft, file);
    }
  } finally {
    for (const suffix of ['', '-journal']) rmSync(draft + suffix, { force: true });
  }
}

/** Falls back to a read-only connection when the disk is full. */
function openWritable(file: string): { db: Database; full: boolean } {
  const db = new DatabaseFile(file, { timeout: BUSY_TIMEOUT_MS, fileMustExist: true });
  try {
    chmodSync(file, 0o600);
    db.pragma('journal_mode = WAL');
    // In WAL mode a commit survives the end of the process; only a power cut may lose the newest ones, never order.
    db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    // The indexes of a large call log: fewer pages are read again for each batch of calls.
    db.pragma(`cache_size = -${CACHE_KIB}`);
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    migrate(db, file);
    // One real write (it must change something): here a full disk or a lock shows, before any room depends on it.
    db.exec(`INSERT INTO kept_state (name, value) VALUES ('starts', '1')
      ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)`);
    for (const suffix of ['-wal', '-shm']) makePrivate(file + suffix);
    return { db, full: false };
  } catch (error) {
    db.close();
    if (isDiskFull(error)) return { db: openReadOnly(file), full: true };
    throw error;
  }
}

function openReadOnly(file: string): Database {
  return new DatabaseFile(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
}

/** A database that cannot be written cannot be brought to the form every room reads. */
function rejectOlderForm(db: Database, file: string, isFull: boolean): void {
  if (!db.readonly || versionOf(db) >= schemaVersion) return;
  db.close();
  throw new StorageError(
    isFull ? 'disk-full' : 'not-writable',
    `${file} was written by an older Gatehouse, and cannot be brought to the newest form because ${isFull ? 'there is no space left' : 'it cannot be written'}.`,
    isFull ? 'Free some space and start again.' : 'Make the file writable for you and start again.',
  );
}

function makePrivate(file: string): void {
  if (process.platform !== 'win32' && existsSync(file) && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
}

function fullProblem(file: string): StorageProblem {
  return {
    kind: 'disk-full',
    message: `There is no space left beside ${file}, so nothing can be recorded or approved. No call can go out.`,
    nextStep: 'Free some space and start Gatehouse again.',
  };
}

function closing(db: Database): { db: Database } & Disposable {
  return { db, [Symbol.dispose]: () => void (db.open && db.close()) };
}
