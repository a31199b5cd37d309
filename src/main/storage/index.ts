/** Entry of the storage room: opens gatehouse.db, runs migrations, reports damage. */
import type { Database } from 'better-sqlite3';

export { createKeptState, type Kept, type KeptState, type KeptStateOptions } from './kept-state.ts';
export { openStorage, type StorageOptions } from './open-storage.ts';
export { OwedWrites, type OwedWritesOptions } from './owed-writes.ts';
export { isDiskFull, StorageError, type StorageErrorCode } from './storage-error.ts';

/** Why the database is not in its normal state, in a person's words. */
export interface StorageProblem {
  readonly kind: 'damaged-set-aside' | 'newer-version' | 'read-only' | 'disk-full';
  readonly message: string;
  readonly nextStep: string;
}

/** An open gatehouse.db. `readOnly` is true when it was written by a newer Gatehouse or cannot be written. */
export interface Storage extends Disposable {
  readonly db: Database;
  readonly file: string;
  /** True when there was no database before this start. */
  readonly isNew: boolean;
  readonly readOnly: boolean;
  readonly problems: readonly StorageProblem[];
}
