import type { CatalogEntry } from '@shared/contract/catalog.ts';
import bundled from '../../../assets/catalog.json' with { type: 'json' };
import { catalogFileSchema } from './catalog-file.ts';
import type { Catalog } from './index.ts';
import { CatalogInputError } from './input-values.ts';
import { resolveEntry } from './resolve-entry.ts';
import { searchEntries } from './search-entries.ts';

export interface CatalogOptions {
  /** Default: the bundled assets/catalog.json. */
  readonly entries?: readonly CatalogEntry[];
}

/** The catalog over the given entries, or over the bundled ones. */
export function createCatalog({ entries = catalogFileSchema.parse(bundled).entries }: CatalogOptions = {}): Catalog {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  return {
    all: () => entries,
    get: (id) => byId.get(id),
    search: (text) => searchEntries(entries, text),
    resolve(id, inputs, name) {
      const entry = byId.get(id);
      if (entry === undefined) {
        throw new CatalogInputError(
          null,
          `The catalog has no entry "${id}". Look for it with: gatehouse catalog search`,
        );
      }
      return resolveEntry(entry, inputs, name);
    },
  };
}
