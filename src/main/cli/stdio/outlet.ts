/** Writes messages to the client, one a line, and says when the client does not keep up. */
import type { Writable } from 'node:stream';

export class Outlet {
  readonly #stream: Writable;
  #drained: Promise<void> | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Takes the message in any case. Gives a promise when the client has unread ones: wait for it before you write more. */
  write(line: string): Promise<void> | undefined {
    if (this.#stream.write(`${line}\n`)) return undefined;
    this.#drained ??= new Promise((done) => {
      this.#stream.once('drain', () => {
        this.#drained = undefined;
        done();
      });
    });
    return this.#drained;
  }
}
