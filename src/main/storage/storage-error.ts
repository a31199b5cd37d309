/** Why gatehouse.db cannot be used at all. Everything milder is a `StorageProblem` beside an open database. */
export type StorageErrorCode =
  | 'folder-unusable'
  | 'not-writable'
  | 'disk-full'
  | 'unreadable'
  | 'in-use'
  | 'migration-failed';

/** Thrown by `openStorage`. The message is for a person and ends with the next step. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;
  readonly nextStep: string;

  constructor(code: StorageErrorCode, what: string, nextStep: string, cause?: unknown) {
    super(`${what} ${nextStep}`, { cause });
    this.code = code;
    this.nextStep = nextStep;
  }
}

/** The `code` of a file system or SQLite error; empty when there is none. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** True for the file system's and SQLite's ways of saying that no space is left. */
export function isDiskFull(error: unknown): boolean {
  // Without space SQLite cannot grow the WAL's shared index either and reports that as an I/O error of its own.
  return ['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'].includes(errorCode(error));
}

/** True when SQLite says that what is in the file is not (or no longer) a sound database. */
export function isDamage(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_IOERR_SHORT_READ';
}

/** Turns what went wrong while opening into the one error a person sees. */
export function storageErrorFor(error: unknown, file: string): StorageError {
  if (error instanceof StorageError) return error;
  const code = errorCode(error);
  if (isDiskFull(error)) {
    return new StorageError(
      'disk-full',
      `There is no space left to open ${file}.`,
      'Free some space and start again.',
      error,
    );
  }
  if (code === 'SQLITE_BUSY' || code.startsWith('SQLITE_BUSY_') || code === 'SQLITE_LOCKED') {
    return new StorageError(
      'in-use',
      `Another program holds ${file} locked.`,
      'Close the other Gatehouse or database tool and start again.',
      error,
    );
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS') {
    return new StorageError(
      'not-writable',
      `${file} cannot be written.`,
      'Make the data folder writable for you.',
      error,
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StorageError(
    'unreadable',
    `${file} cannot be opened: ${reason}.`,
    'Check that the file and its folder belong to you and can be read.',
    error,
  );
}
