import { isUtf8 } from 'node:buffer';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/**
 * Cuts a byte stream into lines. Holds at most `maxBytes` of an unfinished line; what happens to a longer one is the
 * caller's: `cut` gives its beginning and skips the rest, `stop` ends framing for good.
 */
export class LineFramer {
  readonly #maxBytes: number;
  readonly #onLine: (line: string, isExact: boolean) => void;
  readonly #onTooLong: 'cut' | (() => void);
  #parts: Buffer[] = [];
  #size = 0;
  #skipping = false;
  #stopped = false;

  /**
   * @param options.onLine hears each line; `isExact` is false for one that was cut or is not UTF-8, so that its text is
   *   not what was sent
   * @param options.onTooLong `cut`: the beginning is given as a line, marked. A function: called once, nothing follows.
   */
  constructor(options: {
    readonly maxBytes: number;
    readonly onLine: (line: string, isExact: boolean) => void;
    readonly onTooLong: 'cut' | (() => void);
  }) {
    this.#maxBytes = options.maxBytes;
    this.#onLine = options.onLine;
    this.#onTooLong = options.onTooLong;
  }

  feed(chunk: Buffer): void {
    let start = 0;
    while (start < chunk.length && !this.#stopped) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) {
        this.#keep(chunk.subarray(start));
        return;
      }
      this.#keep(chunk.subarray(start, end));
      this.#finish();
      start = end + 1;
    }
  }

  /** Forgets the unfinished line and everything up to the next line end. */
  skipToLineEnd(): void {
    this.#parts = [];
    this.#size = 0;
    this.#skipping = true;
  }

  /** The stream ended: gives what is left as a last line. */
  end(): void {
    if (this.#size > 0 && !this.#stopped) this.#finish();
  }

  #keep(part: Buffer): void {
    if (this.#skipping || part.length === 0) return;
    if (this.#size + part.length <= this.#maxBytes) {
      this.#parts.push(part);
      this.#size += part.length;
      return;
    }
    if (this.#onTooLong === 'cut') {
      this.#parts.push(part.subarray(0, this.#maxBytes - this.#size));
      const beginning = Buffer.concat(this.#parts).toString('utf8');
      this.skipToLineEnd();
      this.#onLine(`${beginning}… (cut)`, false);
      return;
    }
    this.#parts = [];
    this.#size = 0;
    this.#stopped = true;
    this.#onTooLong();
  }

  #finish(): void {
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    const [only] = this.#parts;
    const line = this.#parts.length === 1 && only ? only : Buffer.concat(this.#parts, this.#size);
    this.#parts = [];
    this.#size = 0;
    const length = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
    if (length > 0) this.#onLine(line.toString('utf8', 0, length), isUtf8(line));
  }
}
