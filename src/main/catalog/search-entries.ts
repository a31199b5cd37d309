/** Search in the catalog: few entries, so every word is looked for everywhere. Pure. */
import type { CatalogEntry } from '../../shared/contract/catalog.ts';

/** How much a word counts by where it is found. */
const places: readonly { weight: number; textOf(entry: CatalogEntry): string }[] = [
  { weight: 8, textOf: ({ title, name, id }) => `${title} ${name} ${id}` },
  { weight: 4, textOf: ({ category, vendor }) => `${category} ${vendor}` },
  { weight: 2, textOf: ({ tools }) => tools.join(' ') },
  { weight: 3, textOf: ({ description }) => description },
];
const longestSearch = 200;

/** Entries in which every word occurs, best first; at the same worth in the catalog's own order. */
export function searchEntries(entries: readonly CatalogEntry[], text: string): readonly CatalogEntry[] {
  const words = wordsOf(text.slice(0, longestSearch));
  if (words.length === 0) return entries;
  return entries
    .map((entry) => ({ entry, worth: worthOf(entry, words) }))
    .filter(({ worth }) => worth > 0)
    .sort((a, b) => b.worth - a.worth)
    .map(({ entry }) => entry);
}

/** 0 when a word is missing. A word that begins a word counts double. */
function worthOf(entry: CatalogEntry, words: readonly string[]): number {
  const texts = places.map(({ weight, textOf }) => ({ weight, text: ` ${wordsOf(textOf(entry)).join(' ')}` }));
  let sum = 0;
  for (const word of words) {
    let worth = 0;
    for (const { weight, text } of texts) {
      if (text.includes(` ${word}`)) worth += weight * 2;
      else if (text.includes(word)) worth += weight;
    }
    if (worth === 0) return 0;
    sum += worth;
  }
  return sum;
}

function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}
