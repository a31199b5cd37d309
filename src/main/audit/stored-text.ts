import { hash } from 'node:crypto';

/** Characters of arguments and of a result that are kept; the rest is known by its size and SHA-256 only. */
export const STORED_CHARACTERS = 64 * 1024;

export interface StoredText {
  readonly text: string;
  readonly bytes: number;
  readonly truncated: boolean;
  /** SHA-256 (hex) of the whole text when it was shortened. */
  readonly sha256: string | null;
}

/**
 * What of an argument or result text goes into the log. The one place every such text passes, so the place to take
 * secrets out of it.
 */
export function storedText(text: string): StoredText {
  if (text.length <= STORED_CHARACTERS) {
    return { text, bytes: Buffer.byteLength(text), truncated: false, sha256: null };
  }
  const whole = Buffer.from(text);
  return {
    // Copied: a slice would keep the whole text in memory for as long as its beginning is needed.
    text: Buffer.from(text.slice(0, STORED_CHARACTERS).toWellFormed()).toString(),
    bytes: whole.length,
    truncated: true,
    sha256: hash('sha256', whole),
  };
}
