import type { EntryDraft } from './chain.ts';

/** An entry that waits to be written with others. Nothing of it may throw but `failed`'s author's own mistakes. */
export interface WaitingEntry {
  readonly draft: EntryDraft;
  /** It is durable under this number. */
  written(seq: number): void;
  /** All entries of its group are durable and have been told so. */
  settled(): void;
  /** Nothing of its group was written. */
  failed(error: unknown): void;
}

/** `turn`: somebody waits for it. `short`: it may be up to so late, in order to share the transaction of one that is waited for. */
export type Patience = 'turn' | 'short';

/** Milliseconds that an entry nobody waits for may be late. */
const SHORT_MS = 10;

/**
 * Collects entries of the log that become durable in one transaction: a transaction costs ten times what one more entry in
 * it does, and calls in flight come in bursts.
 */
export class EntryGroup implements Disposable {
  readonly #append: (drafts: readonly EntryDraft[]) => number;
  readonly #mayWrite: () => boolean;
  #waiting: WaitingEntry[] = [];
  #turn: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;

  /**
   * @param options.append makes all of them durable or none, and gives the number of the first
   * @param options.mayWrite false where a write of its own is not possible at the moment
   */
  constructor(options: {
    readonly append: (drafts: readonly EntryDraft[]) => number;
    readonly mayWrite: () => boolean;
  }) {
    this.#append = options.append;
    this.#mayWrite = options.mayWrite;
  }

  add(entry: WaitingEntry, patience: Patience): void {
    this.#waiting.push(entry);
    if (patience === 'short') this.#later ??= setTimeout(this.#whenLate, SHORT_MS).unref();
    // After what has arrived by now was read: requests of one turn of the event loop share the transaction.
    else this.#turn ??= setImmediate(this.#atTurnEnd);
  }

  /** Writes what waits now. Never throws: each entry hears how it went. */
  write(): void {
    if (this.#waiting.length === 0 || !this.#mayWrite()) return;
    const entries = this.#waiting;
    this.#waiting = [];
    let seq: number;
    try {
      seq = this.#append(entries.map(({ draft }) => draft));
    } catch (error) {
      for (const entry of entries) entry.failed(error);
      return;
    }
    // Nobody hears of one before all are known: who then reads the log sees it whole.
    for (const entry of entries) entry.written(seq++);
    for (const entry of entries) entry.settled();
  }

  /** Writes what waits and needs no time any more. */
  [Symbol.dispose](): void {
    this.write();
    clearImmediate(this.#turn);
    clearTimeout(this.#later);
  }

  readonly #atTurnEnd = (): void => {
    this.#turn = undefined;
    this.#writeOrRetry();
  };

  readonly #whenLate = (): void => {
    this.#later = undefined;
    this.#writeOrRetry();
  };

  #writeOrRetry(): void {
    this.write();
    if (this.#waiting.length > 0) this.#turn ??= setImmediate(this.#atTurnEnd);
  }
}
