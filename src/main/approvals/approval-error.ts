/** Why a decision about a server could not be taken. The message is for a person and says what to do. */
export class ApprovalError extends Error {
  override readonly name = 'ApprovalError';
  readonly code: 'not-found' | 'stale';

  constructor(code: ApprovalError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
