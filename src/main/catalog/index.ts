/** Entry of the catalog room: the bundled catalog and how an entry becomes a server config. */
import type { CatalogEntry, ServerConfig } from '@shared/contract/index.ts';

export { type CatalogOptions, createCatalog } from './catalog.ts';
export { CatalogInputError } from './input-values.ts';

export interface Catalog {
  all(): readonly CatalogEntry[];
  get(id: string): CatalogEntry | undefined;
  /** Entries in which every word of the text occurs, best first; all of them for an empty text. */
  search(text: string): readonly CatalogEntry[];
  /**
   * Fills an entry in. Secrets come back apart and are referred to as `${secret:NAME}` in the config.
   * @throws CatalogInputError with one sentence when a required input is missing or a value does not fit.
   */
  resolve(
    id: string,
    inputs: Readonly<Record<string, string | string[]>>,
    name?: string,
  ): { name: string; config: ServerConfig; secrets: Record<string, string> };
}
