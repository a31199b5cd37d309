/** Reads what an agent asked for: terms, neighbouring pairs, and related words of the general vocabulary. */

import { relatedTermsOf } from './related-words.ts';
import { termsOf } from './terms.ts';

/** Characters and distinct terms of a query that are read. */
const longestQuery = 2_000;
const mostTerms = 48;

export interface QueryTerm {
  readonly term: string;
  /** How much it counts: 1 for the first mention, a little more when repeated. */
  readonly weight: number;
  /** Other words for the same thing, each with how far it may stand in (0 to 1). */
  readonly related: ReadonlyMap<string, number>;
}

export interface ReadQuery {
  readonly terms: readonly QueryTerm[];
  /** Neighbours in the query, as `first second`. */
  readonly pairs: readonly (readonly [string, string])[];
}

export function readQuery(query: string): ReadQuery {
  const text = query.slice(0, longestQuery);
  const sequence = termsOf(text, mostTerms * 4);
  const counts = new Map<string, number>();
  for (const term of sequence) {
    if (counts.size >= mostTerms && !counts.has(term)) continue;
    counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  const terms: QueryTerm[] = [];
  for (const [term, count] of counts) {
    terms.push({ term, weight: 1 + Math.log2(count) / 2, related: relatedTermsOf(term) });
  }
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < sequence.length && pairs.length < mostTerms; at += 1) {
    const [first, second] = [sequence[at], sequence[at + 1]];
    if (first !== undefined && second !== undefined && first !== second) pairs.push([first, second]);
  }
  return { terms, pairs };
}
