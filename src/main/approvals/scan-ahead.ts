import { setImmediate as turn } from 'node:timers/promises';
import type { StoredDefinition } from './known-offer.ts';

/** Milliseconds of scanning before everything else gets its turn. */
const SLICE_MS = 8;

interface Filter {
  readonly server?: string;
}

/** Scans definitions before somebody asks, in slices, so that calls and screens do not wait for a thousand tools. */
export class ScanAhead {
  readonly #definitions: (filter: Filter) => readonly StoredDefinition[];
  #isStopped = false;

  constructor(definitions: (filter: Filter) => readonly StoredDefinition[]) {
    this.#definitions = definitions;
  }

  /** Resolves when what the filter takes now is scanned, or when nobody wants it any more. */
  async done(filter: Filter = {}): Promise<void> {
    const waiting = this.#definitions(filter).filter((definition) => !definition.isScanned);
    let since = performance.now();
    for (const definition of waiting) {
      if (performance.now() - since >= SLICE_MS) {
        await turn();
        since = performance.now();
      }
      if (this.#isStopped) return;
      // Two that wait for the same definition scan it once: the second finds it scanned.
      void definition.scan;
    }
  }

  stop(): void {
    this.#isStopped = true;
  }
}
