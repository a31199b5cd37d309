import { hash } from 'node:crypto';

/** Characters of arguments and of a result that are kept; the rest is known by its size and SHA-256 only. */
export const STORED_CHARACTERS = 64 * 1024;

export interface StoredText {
  readonly text: string;
  readonly bytes: number;
  readonly truncated: boolean;
  /**
   * SHA-256 (hex) of the whole text when it was shortened. Not of one with secrets: who knows the rest could try guesses of a
   * short secret against it.
   */
  readonly sha256: string | null;
}

/** Takes secrets out of what is kept: of JSON text, which stays JSON, and of plain text. */
export interface Redaction {
  json(json: string): string;
  text(text: string): string;
}

/** Characters past the kept ones that are looked at too, so that no secret is cut in two and overlooked. */
const MARGIN = 16 * 1024;

/**
 * What of an argument or result text goes into the log. The one place every such text passes: secrets are taken out before
 * anything is kept. The size is that of the text as it passed.
 */
export function storedText(text: string, redaction: Redaction): StoredText {
  if (text.length <= STORED_CHARACTERS) {
    const kept = redaction.json(text);
    return { text: kept, bytes: Buffer.byteLength(text), truncated: false, sha256: null };
  }
  const begun = text.slice(0, STORED_CHARACTERS + MARGIN);
  const kept = redaction.json(begun);
  const whole = Buffer.from(text);
  return {
    // Copied: a slice would keep the whole text in memory for as long as its beginning is needed.
    text: Buffer.from(kept.slice(0, STORED_CHARACTERS).toWellFormed()).toString(),
    bytes: whole.length,
    truncated: true,
    sha256: kept === begun ? hash('sha256', whole) : null,
  };
}
