/** One instance per data folder, whatever crashes or starts at the same moment. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { folderUnusable } from '../runtime/index.ts';

/** Another process holds the data folder. */
export class DataDirInUse extends Error {
  override readonly name = 'DataDirInUse';
}

/**
 * Takes the folder's lock, or throws `DataDirInUse`. The lock is the operating system's lock on a file, taken through
 * SQLite because Node has no call for it: it ends with the process, so there is never a stale one to judge, and of two
 * processes that start together exactly one gets it.
 */
export function lockDataDir(dataDir: string): Disposable {
  const file = join(dataDir, 'gatehouse.lock');
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw folderUnusable(dataDir, error);
  }
  const db = new Database(file, { timeout: 0 });
  try {
    // Nothing is ever written, so there is nothing to roll back and no journal beside the file.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new DataDirInUse(`${dataDir} is used by another Gatehouse.`, { cause: error });
    }
    throw new Error(`${file} cannot be locked: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  return { [Symbol.dispose]: () => db.close() };
}
