/** Cuts a byte stream into lines. Pure apart from what it holds. */

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Collects chunks and gives whole lines as bytes, without their line ends. */
export class LineReader {
  readonly #longest: number;
  #parts: Buffer[] = [];
  #held = 0;

  /** @param longest bytes one line may have */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** The lines that this chunk completes. Throws when a line is too long; nothing can be read after that. */
  push(chunk: Buffer): Buffer[] {
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, from)) {
      lines.push(this.#complete(chunk.subarray(from, end)));
      from = end + 1;
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from));
    return lines;
  }

  /** What follows the last line feed, at the end of the stream. */
  end(): Buffer {
    return this.#complete(Buffer.alloc(0));
  }

  #hold(part: Buffer): void {
    this.#held += part.length;
    if (this.#held > this.#longest) throw new Error(`A message has more than ${this.#longest} bytes.`);
    this.#parts.push(part);
  }

  #complete(last: Buffer): Buffer {
    this.#hold(last);
    const line = this.#parts.length === 1 ? last : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#held = 0;
    return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
  }
}
