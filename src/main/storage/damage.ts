import { closeSync, existsSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { isDamage } from './storage-error.ts';

const SQLITE_MAGIC = 'SQLite format 3\0';

/** Up to this size the whole file is checked at every start (about 1 ms per MiB); above, only the small tables. */
const FULL_CHECK_BYTES = 48 * 1024 * 1024;

/** Without these nothing is allowed to run, so they are checked whatever the size of the call log beside them. */
const SMALL_TABLES = ['servers', 'tools', 'apps', 'log_head'];

/** Looks at the first bytes only. Null: it looks like a database. File system errors are thrown. */
export function headerDamage(file: string): string | null {
  if (statSync(file).size === 0) return 'it is empty';
  const header = Buffer.alloc(SQLITE_MAGIC.length);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, header, 0, header.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return header.toString('latin1') === SQLITE_MAGIC ? null : 'it is not a database';
}

/** Asks SQLite whether the pages and indexes are sound. Null: no damage found. Other errors are thrown. */
export function contentDamage(db: Database, file: string): string | null {
  try {
    if (statSync(file).size <= FULL_CHECK_BYTES) return firstFault(db, 'quick_check(1)');
    for (const table of SMALL_TABLES) {
      const fault = hasTable(db, table) ? firstFault(db, `quick_check(${table})`) : null;
      if (fault !== null) return fault;
    }
    // Touches the newest end of the large tree, where a cut-off copy breaks first.
    if (hasTable(db, 'entries')) db.prepare('SELECT hash FROM entries ORDER BY seq DESC LIMIT 1').get();
    return null;
  } catch (error) {
    if (isDamage(error)) return error instanceof Error ? error.message : 'it is damaged';
    throw error;
  }
}

/**
 * Moves a damaged database and its WAL aside, together, so that SQLite's recovery tools still find both.
 * Gives the new path.
 */
export function setAside(file: string, at: number): string {
  const stamp = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  let target = `${file}.damaged-${stamp}`;
  for (let copy = 2; existsSync(target); copy += 1) target = `${file}.damaged-${stamp}-${copy}`;
  renameSync(file, target);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, target + suffix);
  }
  return target;
}

function firstFault(db: Database, pragma: string): string | null {
  const answer = db.pragma(pragma, { simple: true });
  return answer === 'ok' ? null : String(answer).slice(0, 300);
}

function hasTable(db: Database, name: string): boolean {
  return db.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`).get(name) !== undefined;
}
