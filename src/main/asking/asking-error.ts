/** An answer that cannot be taken, in a sentence for the person who gave it. */
export class AskingError extends Error {
  override readonly name = 'AskingError';
  readonly code: 'unknown' | 'invalid' | 'full';

  constructor(code: AskingError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
