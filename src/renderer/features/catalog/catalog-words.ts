import type { CatalogEntry, CatalogItem } from '@shared/contract/index.ts';

export type Category = CatalogEntry['category'];

export const categoryNames: Record<Category, string> = {
  code: 'Code and repos',
  files: 'Files and documents',
  web: 'Browser and web',
  data: 'Databases',
  productivity: 'Issues and planning',
  docs: 'Documentation',
  design: 'Design',
  cloud: 'Cloud',
  memory: 'Memory and search',
  testing: 'Testing',
};

export const categories = Object.keys(categoryNames) as readonly Category[];

export function isCategory(name: string | undefined): name is Category {
  return name !== undefined && Object.hasOwn(categoryNames, name);
}

/** What a person may want to leave out. */
export interface CatalogFilter {
  search: string;
  category: Category | null;
  officialOnly: boolean;
  noSecretOnly: boolean;
  offlineOnly: boolean;
}

export const noFilter: CatalogFilter = {
  search: '',
  category: null,
  officialOnly: false,
  noSecretOnly: false,
  offlineOnly: false,
};

export const needsSecret = (entry: CatalogEntry): boolean =>
  entry.inputs.some((input) => input.type === 'secret' && input.required);

/** How well an entry fits the words: 0 not at all; its name counts more than its description. */
function score(entry: CatalogEntry, words: readonly string[]): number {
  const title = `${entry.title} ${entry.name}`.toLowerCase();
  const rest = [entry.vendor, entry.description, categoryNames[entry.category], ...entry.tools].join(' ').toLowerCase();
  let sum = 0;
  for (const word of words) {
    const inTitle = title.includes(word);
    if (!inTitle && !rest.includes(word)) return 0;
    sum += inTitle ? (title.startsWith(word) ? 4 : 3) : 1;
  }
  return sum;
}

/** What fits, best first; without words in the order of the catalog. */
export function filterCatalog(items: readonly CatalogItem[], filter: CatalogFilter): CatalogItem[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = items.filter(
    (item) =>
      (filter.category === null || item.category === filter.category) &&
      (!filter.officialOnly || item.official) &&
      (!filter.noSecretOnly || !needsSecret(item)) &&
      (!filter.offlineOnly || !item.needsNetwork),
  );
  if (words.length === 0) return fitting;
  return fitting
    .map((item) => ({ item, score: score(item, words) }))
    .filter((it) => it.score > 0)
    .sort((a, b) => b.score - a.score)
    .map((it) => it.item);
}
