/** Writes that count already and could not be made because the disk is full: made as soon as there is space again. */
import { isDiskFull } from './storage-error.ts';

/** Milliseconds between two attempts. */
const RETRY_MS = 1_000;

export interface OwedWritesOptions {
  readonly warn: (facts: object, message: string) => void;
  /** Milliseconds between two attempts; shorter in tests. */
  readonly retryMs?: number;
}

/**
 * One for all rooms of a data folder: they come through a full disk together, so that none says it is over while another
 * still owes. Names say which room's write it is.
 */
export class OwedWrites implements Disposable {
  readonly #warn: OwedWritesOptions['warn'];
  readonly #retryMs: number;
  /** In the order in which they were asked for. */
  readonly #owed = new Map<string, () => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ warn, retryMs = RETRY_MS }: OwedWritesOptions) {
    this.#warn = warn;
    this.#retryMs = retryMs;
  }

  get size(): number {
    return this.#owed.size;
  }

  /**
   * Keeps `work`, which failed with `error`, to be done again. One of the same name replaces the earlier one.
   * @returns false when the error is not about space: then trying again would not help, and nothing is kept
   */
  owe(error: unknown, name: string, work: () => void): boolean {
    if (!isAboutSpace(error)) return false;
    this.#owed.delete(name);
    this.#owed.set(name, work);
    this.#timer ??= setInterval(() => this.settle(), this.#retryMs).unref();
    return true;
  }

  /**
   * Does what is owed, oldest first, until there is no space again. Call it before a write that must not overtake.
   * @returns what kept it from going on; undefined when nothing is owed any more
   */
  settle(): unknown {
    for (const [name, work] of this.#owed) {
      try {
        work();
      } catch (error) {
        if (isAboutSpace(error)) return error;
        this.#warn({ name, error }, 'Something could not be written when there was space again, and is given up');
      }
      this.#owed.delete(name);
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
    return undefined;
  }

  /** Tries a last time. */
  [Symbol.dispose](): void {
    if (this.settle() !== undefined) this.#warn({ writes: this.#owed.size }, 'There was no space to the end');
    clearInterval(this.#timer);
    this.#owed.clear();
  }
}

function isAboutSpace(error: unknown): boolean {
  return isDiskFull(error) || (error instanceof Error && error.cause !== undefined && isAboutSpace(error.cause));
}
