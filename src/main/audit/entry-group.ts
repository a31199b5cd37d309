import type { EntryDraft } from './chain.ts';
import type { Journal } from './journal.ts';

/** An entry on its way into the chain. */
export interface WaitingEntry {
  readonly draft: EntryDraft;
  /** It is durable; its place in the chain may follow. Called once. */
  kept(): void;
  /** It is in the chain under this number. */
  written(seq: number): void;
  /** All entries of its group are in the chain and have been told so. */
  settled(): void;
  /** It was not kept and will not be. */
  failed(error: unknown): void;
}

/** `turn`: somebody waits for it. `short`: it may be a little late, in order to be kept together with one that is waited for. */
export type Patience = 'turn' | 'short';

/** Milliseconds that an entry nobody waits for may be late. */
const SHORT_MS = 10;
/** Milliseconds and entries after which the chain takes in what the journal has. */
const STORE_MS = 100;
const MOST_JOURNALED = 512;
/** Milliseconds until the chain is tried again after it could not take them in. */
const RETRY_MS = 1_000;

export interface EntryGroupOptions {
  /** Called before `append`; throws what keeps the chain from being written. May call `takeIn`. */
  readonly ready: () => void;
  /** Puts all of them into the chain or none, and gives the number of the first. */
  readonly append: (drafts: readonly EntryDraft[]) => number;
  /** False while somebody has a transaction open. */
  readonly mayWrite: () => boolean;
  /** Without it every group is a transaction. */
  readonly journal: Journal | undefined;
}

/**
 * Collects the entries of calls in flight. Those of one turn of the event loop become durable together, in the journal; the
 * chain takes in those of a tenth of a second in one transaction. Where the journal or the chain cannot be written, each
 * group has to get into the chain at once or is refused.
 */
export class EntryGroup implements Disposable {
  readonly #options: EntryGroupOptions;
  #waiting: WaitingEntry[] = [];
  /** Durable in the journal, not yet in the chain. */
  #journaled: WaitingEntry[] = [];
  /** The chain could not take in what the journal has. */
  #isBehind = false;
  #isOver = false;
  #turn: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;
  #storing: NodeJS.Timeout | undefined;

  constructor(options: EntryGroupOptions) {
    this.#options = options;
  }

  add(entry: WaitingEntry, patience: Patience): void {
    this.#waiting.push(entry);
    if (patience === 'short') this.#later ??= setTimeout(this.#whenLate, SHORT_MS).unref();
    // After what has arrived by now was read: requests of one turn of the event loop are kept together.
    else this.#turn ??= setImmediate(this.#atTurnEnd);
  }

  /** Brings everything into the chain now, as far as that is possible. Never throws: each entry hears how it went. */
  write(): void {
    const { append, mayWrite, ready } = this.#options;
    if ((this.#waiting.length === 0 && this.#journaled.length === 0) || !mayWrite()) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      ready();
      this.#toChain(waiting, append);
    } catch (error) {
      this.#isBehind = this.#journaled.length > 0;
      if (this.#isBehind) this.#storeIn(RETRY_MS);
      for (const entry of waiting) entry.failed(error);
    }
  }

  /** Brings what is in the journal into the chain. Throws what `append` throws. */
  takeIn(append: EntryGroupOptions['append']): void {
    if (this.#journaled.length > 0 && !this.#isOver) this.#toChain([], append);
  }

  /** True while the journal has entries that the chain has not. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  #toChain(waiting: readonly WaitingEntry[], append: EntryGroupOptions['append']): void {
    const entries = [...this.#journaled, ...waiting];
    let seq = append(entries.map(({ draft }) => draft));
    this.#options.journal?.clear();
    this.#journaled = [];
    this.#isBehind = false;
    // Nobody hears of one before all are known: who then reads the log sees it whole.
    for (const entry of entries) entry.written(seq++);
    for (const entry of waiting) entry.kept();
    for (const entry of entries) entry.settled();
  }

  #storeIn(ms: number): void {
    this.#storing ??= setTimeout(this.#whenStoring, ms).unref();
  }

  /** Writes what waits. What the chain could not take in stays in the journal. */
  [Symbol.dispose](): void {
    this.write();
    this.#isOver = true;
    clearImmediate(this.#turn);
    clearTimeout(this.#later);
    clearTimeout(this.#storing);
  }

  readonly #atTurnEnd = (): void => {
    this.#turn = undefined;
    this.#keep();
  };

  readonly #whenLate = (): void => {
    this.#later = undefined;
    this.#keep();
  };

  readonly #whenStoring = (): void => {
    this.#storing = undefined;
    this.write();
  };

  #keep(): void {
    const { journal } = this.#options;
    if (this.#waiting.length === 0) return;
    if (!journal || this.#isBehind || this.#journaled.length >= MOST_JOURNALED) {
      this.write();
      // Somebody has a transaction open across turns.
      if (this.#waiting.length > 0) this.#turn ??= setImmediate(this.#atTurnEnd);
      return;
    }
    const entries = this.#waiting;
    try {
      journal.add(entries.map(({ draft }) => draft));
    } catch {
      // The chain may still have room, and says why it has not.
      this.write();
      return;
    }
    this.#waiting = [];
    this.#journaled.push(...entries);
    this.#storeIn(STORE_MS);
    for (const entry of entries) entry.kept();
  }
}
