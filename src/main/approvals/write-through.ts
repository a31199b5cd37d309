import { OwedWrites } from '../storage/index.ts';

export type Written = { readonly ok: true } | { readonly ok: false; readonly error: unknown };

export interface WriteThroughOptions {
  /** What waits for space, shared by the rooms of a data folder; default: one of its own. */
  readonly owed: OwedWrites | undefined;
  readonly isReadOnly: boolean;
  /** Does all of the work in the database, or nothing. */
  readonly together: (work: () => void) => void;
  readonly warn: (facts: object, message: string) => void;
}

/**
 * Writes to the database as things happen. What was observed or blocked counts in memory even when it cannot be written,
 * and is written as soon as a full disk has space again; an approval counts only once it is written, so it is not tried
 * again.
 */
export class WriteThrough implements Disposable {
  readonly #options: WriteThroughOptions;
  readonly #owed: OwedWrites;
  readonly #ownOwed: OwedWrites | undefined;
  /** Writes that failed so far; names them apart. */
  #unwritten = 0;

  constructor(options: WriteThroughOptions) {
    this.#options = options;
    this.#owed = options.owed ?? new OwedWrites({ warn: options.warn });
    this.#ownOwed = options.owed === undefined ? this.#owed : undefined;
  }

  write(what: 'servers' | 'offers' | 'refusals' | 'blocks' | 'approvals', work: () => void): Written {
    const { isReadOnly, together, warn } = this.#options;
    try {
      if (isReadOnly) throw new Error('The database can only be read.');
      // In their order: an older state must not come over a newer one.
      const stillFull = this.#owed.settle();
      if (stillFull !== undefined) throw stillFull;
      together(work);
      return { ok: true };
    } catch (error) {
      this.#unwritten += 1;
      if (what !== 'approvals') this.#owed.owe(error, `approvals ${what} ${this.#unwritten}`, () => together(work));
      warn({ what, error }, 'Approvals could not be written to the database');
      return { ok: false, error };
    }
  }

  /** Tries a last time to write what is owed. */
  settle(): void {
    this.#owed.settle();
  }

  [Symbol.dispose](): void {
    this.#ownOwed?.[Symbol.dispose]();
  }
}
