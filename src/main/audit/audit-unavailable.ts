/** Thrown by `begin`, `end` and `note` when the log cannot be written. What cannot be recorded must not happen. */
export class AuditUnavailable extends Error {
  override readonly name = 'AuditUnavailable';
  readonly code: 'read-only' | 'disk-full' | 'failed';

  constructor(code: AuditUnavailable['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Names what kept an entry out of the log, with the next step. */
export function unavailableBecause(error: unknown): AuditUnavailable {
  if (error instanceof AuditUnavailable) return error;
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') {
    return new AuditUnavailable(
      'disk-full',
      'The call log cannot be written because the disk is full. Free some space and try again.',
      error,
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new AuditUnavailable(
    'failed',
    `The call log cannot be written (${reason}). Restart Gatehouse; "gatehouse doctor" tells more.`,
    error,
  );
}

export const readOnlyLog = (): AuditUnavailable =>
  new AuditUnavailable(
    'read-only',
    'The call log can only be read, so nothing can be recorded. "gatehouse doctor" says why and what to do.',
  );
