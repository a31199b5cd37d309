import type { ListingRemark } from './index.ts';

/** Remarks a person can still read. */
const MOST_REMARKS = 100;

/** Collects what is strange about a listing, up to a number a person can read. */
export class Remarks {
  readonly #found: ListingRemark[] = [];
  #more = 0;

  add(subject: string, message: string): void {
    if (this.#found.length < MOST_REMARKS) this.#found.push({ subject, message });
    else this.#more += 1;
  }

  all(): ListingRemark[] {
    if (this.#more === 0) return this.#found;
    return [...this.#found, { subject: 'listing', message: `There are ${this.#more} more remarks of this kind.` }];
  }
}
